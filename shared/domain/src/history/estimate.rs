//! How long an order in progress is likely to take still.

use jiff::Timestamp;

use super::sum::Distribution;
use super::{History, Size};
use crate::order::Order;

/// From this share of earlier durations on, a phase takes longer than usual.
const UNUSUAL_SHARE: f64 = 0.99;

/// How long an order is likely to take still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Estimate {
    /// No phase is due or in progress.
    Idle,
    /// Too few orders of its service have completed.
    Unknown,
    /// Its current phase takes longer than 99 of 100 others did.
    LongerThanUsual,
    /// So many seconds, at least 1, unless it has to wait for a reviewer.
    Seconds {
        /// In half of all cases at most this long.
        p50: u64,
        /// In nine of ten cases at most this long.
        p90: u64,
    },
}

/// Estimates how long an order is likely to take still. The phases are taken to be independent of each other.
#[must_use]
pub fn estimate(order: &Order, history: &History, now: Timestamp) -> Estimate {
    if !order.is_active() {
        return Estimate::Idle;
    }
    let size = Size::of(order.documents());
    let known = |phase| history.of(order.service_code(), phase, size);
    let Some(current) = known(order.phase()) else { return Estimate::Unknown };
    let elapsed = elapsed_ms(order, now);
    if current.share_up_to(elapsed) >= UNUSUAL_SHARE {
        return Estimate::LongerThanUsual;
    }
    let mut left = Distribution::beyond(&current, elapsed);
    let later = std::iter::successors(order.phase().next(), |phase| phase.next());
    for phase in later.filter(|phase| !order.leaves_out(*phase)) {
        let Some(durations) = known(phase) else { return Estimate::Unknown };
        left = left.plus(&Distribution::of(&durations));
    }
    Estimate::Seconds { p50: seconds(left.quantile(0.5)), p90: seconds(left.quantile(0.9)) }
}

/// Milliseconds since the current phase became due.
fn elapsed_ms(order: &Order, now: Timestamp) -> f64 {
    let since = order.hand_off_owed_since().unwrap_or(order.updated_at());
    now.duration_since(since).as_millis_f64().max(0.0)
}

/// Whole seconds, at least one.
fn seconds(ms: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of seconds")]
    let seconds = (ms / 1_000.0).ceil() as u64;
    seconds.max(1)
}
