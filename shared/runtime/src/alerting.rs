//! Alerts are owed from the moment the failure is recorded until SNS took them.

use aws::store::AlertState;
use domain::event::Unit;
use domain::failure::FailureId;
use domain::order::{ExecutionStatus, Order};

use crate::pipeline::Pipeline;

/// Publishes whatever alerts a unit's failures owe, and notes that SNS took them.
///
/// # Errors
/// [`aws::Error`] when one could not be published or looked up.
pub(crate) async fn send_owed_alerts(pipeline: &Pipeline, order: &Order, unit: Unit) -> Result<(), aws::Error> {
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
        let Some(failure) = pipeline.store.failure(&order.firm_id, order.order_id, &id).await? else { continue };
        if failure.alert == AlertState::Pending {
            pipeline.alerts.publish(&failure.record).await?;
            pipeline.store.mark_alert_sent(&failure.record).await?;
        }
    }
    Ok(())
}
