//! A statement as a reader finds it, before anything is proven, and what the reader could not use.

use crate::answer::Answers;
use crate::error::{Counted, ReadError, within};
use crate::flag::{Flag, Total};
use crate::limit::Limits;
use crate::place::{Place, Unread, UnreadRow, Unused, UnusedKind};
use crate::row::Row;
use crate::statement::Period;
use crate::text;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A statement as a reader finds it.
pub(crate) struct Draft {
    pub account: Option<String>,
    pub currency: Option<String>,
    /// A currency that the file shows without stating it.
    pub inferred_currency: Option<String>,
    pub bank: Option<String>,
    pub holder: Option<String>,
    pub account_kind: Option<String>,
    pub number: Option<String>,
    pub period: Option<Period>,
    pub opening: Option<Stated>,
    pub closing: Option<Stated>,
    /// Whether the opening balance is that at the end of its date, so that the rows begin on the next day.
    pub opens_after_day: bool,
    pub rows: Vec<Row>,
    /// Whether the format prescribes the order of booking, so that rows are never newest first.
    pub in_order: bool,
    pub totals: Vec<StatedTotal>,
    pub flags: Vec<Flag>,
    /// Rows that could not be read.
    pub unread: usize,
    pub at: Place,
}

/// A balance that the file states.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub amount: Decimal,
    pub date: Option<Date>,
    pub at: Place,
}

/// A total that the file states.
pub(crate) struct StatedTotal {
    pub what: Total,
    pub value: Decimal,
    pub at: Place,
}

impl Draft {
    /// A statement of which nothing is known yet.
    pub fn new(at: Place) -> Self {
        Self {
            account: None,
            currency: None,
            inferred_currency: None,
            bank: None,
            holder: None,
            account_kind: None,
            number: None,
            period: None,
            opening: None,
            closing: None,
            opens_after_day: false,
            rows: Vec::new(),
            in_order: false,
            totals: Vec::new(),
            flags: Vec::new(),
            unread: 0,
            at,
        }
    }

    /// Takes the opening balance; a second one that differs is flagged.
    pub fn open(&mut self, stated: Stated) {
        Self::state(&mut self.opening, &mut self.flags, stated);
    }

    /// Takes the closing balance; a second one that differs is flagged.
    pub fn close(&mut self, stated: Stated) {
        Self::state(&mut self.closing, &mut self.flags, stated);
    }

    fn state(balance: &mut Option<Stated>, flags: &mut Vec<Flag>, stated: Stated) {
        match balance {
            Some(used) if used.amount != stated.amount => {
                flags.push(Flag::BalanceContradicted { used: used.amount, other: stated.amount, at: stated.at });
            }
            Some(_) => {}
            None => *balance = Some(stated),
        }
    }
}

/// What a reader has besides the bytes: answers, limits, and a list of what it could not use.
pub(crate) struct Context<'a> {
    pub answers: &'a Answers,
    pub limits: &'a Limits,
    pub unread_rows: Vec<UnreadRow>,
    pub unused: Vec<Unused>,
    pub unused_more: usize,
    /// Rows read or unread, over all statements.
    rows: usize,
}

impl<'a> Context<'a> {
    pub fn new(answers: &'a Answers, limits: &'a Limits) -> Self {
        Self { answers, limits, unread_rows: Vec::new(), unused: Vec::new(), unused_more: 0, rows: 0 }
    }

    /// Lists something that was seen and is not used.
    pub fn unused(&mut self, at: Place, kind: UnusedKind, text: &str) {
        if self.unused.len() < self.limits.unused_max {
            self.unused.push(Unused { at, kind, text: text::short(text) });
        } else {
            self.unused_more += 1;
        }
    }

    /// Counts a row.
    pub fn count_row(&mut self) -> Result<(), ReadError> {
        self.rows += 1;
        within(Counted::Rows, self.rows, self.limits.rows_max)
    }

    /// Lists a row that could not be read.
    pub fn unread(&mut self, draft: &mut Draft, statement: usize, at: Place, why: Unread, text: &str) {
        draft.unread += 1;
        self.unread_rows.push(UnreadRow { at, statement: Some(statement), why, text: text::short(text) });
    }

    /// A narration within the limit; what is cut is listed.
    pub fn narration(&mut self, at: &Place, text: String) -> String {
        if text.len() <= self.limits.narration_chars_max || text.chars().count() <= self.limits.narration_chars_max {
            return text;
        }
        self.unused(at.clone(), UnusedKind::NotUnderstood, &text);
        text.chars().take(self.limits.narration_chars_max).collect()
    }
}
