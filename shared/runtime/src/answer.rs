//! A function's answer for one message.

use domain::limit::{RETRY_BACKOFF_SECS_BASE, RETRY_BACKOFF_SECS_MAX};
use domain::message::PhaseMessage;
use jiff::Timestamp;

/// What happens to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a message without an answer is lost"]
pub enum Answer {
    /// It is done; the queue deletes it.
    Acknowledge,
    /// It is done once these messages are sent.
    Send(Vec<PhaseMessage>),
    /// The queue delivers it again after this delay.
    Retry {
        /// Seconds.
        secs: u32,
    },
    /// The queue delivers it again after its own visibility timeout, and in the end moves it to the dead-letter queue.
    Refuse,
}

impl Answer {
    /// Retries once `until` has passed.
    pub fn retry_after(until: Timestamp, now: Timestamp) -> Self {
        let wait = until.as_second() - now.as_second() + 1;
        Self::Retry { secs: u32::try_from(wait.max(1)).unwrap_or(1) }
    }

    /// Retries after a delay that grows with the deliveries so far. It doubles up to a limit, and half of it is random, so
    /// that messages that failed together are not all delivered again at once.
    pub fn back_off(receive_count: u32) -> Self {
        let doubled = RETRY_BACKOFF_SECS_BASE.saturating_mul(1 << receive_count.saturating_sub(1).min(16));
        let bound = doubled.min(RETRY_BACKOFF_SECS_MAX);
        Self::Retry { secs: bound / 2 + fastrand::u32(0..=bound - bound / 2) }
    }
}
