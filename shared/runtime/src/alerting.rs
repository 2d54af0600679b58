//! Publishes alerts: those of failures, and notices. An alert is owed from the write that causes it until SNS has accepted
//! it.

use aws::store::{AlertClaim, Owed};
use domain::id::{FirmId, OrderId};
use domain::notice::{AlertId, Notice};
use domain::order::Order;
use jiff::Timestamp;

use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// The state of an alert after an attempt to publish it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an alert that somebody else claimed may still be owed"]
pub enum Alerted {
    /// It is published or withdrawn, or there is no such alert.
    Done,
    /// Another function has claimed it.
    Busy {
        /// When their claim ends.
        until: Timestamp,
    },
    /// It is owed and cannot be read. No retry cures that; reconciliation reports it.
    Unreadable {
        /// Whether that was reported before.
        reported: bool,
    },
}

/// An owed alert, and who publishes it.
#[derive(Clone, Copy, Debug)]
pub struct OwedAlert<'a> {
    /// The firm.
    pub firm: &'a FirmId,
    /// The order it is about.
    pub order: OrderId,
    /// The alert.
    pub id: &'a AlertId,
    /// Who claims it.
    pub owner: &'a str,
}

/// Publishes an alert if it is owed. Its owner claims it first, so that two functions that find the same alert do not both
/// publish it. `known` is the order as it is now, if the caller has it; a notice whose reason is gone is withdrawn.
///
/// # Errors
/// [`aws::Error`] when a call failed; the alert stays owed.
pub async fn publish_owed(
    pipeline: &Pipeline,
    alert: OwedAlert<'_>,
    known: Option<&Order>,
) -> Result<Alerted, aws::Error> {
    let OwedAlert { firm, order, id, owner } = alert;
    match pipeline.store.claim_alert(firm, order, id, owner, pipeline.clock.now()).await? {
        AlertClaim::Publish(owed) => {
            let ended = publish(pipeline, alert, &owed, known).await;
            if ended.is_err() {
                pipeline.store.release_alert(firm, order, id, owner).await;
            }
            let published = ended?;
            if !published {
                tracing::info!(order.id = %order, alert.id = %id, "notice withdrawn: the order has gone on");
                return pipeline.store.withdraw_alert(firm, order, id).await.map(|()| Alerted::Done);
            }
            pipeline.metrics.count(Metric::AlertsPublished, 1);
            pipeline.store.mark_alert_sent(firm, order, id).await.map(|()| Alerted::Done)
        }
        AlertClaim::Busy { until } => Ok(Alerted::Busy { until }),
        AlertClaim::NothingOwed => Ok(Alerted::Done),
        AlertClaim::Unreadable { reported } => Ok(Alerted::Unreadable { reported }),
    }
}

/// Publishes a claimed alert; `false` if there is no longer a reason to.
async fn publish(
    pipeline: &Pipeline,
    alert: OwedAlert<'_>,
    owed: &Owed,
    known: Option<&Order>,
) -> Result<bool, aws::Error> {
    match owed {
        Owed::Failure(record) => pipeline.alerts.publish(record).await.map(|()| true),
        Owed::Notice(notice) => {
            let applies = match known {
                Some(order) => notice.still_applies(order),
                None => still_applies(pipeline, alert, notice).await?,
            };
            if applies {
                pipeline.alerts.publish_review(notice).await?;
            }
            Ok(applies)
        }
    }
}

async fn still_applies(pipeline: &Pipeline, alert: OwedAlert<'_>, notice: &Notice) -> Result<bool, aws::Error> {
    let order = pipeline.store.order(alert.firm, alert.order).await?;
    Ok(order.is_some_and(|order| notice.still_applies(&order)))
}
