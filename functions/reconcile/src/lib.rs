//! Finds what no redelivery meets: orders that do not move, alerts that are owed for too long, and differences between the
//! two stores of completions. It repairs what it can, with an audit entry each, and alerts what it cannot.
//!
//! It finds its work in a sparse index. Every item is dealt with by itself, so that one that cannot be read stops no other.
//! One turn runs at a time; each step may be repeated.

mod alerts;
mod compare;
mod orders;
mod pass;
mod unrepairable;

use domain::phase::Phase;
use jiff::SignedDuration;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::metric::Metric;
use runtime::pipeline::Pipeline;
use serde::Deserialize;
use serde_json::{Value, json};

use pass::Turn;

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

/// What the schedule's input says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheduled {
    #[serde(rename = "reconcile")]
    _reconcile: serde_json::Map<String, Value>,
}

/// Time before the deadline at which no further item is begun: one item makes a few calls, each bounded.
const ITEM_SECS_MAX: i64 = 45;

/// Handles one invocation: a turn of reconciliation.
///
/// # Errors
/// [`Fault`] when the event is not the schedule's, or the table cannot be reached.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let _: Scheduled = serde_json::from_value(event).map_err(|_| Fault::UnknownEvent)?;
    let pipeline = &resources.pipeline;
    let taken = pipeline.store.take_turn(&invocation.request_id, pipeline.clock.now()).await.map_err(|error| {
        tracing::warn!(error = %error, "the turn could not be taken");
        Fault::NotNow
    })?;
    let Some(right) = taken else {
        tracing::info!("another invocation reconciles");
        return Ok(json!({ "turn": false }));
    };
    let margin = SignedDuration::from_secs(ITEM_SECS_MAX);
    let until = invocation.deadline.saturating_sub(margin).unwrap_or(invocation.deadline);
    let mut turn = Turn::new(pipeline, &invocation.request_id, until, right);
    alerts::send_owed(&mut turn).await;
    // Before anything is concluded from what the table says: it may have been restored to an earlier moment.
    compare::compare(&mut turn).await;
    if compare::may_be_outdated(&turn) {
        tracing::info!("the backup is compared first, from long ago on; overdue orders wait for it");
    } else {
        orders::move_on(&mut turn).await;
    }
    orders::back_up(&mut turn).await;
    let counts = turn.counts();
    match pipeline.store.give_back(&turn.right).await {
        Ok(true) => pipeline.metrics.count(Metric::ReconcileTurns, 1),
        Ok(false) => tracing::warn!("the turn took too long and was taken over"),
        Err(error) => tracing::warn!(error = %error, "the turn could not be given back"),
    }
    let opened = pipeline.store.breaker().take_openings() + pipeline.completions.log().breaker().take_openings();
    pipeline.metrics.count(Metric::CircuitsOpened, opened);
    pipeline.metrics.flush(pipeline.clock.now());
    Ok(json!({ "turn": true, "repaired": counts }))
}
