//! Turns messages that died into recorded, alerted failures: what no handler could record itself (a crash, out of memory,
//! a kill, an unreadable message) ends here.
//!
//! It writes conditionally: never over an order that completed, was cancelled or went on. Running twice changes nothing.

mod orphan;

use aws::store::Store;
use domain::claim::{Claim, Claimant, judge};
use domain::event::Unit;
use domain::failure::Failure;
use domain::message::{Command, CommandMessage, PhaseMessage};
use domain::order::Order;
use domain::phase::Phase;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::pipeline::Pipeline;
use runtime::{Answer, Record, alert, answer_batch, fail_unit, repeat_owed};
use serde_json::Value;

/// What the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    pipeline: Pipeline,
}

impl Resources {
    /// Resources as the environment names them.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self { pipeline: Pipeline::new(environment, &Phase::ALL)? })
    }
}

/// What an order or an execution fails with when its message died.
const DEAD_LETTERED: Failure = Failure::permanent(
    "message.dead_lettered",
    "The phase stopped several times without saying why. Retry the order; if it fails again, split or replace its files.",
);

/// Handles one invocation: dead letters of any queue.
///
/// # Errors
/// [`Fault`] when the event is not one of SQS.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let pipeline = &resources.pipeline;
    answer_batch(pipeline, event, async |record: &Record| {
        let writer = format!("{}/{}", invocation.request_id, record.message_id);
        bury(pipeline, record, &writer).await
    })
    .await
}

async fn bury(pipeline: &Pipeline, record: &Record, writer: &str) -> Answer {
    if let Ok(message) = serde_json::from_str::<PhaseMessage>(&record.body) {
        return match find(&pipeline.store, &message.firm_id, message.order_id).await {
            Ok(Some(order)) => bury_phase(pipeline, record, &message, order, writer).await,
            Ok(None) => {
                tracing::warn!(order.id = %message.order_id, "the dead letter's order is gone");
                Answer::Acknowledge
            }
            Err(answer) => answer,
        };
    }
    let command = serde_json::from_str::<CommandMessage>(&record.body).ok();
    if let Some(message) = &command
        && matches!(message.command, Command::Submit { .. })
    {
        match find(&pipeline.store, &message.firm_id, message.order_id).await {
            // The order was accepted after all; only its hand-off may be owed.
            Ok(Some(order)) => return Answer::Send(order.owed_messages()),
            Ok(None) => {}
            Err(answer) => return answer,
        }
    }
    orphan::report(pipeline, record, command.as_ref()).await
}

async fn bury_phase(
    pipeline: &Pipeline,
    record: &Record,
    message: &PhaseMessage,
    order: Order,
    writer: &str,
) -> Answer {
    let unit = Unit { run: message.run, phase: message.phase, document: message.document };
    let claimant = Claimant { owner: writer, message: &record.message_id };
    match judge(&order, &unit, &claimant, pipeline.clock.now()) {
        Claim::Work | Claim::Early => fail_unit(pipeline, record, order, unit, writer, DEAD_LETTERED).await,
        Claim::Busy { .. } => Answer::Refuse,
        Claim::AlreadyDone { .. } => repeat_owed(pipeline, record, order, unit, writer).await,
        Claim::Stale | Claim::Cancelled => alert(pipeline, record, &order, unit).await,
    }
}

async fn find(store: &Store, firm: &domain::id::FirmId, order: domain::id::OrderId) -> Result<Option<Order>, Answer> {
    store.order(firm, order).await.map_err(|error| {
        tracing::warn!(error = %error, "the dead letter's order could not be read");
        Answer::Refuse
    })
}
