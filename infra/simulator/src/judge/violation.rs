//! What a run must not show.

use std::fmt;

use serde::Serialize;

/// The five figures of the promise, and everything else that an invariant forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An accepted order is nowhere.
    Lost,
    /// An order, message, lease or alert did not come to rest in time.
    Stuck,
    /// A failure without its record, or a record without its alert.
    Silent,
    /// An effect that happened twice.
    Duplicate,
    /// Something of a document outside of the document bucket.
    Leak,
    /// A step that the model does not know: an illegal transition, a stale write, a lost update, another firm's order.
    Broken,
}

/// One breach of an invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What it counts as.
    pub kind: Kind,
    /// The invariant, e.g. `I2`.
    pub invariant: &'static str,
    /// What happened: ids and the program's own words.
    pub text: String,
}

impl Violation {
    pub(crate) fn new(kind: Kind, invariant: &'static str, text: impl Into<String>) -> Self {
        Self { kind, invariant, text: text.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({}): {}", self.kind, self.invariant, self.text)
    }
}
