//! Windows of months up to the underwriting date.

use jiff::Span;
use jiff::civil::Date;

/// The windows that factors use, months.
pub const WINDOWS: [i32; 3] = [6, 12, 24];

/// Whether a day is within the window of this many months: after the same day that many months before `as_of`, and not after
/// `as_of`. Six months up to 31 March are those from 1 October.
pub fn holds_day(day: Date, as_of: Date, months: i32) -> bool {
    let start = as_of.checked_sub(Span::new().months(months));
    start.is_ok_and(|start| start < day) && day <= as_of
}

/// A month's number, counted from the year 0.
pub fn index(month: Date) -> i32 {
    i32::from(month.year()) * 12 + i32::from(month.month()) - 1
}

/// The numbers of the window's months: this many, the last of them that of `as_of`.
pub fn indexes(as_of: Date, months: i32) -> std::ops::RangeInclusive<i32> {
    index(as_of) - months + 1..=index(as_of)
}

/// Full months from one day to another.
pub fn full_months(from: Date, to: Date) -> i32 {
    index(to) - index(from) - i32::from(to.day() < from.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_window_ends_at_the_underwriting_date_and_begins_behind_the_same_day() {
        let as_of = date(2025, 3, 31);
        assert!(holds_day(date(2025, 3, 31), as_of, 6) && holds_day(date(2024, 10, 1), as_of, 6));
        assert!(!holds_day(date(2024, 9, 30), as_of, 6) && !holds_day(date(2025, 4, 1), as_of, 6));
        assert!(holds_day(date(2023, 4, 1), as_of, 24) && !holds_day(date(2023, 3, 31), as_of, 24));
    }

    #[test]
    fn twelve_months_up_to_march_begin_in_april() {
        let window = indexes(date(2025, 3, 15), 12);
        assert_eq!(window.clone().count(), 12);
        assert!(window.contains(&index(date(2024, 4, 1))) && !window.contains(&index(date(2024, 3, 1))));
    }

    #[test]
    fn a_month_is_full_on_the_same_day() {
        assert_eq!(full_months(date(2020, 1, 31), date(2020, 2, 29)), 0);
        assert_eq!(full_months(date(2020, 1, 15), date(2025, 1, 15)), 60);
        assert_eq!(full_months(date(2020, 1, 15), date(2025, 1, 14)), 59);
    }
}
