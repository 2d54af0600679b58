//! The rows of an order's tables.

use domain::execution::{Execution, ExecutionStatus};
use domain::failure::{Category, FailureRecord};
use domain::id::{DocumentNumber, RunNumber};
use domain::order::Artifact;
use domain::phase::Phase;
use domain::version::Version;
use jiff::Timestamp;

use crate::word::Look;

/// A document of an order, with its execution in the current run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// Its number.
    pub number: DocumentNumber,
    /// File name as uploaded, if it is known.
    pub name: Option<String>,
    /// How far its execution is.
    pub state: DocumentState,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed: code and message.
    pub error: Option<(String, String)>,
}

/// How far the execution of a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// It is uploaded; nothing was done with it in this run.
    Uploaded,
    /// It is being read.
    Working,
    /// It was read.
    Completed,
    /// It could not be read; the order continues without it.
    Failed,
}

impl DocumentRow {
    /// A document that no execution has worked on.
    #[must_use]
    pub fn uploaded(number: DocumentNumber, name: Option<String>) -> Self {
        Self { number, name, state: DocumentState::Uploaded, attempts: 0, error: None }
    }

    /// A document and its execution.
    #[must_use]
    pub fn executed(execution: &Execution, name: Option<String>) -> Self {
        let state = match execution.status() {
            ExecutionStatus::Working => DocumentState::Working,
            ExecutionStatus::Completed => DocumentState::Completed,
            ExecutionStatus::Failed => DocumentState::Failed,
        };
        let message = execution.error_message().unwrap_or_default().to_owned();
        let error = execution.error_code().map(|code| (code.to_owned(), message));
        Self { number: execution.number(), name, state, attempts: execution.attempts(), error }
    }
}

impl DocumentState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Uploaded => "Uploaded",
            Self::Working => "In progress",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Uploaded => "stored",
            Self::Working => "busy",
            Self::Completed => "good",
            Self::Failed => "bad",
        }
    }

    pub(crate) fn look(self) -> Look {
        Look { word: self.word(), class: self.class() }
    }
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureRow {
    /// Stable code.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// The phase that failed.
    pub phase: Phase,
    /// The run that failed.
    pub run: RunNumber,
    /// The document that failed, if one did.
    pub document: Option<DocumentNumber>,
    /// What is done about it.
    pub category: Category,
    /// When.
    pub at: Timestamp,
    /// Whether the operators were told.
    pub alert: AlertState,
    /// The later run that got past it.
    pub healed_by: Option<RunNumber>,
}

/// Whether the alert of a failure was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertState {
    /// Not yet; it will be.
    Pending,
    /// It was, at this time if that is known.
    Sent(Option<Timestamp>),
    /// It was announced together with others of its cause.
    Together,
}

impl FailureRow {
    /// A recorded failure.
    #[must_use]
    pub fn of(record: &FailureRecord, alert: AlertState, healed_by: Option<RunNumber>) -> Self {
        Self {
            code: record.code.clone(),
            message: record.error_message.clone(),
            phase: record.phase,
            run: record.run,
            document: record.failure_id.document(),
            category: record.category,
            at: record.occurred_at,
            alert,
            healed_by,
        }
    }
}

impl AlertState {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Pending => "Alert pending",
            Self::Sent(_) => "Alert sent",
            Self::Together => "Alert sent with others of this cause",
        }
    }
}

/// A version of an order's final documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRow {
    /// Its number, from 1.
    pub number: u32,
    /// The run that made it.
    pub run: RunNumber,
    /// When it was made, if that is known.
    pub made_at: Option<Timestamp>,
    /// Its documents; each is downloaded from `/orders/{id}/artifacts/{version}/{name}`.
    pub artifacts: Vec<ArtifactRow>,
}

/// A final document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactRow {
    /// File name.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
}

impl ArtifactRow {
    pub(crate) fn short_hash(&self) -> String {
        self.sha256.chars().take(12).collect()
    }
}

impl From<&Artifact> for ArtifactRow {
    fn from(artifact: &Artifact) -> Self {
        Self { name: artifact.name.clone(), bytes: artifact.bytes, sha256: artifact.sha256.clone() }
    }
}

impl From<&Version> for VersionRow {
    fn from(version: &Version) -> Self {
        let artifacts = version.artifacts().iter().map(ArtifactRow::from).collect();
        Self { number: version.number(), run: version.run(), made_at: None, artifacts }
    }
}
