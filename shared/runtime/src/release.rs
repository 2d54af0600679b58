//! Gives back claims to work that was not begun, that waits for a dependency, or whose end could not be written. Such work
//! counts no attempt: attempts count what the work itself did.

use aws::Error;
use domain::event::{EventKind, Unit};
use domain::execution::{self, Execution};
use domain::id::{FirmId, OrderId};
use domain::order::{Lease, Order};
use tokio::time::timeout;

use crate::delivery::Delivery;

/// Gives back the claim to a phase. If that cannot be written, the attempt counts.
pub(crate) async fn release(delivery: &Delivery<'_>, firm: &FirmId, order: OrderId, unit: &Unit, lease: &Lease) {
    let now = delivery.now();
    let kind = EventKind::Released { run: unit.run, phase: unit.phase, lease: lease.clone() };
    let event = delivery.event(kind);
    let write = delivery.pipeline.store.release(firm, order, unit, lease, now, &event.writer);
    match timeout(delivery.invocation.time_to_work(now), write).await {
        Ok(Ok(given_back)) => tracing::info!(given_back, "claim given back"),
        Ok(Err(error)) => tracing::warn!(error = %error, "claim not given back; the attempt counts"),
        Err(_) => tracing::warn!("no time to give the claim back; the attempt counts"),
    }
}

/// Gives back the claim that this delivery holds to its order's phase, if it holds one: its end could not be written.
pub(crate) async fn release_held(delivery: &Delivery<'_>, order: &Order, unit: &Unit) {
    let own = |lease: &&Lease| {
        lease.owner == delivery.invocation.request_id && lease.message == delivery.message.id && unit.document.is_none()
    };
    if let Some(lease) = order.lease().filter(own) {
        release(delivery, order.firm_id(), order.order_id(), unit, lease).await;
    }
}

/// Gives back the claim to a phase after `error` if it may have taken effect: the SDK gave up without an answer.
pub(crate) async fn release_after(
    delivery: &Delivery<'_>,
    firm: &FirmId,
    order: OrderId,
    unit: &Unit,
    lease: &Lease,
    error: &Error,
) {
    if error.may_have_applied() {
        release(delivery, firm, order, unit, lease).await;
    }
}

/// Gives back claims to executions as they were written. If one cannot be written, its attempt counts, and its lease ends.
pub(crate) async fn release_executions(delivery: &Delivery<'_>, claimed: &[Execution]) {
    let released: Vec<_> =
        claimed.iter().map(|claimed| execution::release(claimed, &format!("{}/released", delivery.writer()))).collect();
    let write = delivery.pipeline.store.release_executions(&released);
    match timeout(delivery.invocation.time_to_work(delivery.now()), write).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(error = %error, "documents are not given back; their attempts count, and their leases end");
        }
        Err(_) => tracing::warn!("no time to give documents back; their attempts count, and their leases end"),
    }
}
