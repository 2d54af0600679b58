//! The classify phase's result for each line, as it is stored and as later phases read it.

use serde::{Deserialize, Serialize};

use crate::row::RowCode;

/// The schema number that [`Classification`] values are written with.
pub const CLASSIFICATION_SCHEMA: u32 = 1;

/// The classify phase's result for one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// Version of this layout.
    pub schema: u32,
    /// Name and version of the mapping policy that was applied, e.g. `docket-1`.
    pub policy: String,
    /// One entry per line of every statement, in document order. Lines left out of the sums (sub-totals, memo lines,
    /// cash flow) are included, with row code `X.ignore` and the reason.
    pub lines: Vec<ClassifiedLine>,
}

/// The row one line goes to, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifiedLine {
    /// [`domain::statement::LineItem::id`] of the line.
    pub line: String,
    /// The row.
    pub row_code: RowCode,
    /// `1` if the row uses the amount as printed, `-1` if negated.
    pub sign: i8,
    /// 0 to 1: how sure the classifier is of the row.
    pub confidence: f64,
    /// Why this row, in words for a reviewer.
    pub reason: String,
    /// The next best rows with their scores, best first, at most two.
    pub alternatives: Vec<Alternative>,
    /// Whether the amount is a non-cash charge (a write-off), which gross cash accruals add back.
    #[serde(default)]
    pub non_cash: bool,
    /// Ids of the lines that this line of a note breaks up, with the other lines of the note: one line, or the same line of
    /// several statements. Its amounts count where such a line's would.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks_up: Vec<String>,
    /// Ids of the lines that refer to the note of this line, if the note does not add up to any of them and is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differs_from: Vec<String>,
}

/// A row that was considered and not chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// The row.
    pub row_code: RowCode,
    /// 0 to 1.
    pub score: f64,
}
