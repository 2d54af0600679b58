//! Options of an order.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::id::DocumentNumber;
use crate::phase::Phase;

/// Options of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Phase to start a later run at; a first run always starts at `extract`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_from: Option<Phase>,
    /// Skip the review phase.
    pub skip_review: bool,
    /// Skip the validate phase.
    pub skip_validation: bool,
    /// Makes a later run execute documents again that an earlier run completed.
    pub force_reprocess: bool,
    /// Items with a confidence above this are accepted without a reviewer; between 0 and 1.
    pub auto_approve_above: Confidence,
    /// Notify the reviewers when the order waits for them.
    pub notify_on_review: bool,
    /// Tell when the order is ready.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub notify_on_completion: bool,
    /// Made-up documents of a `CANARY` order that fail for good.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub canary_failures: BTreeSet<DocumentNumber>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            start_from: None,
            skip_review: false,
            skip_validation: false,
            force_reprocess: false,
            auto_approve_above: Confidence::DEFAULT_THRESHOLD,
            notify_on_review: true,
            notify_on_completion: false,
            canary_failures: BTreeSet::new(),
        }
    }
}

/// A confidence between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Confidence(f64);

/// A number that is not a confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a confidence is a number between 0 and 1, for example 0.70")]
pub struct InvalidConfidence;

impl Confidence {
    /// The threshold that applies when an order names none.
    pub const DEFAULT_THRESHOLD: Self = Self(0.70);

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl TryFrom<f64> for Confidence {
    type Error = InvalidConfidence;

    fn try_from(number: f64) -> Result<Self, InvalidConfidence> {
        if (0.0..=1.0).contains(&number) { Ok(Self(number)) } else { Err(InvalidConfidence) }
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}
