//! Publishes alerts that have been pending for too long, because their message is gone, because SNS was down, or because there
//! were too many of their cause. Many failures of one cause are announced together.

use std::collections::BTreeMap;

use aws::key::WatchList;
use aws::store::{Owed, Rated, StoredFailure, Watched};
use domain::id::OrderId;
use domain::limit::ALERT_OVERDUE_SECS;
use domain::notice::AlertId;
use jiff::SignedDuration;
use runtime::alerting::{Alerted, OwedAlert, publish_claimed, publish_owed};
use runtime::metric::Metric;

use crate::claims::{OWNER, claim_all, pass_over, release_all};
use crate::digest;
use crate::pass::Pass;

/// Limit on the alerts that one pass publishes.
const ALERT_COUNT_MAX: usize = 1_000;

/// Consecutive failures after which the remaining alerts wait for the next pass.
const FAILURE_COUNT_MAX: u32 = 3;

pub(crate) async fn publish_overdue(pass: &mut Pass<'_>) {
    let patience = SignedDuration::from_secs(i64::from(ALERT_OVERDUE_SECS));
    let before = pass.pipeline.clock.now().saturating_sub(patience).unwrap_or_default();
    let entries = match pass.pipeline.store.watched(WatchList::Alerts, before, ALERT_COUNT_MAX).await {
        Ok((entries, unreadable)) => {
            pass.defer_unreadable(unreadable);
            entries
        }
        Err(error) => return pass.defer(None, &error),
    };
    let overdue = entries.len();
    let settled = publish_all(pass, entries).await;
    pass.pipeline.metrics.count(Metric::AlertsOwed, overdue.saturating_sub(settled) as u64);
}

/// What one publication announces.
enum Publication {
    /// Failures of one cause, which are claimed.
    Digest(Vec<StoredFailure>),
    /// A failure, which is claimed.
    Failure(StoredFailure),
    /// A notice, which is not claimed yet.
    Notice(Watched),
}

/// Publishes the alerts that the index lists; returns how many of them are no longer owed.
async fn publish_all(pass: &Pass<'_>, entries: Vec<Watched>) -> usize {
    let is_notice = |entry: &Watched| matches!(entry.alert, Some(AlertId::Notice(_)));
    let (notices, failures): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_notice);
    let claims = claim_all(pass, &failures).await;
    let mut publications = by_cause(claims.failures);
    publications.extend(notices.into_iter().map(Publication::Notice));
    let (mut settled, mut failures) = (claims.settled, 0);
    for publication in publications {
        // The rest of the pass must not wait for SNS while it is down.
        if failures >= FAILURE_COUNT_MAX || !pass.has_time() {
            give_back(pass, publication).await;
            continue;
        }
        let order = first_order(&publication);
        match publish(pass, publication).await {
            Ok(count) => {
                failures = 0;
                settled += count;
            }
            Err(error) => {
                failures += 1;
                pass.defer(order, &error);
            }
        }
    }
    settled
}

/// What is to be published of claimed failures: digests where there are many of one cause, the others one by one.
fn by_cause(claimed: Vec<StoredFailure>) -> Vec<Publication> {
    let mut groups: BTreeMap<String, Vec<StoredFailure>> = BTreeMap::new();
    for failure in claimed {
        groups.entry(failure.record.code.clone()).or_default().push(failure);
    }
    let mut publications = Vec::new();
    for group in groups.into_values() {
        if digest::is_due(&group) {
            publications.push(Publication::Digest(group));
        } else {
            publications.extend(group.into_iter().map(Publication::Failure));
        }
    }
    publications
}

/// Publishes; returns how many alerts are no longer owed.
async fn publish(pass: &Pass<'_>, publication: Publication) -> Result<usize, aws::Error> {
    match publication {
        Publication::Digest(failures) => digest::publish(pass, failures).await,
        Publication::Failure(failure) => {
            let (firm, order) = (failure.record.firm_id.clone(), failure.record.order_id);
            let id = failure.record.failure_id.clone().into();
            let alert = OwedAlert { firm: &firm, order, id: &id, owner: OWNER };
            let owed = Owed::Failure(Box::new(failure));
            publish_claimed(pass.pipeline, alert, &owed, Rated::No, None).await.map(|()| 1)
        }
        Publication::Notice(entry) => publish_notice(pass, &entry).await,
    }
}

async fn publish_notice(pass: &Pass<'_>, entry: &Watched) -> Result<usize, aws::Error> {
    let Some(id) = &entry.alert else { return Ok(0) };
    let alert = OwedAlert { firm: &entry.firm_id, order: entry.order_id, id, owner: OWNER };
    match publish_owed(pass.pipeline, alert, None).await? {
        Alerted::Done => Ok(1),
        Alerted::Busy { .. } | Alerted::LeftForDigest => Ok(0),
        Alerted::Unreadable { reported } => pass_over(pass, entry, id, reported).await.map(|()| 0),
    }
}

/// Releases the claims of what is not published in this pass.
async fn give_back(pass: &Pass<'_>, publication: Publication) {
    match publication {
        Publication::Digest(failures) => release_all(pass, &failures).await,
        Publication::Failure(failure) => release_all(pass, &[failure]).await,
        Publication::Notice(_) => {}
    }
}

/// The order that the log names if a publication fails.
fn first_order(publication: &Publication) -> Option<OrderId> {
    match publication {
        Publication::Digest(failures) => failures.first().map(|failure| failure.record.order_id),
        Publication::Failure(failure) => Some(failure.record.order_id),
        Publication::Notice(entry) => Some(entry.order_id),
    }
}
