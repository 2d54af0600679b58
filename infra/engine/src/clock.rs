//! The engine's only clock.

use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;
use jiff::{SignedDuration, Timestamp};

use super::scope::Scope;

/// The longest single sleep, after which the system clock is read again in case it was set.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// The time that the queues, the tables, the SDK and the driver read.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
/// use engine::Clock;
/// let clock = Clock::starting_at("2026-04-01T00:00:00Z".parse().unwrap());
/// tokio::time::sleep(std::time::Duration::from_secs(90)).await; // takes no real time under paused time
/// assert_eq!(clock.now().to_string(), "2026-04-01T00:01:30Z");
/// # });
/// ```
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Tokio { start: Timestamp, origin: tokio::time::Instant },
}

impl Clock {
    /// The system clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that shows `start` now and follows tokio's clock from then on. If tokio's time is paused (`start_paused`),
    /// the time is virtual: timeouts, backoffs and visibility timeouts pass without waiting.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Source::Tokio { start, origin: tokio::time::Instant::now() })
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Tokio { start, origin } => later(*start, origin.elapsed()),
        }
    }

    /// The current time in milliseconds since 1970, the unit of SQS and of the store.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Waits until `due`; returns at once if it has passed.
    pub async fn sleep_until(&self, due: Timestamp) {
        loop {
            let left = Duration::try_from(due.duration_since(self.now())).unwrap_or_default();
            if left.is_zero() {
                return;
            }
            match self.0 {
                Source::System => tokio::time::sleep(left.min(SLEEP_MAX)).await,
                Source::Tokio { .. } => tokio::time::sleep(left).await,
            }
        }
    }
}

/// The time that the SDK's clients and the functions read: that of the machine they run on, which may be ahead or behind.
/// Queues, tables and the driver read [`Clock::now`].
impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        ahead(self.now(), Scope::current().map_or(0, |scope| scope.skew_ms())).into()
    }
}

impl dynoxide::storage_backend::Clock for Clock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or_default()
    }

    fn now_unix_secs_f64(&self) -> f64 {
        self.now().as_duration().as_secs_f64()
    }
}

/// `time` plus `duration`, capped at the latest possible timestamp.
#[must_use]
pub fn later(time: Timestamp, duration: Duration) -> Timestamp {
    time.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

/// `time` as shown by a clock that is `skew_ms` milliseconds ahead.
pub(crate) fn ahead(time: Timestamp, skew_ms: i64) -> Timestamp {
    time.saturating_add(SignedDuration::from_millis(skew_ms)).unwrap_or(Timestamp::MAX)
}

/// The timestamp of `milliseconds` since 1970.
#[must_use]
pub fn from_ms(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
}
