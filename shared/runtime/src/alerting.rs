//! Publishes alerts. An alert is owed from the moment its failure is recorded until SNS has accepted it.

use aws::store::AlertClaim;
use domain::failure::{FailureId, FailureRecord};
use domain::id::{FirmId, OrderId};
use jiff::Timestamp;

use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// The state of a failure's alert after an attempt to publish it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an alert that somebody else claimed may still be owed"]
pub enum Alerted {
    /// It is published, or there is no such failure.
    Done,
    /// Another function has claimed it.
    Busy {
        /// When their claim ends.
        until: Timestamp,
    },
}

/// Publishes the alert of a recorded failure if it is owed. `owner` claims it first, so that two functions that find the
/// same failure do not both publish it.
///
/// # Errors
/// [`aws::Error`] when a call failed; the alert stays owed.
pub async fn publish_owed(
    pipeline: &Pipeline,
    firm: &FirmId,
    order: OrderId,
    id: &FailureId,
    owner: &str,
) -> Result<Alerted, aws::Error> {
    match pipeline.store.claim_alert(firm, order, id, owner, pipeline.clock.now()).await? {
        AlertClaim::Publish(record) => publish(pipeline, &record, owner).await.map(|()| Alerted::Done),
        AlertClaim::Busy { until } => Ok(Alerted::Busy { until }),
        AlertClaim::NothingOwed => Ok(Alerted::Done),
    }
}

async fn publish(pipeline: &Pipeline, record: &FailureRecord, owner: &str) -> Result<(), aws::Error> {
    if let Err(error) = pipeline.alerts.publish(record).await {
        pipeline.store.release_alert(record, owner).await;
        return Err(error);
    }
    pipeline.metrics.count(Metric::AlertsPublished, 1);
    pipeline.store.mark_alert_sent(record).await.map(drop)
}
