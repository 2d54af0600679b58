//! Violations of an invariant.

use std::fmt;

use serde::Serialize;

/// The kinds of violation: the six that the promise rules out, and everything else that an invariant forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An accepted order is gone.
    Lost,
    /// An order, message, lease or alert did not settle in time.
    Stuck,
    /// A failure without a record, or a record without an alert.
    Silent,
    /// An order or a document that failed although nothing about it gives a reason.
    Undeserved,
    /// An effect that happened twice.
    Duplicate,
    /// Part of a document outside the document bucket.
    Leak,
    /// A step that the model forbids: an illegal transition, a stale write, a lost update, access to another firm's order.
    Broken,
}

/// One violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What it counts as.
    pub kind: Kind,
    /// The invariant, e.g. `I2`.
    pub invariant: &'static str,
    /// What happened; ids but no payload.
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
