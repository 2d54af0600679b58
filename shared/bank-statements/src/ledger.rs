//! The rows of one account over several files.

use crate::row::Row;
use crate::statement::Period;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The rows of one account and currency over several files, each transaction once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The account, as its first statement prints it. `None`: the statements of unknown accounts are never joined.
    pub account: Option<String>,
    /// The currency.
    pub currency: Option<String>,
    /// The transactions, oldest first.
    pub entries: Vec<Entry>,
    /// What each statement covers, in the order of time.
    pub parts: Vec<Part>,
    /// Where the files do not fit together.
    pub conflicts: Vec<Conflict>,
}

/// One transaction of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The row as the first of its sources prints it.
    pub row: Row,
    /// The balance after it: printed, or from its statement's opening balance and rows. `None` if neither is known.
    pub balance: Option<Decimal>,
    /// Every row that shows this transaction.
    pub sources: Vec<RowId>,
}

/// A row by its position: all from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RowId {
    /// Position of the file among those merged.
    pub file: usize,
    /// Position of the statement in its file.
    pub statement: usize,
    /// Position of the row in its statement.
    pub row: usize,
}

/// What one statement of a ledger covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Position of the file among those merged.
    pub file: usize,
    /// Position of the statement in its file.
    pub statement: usize,
    /// The days that the statement states to cover, by its period or the dates of its balances. `None` if by neither.
    pub covered: Option<Period>,
    /// Dates of its first and last row.
    pub rows: Option<Period>,
    /// Opening balance, unless derived from the closing balance.
    pub opening: Option<Decimal>,
    /// Closing balance, unless derived from the opening balance.
    pub closing: Option<Decimal>,
    /// Whether nothing says that rows are missing or wrong: it foots or cannot be proven, and all its rows were read.
    pub is_complete: bool,
}

/// Where files of one account do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// Two statements overlap in time and show different rows, or equal rows with different balances. All rows are kept; those
    /// that both show are there once.
    RowsDiffer {
        /// A row without counterpart, or with a different balance.
        row: RowId,
    },
    /// Equal rows of two statements can be the same or not, and no balance or reference settles it: they have neither, or the
    /// balance comes back to an earlier one on their day. They were taken to be the same.
    OverlapUnsettled {
        /// The first of the rows concerned.
        row: RowId,
    },
    /// Two transactions follow each other in no statement, and the balance after the first is not the one before the second:
    /// rows between them are missing.
    Gap {
        /// Date of the transaction before the gap.
        after: Date,
        /// Date of the transaction after it.
        before: Date,
        /// The balance before the gap.
        closed: Decimal,
        /// The balance after it.
        opened: Decimal,
    },
}
