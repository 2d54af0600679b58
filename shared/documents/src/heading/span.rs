//! Reads how many months a heading's column covers.

use super::period::{Named, Periods, month_end};
use super::{Token, When};
use jiff::civil::Date;

/// The longest period that a statement covers, in months.
const MONTHS_MAX: i32 = 24;

/// What a heading says about the months that its column covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub months: Option<u8>,
    /// Whether it speaks of a period without saying how long that is.
    pub open: bool,
}

const NAMED: [(&str, u8); 20] = [
    ("eighteen", 18),
    ("seventeen", 17),
    ("sixteen", 16),
    ("fifteen", 15),
    ("fourteen", 14),
    ("thirteen", 13),
    ("twelve", 12),
    ("eleven", 11),
    ("three", 3),
    ("six", 6),
    ("nine", 9),
    ("one", 1),
    ("two", 2),
    ("four", 4),
    ("five", 5),
    ("seven", 7),
    ("eight", 8),
    ("ten", 10),
    ("half", 6),
    ("quarter", 3),
];

/// The months that the words name, and whether the words leave them open.
pub(super) fn of_words(tokens: &[Token]) -> Span {
    let word = |at: usize| if let Some(Token::Word(w)) = tokens.get(at) { w.as_str() } else { "" };
    let words = || tokens.iter().filter_map(|t| if let Token::Word(w) = t { Some(w.as_str()) } else { None });
    // `5m` alone may be five millions.
    let dated = tokens.iter().any(|t| matches!(t, Token::Number(_, 4)) || *t == Token::Word("fy".to_owned()));
    let mut open = false;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(text) = token else { continue };
        if let Some((_, n)) = NAMED.iter().find(|(name, _)| text.starts_with(name) && text.contains("month")) {
            return Span { months: Some(*n), open: false };
        }
        let before = tokens[..at].iter().rev().find(|t| !matches!(t, Token::Mark(_)));
        let short = matches!(text.as_str(), "m" | "mth" | "mths" | "mos" | "mnths" | "mnth");
        match text.as_str() {
            "quarter" | "quarterly" | "qtr" => return Span { months: Some(3), open: false },
            "half" | "halfyear" | "halfyearly" | "semiannual" => return Span { months: Some(6), open: false },
            "h" | "q" if matches!(tokens.get(at + 1), Some(Token::Number(1..=4, 1))) => {
                return Span { months: Some(if text == "h" { 6 } else { 3 }), open: false };
            }
            _ if short || text.contains("month") => match before {
                Some(Token::Number(n, len))
                    if *len <= 2 && (text != "m" || dated || matches!(n, 3 | 6 | 9 | 12 | 15 | 18)) =>
                {
                    let months = u8::try_from(*n).ok().filter(|_| (1..=MONTHS_MAX).contains(n));
                    return Span { months, open: months.is_none() };
                }
                Some(Token::Word(w)) => {
                    if let Some((_, n)) = NAMED.iter().find(|(name, _)| w.ends_with(name)) {
                        return Span { months: Some(*n), open: false };
                    }
                }
                _ => {}
            },
            "year" | "years" | "yr" if (at + 1..tokens.len()).any(|i| word(i).starts_with("end")) => {
                return Span { months: Some(12), open: false };
            }
            "yearended" | "yearending" => return Span { months: Some(12), open: false },
            "ended" if tokens.len() == 1 => return Span { months: Some(12), open: false },
            // `Figures for the current reporting period`, as the law words the headings.
            "period" if matches!(before, Some(Token::Word(w)) if w == "reporting") => {}
            "part" if matches!(word(at + 1), "year" | "yr" | "period") => open = true,
            "period" | "ytd" | "inception" | "incorporation" => open = true,
            "till" | "upto" => open |= words().next() == Some(text.as_str()),
            _ => {}
        }
    }
    Span { months: None, open }
}

/// The period as one, where the heading names its first and its last day: its end and its months.
pub(super) fn between(periods: &Periods) -> Option<(When, u8)> {
    let [.., first, last] = periods.named.as_slice() else { return None };
    let to = end(*last)?;
    let from = start(*first, to)?;
    // Two dates in one cell are the headings of two columns, unless they are joined or the first one begins a period.
    let begins = !first.month && from.day() == 1 && periods.named.len() == 2;
    if !(periods.joined || begins) || from >= to {
        return None;
    }
    Some((When::Day(to), months(from, to)?))
}

/// The first day of a period; a month or a day without a year is the last one before the period's end.
fn start(named: Named, to: Date) -> Option<Date> {
    let before = |month: i8, day: i8| {
        let year = if (month, day) < (to.month(), to.day()) { to.year() } else { to.year() - 1 };
        Date::new(year, month, day).ok()
    };
    match named.when {
        When::Month(month) => before(month, 1),
        When::MonthDay(month, day) => before(month, day),
        When::Day(day) | When::Either(day, _) if named.month => Some(day.first_of_month()),
        When::Day(day) | When::Either(day, _) => Some(day),
        _ => None,
    }
}

fn end(named: Named) -> Option<Date> {
    if let When::Day(day) = named.when { Some(day) } else { None }
}

/// Months from the first to the last day of a period, to the nearest whole one.
fn months(from: Date, to: Date) -> Option<u8> {
    let whole = i32::from(to.year() - from.year()) * 12 + i32::from(to.month() - from.month());
    // Days of the last month less days of the first month that are left out, in thirtieths.
    let into = i32::from(to.day()) * 30 / i32::from(to.days_in_month());
    let left_out = (i32::from(from.day()) - 1) * 30 / i32::from(from.days_in_month());
    let months = (whole * 30 + into - left_out + 15).div_euclid(30);
    u8::try_from(months).ok().filter(|m| *m > 0 && i32::from(*m) <= MONTHS_MAX)
}

/// The end of a part of a financial year, e.g. of `Q3 FY25`.
pub(super) fn end_of_part(tokens: &[Token], year: i16) -> Option<Date> {
    let part = |letter: &str| {
        tokens.windows(2).find_map(|pair| match pair {
            [Token::Word(w), Token::Number(n, 1)] if w == letter => Some(*n),
            _ => None,
        })
    };
    let first_months = tokens.windows(2).find_map(|pair| match pair {
        [Token::Number(n @ 1..=11, 1 | 2), Token::Word(w)] if w == "m" => Some(*n),
        _ => None,
    });
    let months = match (part("q"), part("h"), first_months) {
        (Some(n @ 1..=4), _, _) => n * 3,
        (_, Some(n @ 1..=2), _) => n * 6,
        (_, _, Some(n)) => n,
        _ => return None,
    };
    let month = i8::try_from((months + 2) % 12 + 1).ok()?;
    month_end(if months > 9 { year } else { year - 1 }, month)
}
