//! The cells of one sheet, sparse. The readers of all formats produce this.

mod collect;
mod hidden;

pub use collect::{Collector, error_name};
pub use hidden::Hidden;

use crate::format::Format;
use domain::statement::Side;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Stands for the narrow and fixed spaces that group the digits of a number. Every other white space is a plain space.
pub const NARROW_SPACE: char = '\u{202f}';

/// What a cell shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, trimmed and with white space collapsed to single spaces; never empty.
    Text(String),
    /// A number, scaled as its format shows it and as exact as the file stores it.
    Number(Decimal),
    /// A date.
    Date(Date),
    /// A formula with an error, by its name, e.g. `#REF!`.
    Error(&'static str),
    /// A formula that the file stores without its value.
    Uncalculated,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Column, from 0.
    pub column: u32,
    /// Its value.
    pub value: Value,
    /// Leading spaces of its text, with the indentation of its style.
    pub indent: u8,
    /// Whether its style is bold.
    pub bold: bool,
    /// The text that a number's format shows, if it shows more than the number.
    pub shown: Option<Box<str>>,
    /// The side that a number's format shows.
    pub side: Option<Side>,
}

impl Cell {
    /// The text of a number as it is shown.
    #[must_use]
    pub fn text_of_number(&self, number: Decimal) -> String {
        self.shown.as_deref().map_or_else(|| number.to_string(), str::to_owned)
    }
}

/// How a cell's style shows its value.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Its number format.
    pub format: Format,
    /// Whether it is bold.
    pub bold: bool,
    /// Steps by which it is indented.
    pub indent: u8,
}

/// One row that is not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Row number as printed, from 1.
    pub number: u32,
    /// Its cells, by column.
    pub cells: Vec<Cell>,
}

/// Cells that are shown as one; a heading if it spans several columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Number of the first row, from 1.
    pub row: u32,
    /// Number of the last row, from 1.
    pub last_row: u32,
    /// First column, from 0.
    pub first: u32,
    /// Last column, from 0.
    pub last: u32,
}

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Name of the sheet.
    pub sheet: String,
    /// Rows that are not empty, top to bottom.
    pub rows: Vec<Row>,
    /// Cells that span columns.
    pub merges: Vec<Merge>,
    /// Whether the sheet is too large for a statement, so its cells were dropped.
    pub oversized: bool,
}

/// The name of a cell, e.g. `B7`; `row` counts from 1, `column` from 0.
#[must_use]
pub fn a1(row: u32, column: u32) -> String {
    letters(column) + &row.to_string()
}

/// The name of a column, e.g. `B`; `column` counts from 0.
#[must_use]
pub fn letters(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use collect::clean;

    #[test]
    fn cells_are_named_as_in_a_spreadsheet() {
        assert_eq!(a1(1, 0), "A1");
        assert_eq!(a1(12, 25), "Z12");
        assert_eq!(a1(1_048_576, 16_383), "XFD1048576");
    }

    #[test]
    fn white_space_is_one_space() {
        assert_eq!(clean("  Trade \n  payables\u{a0} ", 50), ("Trade payables".to_owned(), 2));
    }
}
