//! Decides how to recover orders that have stopped making progress.

use jiff::{SignedDuration, Timestamp};

use crate::execution::Execution;
use crate::failure::Failure;
use crate::limit::{CLOCK_SKEW_SECS_MAX, HAND_OFF_OVERDUE_SECS, HAND_OFF_OVERDUE_SECS_MAX, PHASE_SECS_MAX};
use crate::order::Order;

/// The failure of an order that was in one phase for too long.
pub const OVERDUE: Failure = Failure::transient(
    "order.overdue",
    "The phase did not end within a day. Look at the alarms of its function and its queue, then retry the order.",
);

/// How reconciliation recovers an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Nothing to do: the order is making progress, waits for a person, or has ended.
    No,
    /// Resend the message that starts its phase, which seems to be lost.
    Resend,
    /// End the phase: all its documents have ended, but the function that ended the last one stopped before ending the
    /// phase.
    EndPhase,
    /// Fail the order, so that an operator is alerted: it was in one phase for too long.
    Fail,
}

/// Decides how to recover an order, given the executions of its current run if it fans out. When in doubt it resends, which
/// is harmless: of any number of messages, one gets the claim.
#[must_use]
pub fn overdue(order: &Order, executions: &[Execution], now: Timestamp) -> Overdue {
    let Some(owed_since) = order.hand_off_owed_since().filter(|_| order.is_active()) else { return Overdue::No };
    let leases = executions.iter().filter_map(Execution::lease).chain(order.lease());
    if leases.into_iter().any(|lease| secs_between(lease.until, now) < i64::from(CLOCK_SKEW_SECS_MAX)) {
        return Overdue::No;
    }
    if secs_between(owed_since, now) >= i64::from(PHASE_SECS_MAX) {
        return Overdue::Fail;
    }
    let last_sent = order.resent_at().map_or(owed_since, |resent| resent.max(owed_since));
    if secs_between(last_sent, now) < i64::from(patience_secs(order.resends())) {
        return Overdue::No;
    }
    if order.fans_out() && order.all_documents_ended() { Overdue::EndPhase } else { Overdue::Resend }
}

/// Seconds to wait before a hand-off that was resent `resends` times is sent once more.
fn patience_secs(resends: u32) -> u32 {
    HAND_OFF_OVERDUE_SECS.saturating_mul(1 << resends.min(16)).min(HAND_OFF_OVERDUE_SECS_MAX)
}

fn secs_between(earlier: Timestamp, later: Timestamp) -> i64 {
    let between: SignedDuration = later.duration_since(earlier);
    between.as_secs()
}
