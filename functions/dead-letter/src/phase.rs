//! Handles dead letters that hold the message of a phase, or of one document in it.

use domain::claim::{Claim, judge};
use domain::event::Unit;
use domain::failure::Failure;
use domain::limit::ATTEMPT_COUNT_MAX;
use domain::message::PhaseMessage;
use domain::overdue::{OVERDUE, Overdue, overdue};
use runtime::answer::Answer;
use runtime::delivery::Delivery;
use runtime::failure::Origin;
use runtime::job::Job;
use runtime::owed::{send_owed, send_owed_alerts};
use runtime::rejection::{Reason, reject};
use runtime::settle::fail_unit;
use tracing::Instrument as _;

use crate::find;

/// The phase claimed its unit on every delivery but never finished it.
const DEAD_LETTERED: Failure = Failure::permanent(
    "message.dead_lettered",
    "The phase crashed several times without an error message. Retry the order; if it fails again, split or replace its files.",
);

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
    let now = delivery.now();
    match judge(order, unit, &delivery.message.id, now) {
        Claim::Work if order.attempts_of(unit.document) >= ATTEMPT_COUNT_MAX => {
            fail_unit(delivery, job, DEAD_LETTERED).await
        }
        Claim::Work if overdue(order, now) == Overdue::Fail => fail_unit(delivery, job, OVERDUE).await,
        Claim::Work => {
            tracing::info!(attempts = order.attempts_of(unit.document), "message failed in an outage; sent again");
            Answer::Send(order.owed_messages().into_iter().filter(|owed| owed.document == unit.document).collect())
        }
        Claim::Busy { .. } => Answer::Refuse,
        Claim::AlreadyDone { .. } => send_owed(delivery, job).await,
        Claim::Stale | Claim::Cancelled => send_owed_alerts(delivery, &job).await,
        Claim::Early => reject(delivery, Origin::from(order), Reason::Early).await,
    }
}
