//! Decides whether a column without a year has to be asked about.
//!
//! An order needs a balance sheet and a profit and loss statement for the same years. If one of them has a column for
//! every year that the other shows, a further column of it without a year is listed as not used, and the order need not wait
//! for it. Published results print three quarters beside their two years, and a mistyped date above a quarter is of no
//! consequence.

use std::collections::BTreeSet;

use domain::statement::{Extraction, StatementKind};
use jiff::civil::Date;

use super::{About, OpenQuestion};
use crate::figure::Reach;

const YEAR_MONTHS: u8 = 12;
const BALANCE_SHEET: StatementKind = StatementKind::BalanceSheet;
const PROFIT_AND_LOSS: StatementKind = StatementKind::ProfitAndLoss;

/// The kinds of statement that show every year of the other kind, which itself has no column without a year.
pub(super) fn kinds_with_every_year(
    extractions: &[Extraction],
    reach: &Reach,
    open: &[OpenQuestion],
) -> Vec<StatementKind> {
    let asked =
        |kind| open.iter().any(|question| question.about == About::Period && question.is_of_kind(extractions, &[kind]));
    let whole = |kind, other| {
        let (years, needed) = (years(extractions, reach, kind), years(extractions, reach, other));
        !asked(other) && !needed.is_empty() && needed.is_subset(&years)
    };
    let kinds = [(BALANCE_SHEET, PROFIT_AND_LOSS), (PROFIT_AND_LOSS, BALANCE_SHEET)];
    kinds.into_iter().filter(|(kind, other)| whole(*kind, *other)).map(|(kind, _)| kind).collect()
}

/// The ends of the years that the statements of a kind give figures for.
fn years(extractions: &[Extraction], reach: &Reach, kind: StatementKind) -> BTreeSet<Date> {
    let columns = extractions.iter().flat_map(|extraction| {
        let statements = extraction.statements.iter().enumerate().filter(move |(_, statement)| statement.kind == kind);
        statements.flat_map(move |(index, statement)| {
            let columns = statement.columns.iter().enumerate();
            columns.map(move |(at, column)| ((extraction.document, index, at), column))
        })
    });
    columns
        .filter(|(key, column)| reach.used.contains(key) && (kind == BALANCE_SHEET || column.months == YEAR_MONTHS))
        .filter_map(|(_, column)| column.period_end)
        .collect()
}
