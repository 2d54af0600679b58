//! Codes of rows. Codes in the source are looked up at compile time, so a misspelt one does not compile.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Form, Row, table};

/// Code of one row of the table, e.g. `III.28.i`. Codes order as the rows do in the table.
///
/// A code is an index into the embedded table. It is made by [`RowCode::parse`] from text at run time, and by
/// [`row!`](crate::row!) from text in the source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowCode(pub(super) u16);

/// A text that is not the code of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown row code; the codes are those of the CMA row table (rows.csv)")]
pub struct UnknownRow;

/// Makes a [`RowCode`](crate::row::RowCode) from a literal, e.g. `row!("III.28.i")`. A code that is not in `rows.csv` is a
/// compile error.
#[macro_export]
macro_rules! row {
    ($code:literal) => {
        const { $crate::row::RowCode::named($code) }
    };
}

/// An array of [`row!`]s.
macro_rules! rows {
    ($($code:literal),+ $(,)?) => {
        [$($crate::row!($code)),+]
    };
}

pub(super) const ROWS_CSV: &str = include_str!("../../data/rows.csv");

/// The codes in the order of the table. [`super::Table`] reads everything else, and a test compares the two.
const CODES: [&str; count_rows(ROWS_CSV)] = read_codes(ROWS_CSV);

impl RowCode {
    /// Lines left out of every sum.
    pub const IGNORE: Self = row!("X.ignore");

    /// The code written `text`.
    ///
    /// # Errors
    /// [`UnknownRow`] when the row table has no such code.
    pub fn parse(text: &str) -> Result<Self, UnknownRow> {
        table().code(text).ok_or(UnknownRow)
    }

    /// Called by [`row!`](crate::row!) at compile time, where a failed assertion is a compile error.
    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the table has far fewer rows than a u16 holds")]
    pub const fn named(text: &str) -> Self {
        let mut index = 0;
        while index < CODES.len() && !is_same(CODES[index].as_bytes(), text.as_bytes()) {
            index += 1;
        }
        assert!(index < CODES.len(), "rows.csv has no row with this code");
        Self(index as u16)
    }

    /// The code as written in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        CODES[usize::from(self.0)]
    }

    /// The row this code names.
    #[must_use]
    pub fn row(self) -> &'static Row {
        &table().rows()[usize::from(self.0)]
    }

    /// The form the row belongs to.
    #[must_use]
    pub fn form(self) -> Form {
        self.row().form
    }

    /// The row's label on the common form.
    #[must_use]
    pub fn label(self) -> &'static str {
        &self.row().label
    }

    /// Whether a printed line can be assigned to the row: an input row, or [`RowCode::IGNORE`].
    #[must_use]
    pub fn takes_lines(self) -> bool {
        self.row().formula().is_none()
    }
}

impl fmt::Display for RowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowCode({})", self.as_str())
    }
}

impl Serialize for RowCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RowCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The lines of the table, less its heading.
const fn count_rows(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut at, mut lines) = (0, 0);
    while at < bytes.len() {
        lines += (bytes[at] == b'\n') as usize;
        at += 1;
    }
    lines - 1
}

/// The second field of each line. Form and code come first in a line and need no quotes, so no CSV reader is needed.
const fn read_codes<const COUNT: usize>(text: &'static str) -> [&'static str; COUNT] {
    let mut codes = [""; COUNT];
    let (_, mut rest) = cut(text, b'\n');
    let mut index = 0;
    while index < COUNT {
        let (_, after_form) = cut(rest, b',');
        let (code, after_code) = cut(after_form, b',');
        codes[index] = code;
        (_, rest) = cut(after_code, b'\n');
        index += 1;
    }
    codes
}

/// The text before and after the first `mark`.
const fn cut(text: &'static str, mark: u8) -> (&'static str, &'static str) {
    let mut at = 0;
    while text.as_bytes()[at] != mark {
        at += 1;
    }
    let (before, rest) = text.split_at(at);
    (before, rest.split_at(1).1)
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_read_when_compiling_are_those_of_the_table() {
        let read: Vec<Option<RowCode>> = CODES.iter().map(|code| table().code(code)).collect();
        let expected: Vec<Option<RowCode>> = table().codes().map(Some).collect();
        assert_eq!(read, expected);
        assert_eq!(row!("III.28.i").as_str(), "III.28.i");
    }

    #[test]
    fn a_code_is_stored_as_its_text_and_an_unknown_one_is_refused() {
        assert_eq!(serde_json::to_string(&row!("III.28.i")).expect("writes"), "\"III.28.i\"");
        assert_eq!(serde_json::from_str::<RowCode>("\"III.28.i\"").expect("reads"), row!("III.28.i"));
        let refused = serde_json::from_str::<RowCode>("\"III.99\"").expect_err("no such row");
        assert!(refused.to_string().starts_with("unknown row code"), "{refused}");
    }

    #[test]
    fn only_input_rows_and_the_row_of_ignored_lines_take_lines() {
        let takes = |code: &str| RowCode::parse(code).expect("a row").takes_lines();
        assert!(takes("III.26") && takes("S.INV.change") && takes("X.ignore"));
        assert!(!takes("III.34") && !takes("C.bs"));
    }

    proptest::proptest! {
        #[test]
        fn only_the_text_of_a_code_is_a_code(text in "(II|III|S|X)?[.]?[0-9IVXivx.]{0,6}|\\PC{0,12}") {
            match RowCode::parse(&text) {
                Ok(code) => proptest::prop_assert_eq!(code.as_str(), text),
                Err(UnknownRow) => proptest::prop_assert!(!CODES.contains(&text.as_str())),
            }
        }
    }
}
