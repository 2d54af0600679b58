//! Announces many failures of one cause in one publication.

use std::collections::BTreeMap;

use aws::store::{AlertState, Rated, StoredFailure};
use domain::failure::{FailureId, FailureRecord};
use domain::limit::ALERT_RATE_COUNT_MAX;
use futures_util::future::join_all;
use runtime::alerting::{documents_of, mark_documents_sent};
use runtime::metric::Metric;

use crate::claims::{CALL_COUNT, release_all};
use crate::pass::Pass;

/// Whether the overdue failures of one cause are announced together: because there are many, or because the function that
/// recorded one of them found that its cause is over the rate.
pub(crate) fn is_due(failures: &[StoredFailure]) -> bool {
    let is_over_rate = failures.iter().any(|failure| failure.rated == Rated::LeftForDigest);
    failures.len() > ALERT_RATE_COUNT_MAX as usize || is_over_rate && failures.len() > 1
}

/// Publishes claimed failures of one cause together, then marks each as sent. The oldest, which gives the digest its id, is
/// marked last: a pass that was stopped in between repeats under the same id what is left.
///
/// Returns how many are no longer owed.
///
/// # Errors
/// [`aws::Error`] when a call failed; what is not marked stays owed.
pub(crate) async fn publish(pass: &Pass<'_>, failures: Vec<StoredFailure>) -> Result<usize, aws::Error> {
    let (mut announced, documents) = read_documents(pass, failures).await?;
    announced.sort_by_cached_key(|one| {
        let record = &one.failure.record;
        (record.occurred_at, record.order_id, record.failure_id.clone())
    });
    let Some((oldest, later)) = announced.split_first() else { return Ok(0) };
    let records: Vec<&FailureRecord> = later.iter().map(|one| &one.failure.record).collect();
    let published = pass.pipeline.alerts.publish_digest(&oldest.failure.record, &records, &documents).await;
    let sent_as = match published {
        Ok(sent_as) => sent_as,
        Err(error) => {
            let failures: Vec<StoredFailure> = announced.into_iter().map(|one| one.failure).collect();
            release_all(pass, &failures).await;
            return Err(error);
        }
    };
    pass.pipeline.metrics.count(Metric::AlertsPublished, 1);
    pass.pipeline.metrics.count(Metric::AlertDigests, 1);
    tracing::info!(code = %oldest.failure.record.code, failures = announced.len(), digest = sent_as, "digest published");
    for some in later.chunks(CALL_COUNT) {
        join_all(some.iter().map(|one| mark(pass, one, &sent_as))).await.into_iter().collect::<Result<(), _>>()?;
    }
    mark(pass, oldest, &sent_as).await.map(|()| announced.len())
}

/// A failure, and those of its documents that are announced with it.
struct Announced {
    failure: StoredFailure,
    documents: Vec<FailureId>,
}

/// Finds the failures of documents that are announced too, and counts them by cause. A failure whose documents cannot be read
/// waits for the next pass.
///
/// # Errors
/// The last [`aws::Error`], if those of none could be read.
async fn read_documents(
    pass: &Pass<'_>,
    failures: Vec<StoredFailure>,
) -> Result<(Vec<Announced>, BTreeMap<String, usize>), aws::Error> {
    let (mut announced, mut waiting, mut by_cause) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut problem = None;
    let mut failures = failures.into_iter();
    loop {
        let some: Vec<StoredFailure> = failures.by_ref().take(CALL_COUNT).collect();
        if some.is_empty() {
            break;
        }
        let read = join_all(some.iter().map(|failure| documents_of(pass.pipeline, &failure.record))).await;
        for (failure, documents) in some.into_iter().zip(read) {
            match documents {
                Ok(documents) => {
                    let owed = documents.into_iter().filter(|document| document.alert == AlertState::Pending);
                    let count = |document: StoredFailure| {
                        *by_cause.entry(document.record.code).or_default() += 1;
                        document.record.failure_id
                    };
                    announced.push(Announced { failure, documents: owed.map(count).collect() });
                }
                Err(error) => {
                    waiting.push(failure);
                    problem = Some(error);
                }
            }
        }
    }
    release_all(pass, &waiting).await;
    match problem {
        Some(error) if announced.is_empty() => Err(error),
        problem => {
            for (failure, error) in waiting.iter().zip(problem.iter().cycle()) {
                pass.defer(Some(failure.record.order_id), error);
            }
            Ok((announced, by_cause))
        }
    }
}

/// Marks a failure as sent after those of its documents, so that whoever finds it owed repeats what is missing.
async fn mark(pass: &Pass<'_>, one: &Announced, sent_as: &str) -> Result<(), aws::Error> {
    let record = &one.failure.record;
    mark_documents_sent(pass.pipeline, &record.firm_id, record.order_id, &one.documents, sent_as).await?;
    let id = record.failure_id.clone().into();
    pass.pipeline.store.mark_alert_sent(&record.firm_id, record.order_id, &id, sent_as).await
}
