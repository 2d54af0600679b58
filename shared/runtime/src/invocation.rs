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
