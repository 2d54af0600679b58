//! Events that carry an order forward: submitted, claimed, ended, completed, paused, resumed.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::review::Wait;
use super::{Refusal, ending, fence, fence_phase, version};
use crate::claim::{Claim, judge};
use crate::event::Unit;
use crate::failure::{Failure, FailureRecord};
use crate::id::{DocumentNumber, RunNumber};
use crate::limit::DOCUMENT_COUNT_MAX;
use crate::order::{Artifact, Lease, Order, PhaseRecord};
use crate::phase::Phase;
use crate::status::{OrchestrationStatus, Status};

/// The failure of an order when none of its documents could be read.
pub(super) const NO_DOCUMENT_LEFT: Failure = Failure::permanent(
    "extract.no_document_left",
    "None of the order's documents could be read. See each document's failure, then order again with files that can be read.",
);

pub(super) fn submit(order: &mut Order, at: Timestamp) -> Result<(), Refusal> {
    if order.status != Status::Draft {
        return Err(Refusal::Submitted);
    }
    if order.documents == 0 && order.service_code.needs_documents() {
        return Err(Refusal::NoDocuments);
    }
    // The draft may be old; its run begins now.
    order.run_started_at = Some(at);
    submitted(order, at);
    Ok(())
}

/// Adds documents to a draft.
pub(super) fn add_documents(order: &mut Order, count: u32) -> Result<(), Refusal> {
    if order.status != Status::Draft {
        return Err(Refusal::Submitted);
    }
    let documents = order.documents.saturating_add(count);
    if documents > DOCUMENT_COUNT_MAX {
        return Err(Refusal::TooManyDocuments);
    }
    order.documents = documents;
    Ok(())
}

pub(super) fn submitted(order: &mut Order, at: Timestamp) {
    order.status = Status::Queued;
    make_due(order, Phase::Extract, at);
}

pub(super) fn claim(order: &mut Order, unit: &Unit, lease: &Lease, at: Timestamp) -> Result<(), Refusal> {
    fence_phase(order, unit.run, unit.phase)?;
    match judge(order, unit, &lease.message, at) {
        Claim::Work => {}
        Claim::Busy { .. } => return Err(Refusal::Busy),
        Claim::AlreadyDone { .. } => return Err(Refusal::DocumentEnded),
        Claim::Stale | Claim::Early | Claim::Cancelled => return Err(Refusal::NoSuchDocument),
    }
    if unit.document.is_none() {
        if order.lease.as_ref().is_some_and(|held| held.is_of_same_delivery(lease)) {
            return Err(Refusal::Claimed);
        }
        order.lease = Some(lease.clone());
        order.phase_attempts = order.phase_attempts.saturating_add(1);
    }
    start_working(order);
    record_start(order, at);
    Ok(())
}

/// Takes back a claim to the current phase, as if it had not been made. That the phase has begun stays.
pub(super) fn release(order: &mut Order, run: RunNumber, phase: Phase, lease: &Lease) -> Result<(), Refusal> {
    fence_phase(order, run, phase)?;
    if !order.lease.as_ref().is_some_and(|held| held.is_of_same_delivery(lease)) {
        return Err(Refusal::NotHeld);
    }
    order.lease = None;
    order.phase_attempts = order.phase_attempts.saturating_sub(1);
    Ok(())
}

/// Marks the current phase as in progress.
fn start_working(order: &mut Order) {
    order.orchestration_status = order.phase.working();
    if order.status == Status::Queued {
        order.status = Status::InProgress;
    }
}

/// Refuses a result of a phase that was never claimed.
fn check_claimed(order: &Order) -> Result<(), Refusal> {
    let rendering = order.orchestration_status == OrchestrationStatus::Rendering;
    if rendering || order.orchestration_status == order.phase.working() { Ok(()) } else { Err(Refusal::NotClaimed) }
}

pub(super) fn end_documents(
    order: &mut Order,
    run: RunNumber,
    completed: &BTreeSet<DocumentNumber>,
    failed: &BTreeSet<DocumentNumber>,
    at: Timestamp,
) -> Result<(), Refusal> {
    fence_phase(order, run, Phase::Extract)?;
    let ended = || completed.union(failed);
    if ended().any(|document| document.get() > order.documents) {
        return Err(Refusal::NoSuchDocument);
    }
    if ended().all(|document| order.terminal.contains(document)) {
        return Err(Refusal::DocumentEnded);
    }
    // An execution can end without its order having been told of the claim: the claim is written first.
    start_working(order);
    record_start(order, at);
    // Whoever ended an execution wrote that into it first, so a number that is known already ended the same way.
    order.failed.extend(failed.difference(&order.terminal));
    order.terminal.extend(ended());
    Ok(())
}

pub(super) fn complete_phase(
    order: &mut Order,
    run: RunNumber,
    phase: Phase,
    artifacts: &[Artifact],
    at: Timestamp,
) -> Result<Option<FailureRecord>, Refusal> {
    fence_phase(order, run, phase)?;
    check_claimed(order)?;
    if order.fans_out() {
        if !order.all_documents_ended() {
            return Err(Refusal::DocumentsOpen);
        }
        if !order.has_completed_document() {
            return ending::fail_phase(order, run, phase, &NO_DOCUMENT_LEFT, at).map(Some);
        }
    }
    record_start(order, at);
    finish_phase(order, at);
    if order.orchestration_status == OrchestrationStatus::Completed && !artifacts.is_empty() {
        order.artifact_version = order.artifact_version.saturating_add(1);
        let number = order.artifact_version;
        order.artifacts.extend(artifacts.iter().cloned().map(|artifact| Artifact { version: number, run, ..artifact }));
        version::drop_replaced(order);
    }
    Ok(None)
}

pub(super) fn start_rendering(order: &mut Order, run: RunNumber) -> Result<(), Refusal> {
    fence_phase(order, run, Phase::Generate)?;
    check_claimed(order)?;
    order.orchestration_status = OrchestrationStatus::Rendering;
    Ok(())
}

pub(super) fn pause(order: &mut Order, run: RunNumber, items: u32, at: Timestamp) -> Result<(), Refusal> {
    fence_phase(order, run, Phase::Review)?;
    check_claimed(order)?;
    order.status = Status::InternalReview;
    order.orchestration_status = OrchestrationStatus::ReviewPending;
    order.review_items = items;
    order.review_wait = Some(Wait::from(at));
    if let Some(record) = order.phases.get_mut(&Phase::Review) {
        record.waited = true;
    }
    order.lease = None;
    order.hand_off_owed_since = None;
    Ok(())
}

pub(super) fn decide_review(order: &mut Order, run: RunNumber, remaining: u32, at: Timestamp) -> Result<(), Refusal> {
    end_pause(order, run, remaining, at)?;
    order.decisions_run = Some(run);
    Ok(())
}

pub(super) fn resume(order: &mut Order, run: RunNumber, at: Timestamp) -> Result<(), Refusal> {
    end_pause(order, run, 0, at)
}

fn end_pause(order: &mut Order, run: RunNumber, remaining: u32, at: Timestamp) -> Result<(), Refusal> {
    if run < order.run {
        return Err(Refusal::Stale);
    }
    if !order.is_paused() || run > order.run {
        return Err(Refusal::NotPaused);
    }
    order.review_items = remaining.min(order.review_items);
    if order.review_items > 0 {
        return Ok(());
    }
    order.status = if order.has_version() { Status::Regenerating } else { Status::InProgress };
    finish_phase(order, at);
    fence(order, run)
}

/// Ends the current phase and makes the next one due, or completes the order.
fn finish_phase(order: &mut Order, at: Timestamp) {
    if let Some(record) = order.phases.get_mut(&order.phase) {
        record.completed_at = Some(at.max(record.started_at));
    }
    order.lease = None;
    let mut phase = order.phase;
    while let Some(next) = phase.next() {
        if !order.leaves_out(next) {
            make_due(order, next, at);
            return;
        }
        let skipped =
            PhaseRecord { run: order.run, started_at: at, completed_at: Some(at), skipped: true, waited: false };
        order.phases.insert(next, skipped);
        phase = next;
    }
    order.status = Status::Completed;
    order.orchestration_status = OrchestrationStatus::Completed;
    order.hand_off_owed_since = None;
    ending::forget_failure(order);
}

/// Makes a phase the current one and records that the message that starts it has to be sent.
pub(super) fn make_due(order: &mut Order, phase: Phase, at: Timestamp) {
    order.phase = phase;
    order.orchestration_status = phase.due();
    order.hand_off_owed_since = Some(at);
    order.resent_at = None;
    order.resends = 0;
    order.lease = None;
    order.phase_attempts = 0;
}

/// Records that the overdue message that starts the current phase was sent again.
pub(super) fn resend(order: &mut Order, run: RunNumber, phase: Phase, at: Timestamp) -> Result<(), Refusal> {
    fence_phase(order, run, phase)?;
    order.resent_at = Some(at);
    order.resends = order.resends.saturating_add(1);
    Ok(())
}

/// Records when the current phase began in this run.
fn record_start(order: &mut Order, at: Timestamp) {
    let run = order.run;
    let fresh = PhaseRecord { run, started_at: at, completed_at: None, skipped: false, waited: false };
    let record = order.phases.entry(order.phase).or_insert_with(|| fresh.clone());
    if record.run != run {
        *record = fresh;
    }
}
