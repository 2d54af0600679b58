//! Decides what to do about a message: whether there is work for it, and whether another invocation is already doing it.

use jiff::Timestamp;

use crate::event::Unit;
use crate::order::Order;
use crate::phase::Phase;
use crate::status::Status;

/// What to do about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Do the work.
    Work,
    /// The work is done. With `resend`, its follow-up may not have been sent, so send it again.
    AlreadyDone {
        /// Whether something may still be unsent.
        resend: bool,
    },
    /// Another invocation is working on it.
    Busy {
        /// When its lease ends.
        until: Timestamp,
    },
    /// The message belongs to an earlier run; there is nothing to do.
    Stale,
    /// The message is for a run or phase that the order has not reached: it overtook the write that caused it, or a
    /// newer version of the program sent it. Try later.
    Early,
    /// The order was cancelled.
    Cancelled,
}

/// Judges the message `message_id` for `unit` against the current order. The store uses it to explain why its conditional
/// write did not apply; the write's condition holds exactly when this returns [`Claim::Work`].
///
/// For a document this says whether its execution may be claimed; [`execution::claim`](crate::execution::claim) says
/// whether somebody else has claimed it.
#[must_use]
pub fn judge(order: &Order, unit: &Unit, message_id: &str, now: Timestamp) -> Claim {
    if unit.run < order.run() {
        return Claim::Stale;
    }
    if unit.run > order.run() || order.status() == Status::Draft {
        return Claim::Early;
    }
    if order.status() == Status::Cancelled {
        return Claim::Cancelled;
    }
    if unit.phase < order.phase() || !order.is_active() {
        // The hand-off stays owed until the next phase has ended, so the order itself knows what to resend.
        return Claim::AlreadyDone { resend: true };
    }
    if unit.phase > order.phase() {
        return Claim::Early;
    }
    if order.fans_out() {
        match unit.document {
            Some(document) if order.terminal().contains(&document) => return Claim::AlreadyDone { resend: true },
            Some(document) if document.get() <= order.documents() => {}
            _ => return Claim::Stale,
        }
    } else if unit.document.is_some() {
        return Claim::Stale;
    }
    match order.lease() {
        Some(lease) if unit.document.is_none() && lease.message != message_id && lease.until > now => {
            Claim::Busy { until: lease.until }
        }
        _ => Claim::Work,
    }
}

/// Whether the order's unsent hand-off follows directly from `phase`. If so, a repeat of that phase's message resends it.
#[must_use]
pub fn owes_after(order: &Order, phase: Phase) -> bool {
    order.is_active() && order.phase() > phase && order.hand_off_owed_since().is_some()
}
