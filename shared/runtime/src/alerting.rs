//! Publishes alerts: those of failures, and notices. An alert is owed from the write that causes it until SNS has accepted
//! it.
//!
//! Many failures of one cause are not announced one by one: functions count what they publish of each cause, and leave what is
//! over the rate to reconciliation, which announces it in digests.

use aws::store::{AlertClaim, AlertState, Owed, Rated, StoredFailure};
use domain::failure::{FailureId, FailureRecord};
use domain::id::{FirmId, OrderId};
use domain::limit::ALERT_RATE_COUNT_MAX;
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
    /// It is over the rate of its cause. It stays owed, and reconciliation announces it together with others.
    LeftForDigest,
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

/// Publishes an alert if it is owed, unless it is over the rate of its cause. Its owner claims it first, so that two functions
/// that find the same alert do not both publish it. `known` is the order as it is now, if the caller has it; a notice whose
/// reason is gone is withdrawn.
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
            let rated = match &owed {
                Owed::Failure(failure) => rate(pipeline, failure).await,
                Owed::Notice(_) => Rated::No,
            };
            if rated == Rated::LeftForDigest {
                tracing::info!(order.id = %order, alert.id = %id, "alert is over the rate of its cause; left for a digest");
                let left = pipeline.store.leave_alert_for_digest(firm, order, id, owner).await;
                return left.map(|()| Alerted::LeftForDigest);
            }
            publish_claimed(pipeline, alert, &owed, rated, known).await.map(|()| Alerted::Done)
        }
        AlertClaim::Busy { until } => Ok(Alerted::Busy { until }),
        AlertClaim::NothingOwed => Ok(Alerted::Done),
        AlertClaim::Unreadable { reported } => Ok(Alerted::Unreadable { reported }),
    }
}

/// Counts the alert of a failure once, and says whether it may be published by itself. If it cannot be counted it is published:
/// rather too many alerts than a late one.
async fn rate(pipeline: &Pipeline, failure: &StoredFailure) -> Rated {
    if failure.rated != Rated::No {
        return failure.rated;
    }
    match pipeline.store.count_alert(&failure.record.code, pipeline.clock.now()).await {
        Ok(count) if count > ALERT_RATE_COUNT_MAX => Rated::LeftForDigest,
        Ok(_) => Rated::Counted,
        Err(error) => {
            tracing::warn!(error = %error, code = %failure.record.code, "alert not counted; published by itself");
            Rated::No
        }
    }
}

/// Publishes an alert that its owner has claimed, whatever the rate of its cause. If it is not published the claim is released;
/// `rated` says whether it was counted.
///
/// # Errors
/// [`aws::Error`] when a call failed; the alert stays owed.
pub async fn publish_claimed(
    pipeline: &Pipeline,
    alert: OwedAlert<'_>,
    owed: &Owed,
    rated: Rated,
    known: Option<&Order>,
) -> Result<(), aws::Error> {
    let OwedAlert { firm, order, id, owner } = alert;
    let ended = publish(pipeline, alert, owed, known).await;
    if ended.is_err() {
        pipeline.store.release_alert(firm, order, id, owner, rated).await;
    }
    let Some(Published { sent_as, documents }) = ended? else {
        tracing::info!(order.id = %order, alert.id = %id, "notice withdrawn: the order has gone on");
        return pipeline.store.withdraw_alert(firm, order, id).await;
    };
    pipeline.metrics.count(Metric::AlertsPublished, 1);
    mark_documents_sent(pipeline, firm, order, &owed_by(documents), &sent_as).await?;
    // Last, so that whoever finds it owed repeats what is missing.
    pipeline.store.mark_alert_sent(firm, order, id, &sent_as).await
}

/// A publication that SNS accepted.
struct Published {
    sent_as: String,
    /// The failures of documents that it announced beside its own subject.
    documents: Vec<StoredFailure>,
}

/// Failures of documents that are marked as sent side by side.
const MARK_COUNT: usize = 25;

/// The failures whose alerts are still owed.
fn owed_by(documents: Vec<StoredFailure>) -> Vec<FailureId> {
    let pending = documents.into_iter().filter(|document| document.alert == AlertState::Pending);
    pending.map(|document| document.record.failure_id).collect()
}

/// Records that failures of an order's documents were announced in the publication `sent_as`.
///
/// # Errors
/// [`aws::Error`] when a call failed; those that are not marked stay owed.
pub async fn mark_documents_sent(
    pipeline: &Pipeline,
    firm: &FirmId,
    order: OrderId,
    documents: &[FailureId],
    sent_as: &str,
) -> Result<(), aws::Error> {
    let ids: Vec<AlertId> = documents.iter().cloned().map(AlertId::from).collect();
    for some in ids.chunks(MARK_COUNT) {
        let marks = some.iter().map(|id| pipeline.store.mark_alert_sent(firm, order, id, sent_as));
        join_all(marks).await.into_iter().collect::<Result<(), _>>()?;
    }
    Ok(())
}

/// The failures of documents that the alert of a failure announces too: those of the phase that it ended.
///
/// # Errors
/// [`aws::Error`] by what the caller does next.
pub async fn documents_of(pipeline: &Pipeline, record: &FailureRecord) -> Result<Vec<StoredFailure>, aws::Error> {
    if announces_documents(record.phase, &record.failure_id) {
        pipeline.store.document_failures(&record.firm_id, record.order_id, record.run).await
    } else {
        Ok(Vec::new())
    }
}

/// Whether a failure is that of the phase in which documents fail, and not that of one document.
fn announces_documents(phase: Phase, failure: &FailureId) -> bool {
    phase == Phase::Extract && failure.document().is_none()
}

/// Publishes a claimed alert; `None` if there is no longer a reason to.
async fn publish(
    pipeline: &Pipeline,
    alert: OwedAlert<'_>,
    owed: &Owed,
    known: Option<&Order>,
) -> Result<Option<Published>, aws::Error> {
    match owed {
        Owed::Failure(failure) => {
            let documents = documents_of(pipeline, &failure.record).await?;
            let sent_as = pipeline.alerts.publish(&failure.record, &records(&documents)).await?;
            Ok(Some(Published { sent_as, documents }))
        }
        Owed::Notice(notice) => match notice.kind {
            NoticeKind::DocumentsFailed => {
                let documents = pipeline.store.document_failures(alert.firm, alert.order, notice.run).await?;
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
