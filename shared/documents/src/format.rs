//! Number formats of spreadsheets: what a cell shows of the number that it stores.
//!
//! A format may show rupees in lakhs, a sign as `Dr` or `Cr`, a day as a month, or nothing. Statements are read as they are
//! shown. A format that is not understood shows the number as it is stored.

mod parse;
mod show;

pub use show::{Shown, date, number, text};

use rust_decimal::Decimal;

/// A number format: up to three sections for numbers, and one for texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Format {
    sections: Vec<Section>,
    /// Whether the dollar sign stands for the currency of the computer, as in the formats that every computer has.
    local_currency: bool,
}

/// One section of a format.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Section {
    pieces: Vec<Piece>,
    condition: Option<(Comparison, Decimal)>,
    /// Whether the digits are grouped.
    grouped: bool,
    /// Factors of a thousand that the amount is divided by before it is shown.
    thousands: u32,
    percent: bool,
    /// Whether it is red, which spreadsheet programs offer in place of a minus sign.
    red: bool,
    /// Whether it shows a fraction, an exponent, or something else that is not calculated here.
    unknown: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    NotEqual,
    AtLeast,
    More,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    General,
    /// `@`.
    Text,
    Year,
    Month,
    Day,
    Time,
}

impl Format {
    /// Reads a format. `id` is its number in the file; some numbers stand for the same format in every file.
    #[must_use]
    pub fn parse(code: &str, id: Option<u32>) -> Self {
        parse::format(code, id)
    }

    /// Whether numbers are shown as they are stored.
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.sections.iter().all(|s| s.pieces == [Piece::General])
    }

    /// Whether numbers are shown as days.
    #[must_use]
    pub fn is_date(&self) -> bool {
        let pieces = self.sections.first().map_or(&[][..], |s| &s.pieces);
        pieces.iter().any(|p| matches!(p, Piece::Year | Piece::Month | Piece::Day))
    }
}

#[cfg(test)]
mod tests;
