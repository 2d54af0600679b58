//! How long an order may wait for a reviewer: after a while the reviewers are reminded, then the operators are told, and in
//! the end the order fails. Nothing is ever approved because nobody looked.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Refusal, ending};
use crate::failure::{Failure, FailureRecord};
use crate::id::RunNumber;
use crate::order::Order;

/// The failure of an order whose review nobody ended.
pub const EXPIRED: Failure = Failure::permanent(
    "review.expired",
    "Nobody decided the review in the time that is allowed. Retry the order: its review starts anew.",
);

/// When an order that waits for a reviewer is brought up again, counted from the start of its wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    remind: SignedDuration,
    escalate: SignedDuration,
    expire: SignedDuration,
}

/// Deadlines that do not follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("reviewers are reminded first, then operators are told, then the review expires; give three increasing times")]
pub struct InvalidDeadlines;

impl Deadlines {
    /// Deadlines in hours, each later than the one before.
    ///
    /// # Errors
    /// [`InvalidDeadlines`] when they do not increase from 1 hour.
    pub fn from_hours(remind: u32, escalate: u32, expire: u32) -> Result<Self, InvalidDeadlines> {
        let hours = |hours: u32| SignedDuration::from_hours(i64::from(hours));
        if 0 < remind && remind < escalate && escalate < expire {
            Ok(Self { remind: hours(remind), escalate: hours(escalate), expire: hours(expire) })
        } else {
            Err(InvalidDeadlines)
        }
    }
}

/// Who has been told of a wait, beside those whom its start was announced to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The reviewers, once more.
    Reviewers,
    /// The operators.
    Operators,
}

/// An order's wait for a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Since when: the pause, or the last extension.
    pub since: Timestamp,
    /// Who was told of it since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Told>,
    /// When they were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// How often it was extended.
    #[serde(default)]
    pub extensions: u32,
}

impl Wait {
    /// A wait that begins.
    pub(super) fn from(since: Timestamp) -> Self {
        Self { since, told: None, told_at: None, extensions: 0 }
    }
}

/// What is due about an order that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Tell somebody.
    Tell(Told),
    /// End the wait: the order fails.
    Expire,
}

/// What is due next about an order that waits for a reviewer, and when; `None` if it does not wait.
///
/// A wait does not expire before the operators have known of it for half of the time that they usually have. So neither a clock
/// that jumps ahead nor reconciliation that was away ends a wait that nobody was warned of.
#[must_use]
pub fn next_due(order: &Order, deadlines: &Deadlines) -> Option<(Due, Timestamp)> {
    if !order.is_paused() {
        return None;
    }
    let wait = order.review_wait();
    let after = |since: Timestamp, time: SignedDuration| since.saturating_add(time).unwrap_or(Timestamp::MAX);
    Some(match wait.told {
        None => (Due::Tell(Told::Reviewers), after(wait.since, deadlines.remind)),
        Some(Told::Reviewers) => (Due::Tell(Told::Operators), after(wait.since, deadlines.escalate)),
        Some(Told::Operators) => {
            let warned = after(wait.told_at.unwrap_or(wait.since), (deadlines.expire - deadlines.escalate) / 2);
            (Due::Expire, after(wait.since, deadlines.expire).max(warned))
        }
    })
}

/// When the order fails unless its review is decided or extended; `None` if it does not wait. It may be later if its operators are
/// told late, and never is earlier.
#[must_use]
pub fn expires_at(order: &Order, deadlines: &Deadlines) -> Option<Timestamp> {
    match next_due(order, deadlines)? {
        (Due::Expire, at) => Some(at),
        (Due::Tell(_), _) => order.review_wait().since.checked_add(deadlines.expire).ok(),
    }
}

fn check_waiting(order: &Order, run: RunNumber) -> Result<(), Refusal> {
    if run < order.run {
        return Err(Refusal::Stale);
    }
    if !order.is_paused() || run > order.run { Err(Refusal::NotPaused) } else { Ok(()) }
}

pub(super) fn tell(order: &mut Order, run: RunNumber, whom: Told, at: Timestamp) -> Result<(), Refusal> {
    check_waiting(order, run)?;
    let mut wait = order.review_wait();
    if wait.told.is_some_and(|told| told >= whom) {
        return Err(Refusal::Told);
    }
    (wait.told, wait.told_at) = (Some(whom), Some(at));
    order.review_wait = Some(wait);
    Ok(())
}

pub(super) fn extend(order: &mut Order, run: RunNumber, at: Timestamp) -> Result<(), Refusal> {
    check_waiting(order, run)?;
    let extensions = order.review_wait().extensions.saturating_add(1);
    order.review_wait = Some(Wait { extensions, ..Wait::from(at) });
    Ok(())
}

pub(super) fn expire(order: &mut Order, run: RunNumber, at: Timestamp) -> Result<FailureRecord, Refusal> {
    check_waiting(order, run)?;
    Ok(ending::fail(order, order.phase, &EXPIRED, at))
}
