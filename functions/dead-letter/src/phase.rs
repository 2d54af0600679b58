//! Dead letters that were to start a phase, or one document's execution in it.

use domain::claim::{Claim, judge};
use domain::event::Unit;
use domain::failure::Failure;
use domain::limit::ATTEMPT_COUNT_MAX;
use domain::message::PhaseMessage;
use domain::order::Order;
use domain::overdue::{OVERDUE, Overdue, overdue};
use runtime::pipeline::Pipeline;
use runtime::rejection::{Origin, Reason, report};
use runtime::{Answer, Record, alert, fail_unit, repeat_owed};
use tracing::Instrument as _;

use crate::find;

/// What an order or an execution fails with when its message died of it.
const DEAD_LETTERED: Failure = Failure::permanent(
    "message.dead_lettered",
    "The phase stopped several times without saying why. Retry the order; if it fails again, split or replace its files.",
);

pub(crate) async fn bury(pipeline: &Pipeline, record: &Record, message: &PhaseMessage, writer: &str) -> Answer {
    let span = tracing::info_span!(
        "dead letter",
        order.id = %message.order_id,
        run = message.run.get(),
        phase = %message.phase,
        document = message.document.map(|document| document.get()),
        correlation.id = %message.correlation_id,
    );
    async {
        match find(&pipeline.store, &message.firm_id, message.order_id).await {
            Ok(Some(order)) => judged(pipeline, record, message, order, writer).await,
            Ok(None) => {
                tracing::warn!("the dead letter's order is gone");
                Answer::Acknowledge
            }
            Err(answer) => answer,
        }
    }
    .instrument(span)
    .await
}

async fn judged(pipeline: &Pipeline, record: &Record, message: &PhaseMessage, order: Order, writer: &str) -> Answer {
    let unit = Unit { run: message.run, phase: message.phase, document: message.document };
    let now = pipeline.clock.now();
    match judge(&order, &unit, &record.message_id, now) {
        Claim::Work if order.attempts_of(unit.document) >= ATTEMPT_COUNT_MAX => {
            fail_unit(pipeline, record, order, unit, writer, DEAD_LETTERED).await
        }
        Claim::Work if overdue(&order, now) == Overdue::Fail => {
            fail_unit(pipeline, record, order, unit, writer, OVERDUE).await
        }
        Claim::Work => {
            tracing::info!(
                attempts = order.attempts_of(unit.document),
                "the message died of an outage; it is sent anew"
            );
            Answer::Send(order.owed_messages().into_iter().filter(|owed| owed.document == unit.document).collect())
        }
        Claim::Busy { .. } => Answer::Refuse,
        Claim::AlreadyDone { .. } => repeat_owed(pipeline, record, order, unit, writer).await,
        Claim::Stale | Claim::Cancelled => alert(pipeline, record, &order, unit, writer).await,
        Claim::Early => {
            let origin = Origin {
                order: Some((order.firm_id.clone(), order.order_id)),
                service_code: Some(order.service_code),
                correlation_id: Some(order.correlation_id.clone()),
            };
            report(pipeline, record, origin, Reason::Ahead).await
        }
    }
}
