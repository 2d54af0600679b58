//! What follows from a unit's end: the commit with the hand-off owed, the failure with its alert, and their repetition.

use aws::store::Written;
use domain::claim::{judge, owes_after};
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind, Unit};
use domain::failure::{Failure, FailureRecord};
use domain::id::DocumentNumber;
use domain::lifecycle::{Decision, IllegalTransition, decide};
use domain::limit::{CONFLICT_RETRY_COUNT_MAX, RETRY_BACKOFF_SECS_BASE, RETRY_BACKOFF_SECS_MAX};
use domain::order::Order;
use domain::phase::Phase;

use crate::alerting::{Alerted, send_owed_alerts};
use crate::batch::{Answer, Record};
use crate::metric::Metric;
use crate::phase::{Job, Outcome, not_ours};
use crate::pipeline::Pipeline;

/// Seconds until the next try after `attempts` deliveries: doubling, bounded, the upper half of it random so that many
/// failed at once do not come back at once.
#[must_use]
pub fn backoff_secs(attempts: u32) -> u32 {
    let doubled = RETRY_BACKOFF_SECS_BASE.saturating_mul(1 << attempts.saturating_sub(1).min(16));
    let bound = doubled.min(RETRY_BACKOFF_SECS_MAX);
    bound / 2 + fastrand::u32(0..=bound - bound / 2)
}

/// Commits a unit that is done, and hands off.
pub async fn end_unit(pipeline: &Pipeline, record: &Record, job: Job, outcome: Outcome) -> Answer {
    let notify = matches!(outcome, Outcome::ReviewNeeded(_)) && job.order.options.notify_on_review;
    let writer = job.writer().to_owned();
    let Job { order, unit, .. } = job;
    if order.fans_out() && order.documents > 1 {
        return end_document(pipeline, record, order, unit, &writer, None).await;
    }
    let change = |order: &Order| match (unit.document, &outcome) {
        (Some(document), _) => {
            let ended = EventKind::DocumentEnded { run: unit.run, document, failure: None };
            let ended = decide(order, &event(pipeline, &writer, ended))?.into_order();
            Ok(decide(&ended, &event(pipeline, &writer, completed(unit)))?.folded_into(order))
        }
        (None, Outcome::ReviewNeeded(items)) => {
            let kind = EventKind::ReviewNeeded { run: unit.run, items: *items };
            decide(order, &event(pipeline, &writer, kind))
        }
        (None, Outcome::Artifacts(artifacts)) => {
            let artifacts = artifacts.clone();
            let kind = EventKind::PhaseCompleted { run: unit.run, phase: unit.phase, artifacts };
            decide(order, &event(pipeline, &writer, kind))
        }
        (None, Outcome::Done) => decide(order, &event(pipeline, &writer, completed(unit))),
    };
    match commit(pipeline, record, order, unit, &writer, change).await {
        Ok(order) => {
            if notify {
                notify_review(pipeline, &order).await;
            }
            Answer::Send(order.owed_messages())
        }
        Err(answer) => answer,
    }
}

/// Records that a unit failed for good, alerts, and hands off if the order goes on without it.
pub async fn fail_unit(
    pipeline: &Pipeline,
    record: &Record,
    order: Order,
    unit: Unit,
    writer: &str,
    failure: Failure,
) -> Answer {
    if unit.document.is_some() {
        return end_document(pipeline, record, order, unit, writer, Some(failure)).await;
    }
    let change = |order: &Order| {
        let kind = EventKind::PhaseFailed { run: unit.run, phase: unit.phase, failure: failure.clone() };
        decide(order, &event(pipeline, writer, kind))
    };
    match commit(pipeline, record, order, unit, writer, change).await {
        Ok(order) => repeat_owed(pipeline, record, order, unit, writer).await,
        Err(answer) => answer,
    }
}

/// Sends again whatever may not have gone out after a unit's end: its alerts, the end of a fanned-in phase, the hand-off.
pub async fn repeat_owed(pipeline: &Pipeline, record: &Record, mut order: Order, unit: Unit, writer: &str) -> Answer {
    if order.run == unit.run && order.fans_out() && order.all_documents_ended() {
        match complete_extraction(pipeline, record, order, unit, writer).await {
            Ok(completed) => order = completed,
            Err(answer) => return answer,
        }
    }
    let alerted = alert(pipeline, record, &order, unit, writer).await;
    // While somebody works on what was handed off, it has evidently arrived.
    let now = pipeline.clock.now();
    let under_way = order.leases.values().any(|lease| lease.until > now);
    if !owes_after(&order, unit.phase) || under_way {
        return alerted;
    }
    match alerted {
        Answer::Acknowledge => Answer::Send(order.owed_messages()),
        // The order does not wait for its alert: it goes on now, and the message comes again for the alert's sake.
        owed => {
            let sent = pipeline.queues.send(&order.owed_messages()).await;
            tracing::info!(sent = sent.iter().filter(|result| result.is_ok()).count(), "handed off before the alert");
            owed
        }
    }
}

/// Sends the alerts that a unit's failures owe. The message is done with when none is left.
pub async fn alert(pipeline: &Pipeline, record: &Record, order: &Order, unit: Unit, writer: &str) -> Answer {
    match send_owed_alerts(pipeline, order, unit, writer).await {
        Ok(Alerted::All) => Answer::Acknowledge,
        // They may have died of it: the message comes again to see.
        Ok(Alerted::Busy(until)) => Answer::after(until, pipeline.clock.now()),
        Err(error) => {
            pipeline.metrics.count(Metric::AlertsDeferred, 1);
            tracing::warn!(error = %error, "an alert is still owed");
            Answer::later(record)
        }
    }
}

/// The execution of one document ended: the set of ended ones grows, and whoever completes it ends the phase.
async fn end_document(
    pipeline: &Pipeline,
    record: &Record,
    order: Order,
    unit: Unit,
    writer: &str,
    failure: Option<Failure>,
) -> Answer {
    let Some(document) = unit.document else { return Answer::Refuse };
    let kind = EventKind::DocumentEnded { run: unit.run, document, failure };
    let decision = match decide(&order, &event(pipeline, writer, kind)) {
        Ok(decision) => decision,
        Err(refused) => return refuse(pipeline, record, order, unit, writer, &refused).await,
    };
    let after = match pipeline.store.end_document(&decision, document).await {
        Ok(after) => {
            log(&decision);
            note(record, &after, Phase::Extract, Some(document), decision.record(), Primary::Written);
            after
        }
        Err(error) => {
            tracing::warn!(error = %error, "the document's end could not be written");
            note(record, decision.order(), Phase::Extract, Some(document), decision.record(), Primary::Lost);
            return Answer::later(record);
        }
    };
    let claim = judge(&after, &unit, &record.message_id, pipeline.clock.now());
    not_ours(pipeline, record, after, unit, writer, claim).await
}

async fn complete_extraction(
    pipeline: &Pipeline,
    record: &Record,
    order: Order,
    unit: Unit,
    writer: &str,
) -> Result<Order, Answer> {
    let writer = format!("{writer}/fan-in");
    let change = |order: &Order| {
        let kind = EventKind::PhaseCompleted { run: unit.run, phase: Phase::Extract, artifacts: Vec::new() };
        decide(order, &event(pipeline, &writer, kind))
    };
    let mut order = order;
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        // Somebody else who saw the full set may have been quicker.
        let Ok(decision) = change(&order) else { return Ok(order) };
        match write(pipeline, record, unit.phase, decision).await? {
            Ok(written) => return Ok(written),
            Err(now) => order = now,
        }
    }
    Err(Answer::later(record))
}

/// Writes what `change` decides, deciding anew when another write came first. `Err` is the answer for the message.
async fn commit(
    pipeline: &Pipeline,
    record: &Record,
    mut order: Order,
    unit: Unit,
    writer: &str,
    change: impl Fn(&Order) -> Result<Decision, IllegalTransition>,
) -> Result<Order, Answer> {
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        let decision = match change(&order) {
            Ok(decision) => decision,
            Err(refused) => return Err(refuse(pipeline, record, order, unit, writer, &refused).await),
        };
        match write(pipeline, record, unit.phase, decision).await? {
            Ok(written) => return Ok(written),
            Err(now) => order = now,
        }
    }
    Err(Answer::later(record))
}

/// One write: the order as written, or the order that stood in its way.
async fn write(
    pipeline: &Pipeline,
    record: &Record,
    phase: Phase,
    decision: Decision,
) -> Result<Result<Order, Order>, Answer> {
    match pipeline.store.write(&decision).await {
        Ok(Written::Done) => {
            log(&decision);
            audit(decision.order(), phase);
            note(record, decision.order(), phase, None, decision.record(), Primary::Written);
            Ok(Ok(decision.into_order()))
        }
        Ok(Written::Conflict(Some(order))) => Ok(Err(*order)),
        Ok(Written::Conflict(None)) => {
            tracing::warn!("the order is gone; its result is dropped");
            Err(Answer::Acknowledge)
        }
        Err(error) => {
            tracing::warn!(error = %error, "the commit could not be written");
            note(record, decision.order(), phase, None, decision.record(), Primary::Lost);
            Err(Answer::later(record))
        }
    }
}

/// The order does not take the event any more: somebody was quicker, it was cancelled, or a later run began.
async fn refuse(
    pipeline: &Pipeline,
    record: &Record,
    order: Order,
    unit: Unit,
    writer: &str,
    refused: &IllegalTransition,
) -> Answer {
    tracing::info!(why = %refused.why, "the result comes too late");
    let claim = judge(&order, &unit, &record.message_id, pipeline.clock.now());
    not_ours(pipeline, record, order, unit, writer, claim).await
}

fn log(decision: &Decision) {
    if let Some(failure) = decision.record() {
        tracing::error!(failure.id = %failure.failure_id, code = %failure.code, "a failure was recorded");
    }
}

/// What an auditor follows in the log: the end of each phase and of the order, with the time they took.
fn audit(order: &Order, phase: Phase) {
    if let Some(duration_ms) = order.phases.get(&phase).and_then(|record| record.duration_ms()) {
        tracing::info!(audit = %format_args!("pipeline_{phase}_complete"), duration_ms);
    }
    if order.is_ended() {
        let duration_ms = order.updated_at.as_millisecond() - order.watched_since().as_millisecond();
        tracing::info!(audit = "pipeline_complete", status = %order.status, duration_ms);
    }
}

/// Remembers what ended, for the backup.
fn note(
    record: &Record,
    order: &Order,
    phase: Phase,
    document: Option<DocumentNumber>,
    failure: Option<&FailureRecord>,
    primary: Primary,
) {
    let code = failure.map(|failure| failure.code.as_str());
    record.note(Completion::of(order, phase, document, code, primary));
}

async fn notify_review(pipeline: &Pipeline, order: &Order) {
    if let Err(error) = pipeline.alerts.notify_review(order).await {
        pipeline.metrics.count(Metric::NotificationsDropped, 1);
        tracing::warn!(error = %error, "the reviewers were not told");
    }
}

fn completed(unit: Unit) -> EventKind {
    EventKind::PhaseCompleted { run: unit.run, phase: unit.phase, artifacts: Vec::new() }
}

fn event(pipeline: &Pipeline, writer: &str, kind: EventKind) -> Event {
    Event { at: pipeline.clock.now(), writer: format!("{writer}/{}", kind.name()), kind }
}
