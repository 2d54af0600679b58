//! Recovering orders that have stopped moving.

use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::limit::{CLOCK_SKEW_SECS_MAX, HAND_OFF_OVERDUE_SECS, HAND_OFF_OVERDUE_SECS_MAX, PHASE_SECS_MAX};
use crate::order::Order;

/// The failure of an order that was in one phase for too long.
pub const OVERDUE: Failure = Failure::transient(
    "order.overdue",
    "The phase did not end within a day. Look at the alarms of its function and its queue, then retry the order.",
);

/// What to do about an order that reconciliation looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// Nothing: it moves, waits for a person, or has ended.
    No,
    /// Send the message that starts its phase again: it seems to have vanished.
    Resend,
    /// End the phase: all its documents have ended, and whoever ended the last one stopped before ending the phase.
    EndPhase,
    /// Fail it, so that an operator is alerted: it was in one phase for too long.
    Fail,
}

/// Judges an order. Sending again is harmless, since the next claim takes one of any number of messages; so this
/// errs on the side of sending.
#[must_use]
pub fn overdue(order: &Order, now: Timestamp) -> Overdue {
    let Some(owed_since) = order.hand_off_owed_since().filter(|_| order.is_active()) else { return Overdue::No };
    if order.leases().values().any(|lease| secs_between(lease.until, now) < i64::from(CLOCK_SKEW_SECS_MAX)) {
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

/// Seconds to wait for a hand-off that was sent again `resends` times before it is sent once more.
fn patience_secs(resends: u32) -> u32 {
    HAND_OFF_OVERDUE_SECS.saturating_mul(1 << resends.min(16)).min(HAND_OFF_OVERDUE_SECS_MAX)
}

fn secs_between(earlier: Timestamp, later: Timestamp) -> i64 {
    let between: SignedDuration = later.duration_since(earlier);
    between.as_secs()
}
