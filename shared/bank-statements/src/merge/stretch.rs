//! A statement as an unbroken stretch of the account's rows.

use crate::balance::{Footing, Origin};
use crate::ledger::{Entry, Part, RowId};
use crate::statement::{Period, Statement};
use jiff::civil::Date;

/// A statement's rows with the balance after each, and what the statement covers.
pub(super) struct Stretch {
    pub account: Option<String>,
    pub currency: Option<String>,
    pub entries: Vec<Entry>,
    pub part: Part,
}

impl Stretch {
    /// The stretch of a statement.
    pub fn of(statement: &Statement, file: usize, number: usize) -> Self {
        // A derived balance depends on the day of the download: that of the next file would be another one for the same row. And
        // one that does not lead to the closing balance says nothing about the rows between.
        let leads = matches!(statement.footing, Footing::Foots(_));
        let mut known = statement
            .opening
            .as_ref()
            .filter(|opening| leads && opening.origin != Origin::Derived)
            .map(|opening| opening.amount);
        let entry = |(position, row): (usize, &crate::Row)| {
            known = row.balance.or(known.map(|balance| balance + row.amount));
            Entry { row: row.clone(), balance: known, sources: vec![RowId { file, statement: number, row: position }] }
        };
        let entries = statement.rows.iter().enumerate().map(entry).collect();
        let evident = |balance: &Option<crate::Balance>| {
            balance.as_ref().filter(|balance| balance.origin != Origin::Derived).map(|balance| balance.amount)
        };
        let part = Part {
            file,
            statement: number,
            covered: covered(statement),
            rows: span(statement),
            opening: evident(&statement.opening),
            closing: evident(&statement.closing),
            is_complete: is_complete(statement),
        };
        let value = |known: &Option<crate::Known<String>>| known.as_ref().map(|known| known.value.clone());
        Self { account: value(&statement.account), currency: value(&statement.currency), entries, part }
    }

    /// The day by which stretches are put in order.
    pub fn first_day(&self) -> Option<Date> {
        self.entries.first().map(|entry| entry.row.date).or(self.part.covered.map(|days| days.from))
    }
}

/// Dates of the first and last row.
fn span(statement: &Statement) -> Option<Period> {
    let dates = || statement.rows.iter().map(|row| row.date);
    Some(Period { from: dates().min()?, to: dates().max()? })
}

/// Whether nothing says that rows are missing or wrong.
fn is_complete(statement: &Statement) -> bool {
    use crate::Flag::{ClosingMismatch, Incomplete, PageMismatch, RowFails, RowsNotRead, TotalMismatch, Truncated};
    let breaks = |flag: &crate::Flag| {
        matches!(
            flag,
            ClosingMismatch { .. }
                | Incomplete { .. }
                | PageMismatch { .. }
                | RowFails { .. }
                | RowsNotRead { .. }
                | TotalMismatch { .. }
                | Truncated { .. }
        )
    };
    !statement.flags.iter().any(breaks) && !matches!(statement.footing, Footing::Fails(_))
}

/// The days that a statement states to cover: its period, else those from the date of its opening to that of its closing balance.
fn covered(statement: &Statement) -> Option<Period> {
    if let Some(period) = statement.period {
        return Some(period);
    }
    let dated =
        |balance: &Option<crate::Balance>| balance.as_ref().filter(|b| b.origin == Origin::Stated).and_then(|b| b.date);
    let (opened, closed) = (dated(&statement.opening)?, dated(&statement.closing)?);
    let has_row = statement.rows.iter().any(|row| row.date <= opened);
    // A balance at the end of its day leaves that day to the statement before, unless a row of this one is booked on it.
    let from = if statement.opens_after_day && !has_row { opened.tomorrow().ok()? } else { opened };
    (from <= closed).then_some(Period { from, to: closed })
}
