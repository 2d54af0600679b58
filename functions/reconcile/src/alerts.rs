//! Alerts that are owed for too long: the message that owed one is gone, or SNS was.

use aws::key::Watch;
use aws::store::{AlertClaim, Watched};
use domain::limit::ALERT_OVERDUE_SECS;
use jiff::SignedDuration;
use runtime::metric::Metric;
use runtime::publish;

use crate::turn::Turn;

/// Alerts that one turn sends at most.
const ALERT_COUNT_MAX: usize = 1_000;

/// Reconciliation claims alerts under one name: the next turn takes over at once what this one left.
const OWNER: &str = "reconcile";

pub(crate) async fn send_owed(turn: &mut Turn<'_>) {
    let patience = SignedDuration::from_secs(i64::from(ALERT_OVERDUE_SECS));
    let before = turn.pipeline.clock.now().saturating_sub(patience).unwrap_or_default();
    let owed = match turn.pipeline.store.watched(Watch::Alerts, before, ALERT_COUNT_MAX).await {
        Ok((owed, unreadable)) => {
            turn.pipeline.metrics.count(Metric::ReconcileItemsFailed, unreadable as u64);
            owed
        }
        Err(error) => return turn.defer(&error),
    };
    turn.pipeline.metrics.count(Metric::AlertsOwed, owed.len() as u64);
    for entry in owed {
        if !turn.has_time() {
            return;
        }
        if let Err(error) = send(turn, &entry).await {
            turn.defer(&error);
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
