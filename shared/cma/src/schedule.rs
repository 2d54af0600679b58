//! Finds the schedule of fixed assets that splits a net block into gross block and depreciation to date.
//!
//! Schedules name their columns in many ways, so arithmetic finds them: two amounts of the schedule differ by a third one,
//! which is the net block that the balance sheet prints for the year. Assets may be the lines of the schedule, with columns
//! for gross block, depreciation and net block; or the gross block, the depreciation and the net block may be lines.

mod by_column;
mod by_row;
#[cfg(test)]
mod tests;

use domain::statement::{Column, LineItem, Statement, StatementKind};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::figure::{column_decimals, rounding};

/// Largest schedule that is searched.
const LINES_MAX: usize = 120;
/// The most columns that a schedule may have.
const COLUMNS_MAX: usize = 20;

/// An amount of a schedule: index of its line, index of its column.
pub(crate) type Cell = (usize, usize);

/// The amounts that a net block is made up of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// Amounts that add up to the gross block.
    pub gross: Vec<Cell>,
    /// Amounts that add up to the depreciation to date.
    pub depreciation: Vec<Cell>,
}

/// Whether a statement can be a schedule of fixed assets.
#[must_use]
pub(crate) fn may_be_schedule(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::Note | StatementKind::Unknown)
        && statement.lines.len() <= LINES_MAX
        && statement.columns.len() <= COLUMNS_MAX
        && names_depreciation(statement)
}

/// How a schedule splits the net block that a line of a balance sheet prints in one of its columns.
#[must_use]
pub(crate) fn split(schedule: &Statement, face: &Statement, line: &LineItem, column: usize) -> Option<Split> {
    let heading = face.columns.get(column)?;
    let figure = line.figures.get(column)?.as_ref()?;
    let (own, other) = match (face.unit.rupees(), schedule.unit.rupees()) {
        (Some(face), Some(schedule)) => (face, schedule),
        _ => (Decimal::ONE, Decimal::ONE),
    };
    let factor = own.checked_div(other)?;
    let net = Amount {
        value: figure.amount.checked_mul(factor)?,
        rounding: rounding(figure, column_decimals(face, column)).checked_mul(factor)?,
    };
    if net.value <= Decimal::ZERO {
        return None;
    }
    let table = Table::of(schedule);
    by_column::split(&table, net).or_else(|| by_row::split(&table, net, heading))
}

/// Whether the schedule of a date's column could be of another year.
fn is_other_year(column: &Column, end: Option<Date>) -> bool {
    column.period_end.is_some() && column.period_end != end
}

fn names_depreciation(statement: &Statement) -> bool {
    let headings = statement.columns.iter().map(|column| &column.heading);
    let lines = statement.lines.iter().flat_map(|line| line.section.iter().chain([&line.label]));
    let texts = headings.chain(lines).chain(&statement.title).chain([&statement.sheet]);
    let words =
        ["deprec", "amorti", "net block", "gross block", "wdv", "fixed asset", "property, plant", "ppe", "tangible"];
    texts.map(|text| text.to_lowercase()).any(|text| words.iter().any(|word| text.contains(word)))
}

/// A printed amount and how far the true one may be from it.
#[derive(Clone, Copy, Debug, Default)]
struct Amount {
    value: Decimal,
    rounding: Decimal,
}

impl Amount {
    fn plus(self, other: Self) -> Self {
        Self { value: self.value.saturating_add(other.value), rounding: self.rounding.saturating_add(other.rounding) }
    }

    fn less(self, other: Self) -> Self {
        self.plus(Self { value: -other.value, ..other })
    }

    fn is(self, other: Self) -> bool {
        self.value.saturating_sub(other.value).abs() <= self.rounding.saturating_add(other.rounding)
    }
}

/// The amounts of a schedule, without signs: depreciation may be printed in brackets.
struct Table<'a> {
    statement: &'a Statement,
    amounts: Vec<Vec<Option<Amount>>>,
}

impl<'a> Table<'a> {
    fn of(statement: &'a Statement) -> Self {
        let decimals: Vec<u32> =
            (0..statement.columns.len()).map(|column| column_decimals(statement, column)).collect();
        let amounts = statement.lines.iter().map(|line| {
            let slots = line.figures.iter().zip(&decimals);
            slots
                .map(|(figure, decimals)| {
                    let figure = figure.as_ref()?;
                    Some(Amount { value: figure.amount.abs(), rounding: rounding(figure, *decimals) })
                })
                .collect()
        });
        Self { statement, amounts: amounts.collect() }
    }

    fn at(&self, line: usize, column: usize) -> Option<Amount> {
        self.amounts.get(line)?.get(column).copied().flatten()
    }

    fn columns(&self) -> std::ops::Range<usize> {
        0..self.statement.columns.len()
    }

    fn lines(&self) -> std::ops::Range<usize> {
        0..self.statement.lines.len()
    }

    fn sum(&self, cells: &[Cell]) -> Amount {
        cells.iter().filter_map(|(line, column)| self.at(*line, *column)).fold(Amount::default(), Amount::plus)
    }
}

/// The only split among candidates, as far as their amounts are concerned.
fn only(table: &Table<'_>, candidates: Vec<Split>) -> Option<Split> {
    let mut candidates = candidates.into_iter();
    let first = candidates.next()?;
    let gross = table.sum(&first.gross);
    candidates.all(|other| table.sum(&other.gross).is(gross)).then_some(first)
}
