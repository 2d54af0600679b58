//! A function's answer for one message.

use domain::limit::{DEPENDENCY_WAIT_SECS_MAX, RETRY_BACKOFF_SECS_BASE, RETRY_BACKOFF_SECS_MAX};
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

    /// Retries work that has waited for a dependency since `began`: after a quarter to half of the time that it has waited, so
    /// that an outage of an hour costs few deliveries and one of seconds little time.
    pub fn wait_longer(began: Option<Timestamp>, now: Timestamp) -> Self {
        let waited = began.map_or(0, |began| now.as_second().saturating_sub(began.as_second()));
        let quarter =
            u32::try_from(waited / 4).unwrap_or(0).clamp(RETRY_BACKOFF_SECS_BASE, DEPENDENCY_WAIT_SECS_MAX / 2);
        Self::Retry { secs: quarter + fastrand::u32(0..=quarter) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shortest and the longest delay among many.
    fn delays(receive_count: u32) -> (u32, u32) {
        let delays = std::iter::repeat_with(|| match Answer::back_off(receive_count) {
            Answer::Retry { secs } => secs,
            other => unreachable!("{other:?}"),
        });
        delays.take(3_000).fold((u32::MAX, 0), |(least, most), secs| (least.min(secs), most.max(secs)))
    }

    #[test]
    fn a_delay_doubles_with_each_delivery_and_half_of_it_is_random() {
        assert_eq!(delays(1), (2, 5));
        assert_eq!(delays(2), (5, 10));
        assert_eq!(delays(3), (10, 20));
        assert_eq!(delays(4), (20, 40));
    }

    #[test]
    fn a_delay_is_at_most_five_minutes_however_often_a_message_was_delivered() {
        for receive_count in [7, 8, 40, u32::MAX] {
            assert_eq!(delays(receive_count), (150, 300), "delivery {receive_count}");
        }
        assert_eq!(delays(0), (2, 5), "a queue that does not count is taken to deliver for the first time");
    }

    #[test]
    fn work_waits_for_a_dependency_in_proportion_to_how_long_it_has_waited() {
        let at = |second| Timestamp::from_second(second).unwrap_or_default();
        let delays = |waited: i64| {
            let delays = std::iter::repeat_with(|| match Answer::wait_longer(Some(at(1_000)), at(1_000 + waited)) {
                Answer::Retry { secs } => secs,
                other => unreachable!("{other:?}"),
            });
            delays.take(3_000).fold((u32::MAX, 0), |(least, most), secs| (least.min(secs), most.max(secs)))
        };
        assert_eq!(delays(0), (5, 10));
        assert_eq!(delays(40), (10, 20));
        // These ranges are too wide for their ends to come up.
        for (waited, at_least, at_most) in [(1_200, 300, 600), (3_600, 450, 900), (80_000, 450, 900), (-5, 5, 10)] {
            let (least, most) = delays(waited);
            assert!(at_least <= least && most <= at_most && most > least, "{waited}: {least} to {most}");
        }
        assert!(matches!(Answer::wait_longer(None, at(0)), Answer::Retry { secs: 5..=10 }));
    }

    #[test]
    fn a_message_that_waits_for_a_lease_comes_back_a_second_after_its_end() {
        let after = |until, now| {
            let at = |second| Timestamp::from_second(second).unwrap_or_default();
            Answer::retry_after(at(until), at(now))
        };
        assert_eq!(after(1_060, 1_000), Answer::Retry { secs: 61 });
        assert_eq!(after(1_001, 1_000), Answer::Retry { secs: 2 });
        assert_eq!(after(1_000, 1_000), Answer::Retry { secs: 1 });
        assert_eq!(after(900, 1_000), Answer::Retry { secs: 1 });
    }
}
