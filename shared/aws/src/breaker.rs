//! A circuit breaker per dependency: after several consecutive failures it rejects calls for a while, then lets one call
//! probe it.
//!
//! Its state lives in the process. If the state cannot be read the breaker acts as closed, because a skipped write is a
//! loss while a failed attempt is not.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};

use crate::Error;
use crate::error::CIRCUIT_OPEN;
use crate::sdk::Clock;

/// Consecutive failures after which the circuit opens.
pub const FAILURES_TO_OPEN: u32 = 5;
/// Time after which an open circuit is probed, in seconds. One call probes; the others are rejected until it succeeds.
pub const PROBE_AFTER_SECS: u32 = 30;

/// The breaker of one dependency.
#[derive(Debug)]
pub struct Breaker {
    dependency: &'static str,
    clock: Clock,
    state: Mutex<State>,
    openings: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    open_until: Option<Timestamp>,
}

impl Breaker {
    /// A closed breaker for `dependency`.
    #[must_use]
    pub fn new(dependency: &'static str, clock: Clock) -> Self {
        Self { dependency, clock, state: Mutex::default(), openings: AtomicU64::new(0) }
    }

    /// Makes a call unless the circuit is open.
    ///
    /// # Errors
    /// The call's error, or at once [`Error::Unavailable`] with the code `circuit open`.
    pub async fn guard<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if !self.admits() {
            return Err(Error::Unavailable { operation, code: CIRCUIT_OPEN.to_owned() });
        }
        let result = call.await;
        self.record(matches!(result, Err(Error::Unavailable { .. })));
        result
    }

    /// How often the circuit opened since the last call of this function.
    pub fn take_openings(&self) -> u64 {
        self.openings.swap(0, Ordering::Relaxed)
    }

    fn admits(&self) -> bool {
        let Ok(mut state) = self.state.lock() else { return true };
        let now = self.clock.now();
        match state.open_until {
            Some(until) if now < until => false,
            Some(_) => {
                state.open_until = Some(after_pause(now));
                true
            }
            None => true,
        }
    }

    fn record(&self, unavailable: bool) {
        let Ok(mut state) = self.state.lock() else { return };
        if !unavailable {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES_TO_OPEN {
            if state.open_until.is_none() {
                tracing::warn!(
                    dependency = self.dependency,
                    "circuit opened; calls are rejected until a probe succeeds"
                );
                self.openings.fetch_add(1, Ordering::Relaxed);
            }
            state.open_until = Some(after_pause(self.clock.now()));
        }
    }
}

fn after_pause(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(i64::from(PROBE_AFTER_SECS))).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicU64};
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, SystemTime};

    use aws_smithy_async::time::{SharedTimeSource, TimeSource};
    use aws_types::SdkConfig;

    use super::*;

    /// Seconds since 1970, set by hand.
    #[derive(Clone, Debug, Default)]
    struct Seconds(Arc<AtomicU64>);

    impl TimeSource for Seconds {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    fn breaker() -> (Breaker, Seconds) {
        let time = Seconds::default();
        let configuration = SdkConfig::builder().time_source(SharedTimeSource::new(time.clone())).build();
        (Breaker::new("test", Clock::of(&configuration)), time)
    }

    /// Whether a call was let through, which then fails as `unavailable` says.
    fn call(breaker: &Breaker, unavailable: bool) -> bool {
        let made = AtomicBool::new(false);
        let call = async {
            made.store(true, Ordering::Relaxed);
            let failure = || Error::Unavailable { operation: "Test", code: "test".to_owned() };
            if unavailable { Err(failure()) } else { Ok(()) }
        };
        let mut guarded = pin!(breaker.guard("Test", call));
        let Poll::Ready(_) = guarded.as_mut().poll(&mut Context::from_waker(Waker::noop())) else { return false };
        made.load(Ordering::Relaxed)
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_the_circuit_and_one_call_probes_it_every_thirty_seconds() {
        let (breaker, time) = breaker();
        assert!((0..5).all(|_| call(&breaker, true)));
        assert_eq!(breaker.take_openings(), 1);
        time.0.store(29, Ordering::Relaxed);
        assert!(!call(&breaker, false), "29 seconds later the call is rejected");
        time.0.store(30, Ordering::Relaxed);
        assert!(call(&breaker, true), "30 seconds later one call probes");
        assert!(!call(&breaker, false), "and its failure opens the circuit again");
        time.0.store(60, Ordering::Relaxed);
        assert!(call(&breaker, false));
        assert!(call(&breaker, false), "the probe that succeeded closed the circuit");
        assert_eq!(breaker.take_openings(), 0, "a failed probe does not count as another opening");
    }

    #[test]
    fn a_success_resets_the_count() {
        let (breaker, _) = breaker();
        assert!((0..4).all(|_| call(&breaker, true)));
        assert!(call(&breaker, false));
        assert!((0..4).all(|_| call(&breaker, true)));
        assert_eq!(breaker.take_openings(), 0);
    }

    #[test]
    fn while_one_call_probes_the_others_are_rejected() {
        let (breaker, time) = breaker();
        assert!((0..5).all(|_| call(&breaker, true)));
        time.0.store(30, Ordering::Relaxed);
        assert!(breaker.admits());
        assert!(!breaker.admits());
    }
}
