//! Dependencies that are down as a whole for a while.

use std::fmt;

use engine::{Call, Service};

/// What can be down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dependency {
    /// The primary store.
    DynamoDb,
    /// The bucket of documents, results and artifacts.
    DocumentBucket,
    /// The bucket of the backup log.
    BackupBucket,
    /// The topic of alerts.
    Sns,
    /// The queues, polling included.
    Sqs,
}

impl Dependency {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::DynamoDb, Self::DocumentBucket, Self::BackupBucket, Self::Sns, Self::Sqs];

    /// Its name in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::DocumentBucket => "document bucket",
            Self::BackupBucket => "backup bucket",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
        }
    }

    /// Whether a call goes to it.
    pub(crate) fn is_met_by(self, call: &Call, document_bucket: &str) -> bool {
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

impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A dependency that is down, in milliseconds from the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What is down.
    pub dependency: Dependency,
    /// From when on.
    pub from_ms: i64,
    /// Until when.
    pub until_ms: i64,
}

impl Outage {
    /// Whether it is down `at_ms`.
    pub(crate) fn holds(&self, at_ms: i64) -> bool {
        (self.from_ms..self.until_ms).contains(&at_ms)
    }
}
