//! Alerts that are owed for too long: the message that owed one is gone, or SNS was.

use aws::key::Watch;
use aws::store::{AlertClaim, Watched};
use domain::limit::ALERT_OVERDUE_SECS;
use jiff::SignedDuration;
use runtime::metric::Metric;
use runtime::publish;

use crate::pass::Turn;

/// Alerts that one turn sends at most.
const ALERT_COUNT_MAX: usize = 1_000;

/// Failures in a row after which the others wait for the next turn.
const FAILURE_COUNT_MAX: u32 = 3;

/// Reconciliation claims alerts under one name: the next turn takes over at once what this one left.
const OWNER: &str = "reconcile";

pub(crate) async fn send_owed(turn: &mut Turn<'_>) {
    let patience = SignedDuration::from_secs(i64::from(ALERT_OVERDUE_SECS));
    let before = turn.pipeline.clock.now().saturating_sub(patience).unwrap_or_default();
    let owed = match turn.pipeline.store.watched(Watch::Alerts, before, ALERT_COUNT_MAX).await {
        Ok((owed, unreadable)) => {
            turn.defer_unreadable(unreadable);
            owed
        }
        Err(error) => return turn.defer(None, &error),
    };
    turn.pipeline.metrics.count(Metric::AlertsOwed, owed.len() as u64);
    let mut failures = 0;
    for entry in owed {
        // While SNS is away there is other work, which must not wait for it.
        if failures >= FAILURE_COUNT_MAX || !turn.has_time() {
            return;
        }
        match send(turn, &entry).await {
            Ok(()) => failures = 0,
            Err(error) => {
                failures += 1;
                turn.defer(Some(entry.order_id), &error);
            }
        }
    }
}

async fn send(turn: &Turn<'_>, entry: &Watched) -> Result<(), aws::Error> {
    let Some(id) = &entry.failure_id else { return Ok(()) };
    let pipeline = turn.pipeline;
    let now = pipeline.clock.now();
    match pipeline.store.claim_alert(&entry.firm_id, entry.order_id, id, OWNER, now).await? {
        AlertClaim::Publish(record) => publish(pipeline, &record, OWNER).await,
        AlertClaim::Busy { .. } | AlertClaim::NothingOwed => Ok(()),
    }
}
