//! What a file does not state, and the caller can.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What the caller knows of a file. A value that the file itself states takes precedence, and a difference is flagged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The account of statements that do not state theirs.
    pub account: Option<String>,
    /// ISO 4217 code of the currency of statements that do not state theirs.
    pub currency: Option<String>,
    /// The order of day and month, answering [`Ambiguity::DateOrder`].
    pub date_order: Option<DateOrder>,
    /// The decimal mark, answering [`Ambiguity::DecimalMark`].
    pub decimal_mark: Option<DecimalMark>,
}

/// The order of day, month and year in numeric dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Day, month, year: 27/04/2026.
    DayMonthYear,
    /// Month, day, year: 04/27/2026.
    MonthDayYear,
    /// Year, month, day: 2026-04-27.
    YearMonthDay,
}

/// The mark before the fraction of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// 1,234.56.
    Point,
    /// 1.234,56.
    Comma,
}

/// A choice about a whole file that nothing in it decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ambiguity {
    /// Every date can be read in several orders of day and month.
    DateOrder {
        /// The possible readings.
        readings: Vec<DateReading>,
    },
    /// Every amount can be read with a point or a comma as its decimal mark, e.g. `1.000`.
    DecimalMark {
        /// The possible readings.
        readings: Vec<MarkReading>,
    },
}

/// One reading of a file's dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DateReading {
    /// The order.
    pub order: DateOrder,
    /// A date as printed.
    pub printed: String,
    /// That date read in this order.
    pub read: Date,
    /// The earliest date of the file in this order.
    pub first: Date,
    /// The latest date of the file in this order.
    pub last: Date,
}

/// One reading of a file's amounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkReading {
    /// The mark.
    pub mark: DecimalMark,
    /// An amount as printed.
    pub printed: String,
    /// That amount read with this mark.
    pub read: rust_decimal::Decimal,
}
