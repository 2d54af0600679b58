//! The rows of a CMA as data: code, form, label, kind and formula, read from `data/rows.csv`.

mod overlay;
mod table;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::formula::Expr;

pub use overlay::{Overlay, OverlayError};
pub use table::{Table, TableError, table};

/// Code of one row of the table, e.g. `III.28.i`. Codes order as the rows stand in the table.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowCode(u16);

/// A text that is no code of the row table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no row of the row table has this code")]
pub struct UnknownRow;

impl RowCode {
    /// The code written `text`.
    ///
    /// # Errors
    /// [`UnknownRow`] when the row table has no such code.
    pub fn parse(text: &str) -> Result<Self, UnknownRow> {
        table().code(text).ok_or(UnknownRow)
    }

    /// The code as written in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().map_or("", |row| row.code.as_str())
    }

    /// The row this code names. `None` only for a code of another table than the embedded one.
    #[must_use]
    pub fn row(self) -> Option<&'static Row> {
        table().rows().get(usize::from(self.0))
    }

    /// The form the row belongs to.
    #[must_use]
    pub fn form(self) -> Form {
        self.row().map_or(Form::Ignored, |row| row.form)
    }
}

impl fmt::Display for RowCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Form or sheet the row is printed on.
    pub form: Form,
    /// Code as written, e.g. `II.5.i.a`.
    pub code: String,
    /// Label of the common form; a bank's own wording is an [`Overlay`].
    pub label: String,
    /// Number printed before the label, empty when there is none.
    pub number: String,
    /// Heading printed above the row, empty when there is none.
    pub heading: String,
    /// How the row gets its figure.
    pub kind: Kind,
    /// What the figure measures.
    pub measure: Measure,
    /// How the row is printed.
    pub style: Style,
    /// Whether the row is blank in the first column because it tells of a movement.
    pub later_only: bool,
}

/// How a row gets its figure.
#[derive(Clone, Debug)]
pub enum Kind {
    /// From classified lines.
    Input,
    /// From the formula.
    Calc(Expr),
    /// Never: its lines are left out of every sum.
    Ignored,
}

impl Row {
    /// The row's formula, when it is calculated.
    #[must_use]
    pub fn formula(&self) -> Option<&Expr> {
        match &self.kind {
            Kind::Calc(formula) => Some(formula),
            Kind::Input | Kind::Ignored => None,
        }
    }

    /// Whether classified lines feed the row.
    #[must_use]
    pub fn is_input(&self) -> bool {
        matches!(self.kind, Kind::Input)
    }
}

/// The forms and sheets of the workbook, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Operating statement.
    Two,
    /// Analysis of balance sheet.
    Three,
    /// Supporting figures, printed below Form II.
    Supporting,
    /// Current assets and current liabilities.
    Four,
    /// Maximum permissible bank finance.
    Five,
    /// Funds flow.
    Six,
    /// Ratios.
    Ratio,
    /// Arithmetic checks.
    Check,
    /// Lines left out.
    Ignored,
}

/// What a row's figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Money, in the unit of the workbook.
    Amount,
    /// Hundredths.
    Percent,
    /// A plain ratio.
    Ratio,
    /// Months.
    Months,
    /// Days.
    Days,
}

/// How a row is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As an ordinary line.
    Plain,
    /// As a total.
    Total,
    /// As part of another line.
    Memo,
}
