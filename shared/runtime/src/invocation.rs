//! One invocation of a function.

use std::time::Duration;

use domain::limit::DEADLINE_MARGIN_MS;
use jiff::Timestamp;

/// An invocation's id and deadline.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Lambda's id of the invocation, which also identifies its writes.
    pub request_id: String,
    /// When Lambda stops it.
    pub deadline: Timestamp,
}

impl Invocation {
    /// Time for the function's own work. It ends shortly before the deadline, so that the function can still record that
    /// it ran out of time.
    #[must_use]
    pub fn time_to_work(&self, now: Timestamp) -> Duration {
        let left_ms = self.deadline.as_millisecond() - now.as_millisecond();
        Duration::from_millis(u64::try_from(left_ms).unwrap_or(0).saturating_sub(DEADLINE_MARGIN_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_stops_two_seconds_before_the_deadline() {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap_or_default();
        let left = |ms: i64| {
            Invocation { request_id: "r".to_owned(), deadline: at(1_000_000 + ms) }.time_to_work(at(1_000_000))
        };
        assert_eq!(left(10_000), Duration::from_secs(8));
        assert_eq!(left(2_001), Duration::from_millis(1));
        for too_late in [2_000, 1_000, 0, -5_000] {
            assert_eq!(left(too_late), Duration::ZERO, "{too_late} ms are left");
        }
    }
}
