//! Turns messages that died into recorded, alerted failures: what no handler could record itself (a crash, out of memory,
//! a kill, an unreadable message) ends here.
//!
//! A message can also die because a dependency was away for longer than its deliveries lasted. The order tells the two
//! apart: it counts how often its unit was claimed. Such a message is sent anew.
//!
//! It writes conditionally: never over an order that completed, was cancelled or went on. Running twice changes nothing.

mod command;
mod phase;

use aws::queue::Commands;
use aws::store::Store;
use domain::id::{FirmId, OrderId};
use domain::limit::DEAD_LETTER_RECEIVE_COUNT_MAX;
use domain::message::{CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use domain::order::Order;
use domain::phase::Phase;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::metric::Metric;
use runtime::pipeline::Pipeline;
use runtime::rejection::{Origin, Reason, report};
use runtime::{Answer, Record, answer_batch};
use serde::Deserialize;
use serde_json::Value;

/// What the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    pipeline: Pipeline,
    commands: Commands,
}

impl Resources {
    /// Resources as the environment names them.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self { pipeline: Pipeline::new(environment, &Phase::ALL)?, commands: environment.commands()? })
    }
}

/// Handles one invocation: dead letters of any queue.
///
/// # Errors
/// [`Fault`] when the event is not one of SQS.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    answer_batch(&resources.pipeline, &invocation, event, async |record: &Record| {
        resources.pipeline.metrics.count(Metric::DeadLetters, 1);
        let writer = format!("{}/{}", invocation.request_id, record.message_id);
        bury(resources, record, &writer).await
    })
    .await
}

/// What every message says first, whatever else a later version has it say.
#[derive(Deserialize)]
struct Layout {
    schema: u32,
}

async fn bury(resources: &Resources, record: &Record, writer: &str) -> Answer {
    let pipeline = &resources.pipeline;
    // What a newer version wrote may hold what this one cannot read, so its layout is looked at first.
    let is_newer = |layout: Layout| layout.schema > MESSAGE_SCHEMA;
    if serde_json::from_str::<Layout>(&record.body).is_ok_and(is_newer)
        && record.receive_count < DEAD_LETTER_RECEIVE_COUNT_MAX
    {
        tracing::error!(message.id = %record.message_id, "a newer version wrote the dead letter; it waits for newer code");
        return Answer::Refuse;
    }
    if let Ok(message) = serde_json::from_str::<PhaseMessage>(&record.body) {
        return phase::bury(pipeline, record, &message, writer).await;
    }
    if let Ok(message) = serde_json::from_str::<CommandMessage>(&record.body) {
        return command::bury(resources, record, message).await;
    }
    tracing::error!(message.id = %record.message_id, "the dead letter is no message of this pipeline");
    report(pipeline, record, Origin::default(), Reason::Unreadable).await
}

async fn find(store: &Store, firm: &FirmId, order: OrderId) -> Result<Option<Order>, Answer> {
    store.order(firm, order).await.map_err(|error| {
        tracing::warn!(error = %error, "the dead letter's order could not be read");
        Answer::Refuse
    })
}
