//! Applies commands to orders: accepts, retries, resumes, regenerates and cancels them.
//!
//! A command takes effect once, however often its message is delivered: the write is conditional, and a repeat finds the
//! order already changed and only resends the pending hand-off.

mod canary;
mod command;

use domain::phase::Phase;
use runtime::batch::answer_each;
use runtime::delivery::Delivery;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::pipeline::Pipeline;
use serde_json::Value;

/// The resources that the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    pipeline: Pipeline,
}

impl Resources {
    /// The resources from the environment.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        let pipeline = Pipeline::new(environment, &Phase::ALL)?;
        Ok(Self { pipeline: Pipeline { source: Some(environment.source()?), ..pipeline } })
    }
}

/// Handles one invocation: a batch of commands, or the schedule's request for a canary order.
///
/// # Errors
/// [`Fault`] when the event is neither, or the canary could not be started.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let pipeline = &resources.pipeline;
    if let Some(request) = canary::request(&event) {
        return canary::start(pipeline, &invocation, request).await;
    }
    answer_each(pipeline, &invocation, event, async |delivery: &Delivery<'_>| command::apply(delivery).await).await
}
