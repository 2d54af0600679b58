//! The order as it is stored: its state, unsent messages, and the outcome of its documents.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::previous::PreviousExecution;
use super::review::Wait;
use crate::failure::{Category, FailureId};
use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::message::{Command, MESSAGE_SCHEMA, PhaseMessage};
use crate::option::Options;
use crate::person::UserId;
use crate::phase::Phase;
use crate::ranges;
use crate::service::ServiceCode;
use crate::status::{OrchestrationStatus, Status};

/// The schema number that orders are written with. Readers take this one and the one before.
pub const ORDER_SCHEMA: u32 = 3;

/// One client's request for a service. Its fields are private to [`lifecycle`](crate::lifecycle), so nothing else can change
/// one; the only other way to get an order is to read a stored one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub(super) schema: u32,
    pub(super) order_id: OrderId,
    pub(super) firm_id: FirmId,
    pub(super) service_code: ServiceCode,
    pub(super) status: Status,
    pub(super) orchestration_status: OrchestrationStatus,
    pub(super) run: RunNumber,
    pub(super) phase: Phase,
    pub(super) options: Options,
    pub(super) documents: u32,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) makers: BTreeSet<UserId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "ranges")]
    pub(super) terminal: BTreeSet<DocumentNumber>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "ranges")]
    pub(super) failed: BTreeSet<DocumentNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lease: Option<Lease>,
    #[serde(default)]
    pub(super) phase_attempts: u32,
    // What only an order of the previous layout holds.
    #[serde(default, skip_serializing, rename = "executions")]
    pub(super) previous_executions: BTreeMap<DocumentNumber, PreviousExecution>,
    #[serde(default, skip_serializing, rename = "leases")]
    pub(super) previous_leases: BTreeMap<String, Lease>,
    #[serde(default, skip_serializing, rename = "attempts")]
    pub(super) previous_attempts: BTreeMap<String, u32>,
    #[serde(default)]
    pub(super) phases: BTreeMap<Phase, PhaseRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hand_off_owed_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) resent_at: Option<Timestamp>,
    #[serde(default)]
    pub(super) resends: u32,
    #[serde(default)]
    pub(super) review_items: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) review_wait: Option<Wait>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) decisions_run: Option<RunNumber>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure_reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failed_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_orchestration_error: Option<OrchestrationError>,
    #[serde(default)]
    pub(super) artifact_version: u32,
    #[serde(default)]
    pub(super) artifacts: Vec<Artifact>,
    #[serde(default)]
    pub(super) reached_percent: u8,
    pub(super) correlation_id: String,
    pub(super) created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run_started_at: Option<Timestamp>,
    pub(super) updated_at: Timestamp,
    pub(super) revision: u64,
    pub(super) writer: String,
}

/// An invocation's claim to a unit of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The invocation that does the work.
    pub owner: String,
    /// The message it works on. The queue hands a message out again only when its last consumer is dead, so the same
    /// message may take over its own lease at once.
    pub message: String,
    /// When the invocation is certain to have ended; milliseconds since 1970, so that a store can compare it.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub until: Timestamp,
}

impl Lease {
    /// Whether both were taken for the same delivery, as when a claim is repeated because its answer was lost.
    #[must_use]
    pub fn is_of_same_delivery(&self, other: &Self) -> bool {
        (&self.owner, &self.message) == (&other.owner, &other.message)
    }
}

/// When a phase began and ended in the order's latest pass through it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseRecord {
    /// The run it was last worked on in; its result is stored under this run.
    pub run: RunNumber,
    /// When the first unit of it was claimed.
    pub started_at: Timestamp,
    /// When it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
    /// Whether the order's options made it skip the phase.
    #[serde(default)]
    pub skipped: bool,
    /// Whether the order waited for a reviewer in it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waited: bool,
}

impl PhaseRecord {
    /// Milliseconds from its start to its end.
    #[must_use]
    pub fn duration_ms(&self) -> Option<i64> {
        self.completed_at.map(|end| end.as_millisecond() - self.started_at.as_millisecond())
    }
}

/// Why a run failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrchestrationError {
    /// The failure's record.
    pub failure_id: FailureId,
    /// The phase that failed.
    pub phase: Phase,
    /// What is done about it.
    pub category: Category,
    /// Stable code.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// A final document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// Version of the order's documents it belongs to, from 1.
    pub version: u32,
    /// The run that made it; part of its key.
    pub run: RunNumber,
    /// File name, chosen by the program and never by the client.
    pub name: String,
    /// SHA-256 of its bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
}

impl Order {
    /// Layout of this value.
    #[must_use]
    pub fn schema(&self) -> u32 {
        self.schema
    }

    /// Identity.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// The firm it belongs to.
    #[must_use]
    pub fn firm_id(&self) -> &FirmId {
        &self.firm_id
    }

    /// What was ordered.
    #[must_use]
    pub fn service_code(&self) -> ServiceCode {
        self.service_code
    }

    /// Its status as the client sees it.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// Its status within the pipeline.
    #[must_use]
    pub fn orchestration_status(&self) -> OrchestrationStatus {
        self.orchestration_status
    }

    /// The current attempt.
    #[must_use]
    pub fn run(&self) -> RunNumber {
        self.run
    }

    /// The phase that is due or in progress; of an ended order, the last one it reached.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// What else the client asked for.
    #[must_use]
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How many documents it has, numbered from 1. With none, extraction is one unit of work.
    #[must_use]
    pub fn documents(&self) -> u32 {
        self.documents
    }

    /// Who made its content: created it, uploaded for it, had it processed or made anew. They do not decide its review.
    #[must_use]
    pub fn makers(&self) -> &BTreeSet<UserId> {
        &self.makers
    }

    /// Numbers of the executions that ended in this run, failed ones included.
    #[must_use]
    pub fn terminal(&self) -> &BTreeSet<DocumentNumber> {
        &self.terminal
    }

    /// Numbers of the executions that failed, out of those that ended.
    #[must_use]
    pub fn failed(&self) -> &BTreeSet<DocumentNumber> {
        &self.failed
    }

    /// Who works on the current phase, if it is one unit of work. Executions hold leases of their own.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// How often the current phase was claimed, if it is one unit of work. A claim that never ended is a crash, so this
    /// shows whether a dead letter is due to crashes or to an outage.
    #[must_use]
    pub fn phase_attempts(&self) -> u32 {
        self.phase_attempts
    }

    /// When each phase began and ended, and in which run its result was made.
    #[must_use]
    pub fn phases(&self) -> &BTreeMap<Phase, PhaseRecord> {
        &self.phases
    }

    /// When the message that starts `phase` became due. It stays owed until the phase ends, and every function that handles
    /// the order until then may send it again, because repeats are harmless.
    #[must_use]
    pub fn hand_off_owed_since(&self) -> Option<Timestamp> {
        self.hand_off_owed_since
    }

    /// When the current hand-off was last sent again because it was overdue.
    #[must_use]
    pub fn resent_at(&self) -> Option<Timestamp> {
        self.resent_at
    }

    /// How often the current hand-off was sent again because it was overdue.
    #[must_use]
    pub fn resends(&self) -> u32 {
        self.resends
    }

    /// Items that wait for a reviewer.
    #[must_use]
    pub fn review_items(&self) -> u32 {
        self.review_items
    }

    /// The run under which a reviewer's decisions are stored; none when every proposal was accepted.
    #[must_use]
    pub fn decisions_run(&self) -> Option<RunNumber> {
        self.decisions_run
    }

    /// Why the order failed, in words for its client, while `status` is `FAILED`.
    #[must_use]
    pub fn failure_reason(&self) -> Option<&str> {
        self.failure_reason.as_deref()
    }

    /// When it failed.
    #[must_use]
    pub fn failed_at(&self) -> Option<Timestamp> {
        self.failed_at
    }

    /// Why the last run that failed did so, even if an earlier version of the documents exists; none once the order has
    /// completed.
    #[must_use]
    pub fn last_orchestration_error(&self) -> Option<&OrchestrationError> {
        self.last_orchestration_error.as_ref()
    }

    /// The wait for a reviewer, which means something while the order [is paused](Order::is_paused).
    #[must_use]
    pub fn review_wait(&self) -> Wait {
        // An earlier version of the program paused orders without it.
        self.review_wait.clone().unwrap_or_else(|| Wait::from(self.updated_at))
    }

    /// How many versions of the final documents were made; 0 before the first.
    #[must_use]
    pub fn artifact_version(&self) -> u32 {
        self.artifact_version
    }

    /// The final documents of the current version. Earlier versions are stored as [`Version`](crate::version::Version)s;
    /// an order that an earlier version of the program wrote last may still hold them as well.
    #[must_use]
    pub fn artifacts(&self) -> &[Artifact] {
        &self.artifacts
    }

    /// The highest progress that a write of this run recorded, in percent.
    #[must_use]
    pub fn reached_percent(&self) -> u8 {
        self.reached_percent
    }

    /// Follows the order from its first message to the alert.
    #[must_use]
    pub fn correlation_id(&self) -> &str {
        &self.correlation_id
    }

    /// When it was accepted.
    #[must_use]
    pub fn created_at(&self) -> Timestamp {
        self.created_at
    }

    /// When the current run began; absent in orders of the first layout that have not been written since.
    #[must_use]
    pub fn run_started_at(&self) -> Option<Timestamp> {
        self.run_started_at
    }

    /// When it last changed.
    #[must_use]
    pub fn updated_at(&self) -> Timestamp {
        self.updated_at
    }

    /// Counts every write of the order; an optimistic write names the one it saw.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Id of the last write, by which a writer whose answer was lost recognises its own write.
    #[must_use]
    pub fn writer(&self) -> &str {
        &self.writer
    }
}

impl Order {
    /// Whether a phase is due or in progress.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self.status, Status::Queued | Status::InProgress | Status::Regenerating)
    }

    /// Whether it waits for review decisions.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.orchestration_status == OrchestrationStatus::ReviewPending
    }

    /// Whether the order has ended: nothing more happens without a new command.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        !self.is_active() && !self.is_paused() && self.status != Status::Draft
    }

    /// When its current run began, for the index that reconciliation reads.
    #[must_use]
    pub fn watched_since(&self) -> Timestamp {
        self.run_started_at.unwrap_or(self.created_at)
    }

    /// Whether it is what `command` submits, so that the command is the one that made it or a repeat. Another order may have
    /// been submitted under its id.
    #[must_use]
    pub fn is_submitted_by(&self, command: &Command) -> bool {
        // Nothing happens to a draft until somebody has it processed, so the command cannot be the one that made it.
        let is_same = matches!(
            command,
            Command::Submit { service_code, documents, options }
                if (self.service_code, self.documents, &self.options) == (*service_code, *documents, options)
        );
        is_same && self.status != Status::Draft
    }

    /// Whether a version of its documents exists.
    #[must_use]
    pub fn has_version(&self) -> bool {
        self.artifact_version > 0
    }

    /// Whether its options leave a phase out.
    #[must_use]
    pub fn leaves_out(&self, phase: Phase) -> bool {
        match phase {
            Phase::Review => self.options.skip_review,
            Phase::Validate => self.options.skip_validation,
            Phase::Extract | Phase::Classify | Phase::Generate => false,
        }
    }

    /// Whether extraction is one unit of work per document.
    #[must_use]
    pub fn fans_out(&self) -> bool {
        self.phase == Phase::Extract && self.documents > 0
    }

    /// Whether the execution of every document ended in this run.
    #[must_use]
    pub fn all_documents_ended(&self) -> bool {
        self.terminal.len() == usize::try_from(self.documents).unwrap_or(usize::MAX)
    }

    /// Whether the execution of at least one document completed.
    #[must_use]
    pub fn has_completed_document(&self) -> bool {
        self.terminal.len() > self.failed.len()
    }

    /// Progress in percent, 0 to 100. Within a run it never goes down; a failed or cancelled order keeps what it reached.
    #[must_use]
    pub fn progress_percent(&self) -> u8 {
        self.reached_percent.max(self.current_percent())
    }

    fn current_percent(&self) -> u8 {
        if self.orchestration_status == OrchestrationStatus::Completed {
            return 100;
        }
        let (from, to) = self.service_code.progress_percent(self.phase);
        if self.orchestration_status == OrchestrationStatus::Rendering {
            return from.midpoint(to);
        }
        if !self.fans_out() {
            return from;
        }
        let done = u32::try_from(self.terminal.len()).unwrap_or(self.documents);
        let share = u32::from(to - from) * done.min(self.documents) / self.documents;
        from + u8::try_from(share).unwrap_or(0)
    }

    /// The run under which the result of `phase` is stored, when it is done.
    #[must_use]
    pub fn result_run(&self, phase: Phase) -> Option<RunNumber> {
        self.phases.get(&phase).filter(|record| record.completed_at.is_some() && !record.skipped).map(|r| r.run)
    }

    /// The messages that start its current phase and may not have been sent: one, or one per document that has not ended.
    #[must_use]
    pub fn owed_messages(&self) -> Vec<PhaseMessage> {
        if self.hand_off_owed_since.is_none() || !self.is_active() {
            return Vec::new();
        }
        if self.fans_out() {
            let open = |document: &DocumentNumber| !self.terminal.contains(document);
            return DocumentNumber::all(self.documents).filter(open).map(|d| self.message(Some(d))).collect();
        }
        vec![self.message(None)]
    }

    fn message(&self, document: Option<DocumentNumber>) -> PhaseMessage {
        PhaseMessage {
            schema: MESSAGE_SCHEMA,
            order_id: self.order_id,
            firm_id: self.firm_id.clone(),
            run: self.run,
            phase: self.phase,
            document,
            correlation_id: self.correlation_id.clone(),
        }
    }
}
