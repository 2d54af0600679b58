//! Schedule expressions: `rate(…)` as EventBridge writes it. Cron expressions are not supported.

use std::time::Duration;

use jiff::Timestamp;

use crate::clock::later;

/// What is wrong with a schedule expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is a cron expression.
    #[error("cron(…) is not supported by the engine; only rate(…) is, for example rate(1 day)")]
    Cron,
    /// It is not a schedule expression.
    #[error("not a schedule expression; write for example rate(5 minutes)")]
    Form,
    /// The rate is not a number and a unit.
    #[error("a rate is a whole number above 0 and a unit: minute(s), hour(s) or day(s)")]
    Rate,
}

/// The interval at which a schedule fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate(Duration);

impl Rate {
    /// Parses `rate(…)`.
    pub(super) fn parse(text: &str) -> Result<Self, ExpressionError> {
        let inside = |name: &str| text.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if inside("cron").is_some() {
            return Err(ExpressionError::Cron);
        }
        let rate = inside("rate").ok_or(ExpressionError::Form)?;
        interval(rate).map(Self).ok_or(ExpressionError::Rate)
    }

    /// The first time after `last`.
    pub(super) fn next(self, last: Timestamp) -> Timestamp {
        later(last, self.0)
    }

    /// The latest time that is due at `now`, counting from `next`, which is already due.
    pub(super) fn latest(self, next: Timestamp, now: Timestamp) -> Timestamp {
        let missed = (now.as_millisecond() - next.as_millisecond()) / self.0.as_millis().try_into().unwrap_or(1);
        later(next, self.0.saturating_mul(u32::try_from(missed).unwrap_or(u32::MAX)))
    }
}

fn interval(text: &str) -> Option<Duration> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let seconds = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_counts_from_the_last_time() {
        let rate = Rate::parse("rate(5 minutes)").unwrap();
        assert_eq!(rate.next(time("2026-04-01T00:02:00Z")), time("2026-04-01T00:07:00Z"));
    }

    #[test]
    fn times_that_were_missed_keep_the_rhythm() {
        let rate = Rate::parse("rate(1 hour)").unwrap();
        let latest = rate.latest(time("2026-04-01T01:00:00Z"), time("2026-04-01T12:20:00Z"));
        assert_eq!(latest, time("2026-04-01T12:00:00Z"));
    }

    #[test]
    fn an_expression_that_is_not_supported_is_refused() {
        let error = |text| Rate::parse(text).unwrap_err();
        assert_eq!(error("every day"), ExpressionError::Form);
        assert_eq!(error("rate(0 minutes)"), ExpressionError::Rate);
        assert_eq!(error("rate(5)"), ExpressionError::Rate);
        assert_eq!(error("cron(0 6 * * ? *)"), ExpressionError::Cron);
        assert!(error("cron(0 6 * * ? *)").to_string().contains("only rate(…)"));
    }
}
