//! The work on one unit, within the time that the invocation has left.

use domain::event::Unit;
use domain::failure::Failure;
use domain::order::Order;

use crate::delivery::Delivery;
use crate::job::{Job, Outcome};

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
    let time = delivery.invocation.time_to_work(delivery.now());
    tokio::time::timeout(time, work(job)).await.unwrap_or(Err(DEADLINE))
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
