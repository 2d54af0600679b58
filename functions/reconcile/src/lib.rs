//! Recovers work that no message will retry: orders that make no progress, overdue alerts, and differences between the two
//! stores of completions. It repairs what it can, with an audit entry each, and alerts about what it cannot.
//!
//! It finds its work in a sparse index. Items are handled separately, so one that cannot be read does not stop the others.
//! One pass runs at a time, and every step may be repeated.

mod alerts;
mod claims;
mod compare;
mod digest;
mod orders;
mod pass;
mod reviews;
mod unrepairable;

use domain::phase::Phase;
use domain::review::Deadlines;
use jiff::SignedDuration;
use runtime::environment::{Environment, MissingVariable};
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::metric::Metric;
use runtime::pipeline::Pipeline;
use serde::Deserialize;
use serde_json::{Value, json};

use pass::Pass;

/// The resources that the function may touch; its policy in `template.yaml` lists the same.
pub struct Resources {
    pipeline: Pipeline,
    deadlines: Deadlines,
}

impl Resources {
    /// The resources from the environment.
    ///
    /// # Errors
    /// [`MissingVariable`] names the first that is missing.
    pub fn new(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self { pipeline: Pipeline::new(environment, &Phase::ALL)?, deadlines: environment.review_deadlines()? })
    }
}

/// The schedule's input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheduled {
    #[serde(rename = "reconcile")]
    _reconcile: serde_json::Map<String, Value>,
}

/// Time before the deadline from which no further item is started. An item makes a few calls, each with a time limit.
const ITEM_SECS_MAX: i64 = 45;

/// Handles one invocation: a reconciliation pass.
///
/// # Errors
/// [`Fault`] when the event is not the schedule's, or the table cannot be reached.
pub async fn handle(resources: &Resources, invocation: Invocation, event: Value) -> Result<Value, Fault> {
    let _: Scheduled = serde_json::from_value(event).map_err(|_| Fault::UnknownEvent)?;
    let pipeline = &resources.pipeline;
    let locked =
        pipeline.store.lock_reconcile(&invocation.request_id, pipeline.clock.now()).await.map_err(|error| {
            tracing::warn!(error = %error, "reconcile lock not taken; will retry");
            Fault::NotNow
        })?;
    let Some(lock) = locked else {
        tracing::info!("another invocation is reconciling; skipped");
        return Ok(json!({ "turn": false }));
    };
    let margin = SignedDuration::from_secs(ITEM_SECS_MAX);
    let until = invocation.deadline.saturating_sub(margin).unwrap_or(invocation.deadline);
    let mut pass = Pass::new(pipeline, resources.deadlines, &invocation.request_id, until, lock);
    alerts::publish_overdue(&mut pass).await;
    // This comes first, because the table may have been restored to an earlier point in time.
    compare::compare(&mut pass).await;
    pipeline.metrics.record(Metric::ReconcileLag, compare::lag_secs(&pass));
    if compare::may_be_outdated(&pass) {
        tracing::info!("comparison with the backup is far behind or not possible; overdue orders wait for it");
    } else {
        orders::recover_overdue(&mut pass).await;
        reviews::see_to_due(&mut pass).await;
    }
    orders::back_up_idle(&mut pass).await;
    let counts = pass.counts();
    match pipeline.store.unlock_reconcile(&pass.lock).await {
        Ok(true) => pipeline.metrics.count(Metric::ReconcileTurns, 1),
        Ok(false) => tracing::warn!("pass took too long; another invocation took over"),
        Err(error) => tracing::warn!(error = %error, "reconcile lock not released; it will expire"),
    }
    let opened = pipeline.store.breaker().take_openings() + pipeline.completions.log().breaker().take_openings();
    pipeline.metrics.count(Metric::CircuitsOpened, opened);
    pipeline.metrics.flush(pipeline.clock.now());
    Ok(json!({ "turn": true, "repaired": counts }))
}
