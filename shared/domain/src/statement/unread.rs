//! What a reader saw and did not use, and what it did not understand. Neither is ever replaced by a default without a word.

use serde::{Deserialize, Serialize};

/// Something that was seen in a document and is in no figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unused {
    /// Why it is in no figure.
    pub reason: UnusedReason,
    /// Sheet or page it is on; empty for a whole document.
    pub sheet: String,
    /// Its cell or range, e.g. `D12` or `D5:D21`, if it has one.
    pub cell: Option<String>,
    /// Label of its line or heading of its column, if it has one.
    pub label: Option<String>,
    /// What it is and what was done, in words for a reviewer.
    pub detail: String,
}

/// Why something that was seen is in no figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnusedReason {
    /// A sheet that the workbook hides.
    HiddenSheet,
    /// A row that the sheet hides.
    HiddenRow,
    /// A column that the sheet hides.
    HiddenColumn,
    /// A cell that shows nothing: by its number format, or because a merged cell covers it.
    HiddenCell,
    /// A sheet too large for a statement.
    OversizedSheet,
    /// A sheet that is not a recognised statement.
    UnrecognisedSheet,
    /// A formula with an error, e.g. `#REF!`.
    ErrorCell,
    /// A formula that the file stores without its value.
    FormulaWithoutValue,
    /// Digits that could be misread, e.g. `1,23.4,5`, or the value of a formula that gives another amount.
    DoubtfulAmount,
    /// Words where an amount is expected.
    TextForAmount,
    /// A column of amounts whose heading gives no year end.
    UndatedColumn,
    /// A column for a period that another column of the statement gives too.
    SecondColumn,
    /// A statement that is in the document twice.
    RepeatedStatement,
    /// A statement that another document gives for the same period.
    OtherDocument,
    /// Figures of the group, where the borrower's own are used, or the reverse.
    OtherBasis,
    /// A column that covers part of a year.
    PartYear,
    /// A note whose line on the face of the statement is used.
    FaceUsed,
    /// A statement or column about which a question is open.
    Unanswered,
    /// A firm's name at the top of a sheet that is not the one the document is listed under.
    OtherName,
    /// A line or statement that the form has no row for.
    NoRow,
}

impl UnusedReason {
    /// What a list of such things calls it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::HiddenSheet => "hidden sheet",
            Self::HiddenRow => "hidden row",
            Self::HiddenColumn => "hidden column",
            Self::HiddenCell => "hidden by format",
            Self::OversizedSheet => "too large",
            Self::UnrecognisedSheet => "not recognised",
            Self::ErrorCell => "error cell",
            Self::FormulaWithoutValue => "formula without value",
            Self::DoubtfulAmount => "doubtful amount",
            Self::TextForAmount => "text for an amount",
            Self::UndatedColumn => "no year",
            Self::SecondColumn => "second column",
            Self::RepeatedStatement => "there twice",
            Self::OtherDocument => "other document",
            Self::OtherBasis => "group or company",
            Self::PartYear => "part of a year",
            Self::FaceUsed => "note not used",
            Self::Unanswered => "not understood",
            Self::OtherName => "other name",
            Self::NoRow => "no row",
        }
    }

    /// Whether an amount that belongs in a figure may be missing, so that the figure may be wrong.
    #[must_use]
    pub fn may_change_a_figure(self) -> bool {
        matches!(self, Self::ErrorCell | Self::FormulaWithoutValue | Self::DoubtfulAmount | Self::TextForAmount)
    }
}

/// Something printed about the amounts of a statement that was not understood. Until a reviewer answers, the figures of
/// the statement are not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What it is about.
    pub subject: Subject,
    /// The column it concerns, an index into the statement's columns; none for all of them.
    pub column: Option<usize>,
    /// The cell it is printed in, if known.
    pub cell: Option<String>,
    /// The text that was not understood.
    pub printed: String,
}

/// What was not understood about the amounts of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The unit, e.g. `in myriads`.
    Unit,
    /// The currency, which is not the rupee.
    Currency,
    /// The end of a column's period.
    Period,
    /// How many months a column covers.
    Months,
    /// Whether a column is audited, provisional, estimated or projected.
    Kind,
}
