//! Handles dead letters that hold the message of a phase, or of one document in it.

use domain::claim::{Claim, judge};
use domain::event::Unit;
use domain::execution::Execution;
use domain::id::DocumentNumber;
use domain::limit::ATTEMPT_COUNT_MAX;
use domain::message::PhaseMessage;
use domain::overdue::{OVERDUE, Overdue, overdue};
use runtime::answer::Answer;
use runtime::delivery::Delivery;
use runtime::documents::fail_document;
use runtime::failure::{DEAD_LETTERED, Origin};
use runtime::job::Job;
use runtime::owed::{send_owed, send_owed_alerts};
use runtime::rejection::{Reason, reject};
use runtime::settle::fail_unit;
use tracing::Instrument as _;

use crate::find;

pub(crate) async fn handle(delivery: &Delivery<'_>, message: &PhaseMessage) -> Answer {
    let span = tracing::info_span!(
        "dead letter",
        order.id = %message.order_id,
        run = message.run.get(),
        phase = %message.phase,
        document = message.document.map(|document| document.get()),
        correlation.id = %message.correlation_id,
    );
    async {
        match find(&delivery.pipeline.store, &message.firm_id, message.order_id).await {
            Ok(Some(order)) => {
                let unit = Unit { run: message.run, phase: message.phase, document: message.document };
                recover_or_fail(delivery, Job::new(delivery, order, unit)).await
            }
            Ok(None) => {
                tracing::warn!("order not found; its dead letter is dropped");
                Answer::Acknowledge
            }
            Err(answer) => answer,
        }
    }
    .instrument(span)
    .await
}

async fn recover_or_fail(delivery: &Delivery<'_>, job: Job) -> Answer {
    let Job { order, unit, .. } = &job;
    match judge(order, unit, &delivery.message.id, delivery.now()) {
        Claim::Work => match unit.document {
            Some(document) => recover_document(delivery, job, document).await,
            None => recover_phase(delivery, job).await,
        },
        Claim::Busy { .. } => Answer::Refuse,
        Claim::AlreadyDone { .. } => send_owed(delivery, job).await,
        Claim::Stale | Claim::Cancelled => send_owed_alerts(delivery, &job).await,
        Claim::Early => reject(delivery, Origin::from(order), Reason::Early).await,
    }
}

async fn recover_phase(delivery: &Delivery<'_>, job: Job) -> Answer {
    let attempts = job.order.phase_attempts();
    if attempts >= ATTEMPT_COUNT_MAX {
        return fail_unit(delivery, job, DEAD_LETTERED).await;
    }
    if overdue(&job.order, &[], delivery.now()) == Overdue::Fail {
        return fail_unit(delivery, job, OVERDUE).await;
    }
    tracing::info!(attempts, "message failed in an outage; sent again");
    Answer::Send(job.order.owed_messages())
}

async fn recover_document(delivery: &Delivery<'_>, job: Job, document: DocumentNumber) -> Answer {
    let now = delivery.now();
    let stored = match delivery.pipeline.store.execution(&job.order, document).await {
        Ok(stored) => stored.filter(|stored| stored.is_of(&job.order)),
        Err(error) => {
            tracing::warn!(error = %error, "execution not read; the dead letter will be retried");
            return delivery.back_off();
        }
    };
    let attempts = stored.as_ref().map_or(0, Execution::attempts);
    let is_held = stored.as_ref().and_then(Execution::lease).is_some_and(|lease| lease.until > now);
    let is_own = stored.as_ref().and_then(Execution::lease).is_some_and(|lease| lease.message == delivery.message.id);
    if is_held && !is_own {
        return Answer::Refuse;
    }
    let has_ended = stored.as_ref().is_some_and(Execution::has_ended);
    if has_ended || attempts >= ATTEMPT_COUNT_MAX {
        // The end of one that has ended stands, and is only added to its order.
        return fail_document(delivery, job, stored, DEAD_LETTERED).await;
    }
    if overdue(&job.order, stored.as_slice(), now) == Overdue::Fail {
        return fail_document(delivery, job, stored, OVERDUE).await;
    }
    tracing::info!(attempts, "message failed in an outage; sent again");
    Answer::Send(job.order.owed_messages().into_iter().filter(|owed| owed.document == Some(document)).collect())
}
