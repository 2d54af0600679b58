//! The verdict on a message: is there work to do for it, and who does it?

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
    /// The work is done. `resend`: what follows from it may not have gone out, so send that again.
    AlreadyDone {
        /// Whether something may still be owed.
        resend: bool,
    },
    /// Another invocation works on it until then.
    Busy {
        /// When its lease ends.
        until: Timestamp,
    },
    /// The message belongs to an earlier run; nothing is to be done.
    Stale,
    /// The message is of a run or phase that the order has not reached: it overtook the write that caused it, or comes
    /// from a version of the program that this one does not know. Try later.
    Early,
    /// The order was cancelled.
    Cancelled,
}

/// Judges a message for `unit` against the order as it stands. Pure: the store uses it to explain why its conditional
/// write did not apply, and the write's condition is true exactly when the verdict is [`Claim::Work`].
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
        // What follows is owed while the next phase has not ended, so the order itself knows.
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

/// Whether what the order owes follows directly from `phase`: then a repeat of that phase's message sends it again.
#[must_use]
pub fn owes_after(order: &Order, phase: Phase) -> bool {
    order.is_active() && order.phase > phase && order.hand_off_owed_since.is_some()
}
