//! Publishes alerts: those of failures, and notices. An alert is owed from the write that causes it until SNS has accepted
//! it.

use aws::store::{AlertClaim, AlertState, Owed, StoredFailure};
use domain::failure::FailureRecord;
use domain::id::{FirmId, OrderId};
use domain::notice::{AlertId, Notice, NoticeKind};
use domain::order::Order;
use domain::phase::Phase;
use futures_util::future::join_all;
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
            let Some(Published { sent_as, documents }) = ended? else {
                tracing::info!(order.id = %order, alert.id = %id, "notice withdrawn: the order has gone on");
                return pipeline.store.withdraw_alert(firm, order, id).await.map(|()| Alerted::Done);
            };
            pipeline.metrics.count(Metric::AlertsPublished, 1);
            mark_documents(pipeline, alert, documents, &sent_as).await?;
            // Last, so that whoever finds it owed repeats what is missing.
            pipeline.store.mark_alert_sent(firm, order, id, &sent_as).await.map(|()| Alerted::Done)
        }
        AlertClaim::Busy { until } => Ok(Alerted::Busy { until }),
        AlertClaim::NothingOwed => Ok(Alerted::Done),
        AlertClaim::Unreadable { reported } => Ok(Alerted::Unreadable { reported }),
    }
}

/// A publication that SNS accepted.
struct Published {
    sent_as: String,
    /// The failures of documents that it announced beside its own subject.
    documents: Vec<StoredFailure>,
}

/// Failures of documents that are marked as sent side by side.
const MARK_COUNT: usize = 25;

async fn mark_documents(
    pipeline: &Pipeline,
    alert: OwedAlert<'_>,
    documents: Vec<StoredFailure>,
    sent_as: &str,
) -> Result<(), aws::Error> {
    let pending = documents.into_iter().filter(|document| document.alert == AlertState::Pending);
    let ids: Vec<AlertId> = pending.map(|document| document.record.failure_id.into()).collect();
    for some in ids.chunks(MARK_COUNT) {
        let marks = some.iter().map(|id| pipeline.store.mark_alert_sent(alert.firm, alert.order, id, sent_as));
        join_all(marks).await.into_iter().collect::<Result<(), _>>()?;
    }
    Ok(())
}

/// Publishes a claimed alert; `None` if there is no longer a reason to.
async fn publish(
    pipeline: &Pipeline,
    alert: OwedAlert<'_>,
    owed: &Owed,
    known: Option<&Order>,
) -> Result<Option<Published>, aws::Error> {
    let documents = async |run| pipeline.store.document_failures(alert.firm, alert.order, run).await;
    match owed {
        Owed::Failure(record) => {
            // The failure of the phase in which the documents failed announces them too.
            let ends_documents = record.phase == Phase::Extract && record.failure_id.document().is_none();
            let documents = if ends_documents { documents(record.run).await? } else { Vec::new() };
            let sent_as = pipeline.alerts.publish(record, &records(&documents)).await?;
            Ok(Some(Published { sent_as, documents }))
        }
        Owed::Notice(notice) => match notice.kind {
            NoticeKind::DocumentsFailed => {
                let documents = documents(notice.run).await?;
                let sent_as = pipeline.alerts.publish_documents(notice, &records(&documents)).await?;
                Ok(Some(Published { sent_as, documents }))
            }
            NoticeKind::ReviewNeeded | NoticeKind::ReviewReminder | NoticeKind::ReviewEscalated => {
                let applies = match known {
                    Some(order) => notice.still_applies(order),
                    None => still_applies(pipeline, alert, notice).await?,
                };
                if !applies {
                    return Ok(None);
                }
                let sent_as = pipeline.alerts.publish_review(notice).await?;
                Ok(Some(Published { sent_as, documents: Vec::new() }))
            }
        },
    }
}

fn records(documents: &[StoredFailure]) -> Vec<FailureRecord> {
    documents.iter().map(|document| document.record.clone()).collect()
}

async fn still_applies(pipeline: &Pipeline, alert: OwedAlert<'_>, notice: &Notice) -> Result<bool, aws::Error> {
    let order = pipeline.store.order(alert.firm, alert.order).await?;
    Ok(order.is_some_and(|order| notice.still_applies(&order)))
}
