//! The two statuses of an order: what its client sees, and where the pipeline stands.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where the order stands for its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Being put together, not submitted.
    Draft,
    /// Accepted; no phase has started in this run.
    Queued,
    /// A phase works on it.
    InProgress,
    /// A further version is being made; the earlier one stands.
    Regenerating,
    /// Waits for a person: for review decisions, or after a failed regeneration.
    InternalReview,
    /// Its documents are ready.
    Completed,
    /// Ended without documents.
    Failed,
    /// Ended on request.
    Cancelled,
}

/// Where the pipeline stands with the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrchestrationStatus {
    /// Accepted; extraction is due.
    IntakeLocked,
    /// Extraction works.
    Extracting,
    /// Extraction is done; classification is due.
    Extracted,
    /// Classification works.
    Classifying,
    /// Classification is done; review is due.
    Classified,
    /// Review works, or is done and validation is due.
    Reviewing,
    /// Validation works.
    Validating,
    /// Validation is done; generation is due.
    Validated,
    /// Generation works out what to write.
    Generating,
    /// Generation draws the documents.
    Rendering,
    /// Review waits for a person.
    ReviewPending,
    /// All phases are done.
    Completed,
    /// The run failed.
    Failed,
    /// The run was cancelled.
    Cancelled,
}

macro_rules! words {
    ($type:ty { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word as it is stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words!(Status {
    Draft => "DRAFT",
    Queued => "QUEUED",
    InProgress => "IN_PROGRESS",
    Regenerating => "REGENERATING",
    InternalReview => "INTERNAL_REVIEW",
    Completed => "COMPLETED",
    Failed => "FAILED",
    Cancelled => "CANCELLED",
});

words!(OrchestrationStatus {
    IntakeLocked => "INTAKE_LOCKED",
    Extracting => "EXTRACTING",
    Extracted => "EXTRACTED",
    Classifying => "CLASSIFYING",
    Classified => "CLASSIFIED",
    Reviewing => "REVIEWING",
    Validating => "VALIDATING",
    Validated => "VALIDATED",
    Generating => "GENERATING",
    Rendering => "RENDERING",
    ReviewPending => "REVIEW_PENDING",
    Completed => "COMPLETED",
    Failed => "FAILED",
    Cancelled => "CANCELLED",
});
