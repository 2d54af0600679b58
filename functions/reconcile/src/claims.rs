//! Claims of overdue alerts, many side by side.

use aws::store::{AlertClaim, Owed, Rated, StoredFailure, Watched};
use domain::notice::AlertId;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::pass::Pass;
use crate::unrepairable::{ALERT_DAMAGED, origin_of_entry, report_unrepairable};

/// Calls about alerts that are made side by side.
pub(crate) const CALL_COUNT: usize = 25;

/// How long an alert that cannot be read is passed over before it is looked at again.
const UNREADABLE_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// All passes claim alerts under one name, so that a pass can take over at once what an earlier one left claimed.
pub(crate) const OWNER: &str = "reconcile";

/// What became of the entries of failures.
#[derive(Default)]
pub(crate) struct Claims {
    /// The failures that are claimed, whose alerts have to be published or released.
    pub(crate) failures: Vec<StoredFailure>,
    /// How many entries need nothing any more: the index lags behind.
    pub(crate) settled: usize,
}

/// Claims the alerts of failures. Those that cannot be read are reported.
pub(crate) async fn claim_all(pass: &Pass<'_>, entries: &[Watched]) -> Claims {
    let mut claims = Claims::default();
    for some in entries.chunks(CALL_COUNT) {
        if !pass.has_time() {
            break;
        }
        let results = join_all(some.iter().map(|entry| claim(pass, entry))).await;
        // The rest of the pass must not wait for the table while it is down.
        let is_down = results.iter().all(Result::is_err);
        for (entry, result) in some.iter().zip(results) {
            match result {
                Ok(Claim::Failure(failure)) => claims.failures.push(*failure),
                Ok(Claim::Settled) => claims.settled += 1,
                Ok(Claim::Waits) => {}
                Err(error) => pass.defer(Some(entry.order_id), &error),
            }
        }
        if is_down {
            break;
        }
    }
    claims
}

enum Claim {
    /// Claimed.
    Failure(Box<StoredFailure>),
    /// It is not owed.
    Settled,
    /// Somebody else has claimed it, or it cannot be read.
    Waits,
}

async fn claim(pass: &Pass<'_>, entry: &Watched) -> Result<Claim, aws::Error> {
    let Some(id) = &entry.alert else { return Ok(Claim::Settled) };
    let now = pass.pipeline.clock.now();
    match pass.pipeline.store.claim_alert(&entry.firm_id, entry.order_id, id, OWNER, now).await? {
        AlertClaim::Publish(Owed::Failure(failure)) => Ok(Claim::Failure(failure)),
        AlertClaim::Publish(Owed::Notice(_)) | AlertClaim::Busy { .. } => Ok(Claim::Waits),
        AlertClaim::NothingOwed => Ok(Claim::Settled),
        AlertClaim::Unreadable { reported } => pass_over(pass, entry, id, reported).await.map(|()| Claim::Waits),
    }
}

/// Releases the claims to alerts that were not published.
pub(crate) async fn release_all(pass: &Pass<'_>, failures: &[StoredFailure]) {
    for some in failures.chunks(CALL_COUNT) {
        let releases = some.iter().map(|failure| async move {
            let (record, id) = (&failure.record, failure.record.failure_id.clone().into());
            pass.pipeline.store.release_alert(&record.firm_id, record.order_id, &id, OWNER, Rated::No).await;
        });
        join_all(releases).await;
    }
}

/// Reports an alert that cannot be read, once, and looks at it again a day later: it is published by a version that can
/// read it.
pub(crate) async fn pass_over(
    pass: &Pass<'_>,
    entry: &Watched,
    id: &AlertId,
    reported: bool,
) -> Result<(), aws::Error> {
    if !reported {
        report_unrepairable(pass, origin_of_entry(entry), ALERT_DAMAGED, &id.to_string()).await?;
    }
    let until = pass.pipeline.clock.now().saturating_add(UNREADABLE_PAUSE).unwrap_or(Timestamp::MAX);
    pass.pipeline.store.postpone_alert(&entry.firm_id, entry.order_id, id, until).await
}
