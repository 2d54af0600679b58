//! The work on one unit, within the time that the invocation has left.

use domain::event::Unit;
use domain::failure::Failure;
use domain::limit::ATTEMPT_COUNT_MAX;
use domain::order::Order;

use crate::delivery::Delivery;
use crate::failure::DEAD_LETTERED;
use crate::job::{Job, Outcome};
use crate::metric::Metric;
use crate::panics::catch;

/// The work ran out of time.
const DEADLINE: Failure = Failure::transient(
    "phase.deadline",
    "The phase ran out of time on every attempt. Retry the order; if it fails again, split its files.",
);

/// Works on a claimed unit until shortly before the invocation's deadline.
pub(crate) async fn work_within_deadline(
    delivery: &Delivery<'_>,
    job: &mut Job,
    attempt: u32,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    tracing::info!(audit = %format_args!("pipeline_{}_start", job.unit.phase), attempt);
    // The dead-letter function sends a message again whose unit was claimed less often, so the count may be reached here.
    if attempt > ATTEMPT_COUNT_MAX {
        return Err(DEAD_LETTERED);
    }
    let time = delivery.invocation.time_to_work(delivery.now());
    match catch(tokio::time::timeout(time, work(job))).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(DEADLINE),
        Err(panicked) => Err(Failure::vetted(&panicked)),
    }
}

/// Logs and counts that a dependency of the work is away.
pub(crate) fn note_unavailable(delivery: &Delivery<'_>, failure: &Failure) {
    delivery.pipeline.metrics.count(Metric::DependencyUnavailable, 1);
    tracing::warn!(code = %failure.code, why = %failure.message, "a dependency of the work is away; will retry");
}

/// The span of what is done about one unit of an order.
pub(crate) fn span_of(order: &Order, unit: &Unit) -> tracing::Span {
    tracing::info_span!(
        "unit",
        order.id = %order.order_id(),
        run = unit.run.get(),
        phase = %unit.phase,
        document = unit.document.map(|document| document.get()),
        correlation.id = %order.correlation_id(),
    )
}
