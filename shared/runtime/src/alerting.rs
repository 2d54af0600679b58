//! Alerts are owed from the moment the failure is recorded until SNS took them.

use aws::store::AlertClaim;
use domain::event::Unit;
use domain::failure::{FailureId, FailureRecord};
use domain::order::{ExecutionStatus, Order};

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
    let mut ids = Vec::new();
    let failed = |status: &ExecutionStatus| *status == ExecutionStatus::Failed;
    if let Some(document) = unit.document
        && order.executions.get(&document).is_some_and(|execution| failed(&execution.status))
    {
        ids.push(FailureId::of(unit.run, unit.phase, unit.document));
    }
    if let Some(error) = order.last_orchestration_error.as_ref()
        && order.run == unit.run
        && order.is_ended()
    {
        ids.push(error.failure_id.clone());
    }
    for id in ids {
        publish_owed(pipeline, order, &id, message).await?;
    }
    Ok(())
}

async fn publish_owed(pipeline: &Pipeline, order: &Order, id: &FailureId, message: &str) -> Result<(), aws::Error> {
    let now = pipeline.clock.now();
    match pipeline.store.claim_alert(&order.firm_id, order.order_id, id, message, now).await? {
        AlertClaim::Publish(record) => publish(pipeline, &record).await,
        AlertClaim::Busy | AlertClaim::NothingOwed => Ok(()),
    }
}

/// Publishes an alert that was claimed, and notes that SNS took it.
///
/// # Errors
/// [`aws::Error`] when one of the two did not work; the alert stays owed.
pub async fn publish(pipeline: &Pipeline, record: &FailureRecord) -> Result<(), aws::Error> {
    pipeline.alerts.publish(record).await?;
    pipeline.store.mark_alert_sent(record).await.map(drop)
}
