//! Alerts are owed from the moment the failure is recorded until SNS took them.

use std::collections::BTreeSet;

use aws::store::{AlertClaim, AlertState};
use domain::event::Unit;
use domain::failure::{FailureId, FailureRecord};
use domain::order::{ExecutionStatus, Order};
use domain::status::OrchestrationStatus;
use planted::{Mistake, planted};

use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// Publishes whatever alerts a unit's failures owe, and notes that SNS took them. The claim to do so belongs to the message:
/// its next delivery takes it over at once.
///
/// # Errors
/// [`aws::Error`] when one could not be published or looked up.
pub(crate) async fn send_owed_alerts(
    pipeline: &Pipeline,
    order: &Order,
    unit: Unit,
    message: &str,
) -> Result<(), aws::Error> {
    for id in failures_of(order, unit) {
        publish_owed(pipeline, order, &id, message).await?;
    }
    Ok(())
}

/// The failures whose alerts a unit's message answers for. An order that was retried or cancelled since says nothing about
/// the run any more, so any that the unit can have recorded is looked for.
fn failures_of(order: &Order, unit: Unit) -> BTreeSet<FailureId> {
    let of_unit = FailureId::of(unit.run, unit.phase, unit.document);
    let of_phase = FailureId::of(unit.run, unit.phase, None);
    if order.run != unit.run || order.orchestration_status == OrchestrationStatus::Cancelled {
        return BTreeSet::from([of_unit, of_phase]);
    }
    let mut ids = BTreeSet::new();
    let execution = unit.document.and_then(|document| order.executions.get(&document));
    if !planted(Mistake::ForgetDocumentAlert)
        && execution.is_some_and(|execution| execution.status == ExecutionStatus::Failed)
    {
        ids.insert(of_unit);
    }
    if let Some(error) = &order.last_orchestration_error
        && order.is_ended()
    {
        ids.insert(error.failure_id.clone());
    }
    ids
}

async fn publish_owed(pipeline: &Pipeline, order: &Order, id: &FailureId, message: &str) -> Result<(), aws::Error> {
    let now = pipeline.clock.now();
    if planted(Mistake::PublishUnclaimed) {
        return publish_unclaimed(pipeline, order, id).await;
    }
    match pipeline.store.claim_alert(&order.firm_id, order.order_id, id, message, now).await? {
        AlertClaim::Publish(record) => publish(pipeline, &record).await,
        AlertClaim::Busy | AlertClaim::NothingOwed => Ok(()),
    }
}

/// A mistake that tests plant: two who meet the same failure both publish it.
async fn publish_unclaimed(pipeline: &Pipeline, order: &Order, id: &FailureId) -> Result<(), aws::Error> {
    match pipeline.store.failure(&order.firm_id, order.order_id, id).await? {
        Some(failure) if failure.alert == AlertState::Pending => publish(pipeline, &failure.record).await,
        _ => Ok(()),
    }
}

/// Publishes an alert that was claimed, and notes that SNS took it.
///
/// # Errors
/// [`aws::Error`] when one of the two did not work; the alert stays owed.
pub async fn publish(pipeline: &Pipeline, record: &FailureRecord) -> Result<(), aws::Error> {
    pipeline.alerts.publish(record).await?;
    pipeline.metrics.count(Metric::AlertsPublished, 1);
    if planted(Mistake::ForgetMark) {
        return Ok(());
    }
    pipeline.store.mark_alert_sent(record).await.map(drop)
}
