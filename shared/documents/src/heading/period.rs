//! Reads dates as headings print them.

use super::{Token, When, YEARS};
use jiff::civil::Date;

/// The periods that the tokens of a heading name, in order.
pub(super) fn periods(tokens: &[Token]) -> Vec<When> {
    // Punctuation between the parts of a date is dropped.
    let parts: Vec<&Token> = tokens
        .iter()
        .filter(|t| match t {
            Token::Mark(_) => false,
            Token::Word(w) => !matches!(w.as_str(), "st" | "nd" | "rd" | "th"),
            Token::Number(..) => true,
        })
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let (when, used) = at_start(&parts[at..]);
        found.extend(when);
        at += used;
    }
    found
}

/// The period that the parts begin with, and how many of them it takes up.
fn at_start(parts: &[&Token]) -> (Option<When>, usize) {
    let number = |i: usize| if let Some(Token::Number(n, len)) = parts.get(i) { Some((*n, *len)) } else { None };
    let month_at = |i: usize| if let Some(Token::Word(w)) = parts.get(i) { month(w) } else { None };
    match parts[0] {
        Token::Number(a, a_len) => {
            if let (Some(m), Some((y, len))) = (month_at(1), number(2))
                && let Some(day) = day(full_year(y, len), m, *a)
            {
                return (Some(When::Day(day)), 3);
            }
            if let (Some((b, b_len)), Some((c, c_len))) = (number(1), number(2))
                && let Some(day) = numeric_date((*a, *a_len), (b, b_len), (c, c_len))
            {
                return (Some(When::Day(day)), 3);
            }
            if let (Some(m), true) = (month_at(1), (1..=31).contains(a)) {
                return (Some(When::MonthDay(m, i8::try_from(*a).unwrap_or(31))), 2);
            }
            if let Some((b, b_len)) = number(1)
                && let Some(year) = financial_year((*a, *a_len), (b, b_len))
            {
                return (Some(When::Year(year)), 2);
            }
            match full_year(*a, *a_len) {
                Some(year) if *a_len == 4 => (Some(When::Year(year)), 1),
                _ => (None, 1),
            }
        }
        Token::Word(word) => {
            if let Some(m) = month(word) {
                return after_month(m, number(1), number(2));
            }
            let fy = word == "fy" || (word == "y" || word == "ay");
            if let (true, Some((a, a_len))) = (fy, number(1)) {
                let back = i16::from(word == "ay");
                if let Some((b, b_len)) = number(2)
                    && let Some(year) = short_financial_year((a, a_len), (b, b_len))
                {
                    return (Some(When::Year(year - back)), 3);
                }
                if let Some(year) = full_year(a, a_len) {
                    return (Some(When::Year(year - back)), 2);
                }
            }
            (None, 1)
        }
        Token::Mark(_) => (None, 1),
    }
}

fn after_month(m: i8, first: Option<(i32, usize)>, second: Option<(i32, usize)>) -> (Option<When>, usize) {
    let Some((a, a_len)) = first else { return (Some(When::Month(m)), 1) };
    if let Some((y, len)) = second
        && (1..=31).contains(&a)
        && let Some(day) = day(full_year(y, len), m, a)
        && (len == 4 || len == 2)
    {
        return (Some(When::Day(day)), 3);
    }
    if a_len == 4
        && let Some(year) = full_year(a, a_len)
    {
        return (month_end(year, m).map(When::Day), 2);
    }
    // `March 31,` is a day whose year is in the row below; `Mar-24` is a month of a year.
    if a >= 28 || second.is_some() {
        return (i8::try_from(a).ok().filter(|d| (1..=31).contains(d)).map(|d| When::MonthDay(m, d)), 2);
    }
    match full_year(a, a_len) {
        Some(year) if a_len == 2 => (month_end(year, m).map(When::Day), 2),
        _ => (Some(When::MonthDay(m, i8::try_from(a).unwrap_or(1))), 2),
    }
}

fn numeric_date(a: (i32, usize), b: (i32, usize), c: (i32, usize)) -> Option<Date> {
    if a.1 == 4 {
        return day(full_year(a.0, 4), i8::try_from(b.0).ok()?, c.0);
    }
    let year = full_year(c.0, c.1);
    let first = i8::try_from(b.0).ok().and_then(|m| day(year, m, a.0));
    first.or_else(|| i8::try_from(a.0).ok().and_then(|m| day(year, m, b.0)))
}

fn financial_year(a: (i32, usize), b: (i32, usize)) -> Option<i16> {
    (a.1 == 4).then(|| short_financial_year(a, b))?
}

fn short_financial_year(a: (i32, usize), b: (i32, usize)) -> Option<i16> {
    let (from, to) = (full_year(a.0, a.1)?, full_year(b.0, b.1)?);
    (to == from + 1).then_some(to)
}

fn full_year(year: i32, digits: usize) -> Option<i16> {
    let year = match digits {
        4 => year,
        2 if year < 80 => 2000 + year,
        2 => 1900 + year,
        _ => return None,
    };
    YEARS.contains(&year).then(|| i16::try_from(year).ok())?
}

fn day(year: Option<i16>, month: i8, day: i32) -> Option<Date> {
    Date::new(year?, month, i8::try_from(day).ok()?).ok()
}

/// Last day of a month.
#[must_use]
pub fn month_end(year: i16, month: i8) -> Option<Date> {
    Date::new(year, month, 1).ok().map(Date::last_of_month)
}

pub(super) fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let whole = |w: &str| MONTHS.iter().position(|m| w.len() >= 3 && m.starts_with(w));
    // Where a line break was lost, the month is joined to the word before it: `As atMarch`.
    let glued = ["at", "on", "ended", "ending"].iter().find_map(|g| word.strip_prefix(g).and_then(whole));
    let found = whole(word).or_else(|| (word == "sept").then_some(8)).or(glued)?;
    i8::try_from(found + 1).ok()
}
