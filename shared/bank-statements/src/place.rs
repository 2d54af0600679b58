//! Where something is printed in a file, and what was seen there and not used.

use serde::{Deserialize, Serialize};

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// A line of text, from 1: OFX, MT940.
    Line(u32),
    /// A cell of delimited text: its line, from 1, and its column, from 1. Without a column, the whole line.
    Cell {
        /// Line, from 1.
        line: u32,
        /// Column, from 1.
        column: Option<u32>,
    },
    /// The path of an XML element or a JSON value, with positions from 1, e.g. `/Document/BkToCstmrStmt/Stmt[1]/Ntry[3]`.
    Path(String),
    /// A page, from 1, and the area on it.
    Page {
        /// Page, from 1.
        page: u32,
        /// The area around the words.
        area: Area,
    },
}

/// An area on a page, in points of 1/72 inch from the page's upper left corner, rounded outwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Area {
    /// Distance of the left edge from the left.
    pub left: u32,
    /// Distance of the upper edge from the top.
    pub top: u32,
    /// Distance of the right edge from the left.
    pub right: u32,
    /// Distance of the lower edge from the top.
    pub bottom: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(line) | Self::Cell { line, column: None } => write!(f, "line {line}"),
            Self::Cell { line, column: Some(column) } => write!(f, "line {line}, column {column}"),
            Self::Path(path) => f.write_str(path),
            Self::Page { page, area } => {
                write!(f, "page {page}, {}..{} by {}..{} pt", area.left, area.right, area.top, area.bottom)
            }
        }
    }
}

/// A row that is a transaction, or may be one, and could not be read. A statement with one is flagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRow {
    /// Where it is.
    pub at: Place,
    /// The statement it belongs to: its position in [`crate::Reading::statements`]. `None` before the first statement.
    pub statement: Option<usize>,
    /// Why it could not be read.
    pub why: Unread,
    /// Its text as printed, shortened.
    pub text: String,
}

/// Why a row could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unread {
    /// It has no amount.
    AmountMissing,
    /// Its amount is no number, or its digits can be read in two ways.
    AmountNotUnderstood,
    /// It has no booking date.
    DateMissing,
    /// Its booking date is no date of the calendar.
    DateNotUnderstood,
    /// Nothing says whether money came in or went out.
    DirectionMissing,
    /// Its marks contradict each other about whether money came in or went out, e.g. a debit and a credit in one row.
    DirectionContradicted,
    /// It is in another currency than its statement, without its amount in that currency.
    CurrencyDiffers,
    /// It says neither that it is booked nor that it is not, e.g. a status that no standard defines.
    StatusNotUnderstood,
    /// The row as a whole does not have the form that its format prescribes.
    Malformed,
}

/// Something that was read and is in no row, balance or total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// Where it is.
    pub at: Place,
    /// What it is.
    pub kind: UnusedKind,
    /// Its text as printed, shortened.
    pub text: String,
}

/// What was read and not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnusedKind {
    /// A line of text that is neither a row nor a heading.
    Line,
    /// An element, tag or field that this crate does not know.
    Unknown,
    /// An entry that is not booked: pending, or for information only.
    NotBooked,
    /// A balance that is neither opening nor closing, e.g. an available balance.
    OtherBalance,
    /// A row that carries a balance over a page break.
    CarriedForward,
    /// A value that is known and could not be read, e.g. a value date that does not exist. No row was lost by it.
    NotUnderstood,
    /// A column of delimited text or of a page whose heading is not known.
    Column,
}
