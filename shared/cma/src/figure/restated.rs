//! Compares the documents that are not used for a statement with the one that is.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::calculate::source_line;
use super::column::{Chosen, Placed};
use super::entry::{Entry, Family};
use super::total::{self, Rows, Sum};
use super::unit::Agreed;
use super::{FigureError, Figures, Remark, Restatement};
use crate::check::Severity;
use crate::row::RowCode;

/// The statement of one document in one year.
type Statement = (usize, Family, u32);

/// Records the rows and years for which an unused document gives a different figure, and adds a remark where the totals
/// differ and nothing shows which document is right.
pub(super) fn compare(chosen: &Chosen<'_>, unit: &Agreed, figures: &mut Figures) -> Result<(), FigureError> {
    let others = sums(&chosen.others, unit)?;
    let used = sums(&chosen.entries, unit)?;
    for (&(year, family, document), rows) in &others {
        let own = used.iter().filter(|((of, with, _), _)| (*of, *with) == (year, family));
        let own: Vec<(&Statement, &Rows)> = own.collect();
        let taken_from = own.first().map_or(0, |((_, _, document), _)| *document);
        for (row, other) in rows {
            if let Some(found) = restatement(figures, year, *row, *other) {
                figures.restatements.push(Restatement { document, taken_from, ..found });
            }
        }
        let merged = merge(own.iter().map(|(_, rows)| *rows));
        if chosen.equal.contains(&(year, family, document)) && !same_totals(family, &merged, rows) {
            figures.remarks.push(undecided(family, year, taken_from, document));
        }
    }
    Ok(())
}

fn sums(entries: &Placed<'_>, unit: &Agreed) -> Result<BTreeMap<Statement, Rows>, FigureError> {
    let mut sums: BTreeMap<Statement, Rows> = BTreeMap::new();
    for (year, entry) in entries {
        let source = source_line(*year, entry, unit)?;
        let rows = sums.entry((*year, entry.family, document(entry))).or_default();
        rows.entry(entry.row).or_default().add(source.amount, source.rounding);
    }
    Ok(sums)
}

fn document(entry: &Entry<'_>) -> u32 {
    entry.extraction.document
}

fn merge<'a>(all: impl Iterator<Item = &'a Rows>) -> Rows {
    let mut merged = Rows::new();
    for (row, sum) in all.flatten() {
        merged.entry(*row).or_default().add(sum.amount, sum.rounding);
    }
    merged
}

fn restatement(figures: &Figures, year: usize, row: RowCode, other: Sum) -> Option<Restatement> {
    figures.sources_of(row, year).next()?;
    let taken = figures.at(row, year)?;
    let rounding: Decimal = figures.rounding(|of| of == row, year);
    let apart = !other.equals(Sum { amount: taken, rounding });
    apart.then_some(Restatement { row, year, taken, other: other.amount, document: 0, taken_from: 0 })
}

fn same_totals(family: Family, one: &Rows, other: &Rows) -> bool {
    match family {
        Family::Position => {
            total::assets(one).equals(total::assets(other)) && total::liabilities(one).equals(total::liabilities(other))
        }
        Family::Operating => {
            total::profit(one).equals(total::profit(other)) && total::sales(one).equals(total::sales(other))
        }
        Family::Stated => true,
    }
}

fn undecided(family: Family, year: usize, used: u32, other: u32) -> Remark {
    let name = family.name();
    let detail = format!(
        "documents {used} and {other} give a different {name}, and nothing shows which one is right: document {used} is used"
    );
    Remark { rule: "V12".to_owned(), year: Some(year), severity: Some(Severity::Error), detail }
}
