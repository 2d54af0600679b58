//! What the classify phase decided about each line, as it is stored and as the later phases read it.

use serde::{Deserialize, Serialize};

/// The schema number that [`Classification`] values are written with.
pub const CLASSIFICATION_SCHEMA: u32 = 1;

/// The classify phase's result for one order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classification {
    /// Version of this layout.
    pub schema: u32,
    /// Name and version of the mapping policy that was applied, e.g. `docket-1`.
    pub policy: String,
    /// One entry per line item of every statement that is classified, in document order. Lines left out of the sums
    /// (sub-totals, memo lines, cash flow) are here as well, with row code `X.ignore` and the reason.
    pub lines: Vec<ClassifiedLine>,
}

/// The row one line goes to, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifiedLine {
    /// [`domain::statement::LineItem::id`] of the line.
    pub line: String,
    /// Row code of `data/rows.csv`, or a supporting code (`S.…`, `X.…`) of [`crate::row`].
    pub row_code: String,
    /// How the printed amount enters the row: `1` as printed, `-1` negated.
    pub sign: i8,
    /// 0 to 1: how sure the classifier is of the row.
    pub confidence: f64,
    /// The rule or comparison that decided, in words for a reviewer.
    pub reason: String,
    /// The next best rows with their scores, best first, at most two.
    pub alternatives: Vec<Alternative>,
    /// Whether the amount is a non-cash charge (an amount written off) that gross cash accruals add back.
    #[serde(default)]
    pub non_cash: bool,
}

/// A row that was considered and not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Row code.
    pub row_code: String,
    /// 0 to 1.
    pub score: f64,
}
