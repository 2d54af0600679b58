//! Compares printed totals, sub-totals and profits with the lines and the rows.

mod carried;
mod note;
mod profit;
mod stocks;
mod subtotal;
mod total;

use std::collections::HashMap;

use domain::statement::{Column, Extraction, LineItem, LineRole, Side, Statement, StatementKind, Unit};
use rust_decimal::Decimal;

use super::{List, Severity, shown};
use crate::figure::{SourceLine, column_decimals, dotted, rounding};
use crate::row::RowCode;

/// V01 printed totals, V02 printed sub-totals, V08 printed profits, V29 what is carried down, V30 notes.
pub(super) fn run(extractions: &[Extraction], list: &mut List<'_>) {
    let lines: Vec<Lines<'_>> = extractions.iter().map(lines_of).collect();
    let columns = used_columns(extractions, &lines, list);
    for column in &columns {
        subtotal::check(column, list);
    }
    let notes = note::collect(&lines, list);
    for column in columns.iter().filter(|column| column.is_face()) {
        note::check(&notes, column, list);
    }
    let is_income = |column: &&UsedColumn<'_>| column.statement.kind == StatementKind::ProfitAndLoss;
    stocks::check(&notes, &columns.iter().filter(is_income).collect::<Vec<_>>(), list);
    for (extraction, lines) in extractions.iter().zip(&lines) {
        for year in list.years() {
            carried::check(extraction, lines, &columns, year, list);
        }
    }
    for year in list.years() {
        let of_kind = |kind: StatementKind| -> Vec<&UsedColumn<'_>> {
            columns.iter().filter(|column| column.year == year && column.statement.kind == kind).collect()
        };
        total::check(&of_kind(StatementKind::BalanceSheet), year, list);
        profit::check(&of_kind(StatementKind::ProfitAndLoss), year, list);
    }
}

/// The years whose profit differs from the printed one, with the difference.
pub(super) fn profit_differences(extractions: &[Extraction], list: &List<'_>) -> Vec<(usize, Decimal)> {
    let lines: Vec<Lines<'_>> = extractions.iter().map(lines_of).collect();
    let columns = used_columns(extractions, &lines, list);
    let of_year = |year: usize| {
        let columns = columns
            .iter()
            .filter(|column| column.year == year && column.statement.kind == StatementKind::ProfitAndLoss);
        Some((year, profit::difference(&columns.collect::<Vec<_>>(), year, list)?))
    };
    list.years().filter_map(of_year).collect()
}

/// The lines of a document by their ids, each with its statement.
type Lines<'a> = HashMap<&'a str, (&'a Statement, &'a LineItem)>;

fn lines_of(extraction: &Extraction) -> Lines<'_> {
    let statements = extraction.statements.iter();
    let lines = statements.flat_map(|statement| statement.lines.iter().map(move |line| (statement, line)));
    lines.map(|(statement, line)| (line.id.as_str(), (statement, line))).collect()
}

/// A column of a statement from which a year's figures come.
struct UsedColumn<'a> {
    /// The lines of its document.
    lines: &'a Lines<'a>,
    statement: &'a Statement,
    column: usize,
    year: usize,
    factor: Decimal,
    decimals: u32,
}

/// A printed amount in the unit of the workbook, and how far the true one may be from it.
#[derive(Clone, Copy)]
struct Printed {
    amount: Decimal,
    rounding: Decimal,
}

impl Printed {
    /// Whether it is this amount, which may itself be off by `rounding`.
    fn is(self, amount: Decimal, rounding: Decimal) -> bool {
        self.amount.saturating_sub(amount).abs() <= self.rounding.saturating_add(rounding)
    }
}

impl UsedColumn<'_> {
    fn printed(&self, line: &LineItem) -> Option<Printed> {
        self.printed_in(line, self.column, self.decimals)
    }

    /// The side that is printed beside the amount of a line.
    fn side(&self, line: &LineItem) -> Option<Side> {
        line.figures.get(self.column)?.as_ref()?.side
    }

    fn printed_in(&self, line: &LineItem, column: usize, decimals: u32) -> Option<Printed> {
        let figure = line.figures.get(column)?.as_ref()?;
        let amount = figure.amount.checked_mul(self.factor)?;
        Some(Printed { amount, rounding: rounding(figure, decimals).checked_mul(self.factor)? })
    }

    /// The amount of a line of the document in the column for the same period, which may belong to another statement, e.g. to
    /// the other side of an account.
    fn printed_by(&self, id: &str) -> Option<Printed> {
        let (statement, line) = self.lines.get(id)?;
        if std::ptr::eq(*statement, self.statement) {
            return self.printed(line);
        }
        let wanted = self.statement.columns.get(self.column)?;
        let same = |other: &Column| other.period_end == wanted.period_end && other.months == wanted.months;
        let column = statement.columns.iter().position(same)?;
        self.printed_in(line, column, column_decimals(statement, column))
    }

    fn is_face(&self) -> bool {
        matches!(self.statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss)
    }

    /// Where a line is, for a reader: its sheet and the cell of its amount.
    fn place(&self, line: &LineItem) -> String {
        let figure = line.figures.get(self.column).and_then(Option::as_ref);
        let cell = figure.map_or(line.cell.as_str(), |figure| figure.cell.as_str());
        format!("{}!{cell}", self.statement.sheet)
    }
}

/// The columns that figures come from, in document order.
fn used_columns<'a>(extractions: &'a [Extraction], lines: &'a [Lines<'a>], list: &List<'_>) -> Vec<UsedColumn<'a>> {
    let mut sources: HashMap<&str, Vec<&SourceLine>> = HashMap::new();
    for source in &list.figures.sources {
        sources.entry(source.line.as_str()).or_default().push(source);
    }
    let mut used = Vec::new();
    for (extraction, lines) in extractions.iter().zip(lines) {
        for statement in &extraction.statements {
            for column in 0..statement.columns.len() {
                used.extend(used_column(lines, statement, column, &sources, list));
            }
        }
    }
    used
}

/// The column, if a year's figures come from it.
fn used_column<'a>(
    lines: &'a Lines<'a>,
    statement: &'a Statement,
    column: usize,
    sources: &HashMap<&str, Vec<&SourceLine>>,
    list: &List<'_>,
) -> Option<UsedColumn<'a>> {
    let end = dotted(statement.columns.get(column)?.period_end?);
    let year = list.figures.years.iter().position(|year| *year == end)?;
    let source = statement.lines.iter().find_map(|line| {
        let figure = line.figures.get(column)?.as_ref()?;
        let of_line = sources.get(line.id.as_str())?;
        of_line.iter().find(|source| source.year == year && source.cell == figure.cell)
    })?;
    let factor = unit_factor(source.unit, list.figures.unit);
    Some(UsedColumn { lines, statement, column, year, factor, decimals: column_decimals(statement, column) })
}

fn unit_factor(from: Unit, to: Unit) -> Decimal {
    match (from.rupees(), to.rupees()) {
        (Some(from), Some(to)) => from.checked_div(to).unwrap_or(Decimal::ONE),
        _ => Decimal::ONE,
    }
}
