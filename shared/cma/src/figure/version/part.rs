//! One statement of a document as it is compared with others of its kind and date.

use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{ColumnKind, LineRole, Statement, StatementKind};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::classify::signed_amount;
use crate::figure::entry::Entry;
use crate::figure::precision::rounding;
use crate::figure::total::{self, Rows, Sum};
use crate::printed::{ProfitKind, profit_kind};
use crate::row::RowCode;
use crate::rule::{Sides, sides_of};

const TAX: RowCode = row!("II.13");

/// The lines of one statement in one column. Amounts are in rupees if the unit is known.
pub(super) struct Part<'a> {
    pub statement_index: usize,
    pub sheet: &'a str,
    pub title: Option<&'a str>,
    pub kind: ColumnKind,
    statement: &'a Statement,
    column: usize,
    decimals: u32,
    lines: BTreeMap<String, Decimal>,
    rows: Rows,
    assets: usize,
    liabilities: usize,
    expenses: usize,
}

impl<'a> Part<'a> {
    /// The statement and column of an entry, still without lines.
    pub fn new(entry: &Entry<'a>) -> Self {
        Self {
            statement_index: entry.statement_index,
            sheet: &entry.statement.sheet,
            title: entry.statement.title.as_deref(),
            kind: entry.column.kind,
            statement: entry.statement,
            column: entry.column_index,
            decimals: entry.decimals,
            lines: BTreeMap::new(),
            rows: Rows::new(),
            assets: 0,
            liabilities: 0,
            expenses: 0,
        }
    }

    /// Adds a line of the statement. The row of one that a note breaks up is that of the note's lines.
    pub fn add(&mut self, entry: &Entry<'_>) {
        if entry.figure.amount.is_zero() {
            return;
        }
        let label = entry.line.label.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase);
        let line = self.lines.entry(label.collect()).or_default();
        *line = line.saturating_add(entry.figure.amount.saturating_mul(unit(entry.statement)));
        if !entry.is_broken_up {
            self.add_row(entry);
        }
    }

    /// Adds the row of a line of the statement, or of a note that breaks up one of its lines.
    pub fn add_row(&mut self, entry: &Entry<'_>) {
        let unit = unit(entry.statement);
        let amount = signed_amount(entry.figure, entry.row, entry.sign).saturating_mul(unit);
        let rounding = rounding(entry.figure, entry.decimals).saturating_mul(unit);
        self.rows.entry(entry.row).or_default().add(amount, rounding);
        let sides = sides_of(entry.row);
        self.assets += usize::from(sides == Sides::ASSET);
        self.liabilities += usize::from(sides.within(Sides::LIABILITY.or(Sides::EQUITY)));
        self.expenses += usize::from(sides == Sides::EXPENSE);
    }

    /// The last period of the statement that is not a forecast.
    pub fn last_period(&self) -> Option<Date> {
        let past = self
            .statement
            .columns
            .iter()
            .filter(|column| !matches!(column.kind, ColumnKind::Estimated | ColumnKind::Projected));
        past.filter_map(|column| column.period_end).max()
    }

    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Whether both are the same statement, or one is a version of the other: most lines of the shorter one are in the other,
    /// or both are whole statements.
    pub fn overlaps(&self, other: &Self) -> bool {
        let common = self.lines.keys().filter(|label| other.lines.contains_key(*label)).count();
        let least = self.lines.len().min(other.lines.len());
        let same_line = || self.lines.iter().any(|(label, amount)| other.lines.get(label) == Some(amount));
        let mostly = match least {
            0 => false,
            1 => common == 1 && same_line(),
            _ => common * 2 >= least,
        };
        let beside = self.sheet == other.sheet && self.title == other.title && self.faces(other);
        (mostly && !beside) || (self.is_whole() && other.is_whole())
    }

    /// Whether both are sides of one account, so that lines such as `Stock-in-hand` are on both.
    fn faces(&self, other: &Self) -> bool {
        self.side().zip(other.side()).is_some_and(|(own, other)| own != other)
    }

    /// The heading above all lines of the statement, e.g. `Liabilities`.
    fn side(&self) -> Option<&str> {
        let mut sides = self.statement.lines.iter().map(|line| line.section.first().map(String::as_str));
        let first = sides.next()?;
        if sides.all(|side| side == first) { first } else { None }
    }

    /// Whether it has both sides of a balance sheet, or the sales and expenses of a profit and loss statement.
    fn is_whole(&self) -> bool {
        match self.statement.kind {
            StatementKind::BalanceSheet => self.assets >= 2 && self.liabilities >= 2,
            _ => self.expenses >= 2 && !total::sales(&self.rows).amount.is_zero(),
        }
    }

    fn is_balance_sheet(&self) -> bool {
        self.statement.kind == StatementKind::BalanceSheet
    }

    /// The profits that the statement prints.
    fn printed_profits(&self) -> impl Iterator<Item = (ProfitKind, Sum)> + '_ {
        let unit = unit(self.statement);
        self.statement.lines.iter().filter(|line| line.role != LineRole::Memo).filter_map(move |line| {
            let kind = profit_kind(&line.label)?;
            let figure = line.figures.get(self.column)?.as_ref()?;
            let amount = figure.amount.saturating_mul(unit);
            Some((kind, Sum { amount, rounding: rounding(figure, self.decimals).saturating_mul(unit) }))
        })
    }
}

fn unit(statement: &Statement) -> Decimal {
    statement.unit.rupees().unwrap_or(Decimal::ONE)
}

/// Whether a balance sheet balances, or the lines of a profit and loss statement lead to a profit that it prints.
pub(super) fn adds_up(version: &[Part<'_>]) -> bool {
    let rows = rows(version);
    if version.first().is_some_and(Part::is_balance_sheet) {
        let assets = total::assets(&rows);
        return !assets.amount.is_zero() && assets.equals(total::liabilities(&rows));
    }
    let after = total::profit(&rows);
    let before = after.plus(total::of(&rows, TAX));
    version.iter().flat_map(Part::printed_profits).any(|(kind, printed)| match kind {
        ProfitKind::BeforeTax => printed.equals(before),
        ProfitKind::AfterTax => printed.equals(after),
    })
}

/// Whether two versions give the same figure in every row.
pub(super) fn same_figures(one: &[&Part<'_>], other: &[&Part<'_>]) -> bool {
    let (one, other) = (rows(one.iter().copied()), rows(other.iter().copied()));
    let codes: BTreeSet<RowCode> = one.keys().chain(other.keys()).copied().collect();
    codes.into_iter().all(|row| total::of(&one, row).equals(total::of(&other, row)))
}

/// How many versions there are at least if one of them is the sum of the others.
const WHOLE_VERSIONS_MIN: usize = 3;
/// How many rows of a version are sums of the others at least.
const SUM_ROWS_MIN: usize = 3;

/// The version whose rows are sums of those of all others: the whole business beside its head office and its branches. Rows
/// in which these owe each other something differ.
pub(super) fn whole(versions: &[Vec<Part<'_>>]) -> Option<usize> {
    if versions.len() < WHOLE_VERSIONS_MIN {
        return None;
    }
    let all: Vec<Rows> = versions.iter().map(rows).collect();
    let is_whole = |own: usize| {
        let others = all.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, rows)| rows);
        let sum = |row: RowCode| others.clone().fold(Sum::default(), |sum, rows| sum.plus(total::of(rows, row)));
        let of_own = |row: &&RowCode| all.get(own).is_some_and(|rows| !total::of(rows, **row).amount.is_zero());
        let printed: Vec<RowCode> = all.get(own).into_iter().flat_map(Rows::keys).filter(of_own).copied().collect();
        // A row that only one other version has says nothing.
        let several = |row: RowCode| others.clone().filter(|rows| !total::of(rows, row).amount.is_zero()).count() > 1;
        let equal =
            printed.iter().filter(|row| all.get(own).is_some_and(|rows| sum(**row).equals(total::of(rows, **row))));
        let (equal, shared): (Vec<_>, Vec<_>) =
            (equal.collect(), printed.iter().filter(|row| several(**row)).collect());
        let shared_equal = shared.iter().filter(|row| equal.contains(row)).count();
        shared_equal >= SUM_ROWS_MIN && equal.len() * 3 >= printed.len() * 2
    };
    let mut found = (0..versions.len()).filter(|own| is_whole(*own));
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Whether two versions give the same totals: both sides of a balance sheet, or the sales and the profit.
pub(super) fn same_totals(one: &[&Part<'_>], other: &[&Part<'_>]) -> bool {
    let is_position = one.first().is_some_and(|part| part.is_balance_sheet());
    let (one, other) = (rows(one.iter().copied()), rows(other.iter().copied()));
    if is_position {
        total::assets(&one).equals(total::assets(&other)) && total::liabilities(&one).equals(total::liabilities(&other))
    } else {
        total::profit(&one).equals(total::profit(&other)) && total::sales(&one).equals(total::sales(&other))
    }
}

fn rows<'b, 'a: 'b>(version: impl IntoIterator<Item = &'b Part<'a>>) -> Rows {
    let mut rows = Rows::new();
    for (row, sum) in version.into_iter().flat_map(|part| &part.rows) {
        rows.entry(*row).or_default().add(sum.amount, sum.rounding);
    }
    rows
}
