//! The five phases, the same for every service.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumCount, IntoStaticStr};

use crate::status::OrchestrationStatus;

/// One step of an order. Each is a separate Lambda function.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumCount, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Phase {
    /// Reads facts from the documents, in one execution per document.
    Extract,
    /// Turns the facts into what the service works with.
    Classify,
    /// Pauses the order if a person has to decide something.
    Review,
    /// Checks the content before documents are made from it.
    Validate,
    /// Makes the documents that the client ordered.
    Generate,
}

impl Phase {
    /// All phases in order.
    pub const ALL: [Self; Self::COUNT] = [Self::Extract, Self::Classify, Self::Review, Self::Validate, Self::Generate];

    /// The phase after this one; `None` after the last.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        match self {
            Self::Extract => Some(Self::Classify),
            Self::Classify => Some(Self::Review),
            Self::Review => Some(Self::Validate),
            Self::Validate => Some(Self::Generate),
            Self::Generate => None,
        }
    }

    /// The word for the phase in messages, keys and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Orchestration status of an order while this phase is due but not claimed.
    #[must_use]
    pub fn due(self) -> OrchestrationStatus {
        match self {
            Self::Extract => OrchestrationStatus::IntakeLocked,
            Self::Classify => OrchestrationStatus::Extracted,
            Self::Review => OrchestrationStatus::Classified,
            Self::Validate => OrchestrationStatus::Reviewing,
            Self::Generate => OrchestrationStatus::Validated,
        }
    }

    /// Orchestration status of an order while this phase is in progress.
    #[must_use]
    pub fn working(self) -> OrchestrationStatus {
        match self {
            Self::Extract => OrchestrationStatus::Extracting,
            Self::Classify => OrchestrationStatus::Classifying,
            Self::Review => OrchestrationStatus::Reviewing,
            Self::Validate => OrchestrationStatus::Validating,
            Self::Generate => OrchestrationStatus::Generating,
        }
    }
}
