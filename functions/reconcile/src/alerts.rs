//! Publishes alerts that have been pending for too long, because their message is gone or SNS was down.

use aws::key::WatchList;
use aws::store::Watched;
use domain::limit::ALERT_OVERDUE_SECS;
use domain::notice::AlertId;
use jiff::{SignedDuration, Timestamp};
use runtime::alerting::{Alerted, OwedAlert, publish_owed};
use runtime::metric::Metric;

use crate::pass::Pass;
use crate::unrepairable::{ALERT_DAMAGED, origin_of_entry, report_unrepairable};

/// Limit on the alerts that one pass publishes.
const ALERT_COUNT_MAX: usize = 1_000;

/// Consecutive failures after which the remaining alerts wait for the next pass.
const FAILURE_COUNT_MAX: u32 = 3;

/// How long an alert that cannot be read is passed over before it is looked at again.
const UNREADABLE_PAUSE: SignedDuration = SignedDuration::from_hours(24);

/// All passes claim alerts under one name, so that a pass can take over at once what an earlier one left claimed.
pub(crate) const OWNER: &str = "reconcile";

pub(crate) async fn publish_overdue(pass: &mut Pass<'_>) {
    let patience = SignedDuration::from_secs(i64::from(ALERT_OVERDUE_SECS));
    let before = pass.pipeline.clock.now().saturating_sub(patience).unwrap_or_default();
    let owed = match pass.pipeline.store.watched(WatchList::Alerts, before, ALERT_COUNT_MAX).await {
        Ok((owed, unreadable)) => {
            pass.defer_unreadable(unreadable);
            owed
        }
        Err(error) => return pass.defer(None, &error),
    };
    pass.pipeline.metrics.count(Metric::AlertsOwed, owed.len() as u64);
    let mut failures = 0;
    for entry in owed {
        // The rest of the pass must not wait for SNS while it is down.
        if failures >= FAILURE_COUNT_MAX || !pass.has_time() {
            return;
        }
        match publish(pass, &entry).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                pass.defer(Some(entry.order_id), &error);
            }
        }
    }
}

async fn publish(pass: &Pass<'_>, entry: &Watched) -> Result<(), aws::Error> {
    let Some(id) = &entry.alert else { return Ok(()) };
    let alert = OwedAlert { firm: &entry.firm_id, order: entry.order_id, id, owner: OWNER };
    match publish_owed(pass.pipeline, alert, None).await? {
        Alerted::Done | Alerted::Busy { .. } => Ok(()),
        Alerted::Unreadable { reported } => pass_over(pass, entry, id, reported).await,
    }
}

/// Reports an alert that cannot be read, once, and looks at it again a day later: it is published by a version that can
/// read it.
async fn pass_over(pass: &Pass<'_>, entry: &Watched, id: &AlertId, reported: bool) -> Result<(), aws::Error> {
    if !reported {
        report_unrepairable(pass, origin_of_entry(entry), ALERT_DAMAGED, &id.to_string()).await?;
    }
    let until = pass.pipeline.clock.now().saturating_add(UNREADABLE_PAUSE).unwrap_or(Timestamp::MAX);
    pass.pipeline.store.postpone_alert(&entry.firm_id, entry.order_id, id, until).await
}
