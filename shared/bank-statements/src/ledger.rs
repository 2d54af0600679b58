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
    /// The days that the statement shows to be complete, from its stated period, the dates of its balances or the chain of
    /// its running balances. `None` if it shows nothing of the kind.
    pub covered: Option<Period>,
    /// Dates of its first and last row.
    pub rows: Option<Period>,
    /// Opening balance, unless derived from the closing balance.
    pub opening: Option<Decimal>,
    /// Closing balance, unless derived from the opening balance.
    pub closing: Option<Decimal>,
    /// Whether the opening balance is the closing balance of the part before it, so that no row is missing in between.
    pub chained: bool,
}

/// Where files of one account do not fit together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// Two statements overlap in time and show different rows. All rows are kept; those that both show are there once.
    RowsDiffer {
        /// A row of the later file without counterpart in the earlier ones.
        row: RowId,
    },
    /// Equal rows at the border of two statements can be the same or not, and no balance or reference settles it. They were
    /// taken to be the same.
    OverlapUnsettled {
        /// The first of the rows taken to be the same.
        row: RowId,
    },
    /// A statement does not open with the balance that the one before it closed with: rows between them are missing.
    Gap {
        /// The last day known before the gap.
        after: Date,
        /// The first day known after it.
        before: Date,
        /// The closing balance before it.
        closed: Decimal,
        /// The opening balance after it.
        opened: Decimal,
    },
}
