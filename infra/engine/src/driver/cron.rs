//! Schedule expressions: `rate(…)` and `cron(…)` as EventBridge writes them, in UTC.

use std::time::Duration;

use jiff::civil::{Date, DateTime, Time, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::clock::later;

/// How far ahead the next day is searched: a leap day comes again within eight years.
const SEARCH_DAYS_MAX: usize = 366 * 9;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// It is neither form.
    #[error("write rate(5 minutes) or cron(0 6 * * ? *)")]
    Form,
    /// A rate is not a number and a unit.
    #[error("a rate is a number above 0 and minute(s), hour(s) or day(s)")]
    Rate,
    /// A cron expression has other than six fields.
    #[error("cron has six fields: minutes hours day-of-month month day-of-week year")]
    FieldCount,
    /// A field cannot be read.
    #[error("the {0} field of cron cannot be read; see EventBridge's cron expressions")]
    Field(&'static str),
    /// Both or neither of the day fields are `?`.
    #[error("exactly one of day-of-month and day-of-week is ?")]
    Days,
}

/// When a schedule fires.
#[derive(Debug, Clone)]
pub(super) enum Expression {
    Rate(Duration),
    Cron(Box<Cron>),
}

/// The six fields of a cron expression.
#[derive(Debug, Clone)]
pub(super) struct Cron {
    minutes: Vec<i32>,
    hours: Vec<i32>,
    days: Days,
    months: Vec<i32>,
    years: Vec<i32>,
}

/// On which days of a month it fires.
#[derive(Debug, Clone)]
enum Days {
    OfMonth(Vec<i32>),
    /// `L`: the last day.
    Last,
    /// `15W`: the working day nearest to the 15th.
    NearestWorking(i32),
    /// `LW`: the last working day.
    LastWorking,
    /// 1 is Sunday.
    OfWeek(Vec<i32>),
    /// `6L`: the last Friday.
    LastWeekday(i32),
    /// `3#2`: the second Tuesday.
    NthWeekday(i32, i32),
}

impl Expression {
    /// Reads `rate(…)` or `cron(…)`.
    pub(super) fn parse(text: &str) -> Result<Self, ExpressionError> {
        let inside = |name: &str| text.trim().strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        if let Some(rate) = inside("rate") {
            return parse_rate(rate).map(Self::Rate);
        }
        let cron = inside("cron").ok_or(ExpressionError::Form)?;
        parse_cron(cron).map(|cron| Self::Cron(Box::new(cron)))
    }

    /// The first time after `last`.
    pub(super) fn next(&self, last: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Rate(every) => Some(later(last, *every)),
            Self::Cron(cron) => cron.next(last),
        }
    }

    /// The last time that is not after `now`, where `next` is one and is not after `now` either.
    pub(super) fn latest(&self, next: Timestamp, now: Timestamp) -> Timestamp {
        match self {
            Self::Rate(every) => {
                let missed = (now.as_millisecond() - next.as_millisecond()) / every.as_millis().try_into().unwrap_or(1);
                let passed = every.saturating_mul(u32::try_from(missed).unwrap_or(u32::MAX));
                later(next, passed)
            }
            // What was missed is caught up by one firing, so the next one only has to be after now.
            Self::Cron(_) => now,
        }
    }
}

impl Cron {
    fn next(&self, last: Timestamp) -> Option<Timestamp> {
        let after = last.to_zoned(TimeZone::UTC).datetime();
        let mut day = after.date();
        for _ in 0..SEARCH_DAYS_MAX {
            if self.fires_on(day)
                && let Some(time) = self.next_time(day, after)
            {
                return day.to_datetime(time).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
            }
            day = day.tomorrow().ok()?;
        }
        None
    }

    fn next_time(&self, day: Date, after: DateTime) -> Option<Time> {
        let times = self.hours.iter().flat_map(|hour| self.minutes.iter().map(move |minute| (*hour, *minute)));
        times
            .filter_map(|(hour, minute)| Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok())
            .find(|time| day.to_datetime(*time) > after)
    }

    fn fires_on(&self, day: Date) -> bool {
        self.months.contains(&day.month().into()) && self.years.contains(&day.year().into()) && self.days.contain(day)
    }
}

impl Days {
    fn contain(&self, day: Date) -> bool {
        let number = i32::from(day.day());
        let weekday = i32::from(day.weekday().to_sunday_one_offset());
        match self {
            Self::OfMonth(days) => days.contains(&number),
            Self::Last => day == day.last_of_month(),
            Self::NearestWorking(wanted) => day == nearest_working(day, *wanted),
            Self::LastWorking => day == last_working(day),
            Self::OfWeek(days) => days.contains(&weekday),
            Self::LastWeekday(wanted) => weekday == *wanted && number + 7 > i32::from(day.days_in_month()),
            Self::NthWeekday(wanted, nth) => weekday == *wanted && (number - 1) / 7 + 1 == *nth,
        }
    }
}

/// The working day nearest to day `wanted` in the month of `day`, within that month.
fn nearest_working(day: Date, wanted: i32) -> Date {
    let last = day.last_of_month();
    let target = i8::try_from(wanted).unwrap_or(i8::MAX).min(last.day());
    let target = date(day.year(), day.month(), target.max(1));
    match target.weekday() {
        Weekday::Saturday if target.day() == 1 => target.saturating_add(2.days()),
        Weekday::Saturday => target.saturating_sub(1.day()),
        Weekday::Sunday if target == last => target.saturating_sub(2.days()),
        Weekday::Sunday => target.saturating_add(1.day()),
        _ => target,
    }
}

fn last_working(day: Date) -> Date {
    let last = day.last_of_month();
    match last.weekday() {
        Weekday::Saturday => last.saturating_sub(1.day()),
        Weekday::Sunday => last.saturating_sub(2.days()),
        _ => last,
    }
}

fn parse_rate(text: &str) -> Result<Duration, ExpressionError> {
    let (number, unit) = text.trim().split_once(' ').ok_or(ExpressionError::Rate)?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0).ok_or(ExpressionError::Rate)?;
    let seconds = match unit.trim() {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3_600,
        "day" | "days" => 86_400,
        _ => return Err(ExpressionError::Rate),
    };
    number.checked_mul(seconds).map(Duration::from_secs).ok_or(ExpressionError::Rate)
}

fn parse_cron(text: &str) -> Result<Cron, ExpressionError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, of_month, months, of_week, years] = fields[..] else {
        return Err(ExpressionError::FieldCount);
    };
    let days = match (of_month, of_week) {
        ("?", "?") => return Err(ExpressionError::Days),
        ("?", of_week) => parse_week_days(of_week)?,
        (of_month, "?") => parse_month_days(of_month)?,
        _ => return Err(ExpressionError::Days),
    };
    Ok(Cron {
        minutes: values(minutes, 0, 59, &[], "minutes")?,
        hours: values(hours, 0, 23, &[], "hours")?,
        days,
        months: values(months, 1, 12, &MONTHS, "month")?,
        years: values(years, 1970, 2199, &[], "year")?,
    })
}

fn parse_month_days(text: &str) -> Result<Days, ExpressionError> {
    let field = ExpressionError::Field("day-of-month");
    match text {
        "L" => Ok(Days::Last),
        "LW" => Ok(Days::LastWorking),
        _ => match text.strip_suffix('W') {
            Some(day) => number(day, 1, 31, &[]).map(Days::NearestWorking).ok_or(field),
            None => values(text, 1, 31, &[], "day-of-month").map(Days::OfMonth),
        },
    }
}

fn parse_week_days(text: &str) -> Result<Days, ExpressionError> {
    let field = ExpressionError::Field("day-of-week");
    if let Some((day, nth)) = text.split_once('#') {
        let both = number(day, 1, 7, &WEEKDAYS).zip(number(nth, 1, 5, &[]));
        return both.map(|(day, nth)| Days::NthWeekday(day, nth)).ok_or(field);
    }
    match text.strip_suffix('L') {
        Some("") => Ok(Days::OfWeek(vec![7])),
        Some(day) => number(day, 1, 7, &WEEKDAYS).map(Days::LastWeekday).ok_or(field),
        None => values(text, 1, 7, &WEEKDAYS, "day-of-week").map(Days::OfWeek),
    }
}

/// The values of a field, in order: `*`, numbers or names, ranges and steps, separated by commas.
fn values(text: &str, first: i32, last: i32, names: &[&str], field: &'static str) -> Result<Vec<i32>, ExpressionError> {
    let mut values = Vec::new();
    for part in text.split(',') {
        let range = part_values(part, first, last, names).ok_or(ExpressionError::Field(field))?;
        values.extend(range);
    }
    values.sort_unstable();
    values.dedup();
    Ok(values)
}

fn part_values(part: &str, first: i32, last: i32, names: &[&str]) -> Option<Vec<i32>> {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
        None => (part, None),
    };
    let (from, to) = match range.split_once('-') {
        _ if range == "*" => (first, last),
        Some((from, to)) => (number(from, first, last, names)?, number(to, first, last, names)?),
        None => {
            let from = number(range, first, last, names)?;
            (from, if step.is_some() { last } else { from })
        }
    };
    // A range may run over the end: FRI-MON.
    let span: Vec<i32> = if from <= to { (from..=to).collect() } else { (from..=last).chain(first..=to).collect() };
    Some(span.into_iter().step_by(step.unwrap_or(1)).collect())
}

fn number(text: &str, first: i32, last: i32, names: &[&str]) -> Option<i32> {
    let named = names.iter().zip(first..).find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|(_, value)| value);
    named.or_else(|| text.parse().ok()).filter(|value| (first..=last).contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(expression: &str, after: &str, count: usize) -> Vec<String> {
        let expression = Expression::parse(expression).unwrap();
        let mut last: Timestamp = after.parse().unwrap();
        let mut times = Vec::new();
        for _ in 0..count {
            last = expression.next(last).unwrap();
            times.push(last.to_string());
        }
        times
    }

    #[test]
    fn a_rate_counts_from_the_last_time() {
        assert_eq!(
            times("rate(5 minutes)", "2026-04-01T00:02:00Z", 2),
            ["2026-04-01T00:07:00Z", "2026-04-01T00:12:00Z"]
        );
    }

    #[test]
    fn a_daily_time_fires_every_day() {
        assert_eq!(
            times("cron(30 6 * * ? *)", "2026-04-01T06:30:00Z", 2),
            ["2026-04-02T06:30:00Z", "2026-04-03T06:30:00Z"]
        );
    }

    #[test]
    fn working_hours_skip_the_weekend() {
        // 3 April 2026 is a Friday.
        let expected = ["2026-04-03T17:45:00Z", "2026-04-06T08:00:00Z"];
        assert_eq!(times("cron(0/15 8-17 ? * MON-FRI *)", "2026-04-03T17:30:00Z", 2), expected);
    }

    #[test]
    fn the_last_day_follows_the_length_of_the_month() {
        assert_eq!(
            times("cron(0 0 L * ? *)", "2028-01-31T12:00:00Z", 2),
            ["2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"]
        );
    }

    #[test]
    fn special_days_are_those_of_the_calendar() {
        // In August 2026, the 1st is a Saturday, so the second Tuesday is the 11th and the last Friday the 28th.
        let after = "2026-08-01T00:00:00Z";
        assert_eq!(times("cron(0 9 ? * 3#2 *)", after, 1), ["2026-08-11T09:00:00Z"]);
        assert_eq!(times("cron(0 9 ? * 6L *)", after, 1), ["2026-08-28T09:00:00Z"]);
        assert_eq!(times("cron(0 9 1W * ? *)", after, 1), ["2026-08-03T09:00:00Z"]);
        assert_eq!(times("cron(0 9 LW * ? *)", "2026-05-01T00:00:00Z", 1), ["2026-05-29T09:00:00Z"]);
    }

    #[test]
    fn a_year_that_is_over_never_fires() {
        assert!(
            Expression::parse("cron(0 0 1 1 ? 2020)").unwrap().next("2026-01-01T00:00:00Z".parse().unwrap()).is_none()
        );
    }

    #[test]
    fn an_expression_that_eventbridge_refuses_is_refused() {
        let error = |text| Expression::parse(text).unwrap_err();
        assert_eq!(error("every day"), ExpressionError::Form);
        assert_eq!(error("rate(0 minutes)"), ExpressionError::Rate);
        assert_eq!(error("cron(0 6 * * *)"), ExpressionError::FieldCount);
        assert_eq!(error("cron(0 6 * * * *)"), ExpressionError::Days);
        assert_eq!(error("cron(61 6 * * ? *)"), ExpressionError::Field("minutes"));
    }
}
