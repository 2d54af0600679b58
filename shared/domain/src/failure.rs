//! Failures: what went wrong, what happens next, and the minimal record of it.
//!
//! A [`Failure`] is built only from static text and from the text of [`Vetted`] errors, which is static text and numbers.
//! No text of a document can get into it, so a failure record, a log line or an alert cannot leak any.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::limit::{PANIC_RETRY_COUNT_MAX, PHASE_SECS_MAX, REFUSED_SECS_MAX, TRANSIENT_RETRY_COUNT_MAX};
use crate::phase::Phase;
use crate::service::ServiceCode;

/// An order for a service that is planned but not implemented fails with this.
pub const NOT_OFFERED: Failure =
    Failure::permanent("service.not_offered", "This installation does not offer the service. Order another one.");

/// The code of a failure whose cause is a call that a dependency refused.
pub const REFUSED: &str = "aws.refused";

/// The code of a failure whose cause is a panic of the program.
pub const PANICKED: &str = "phase.panicked";

/// What is done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Category {
    /// Worth another attempt: the work ran out of time.
    Transient,
    /// A dependency is away or refuses the call. The work waits until it is back; no attempt counts.
    Unavailable,
    /// The same input would fail again.
    Permanent,
    /// One document or item failed; the order continues without it.
    Partial,
}

impl Category {
    /// The word as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// A stable code, and a sentence that says what to do. Both are the program's own text.
///
/// Texts read back from a store are owned, but this program or its previous version wrote them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What is done about it.
    pub category: Category,
    /// Stable code, e.g. `file.encrypted`.
    pub code: Cow<'static, str>,
    /// What happened and what to do, without anything of a document.
    pub message: Cow<'static, str>,
}

impl Failure {
    /// A failure that the same input would cause again.
    #[must_use]
    pub const fn permanent(code: &'static str, message: &'static str) -> Self {
        Self { category: Category::Permanent, code: Cow::Borrowed(code), message: Cow::Borrowed(message) }
    }

    /// A failure that may not occur on another attempt.
    #[must_use]
    pub const fn transient(code: &'static str, message: &'static str) -> Self {
        Self { category: Category::Transient, code: Cow::Borrowed(code), message: Cow::Borrowed(message) }
    }

    /// A failure that ends when something that the work depends on is back.
    #[must_use]
    pub const fn unavailable(code: &'static str, message: &'static str) -> Self {
        Self { category: Category::Unavailable, code: Cow::Borrowed(code), message: Cow::Borrowed(message) }
    }

    /// A permanent failure whose sentence names limits or counts: `message` is the [`fmt::Display`] of an error type
    /// that holds numbers and static text only. The caller vouches for that by implementing [`Vetted`].
    #[must_use]
    pub fn vetted(error: &impl Vetted) -> Self {
        Self { category: error.category(), code: Cow::Borrowed(error.code()), message: Cow::Owned(error.to_string()) }
    }

    /// Whether work that began at `began` waits until the dependency behind this failure is back. One that refuses its calls is
    /// waited for too, since somebody may be correcting a permission, but not as long: S3 also refuses to read a file that
    /// does not exist.
    #[must_use]
    pub fn is_waited_out(&self, began: Option<Timestamp>, now: Timestamp) -> bool {
        let secs_max = if self.code == REFUSED { REFUSED_SECS_MAX } else { PHASE_SECS_MAX };
        let waited = began.map_or(0, |began| now.as_second().saturating_sub(began.as_second()));
        self.category == Category::Unavailable && waited < i64::from(secs_max)
    }

    /// The failure as it is recorded: when work no longer waits for a dependency, a retry may still help.
    #[must_use]
    pub fn recorded(mut self) -> Self {
        if self.category == Category::Unavailable {
            self.category = Category::Transient;
        }
        self
    }

    /// How often the work is tried again after this failure, apart from waiting for a dependency.
    #[must_use]
    pub fn retry_count_max(&self) -> u32 {
        match self.category {
            Category::Transient => TRANSIENT_RETRY_COUNT_MAX,
            _ if self.code == PANICKED => PANIC_RETRY_COUNT_MAX,
            Category::Unavailable | Category::Permanent | Category::Partial => 0,
        }
    }

    /// The same failure as that of one document, without which the order continues.
    #[must_use]
    pub fn of_one_document(mut self) -> Self {
        if self.category == Category::Permanent {
            self.category = Category::Partial;
        }
        self
    }
}

/// An error type whose text is fit for records and alerts: static words, codes, counts and limits, nothing else.
pub trait Vetted: fmt::Display {
    /// Stable code, e.g. `file.too_large`.
    fn code(&self) -> &'static str;

    /// What is done about it.
    fn category(&self) -> Category {
        Category::Permanent
    }
}

/// The phase at which a retry has to start so that it does not meet the failure `code` again; `None` if the phase that failed
/// is the one to repeat.
#[must_use]
pub fn retry_from(code: &str) -> Option<Phase> {
    match code {
        // It would read the same result again. Every later result is made from those of `extract`.
        "result.unreadable" => Some(Phase::Extract),
        // Only another review takes other decisions and answers. One that is asked for takes place even if the order skips it.
        "review.decisions" => Some(Phase::Review),
        unanswered if unanswered.starts_with("statements.") => Some(Phase::Review),
        _ => None,
    }
}

/// Id of a failure. If the same failure occurs again it has the same id, so it is recorded and alerted once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FailureId(String);

impl FailureId {
    /// Id of the failure of a phase, or of one document's execution in it.
    #[must_use]
    pub fn of(run: RunNumber, phase: Phase, document: Option<DocumentNumber>) -> Self {
        match document {
            Some(document) => Self(format!("r{run}-{phase}-d{document}")),
            None => Self(format!("r{run}-{phase}")),
        }
    }

    /// What the ids of the failures of a run's documents begin with.
    #[must_use]
    pub fn prefix_of_documents(run: RunNumber) -> String {
        format!("r{run}-{}-d", Phase::Extract)
    }

    /// The document whose failure this is the id of, if it is one's.
    #[must_use]
    pub fn document(&self) -> Option<DocumentNumber> {
        let (_, number) = self.0.rsplit_once("-d")?;
        DocumentNumber::try_from(number.parse::<u32>().ok()?).ok()
    }

    /// Id of the failure of a message that no order accepts.
    #[must_use]
    pub fn of_message(message_id: &str) -> Self {
        Self(format!("message-{message_id}"))
    }

    /// Id of a failure to reconcile an order's two stores.
    #[must_use]
    pub fn of_comparison(code: &str) -> Self {
        Self(format!("reconcile-{code}"))
    }

    /// An id read from a store.
    #[must_use]
    pub fn stored(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FailureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The minimal record of what went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureRecord {
    /// Id of the failure within its order.
    pub failure_id: FailureId,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// Type of the document that failed, if one did: the processor's name.
    pub doc_type: Option<String>,
    /// Version of the prompt in use, if a model was asked.
    pub prompt_version_used: Option<String>,
    /// The phase that failed.
    pub phase: Phase,
    /// The run that failed.
    pub run: RunNumber,
    /// What is done about it.
    pub category: Category,
    /// Stable code.
    pub code: String,
    /// What happened and what to do.
    pub error_message: String,
    /// When.
    pub occurred_at: Timestamp,
    /// Follows the order from its first message to the alert.
    pub correlation_id: String,
}
