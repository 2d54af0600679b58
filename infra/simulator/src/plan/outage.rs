//! Outages: periods during which a whole dependency is down.

use engine::{Call, Service};
use strum::{Display, EnumIter, IntoStaticStr};

/// What can be down. A seed chooses by position in this list, so its order matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Dependency {
    /// The primary store.
    DynamoDb,
    /// The bucket of documents, results and artifacts.
    #[strum(serialize = "document bucket")]
    DocumentBucket,
    /// The bucket of the backup log.
    #[strum(serialize = "backup bucket")]
    BackupBucket,
    /// The topic of alerts.
    Sns,
    /// The queues, including polling.
    Sqs,
}

impl Dependency {
    /// Its name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether a call goes to it.
    pub(crate) fn serves(self, call: &Call, document_bucket: &str) -> bool {
        let of_documents = || call.resource.split('/').next() == Some(document_bucket);
        match self {
            Self::DynamoDb => call.service == Service::DynamoDb,
            Self::DocumentBucket => call.service == Service::S3 && of_documents(),
            Self::BackupBucket => call.service == Service::S3 && !of_documents(),
            Self::Sns => call.service == Service::Sns,
            Self::Sqs => call.service == Service::Sqs,
        }
    }
}

/// A dependency that is down, or whose answers are lost, in milliseconds from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What is down.
    pub dependency: Dependency,
    /// Start.
    pub from_ms: i64,
    /// End.
    pub until_ms: i64,
    /// Whether calls take effect all the same, and only their answers are lost.
    pub answers_only: bool,
}

impl Outage {
    /// What is down, for reports.
    pub(crate) fn name(&self) -> String {
        let what = if self.answers_only { " (answers only)" } else { "" };
        format!("{}{what}", self.dependency.as_str())
    }

    /// Whether Lambda cannot poll queues, nor delete messages.
    pub(crate) fn stops_polling(&self) -> bool {
        self.dependency == Dependency::Sqs && !self.answers_only
    }

    /// Whether it lasts at `at_ms`.
    pub(crate) fn is_active(&self, at_ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&at_ms)
    }
}
