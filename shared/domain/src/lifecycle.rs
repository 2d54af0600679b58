//! The lifecycle of an order, as one pure and total function: `(order, event) -> Result<Decision, IllegalTransition>`.
//!
//! Nothing else changes an order: a [`Decision`] can only be made here, and the store accepts nothing else.

pub mod diagram;
mod ending;
pub mod execution;
pub mod order;
mod permission;
mod previous;
mod progress;
mod rerun;
pub mod review;
pub mod run;
pub mod version;

pub use previous::{executions_of, renew};

use jiff::Timestamp;

use crate::completion::Completion;
use crate::event::{Event, EventKind, NewOrder};
use crate::failure::FailureRecord;
use crate::id::RunNumber;
use crate::limit::{DOCUMENT_COUNT_MAX, MAKER_COUNT_MAX};
use crate::notice::Notice;
use crate::order::{ORDER_SCHEMA, Order};
use crate::person::Person;
use crate::phase::Phase;
use crate::review::Told;
use crate::run::Run;
use crate::status::{OrchestrationStatus, Status};
use crate::version::Version;

/// What to write and what to send. The messages to send are the order's own: [`Order::owed_messages`].
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a decision that is not written is lost"]
pub struct Decision {
    order: Order,
    record: Option<FailureRecord>,
    notice: Option<Notice>,
    versions: Vec<Version>,
    ended_run: Option<Run>,
    seen: u64,
}

impl Decision {
    /// The order as it is to be written.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The revision that the order must still have when this is written.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// The failure to record in the same write, with its alert owed.
    #[must_use]
    pub fn record(&self) -> Option<&FailureRecord> {
        self.record.as_ref()
    }

    /// The notice to store in the same write, as owed.
    #[must_use]
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// Versions of the final documents to store in the same write, because the order no longer holds them.
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// The run to store in the same write, because the order begins another one.
    #[must_use]
    pub fn ended_run(&self) -> Option<&Run> {
        self.ended_run.as_ref()
    }

    /// Combines this decision with the previous one, which is not written separately: one write, so one revision.
    pub fn folded_into(mut self, first_seen: &Order) -> Self {
        self.order.revision = first_seen.revision.saturating_add(1);
        self.seen = first_seen.revision;
        self
    }

    /// The order as it is to be written.
    #[must_use]
    pub fn into_order(self) -> Order {
        self.order
    }
}

/// An event that does not fit the order's state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{event}' does not apply to an order that is {status} / {orchestration_status}: {why}")]
pub struct IllegalTransition {
    /// The order's status.
    pub status: Status,
    /// The order's orchestration status.
    pub orchestration_status: OrchestrationStatus,
    /// Name of the event.
    pub event: &'static str,
    /// The rule that it breaks.
    pub why: Refusal,
}

/// Why an event is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refusal {
    /// The event belongs to an earlier run.
    #[error("it belongs to an earlier run")]
    Stale,
    /// The event belongs to a run that has not begun.
    #[error("its run has not begun")]
    Early,
    /// Whoever caused it has no role that may.
    #[error("it takes another role")]
    WrongRole,
    /// Whoever decides the review has made the order.
    #[error("whoever made the order does not decide its review")]
    OwnWork,
    /// More people than [`MAKER_COUNT_MAX`] have made the order.
    #[error("at most {MAKER_COUNT_MAX} people can work on one order")]
    TooManyMakers,
    /// It has more documents than an order takes.
    #[error("an order takes at most {DOCUMENT_COUNT_MAX} documents")]
    TooManyDocuments,
    /// It has no document, and its service needs one.
    #[error("the service needs at least one document")]
    NoDocuments,
    /// The order is a draft.
    #[error("the order is not submitted yet")]
    Draft,
    /// The order was submitted before.
    #[error("the order was submitted before")]
    Submitted,
    /// The order has ended or is waiting, so no phase is due or in progress.
    #[error("no phase of the order is in progress")]
    NotActive,
    /// The phase was never claimed, so it cannot have a result.
    #[error("the phase was not claimed")]
    NotClaimed,
    /// Another phase is due.
    #[error("another phase is due")]
    OtherPhase,
    /// The order has no such document, or the phase takes none.
    #[error("the order has no such document in this phase")]
    NoSuchDocument,
    /// The document's execution ended before.
    #[error("the document's execution has ended")]
    DocumentEnded,
    /// The executions of some documents have not ended.
    #[error("some documents are still being executed")]
    DocumentsOpen,
    /// Another invocation is working on it.
    #[error("another invocation is working on it")]
    Busy,
    /// Another delivery has claimed it, or none has.
    #[error("this delivery holds no claim to it")]
    NotHeld,
    /// The same delivery has claimed it.
    #[error("this delivery has claimed it already")]
    Claimed,
    /// Those whom it tells have been told.
    #[error("they have been told")]
    Told,
    /// The order is not waiting for a reviewer.
    #[error("the order is not waiting for a reviewer")]
    NotPaused,
    /// The order's last run did not fail.
    #[error("the order's last run did not fail")]
    NotFailed,
    /// A retry was to start after the phase that failed or waits.
    #[error("the phase to start from comes after the one that the order has reached")]
    StartsLater,
    /// The order has no version of its documents.
    #[error("the order has no version to regenerate")]
    NoVersion,
    /// The order has ended.
    #[error("the order has ended")]
    Ended,
    /// The order is stored in an earlier layout.
    #[error("the order is stored in an earlier layout; it has to be taken over first")]
    EarlierLayout,
}

/// Why an order cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// No document was given.
    #[error("the service needs at least one document; add a file")]
    NoDocuments,
    /// Too many documents were given.
    #[error("an order takes at most {DOCUMENT_COUNT_MAX} documents; split it")]
    TooManyDocuments,
    /// The options take the order past its reviewers, and nobody who may do so ordered it.
    #[error("skip_review and a lower auto_approve_above need a reviewer or an operator; leave them out")]
    Unreviewed,
    /// A first run cannot leave phases out at its start.
    #[error("a first run starts at extract; leave start_from out")]
    StartsLate,
}

/// A new order, as a draft. Documents may still be added.
///
/// # Errors
/// [`Unacceptable`] when the service cannot take it as it is.
pub fn draft(new: NewOrder, at: Timestamp, writer: &str) -> Result<Order, Unacceptable> {
    if new.documents > DOCUMENT_COUNT_MAX {
        return Err(Unacceptable::TooManyDocuments);
    }
    if new.options.start_from.is_some_and(|phase| phase != Phase::Extract) {
        return Err(Unacceptable::StartsLate);
    }
    Ok(Order {
        schema: ORDER_SCHEMA,
        order_id: new.order_id,
        firm_id: new.firm_id,
        service_code: new.service_code,
        status: Status::Draft,
        orchestration_status: OrchestrationStatus::IntakeLocked,
        run: RunNumber::FIRST,
        phase: Phase::Extract,
        options: new.options,
        documents: new.documents,
        makers: Default::default(),
        terminal: Default::default(),
        failed: Default::default(),
        lease: None,
        phase_attempts: 0,
        previous_executions: Default::default(),
        previous_leases: Default::default(),
        previous_attempts: Default::default(),
        phases: Default::default(),
        hand_off_owed_since: None,
        resent_at: None,
        resends: 0,
        review_items: 0,
        review_wait: None,
        decisions_run: None,
        failure_reason: None,
        failed_at: None,
        last_orchestration_error: None,
        artifact_version: 0,
        artifacts: Vec::new(),
        reached_percent: 0,
        correlation_id: new.correlation_id,
        created_at: at,
        run_started_at: Some(at),
        updated_at: at,
        revision: 0,
        writer: writer.to_owned(),
    })
}

/// Accepts a new order: a draft that is submitted at once.
///
/// # Errors
/// [`Unacceptable`] when the service cannot take it as it is.
pub fn submit(new: NewOrder, at: Timestamp, writer: &str) -> Result<Decision, Unacceptable> {
    if new.documents == 0 && new.service_code.needs_documents() {
        return Err(Unacceptable::NoDocuments);
    }
    let mut order = draft(new, at, writer)?;
    progress::submitted(&mut order, at);
    order.revision = 1;
    Ok(Decision { order, record: None, notice: None, versions: Vec::new(), ended_run: None, seen: 0 })
}

/// A draft by a person, to be written as a new order.
///
/// # Errors
/// [`Unacceptable`] when the service cannot take it as it is, or the person may not order it so.
pub fn create(new: NewOrder, by: &Person, at: Timestamp, writer: &str) -> Result<Decision, Unacceptable> {
    if !permission::may_order_with(by, &new.options) {
        return Err(Unacceptable::Unreviewed);
    }
    let mut order = draft(new, at, writer)?;
    order.makers.insert(by.user.clone());
    order.revision = 1;
    Ok(Decision { order, record: None, notice: None, versions: Vec::new(), ended_run: None, seen: 0 })
}

/// The record of the failure that the order's last run ended with; those of its executions are
/// [`execution::failure_of`].
#[must_use]
pub fn failure_of(order: &Order) -> Option<FailureRecord> {
    ending::known(order)
}

/// Restores an order from a later completion in the backup, after the table lost it. `None` if the order is not behind the
/// completion, or is another order under the same id.
#[must_use]
pub fn restore(order: &Order, kept: &Completion) -> Option<Decision> {
    let identity = |order: &Order| (order.firm_id.clone(), order.order_id, order.created_at);
    let same = identity(order) == identity(&kept.order);
    let behind = (order.run, order.revision) < kept.rank();
    (same && behind).then(|| {
        // A line of an earlier layout is restored in the current one, with the revision that it was written with.
        let renewed = if kept.order.schema < ORDER_SCHEMA {
            Order { revision: kept.order.revision, ..previous::renewed(&kept.order, &kept.order.writer) }
        } else {
            kept.order.clone()
        };
        let versions = version::replaced(order, &renewed);
        Decision { order: renewed, record: None, notice: None, versions, ended_run: None, seen: order.revision }
    })
}

/// Decides how an event changes an order.
///
/// # Errors
/// [`IllegalTransition`] when the event does not fit the order's state; the order stays as it is.
pub fn decide(order: &Order, event: &Event) -> Result<Decision, IllegalTransition> {
    let refused = |why| IllegalTransition {
        status: order.status,
        orchestration_status: order.orchestration_status,
        event: event.kind.name(),
        why,
    };
    // Its item holds executions, which a write in the current layout would drop.
    if order.schema < ORDER_SCHEMA {
        return Err(refused(Refusal::EarlierLayout));
    }
    permission::check(order, event).map_err(refused)?;
    let mut next = order.clone();
    permission::record(&mut next, event).map_err(refused)?;
    let at = event.at;
    let record = match &event.kind {
        EventKind::DocumentsAdded { count } => progress::add_documents(&mut next, *count).map(|()| None),
        EventKind::Submitted => progress::submit(&mut next, at).map(|()| None),
        EventKind::Claimed { unit, lease } => progress::claim(&mut next, unit, lease, at).map(|()| None),
        EventKind::Released { run, phase, lease } => progress::release(&mut next, *run, *phase, lease).map(|()| None),
        EventKind::DocumentsEnded { run, completed, failed } => {
            progress::end_documents(&mut next, *run, completed, failed, at).map(|()| None)
        }
        EventKind::PhaseCompleted { run, phase, artifacts } => {
            progress::complete_phase(&mut next, *run, *phase, artifacts, at)
        }
        EventKind::RenderingStarted { run } => progress::start_rendering(&mut next, *run).map(|()| None),
        EventKind::ReviewNeeded { run, items } => progress::pause(&mut next, *run, *items, at).map(|()| None),
        EventKind::ReviewDecided { run, remaining } => {
            progress::decide_review(&mut next, *run, *remaining, at).map(|()| None)
        }
        EventKind::Resumed { run } => progress::resume(&mut next, *run, at).map(|()| None),
        EventKind::ReviewReminded { run } => review::tell(&mut next, *run, Told::Reviewers, at).map(|()| None),
        EventKind::ReviewEscalated { run } => review::tell(&mut next, *run, Told::Operators, at).map(|()| None),
        EventKind::ReviewExtended { run } => review::extend(&mut next, *run, at).map(|()| None),
        EventKind::ReviewExpired { run } => review::expire(&mut next, *run, at).map(Some),
        EventKind::PhaseFailed { run, phase, failure } => {
            ending::fail_phase(&mut next, *run, *phase, failure, at).map(Some)
        }
        EventKind::Retried { run, start_from } => rerun::retry(&mut next, *run, *start_from, at).map(|()| None),
        EventKind::Regenerated { run, start_from } => {
            rerun::regenerate(&mut next, *run, *start_from, at).map(|()| None)
        }
        EventKind::Cancelled => ending::cancel(&mut next).map(|()| None),
        EventKind::HandOffResent { run, phase } => progress::resend(&mut next, *run, *phase, at).map(|()| None),
    }
    .map_err(refused)?;
    if !next.is_paused() {
        next.review_wait = None;
    }
    next.revision = order.revision.saturating_add(1);
    next.writer.clone_from(&event.writer);
    next.updated_at = order.updated_at.max(at);
    next.reached_percent = next.progress_percent();
    let notice = match event.kind {
        EventKind::ReviewNeeded { .. } => Notice::of_review(&next),
        EventKind::ReviewReminded { .. } => Notice::of_reminder(&next),
        EventKind::ReviewEscalated { .. } => Notice::of_escalation(&next),
        // If the phase fails instead, its own alert says what became of the documents.
        EventKind::PhaseCompleted { .. } | EventKind::Cancelled if order.fans_out() && record.is_none() => {
            Notice::of_failed_documents(&next)
        }
        _ => None,
    };
    let versions = version::replaced(order, &next);
    let ended_run = (next.run > order.run).then(|| Run::current(order));
    Ok(Decision { order: next, record, notice, versions, ended_run, seen: order.revision })
}

/// Refuses what does not belong to the current run of an active order.
fn fence(order: &Order, run: RunNumber) -> Result<(), Refusal> {
    if run < order.run {
        return Err(Refusal::Stale);
    }
    if run > order.run {
        return Err(Refusal::Early);
    }
    match order.status {
        Status::Draft => Err(Refusal::Draft),
        _ if order.is_active() => Ok(()),
        _ => Err(Refusal::NotActive),
    }
}

/// Refuses what does not belong to the current phase of the current run.
fn fence_phase(order: &Order, run: RunNumber, phase: Phase) -> Result<(), Refusal> {
    fence(order, run)?;
    if phase == order.phase { Ok(()) } else { Err(Refusal::OtherPhase) }
}
