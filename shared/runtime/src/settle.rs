//! Settles a unit: commits its result or its failure, then sends what follows from it.

use domain::claim::{Claim, judge};
use domain::event::{EventKind, Unit};
use domain::failure::Failure;
use domain::lifecycle::{Decision, IllegalTransition, decide};
use domain::order::Order;
use domain::status::OrchestrationStatus;

use crate::answer::Answer;
use crate::commit::{NotCommitted, commit};
use crate::delivery::Delivery;
use crate::job::{Job, Outcome};
use crate::metric::Metric;
use crate::owed::{send_owed, send_owed_alerts};
use crate::pipeline::Pipeline;

/// Commits the result of a unit, then hands off, or notifies the reviewers that the order waits for.
pub(crate) async fn complete_unit(delivery: &Delivery<'_>, mut job: Job, outcome: Outcome) -> Answer {
    let unit = job.unit;
    match commit(delivery, &mut job, |order| completion(delivery, order, unit, &outcome)).await {
        Ok(()) if job.order.is_paused() => send_owed_alerts(delivery, &job).await,
        Ok(()) => {
            tell_completion(delivery.pipeline, &job.order).await;
            Answer::Send(job.order.owed_messages())
        }
        Err(NotCommitted::Refused(why)) => answer_late(delivery, job, &why).await,
        Err(NotCommitted::Failed(answer)) => answer,
    }
}

/// Tells whoever asked for it that the order is ready. It is told at most once: the order itself says that it is ready.
async fn tell_completion(pipeline: &Pipeline, order: &Order) {
    let is_wanted = order.options().notify_on_completion;
    if order.orchestration_status() != OrchestrationStatus::Completed || !is_wanted {
        return;
    }
    if let Err(error) = pipeline.alerts.publish_completion(order).await {
        pipeline.metrics.count(Metric::NotificationsDropped, 1);
        tracing::warn!(error = %error, "notice that the order is ready was dropped");
    }
}

/// Commits that a phase failed for good, and publishes the alert. The failure of one document is
/// [`fail_document`](crate::documents::fail_document).
pub async fn fail_unit(delivery: &Delivery<'_>, mut job: Job, failure: Failure) -> Answer {
    let unit = job.unit;
    let change = |order: &Order| {
        let failure = failure.clone();
        decide(order, &delivery.event(EventKind::PhaseFailed { run: unit.run, phase: unit.phase, failure }))
    };
    match commit(delivery, &mut job, change).await {
        Ok(()) => send_owed(delivery, job).await,
        Err(NotCommitted::Refused(why)) => answer_late(delivery, job, &why).await,
        Err(NotCommitted::Failed(answer)) => answer,
    }
}

/// Answers a message whose unit has no work for this delivery.
pub(crate) async fn answer_unclaimed(delivery: &Delivery<'_>, job: Job, claim: Claim) -> Answer {
    match claim {
        // `Work` here means that the order has changed since it was judged; the next delivery decides again.
        Claim::Work | Claim::Early => delivery.back_off(),
        Claim::Busy { until } => Answer::retry_after(until, delivery.now()),
        Claim::AlreadyDone { resend: false } => Answer::Acknowledge,
        Claim::AlreadyDone { resend: true } => send_owed(delivery, job).await,
        Claim::Stale | Claim::Cancelled => {
            tracing::info!(claim = ?claim, "message is out of date; nothing to do");
            send_owed_alerts(delivery, &job).await
        }
    }
}

/// How a unit's outcome changes its order.
fn completion(
    delivery: &Delivery<'_>,
    order: &Order,
    unit: Unit,
    outcome: &Outcome,
) -> Result<Decision, IllegalTransition> {
    let (run, phase) = (unit.run, unit.phase);
    let completed = |artifacts| delivery.event(EventKind::PhaseCompleted { run, phase, artifacts });
    match outcome {
        Outcome::ReviewNeeded(items) => decide(order, &delivery.event(EventKind::ReviewNeeded { run, items: *items })),
        Outcome::Artifacts(artifacts) => decide(order, &completed(artifacts.clone())),
        Outcome::Done | Outcome::Result(_) => decide(order, &completed(Vec::new())),
    }
}

/// Answers for a unit whose order refused its result: another delivery came first, the order was cancelled, or a later run
/// began.
async fn answer_late(delivery: &Delivery<'_>, job: Job, why: &IllegalTransition) -> Answer {
    tracing::info!(why = %why.why, "result came too late; dropped");
    answer_as_judged(delivery, job).await
}

async fn answer_as_judged(delivery: &Delivery<'_>, job: Job) -> Answer {
    let claim = judge(&job.order, &job.unit, &delivery.message.id, delivery.now());
    answer_unclaimed(delivery, job, claim).await
}
