//! The two statuses of an order: the one its client sees, and its status within the pipeline.

use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr, VariantArray};

/// The status that an order's client sees.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// Being prepared; not submitted yet.
    Draft,
    /// Accepted; no phase has started in this run.
    Queued,
    /// A phase is working on it.
    InProgress,
    /// Another version is being made; the earlier one is still valid.
    Regenerating,
    /// Waits for a person: for review decisions, or because making another version failed.
    InternalReview,
    /// Its documents are ready.
    Completed,
    /// Ended without documents.
    Failed,
    /// Ended on request.
    Cancelled,
}

/// An order's status within the pipeline.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum OrchestrationStatus {
    /// Accepted; extraction is due.
    IntakeLocked,
    /// Extraction is in progress.
    Extracting,
    /// Extraction is done; classification is due.
    Extracted,
    /// Classification is in progress.
    Classifying,
    /// Classification is done; review is due.
    Classified,
    /// Review is in progress, or is done and validation is due.
    Reviewing,
    /// Validation is in progress.
    Validating,
    /// Validation is done; generation is due.
    Validated,
    /// Generation prepares what to write.
    Generating,
    /// Generation is writing the documents.
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
    ($($type:ty),+) => {$(
        impl $type {
            /// Every value.
            pub const ALL: &[Self] = <Self as strum::VariantArray>::VARIANTS;

            /// The word as it is stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                self.into()
            }
        }
    )+};
}

words!(Status, OrchestrationStatus);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_is_shown_is_the_word_that_is_stored() {
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).ok(), Some(status.to_string().into()));
            assert_eq!(status.to_string(), status.as_str());
        }
        for status in OrchestrationStatus::ALL {
            assert_eq!(serde_json::to_value(status).ok(), Some(status.to_string().into()));
            assert_eq!(status.to_string(), status.as_str());
        }
        assert_eq!((Status::ALL.len(), OrchestrationStatus::ALL.len()), (8, 14));
        assert_eq!(OrchestrationStatus::IntakeLocked.as_str(), "INTAKE_LOCKED");
    }
}
