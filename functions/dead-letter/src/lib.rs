//! Turns dead letters into recorded and alerted failures. They are failures that no handler could record itself: crashes,
//! lack of memory, kills and unreadable messages.
//!
//! A message can also become a dead letter because a dependency was down throughout its deliveries. The order shows which
//! it was, because it counts how often its unit was claimed. A message that failed in an outage is sent again.
//!
//! Every write is conditional: an order that has completed, was cancelled or has moved on is never overwritten, and
//! handling a message twice changes nothing.

mod command;
mod phase;

use aws::queue::Commands;
use aws::store::Store;
use domain::id::{FirmId, OrderId};
use domain::limit::DEAD_LETTER_RECEIVE_COUNT_MAX;
use domain::message::{CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use domain::order::Order;
use domain::phase::Phase;
use runtime::answer::Answer;
use runtime::batch::answer_each;
use runtime::delivery::Delivery;
use runtime::environment::{Environment, MissingVariable};
use runtime::failure::Origin;
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::metric::Metric;
use runtime::pipeline::Pipeline;
use runtime::rejection::{Reason, reject};
use serde::Deserialize;
use serde_json::Value;

/// The resources that the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    pipeline: Pipeline,
    commands: Commands,
}

impl Resources {
    /// The resources from the environment.
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
/// [`Fault`] when the event is not from SQS.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    answer_each(&resources.pipeline, &invocation, event, async |delivery: &Delivery<'_>| {
        resources.pipeline.metrics.count(Metric::DeadLetters, 1);
        handle_letter(resources, delivery).await
    })
    .await
}

/// The only field that every message has, whatever later versions add.
#[derive(Deserialize)]
struct Layout {
    schema: u32,
}

async fn handle_letter(resources: &Resources, delivery: &Delivery<'_>) -> Answer {
    let message = &delivery.message;
    // A newer version may have added fields that this one does not know, so the layout is checked first.
    let is_newer = |layout: Layout| layout.schema > MESSAGE_SCHEMA;
    if serde_json::from_str::<Layout>(&message.body).is_ok_and(is_newer)
        && message.receive_count < DEAD_LETTER_RECEIVE_COUNT_MAX
    {
        tracing::error!(message.id = %message.id, "dead letter was written by a newer version; waiting for its deployment");
        return Answer::Refuse;
    }
    if let Ok(message) = serde_json::from_str::<PhaseMessage>(&message.body) {
        return phase::handle(delivery, &message).await;
    }
    if let Ok(message) = serde_json::from_str::<CommandMessage>(&message.body) {
        return command::handle(resources, delivery, message).await;
    }
    tracing::error!(message.id = %message.id, "dead letter is not a message of this pipeline; rejected");
    reject(delivery, Origin::default(), Reason::Unreadable).await
}

async fn find(store: &Store, firm: &FirmId, order: OrderId) -> Result<Option<Order>, Answer> {
    store.order(firm, order).await.map_err(|error| {
        tracing::warn!(error = %error, "order of a dead letter not read; will retry");
        Answer::Refuse
    })
}
