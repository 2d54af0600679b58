//! Alerts are owed from the moment the failure is recorded until SNS took them.

use std::collections::BTreeSet;

use aws::store::AlertClaim;
use domain::event::Unit;
use domain::failure::{FailureId, FailureRecord};
use domain::order::{ExecutionStatus, Order};
use domain::status::OrchestrationStatus;
use jiff::Timestamp;

use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// Whether anything is owed still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alerted {
    /// Nothing is.
    All,
    /// Somebody else publishes one; their claim ends then.
    Busy(Timestamp),
}

/// Publishes whatever alerts a unit's failures owe, and notes that SNS took them. The claim to do so belongs to the delivery
/// of a message, `owner`: a queue may hand one message out twice at once.
///
/// # Errors
/// [`aws::Error`] when one could not be published or looked up.
pub(crate) async fn send_owed_alerts(
    pipeline: &Pipeline,
    order: &Order,
    unit: Unit,
    owner: &str,
) -> Result<Alerted, aws::Error> {
    let mut alerted = Alerted::All;
    for id in failures_of(order, unit) {
        if let busy @ Alerted::Busy(_) = publish_owed(pipeline, order, &id, owner).await? {
            alerted = busy;
        }
    }
    Ok(alerted)
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
    if execution.is_some_and(|execution| execution.status == ExecutionStatus::Failed) {
        ids.insert(of_unit);
    }
    if let Some(error) = &order.last_orchestration_error
        && order.is_ended()
    {
        ids.insert(error.failure_id.clone());
    }
    ids
}

async fn publish_owed(pipeline: &Pipeline, order: &Order, id: &FailureId, owner: &str) -> Result<Alerted, aws::Error> {
    let now = pipeline.clock.now();
    match pipeline.store.claim_alert(&order.firm_id, order.order_id, id, owner, now).await? {
        AlertClaim::Publish(record) => publish(pipeline, &record, owner).await.map(|()| Alerted::All),
        AlertClaim::Busy { until } => Ok(Alerted::Busy(until)),
        AlertClaim::NothingOwed => Ok(Alerted::All),
    }
}

/// Publishes an alert that `owner` claimed, and notes that SNS took it.
///
/// # Errors
/// [`aws::Error`] when one of the two did not work; the alert stays owed.
pub async fn publish(pipeline: &Pipeline, record: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    if let Err(error) = pipeline.alerts.publish(record).await {
        pipeline.store.release_alert(record, owner).await;
        return Err(error);
    }
    pipeline.metrics.count(Metric::AlertsPublished, 1);
    pipeline.store.mark_alert_sent(record).await.map(drop)
}
