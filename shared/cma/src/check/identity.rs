//! Checks the arithmetic of the forms, using the check rows.

use domain::statement::ColumnKind;
use rust_decimal::Decimal;

use crate::figure::Adjustment;

use super::{List, Severity, shown};
use crate::row::{Form, RowCode, table};
use crate::suspect;

const BALANCE: RowCode = row!("C.bs");
const WORKING_CAPITAL: RowCode = row!("C.nwc");
const CURRENT_ASSETS: RowCode = row!("C.iv9");
const CURRENT_LIABILITIES: RowCode = row!("C.iv14");
const WIP: RowCode = row!("C.wip");
const FINISHED: RowCode = row!("C.fg");
const WIP_OPENING: RowCode = row!("C.wip_o");
const FINISHED_OPENING: RowCode = row!("C.fg_o");
const FUNDS_FLOW: RowCode = row!("C.ff");
const FUNDS_FLOW_ASSETS: RowCode = row!("C.ff4");

/// Opening and closing stocks of the profit and loss statement.
const STOCKS: [RowCode; 4] = rows!["II.5.viii", "II.5.ix", "II.5.xi", "II.5.xii"];

/// How far a check row may be from nil.
#[derive(Clone, Copy)]
enum Limit {
    /// Sums of printed amounts: as far as their rounding explains.
    Rounding(Decimal),
    /// The same amount printed twice: less than the rounding of both, so even one unit of the last digit counts.
    Same(Decimal),
}

impl Limit {
    fn allows(self, difference: Decimal) -> bool {
        match self {
            Self::Rounding(limit) => difference.abs() <= limit,
            Self::Same(limit) => difference.is_zero() || difference.abs() < limit,
        }
    }
}

/// V01, V03, V04, V10 and V11 from the check rows, and each check row under its own code.
pub(super) fn run(list: &mut List<'_>) {
    let rows: Vec<RowCode> = table().codes().filter(|row| row.form() == Form::Check).collect();
    for row in rows {
        for year in list.years() {
            let (rule, severity, limit) = rule(list, row, year);
            let Some(value) = list.figures.at(row, year) else {
                if let Some(reason) = missing(list, row, year) {
                    list.not_made(rule.unwrap_or(row.as_str()), Severity::Note, Some(year), reason);
                }
                continue;
            };
            if let Some(reason) = without_stocks(list, row, year).filter(|_| !value.is_zero()) {
                list.not_made("V04", Severity::Error, Some(year), reason);
                list.not_made(row.as_str(), Severity::Note, Some(year), reason);
                continue;
            }
            let passed = limit.allows(value);
            let detail = detail(list, row, year, value);
            if let Some(rule) = rule {
                let explained = if row == BALANCE && !passed {
                    suspect::explain_position(list.extractions, list.classification, list.figures, year)
                } else {
                    String::new()
                };
                list.push(rule, severity, Some(year), passed, format!("{detail}{explained}"));
            }
            list.push(row.as_str(), severity, Some(year), passed, detail);
        }
    }
}

/// Why a check row is blank, where that is not said elsewhere: V15 says that a year lacks a statement.
fn missing(list: &List<'_>, row: RowCode, year: usize) -> Option<&'static str> {
    // Said once for both kinds of stock.
    let opening = row == FINISHED_OPENING;
    let has_stocks = STOCKS.iter().any(|row| !list.figure_or_nil(*row, year).is_zero());
    if !opening || !has_stocks {
        return None;
    }
    match year.checked_sub(1) {
        None => Some("the year before the first one is not in the documents"),
        Some(_) => Some("the year before has no profit and loss statement"),
    }
}

/// The two sides that a check row compares, if it has two.
fn detail(list: &List<'_>, row: RowCode, year: usize, difference: Decimal) -> String {
    let before = year.checked_sub(1);
    let (left, right, right_year, name) = match row {
        BALANCE => (row!("III.25"), row!("III.43"), Some(year), "total liabilities against total assets"),
        WIP_OPENING => {
            (row!("II.5.viii"), row!("II.5.ix"), before, "opening against last year's closing stock-in-process")
        }
        FINISHED_OPENING => {
            (row!("II.5.xi"), row!("II.5.xii"), before, "opening against last year's closing stock of finished goods")
        }
        WIP => (row!("II.5.ix"), row!("III.30.ii"), Some(year), "closing stock-in-process against the balance sheet's"),
        FINISHED => {
            (row!("II.5.xii"), row!("III.30.iii"), Some(year), "closing finished goods against the balance sheet's")
        }
        CURRENT_ASSETS => (row!("IV.9"), row!("III.34"), Some(year), "current assets of Form IV against Form III"),
        CURRENT_LIABILITIES => {
            (row!("IV.14"), row!("III.B"), Some(year), "other current liabilities of Form IV against Form III")
        }
        _ => return format!("{}: {}", row.label(), shown(difference)),
    };
    let right = right_year.map_or(Decimal::ZERO, |year| list.figure_or_nil(right, year));
    format!("{name}: {} and {}, difference {}", shown(list.figure_or_nil(left, year)), shown(right), shown(difference))
}

/// Why inventories cannot be compared: the profit and loss statement of a service company prints no stocks.
fn without_stocks(list: &List<'_>, row: RowCode, year: usize) -> Option<&'static str> {
    let no_stocks = STOCKS.iter().all(|row| list.figure_or_nil(*row, year).is_zero());
    let compares = row == WIP || row == FINISHED;
    (compares && no_stocks).then_some("the balance sheet has inventories, and the profit and loss statement no stocks")
}

/// The rule that a check row belongs to, how serious its failure is, and how far it may be from nil.
fn rule(list: &List<'_>, row: RowCode, year: usize) -> (Option<&'static str>, Severity, Limit) {
    let position = list.rounding("III.", year);
    let before = year.checked_sub(1);
    let audited = list.figures.kinds.get(year) == Some(&ColumnKind::Audited);
    let opening = if audited { Severity::Error } else { Severity::Warning };
    // Opening stock derived from a change in inventories inherits that line's rounding.
    let is_derived = |adjustment: &Adjustment| {
        rows!["II.5.xi", "II.5.xii"].contains(&adjustment.row) && adjustment.year <= year && adjustment.year + 1 >= year
    };
    let derived = list.figures.adjustments.iter().any(is_derived);
    let both = |one: RowCode, other: RowCode, other_year: Option<usize>| {
        let other = other_year.map_or(Decimal::ZERO, |year| list.rounding_of(&[other], year));
        Limit::Same(list.rounding_of(&[one], year) + other)
    };
    match row {
        FINISHED_OPENING if derived => (Some("V03"), Severity::Warning, Limit::Rounding(stocks_rounding(list, year))),
        BALANCE => (Some("V01"), Severity::Error, Limit::Rounding(position)),
        WIP_OPENING => (Some("V03"), opening, both(row!("II.5.viii"), row!("II.5.ix"), before)),
        FINISHED_OPENING => (Some("V03"), opening, both(row!("II.5.xi"), row!("II.5.xii"), before)),
        WIP => (Some("V04"), Severity::Error, both(row!("II.5.ix"), row!("III.30.ii"), Some(year))),
        FINISHED => (Some("V04"), Severity::Error, both(row!("II.5.xii"), row!("III.30.iii"), Some(year))),
        WORKING_CAPITAL => (Some("V10"), Severity::Error, Limit::Rounding(position)),
        FUNDS_FLOW => {
            let other = before.map_or(Decimal::ZERO, |before| list.rounding("III.", before));
            (Some("V11"), Severity::Error, Limit::Rounding(position + other))
        }
        CURRENT_ASSETS | CURRENT_LIABILITIES | FUNDS_FLOW_ASSETS => {
            (Some("V11"), Severity::Error, Limit::Rounding(Decimal::ZERO))
        }
        // Capital brought in and assets sold are legitimate differences here; V05 and V07 check them.
        _ => (None, Severity::Note, Limit::Rounding(Decimal::ZERO)),
    }
}

/// The rounding of all stocks of a year and the one before.
fn stocks_rounding(list: &List<'_>, year: usize) -> Decimal {
    let years = [Some(year), year.checked_sub(1)];
    let of =
        |year: usize| list.rounding_of(&STOCKS, year) + list.rounding("III.30", year) + list.rounding("S.INV", year);
    years.into_iter().flatten().map(of).sum()
}
