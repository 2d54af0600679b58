//! The rows of a CMA: code, form, label, kind and formula, read from `data/rows.csv`.

#[macro_use]
mod code;
mod overlay;
mod table;

use crate::formula::Expr;

pub use code::{RowCode, UnknownRow};
pub use overlay::{Overlay, OverlayError};
pub use table::{Table, TableError, table};

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// Form or sheet the row is printed on.
    pub form: Form,
    /// Its code, e.g. `II.5.i.a`.
    pub code: RowCode,
    /// Label of the common form; a bank's own wording is an [`Overlay`].
    pub label: String,
    /// Number printed before the label, empty when there is none.
    pub number: String,
    /// Heading printed above the row, empty when there is none.
    pub heading: String,
    /// Where the row's figure comes from.
    pub kind: Kind,
    /// What the figure measures.
    pub measure: Measure,
    /// How the row is printed.
    pub style: Style,
    /// Whether the row is blank in the first column because it shows a change from the previous year.
    pub later_only: bool,
}

/// Where a row's figure comes from.
#[derive(Clone, Debug)]
pub enum Kind {
    /// The lines classified into it.
    Input,
    /// A formula over other rows.
    Calc(Expr),
    /// It has no figure: its lines are left out of every sum.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
pub enum Form {
    /// Operating statement.
    #[serde(rename = "II")]
    Two,
    /// Analysis of balance sheet.
    #[serde(rename = "III")]
    Three,
    /// Supporting figures, printed below Form II.
    #[serde(rename = "S")]
    Supporting,
    /// Current assets and current liabilities.
    #[serde(rename = "IV")]
    Four,
    /// Maximum permissible bank finance.
    #[serde(rename = "V")]
    Five,
    /// Funds flow.
    #[serde(rename = "VI")]
    Six,
    /// Ratios.
    #[serde(rename = "R")]
    Ratio,
    /// Arithmetic checks.
    #[serde(rename = "C")]
    Check,
    /// Lines left out.
    #[serde(rename = "X")]
    Ignored,
}

/// What a row's figure measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Money, in the unit of the workbook.
    Amount,
    /// Percent.
    Percent,
    /// A plain ratio.
    Ratio,
    /// Months.
    Months,
    /// Days.
    Days,
}

/// How a row is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// As an ordinary line.
    #[serde(rename = "")]
    Plain,
    /// As a total.
    Total,
    /// As an `of which` line: part of another one.
    Memo,
}
