//! Judging a message: whether there is work to do for it, and who does it.

use jiff::Timestamp;

use crate::event::Unit;
use crate::order::{Order, lease_key};
use crate::phase::Phase;
use crate::status::Status;

/// Who asks for a unit of work, and on which message.
#[derive(Clone, Copy, Debug)]
pub struct Claimant<'a> {
    /// The invocation.
    pub owner: &'a str,
    /// The queue's id of the message.
    pub message: &'a str,
}

/// What to do about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Do the work.
    Work,
    /// The work is done. With `resend`, its follow-up may not have been sent, so send it again.
    AlreadyDone {
        /// Whether something may still have to be sent.
        resend: bool,
    },
    /// Another invocation is working on it.
    Busy {
        /// When its lease ends.
        until: Timestamp,
    },
    /// The message belongs to an earlier run; there is nothing to do.
    Stale,
    /// The message is of a run or phase that the order has not reached: it overtook the write that caused it, or comes
    /// from a version of the program that this one does not know. Try later.
    Early,
    /// The order was cancelled.
    Cancelled,
}

/// Judges a message for `unit` against the order as it stands. Pure: the store uses it to explain why its conditional
/// write did not apply, and the write's condition holds exactly when this returns [`Claim::Work`].
#[must_use]
pub fn judge(order: &Order, unit: &Unit, claimant: &Claimant<'_>, now: Timestamp) -> Claim {
    if unit.run < order.run {
        return Claim::Stale;
    }
    if unit.run > order.run || order.status == Status::Draft {
        return Claim::Early;
    }
    if order.status == Status::Cancelled {
        return Claim::Cancelled;
    }
    if unit.phase < order.phase || !order.is_active() {
        // The hand-off stays pending until the next phase ends, so the order itself knows whether to send it.
        return Claim::AlreadyDone { resend: true };
    }
    if unit.phase > order.phase {
        return Claim::Early;
    }
    if order.fans_out() {
        match unit.document {
            Some(document) if order.terminal.contains(&document) => return Claim::AlreadyDone { resend: true },
            Some(document) if document.get() <= order.documents => {}
            _ => return Claim::Stale,
        }
    } else if unit.document.is_some() {
        return Claim::Stale;
    }
    match order.leases.get(&lease_key(unit.document)) {
        Some(lease) if lease.message != claimant.message && lease.until > now => Claim::Busy { until: lease.until },
        _ => Claim::Work,
    }
}

/// Whether the pending hand-off follows from `phase`, so that a repeat of that phase's message sends it again.
#[must_use]
pub fn owes_after(order: &Order, phase: Phase) -> bool {
    order.is_active() && order.phase > phase && order.hand_off_owed_since.is_some()
}
