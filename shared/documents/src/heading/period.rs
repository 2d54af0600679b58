//! Reads dates as headings print them.

use super::{Token, When, YEARS};
use jiff::civil::Date;

/// A number or word of a heading, with the mark printed directly before it.
#[derive(Clone, Debug)]
struct Part {
    token: Token,
    mark: Option<char>,
}

/// A period with what its text says besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub when: When,
    /// Whether it names a month and no day.
    pub month: bool,
}

/// The periods that a heading names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Periods {
    /// In the order of the text.
    pub named: Vec<Named>,
    /// Whether a year is named that can be read in two ways, e.g. `AY 2025`.
    pub doubtful: bool,
    /// Whether two of them are joined, e.g. by `to`.
    pub joined: bool,
    /// Whether a date of numbers has its day before its month, if one shows that.
    pub day_first: Option<bool>,
}

/// Words for a financial year; the year behind them is the one it ends in.
const FINANCIAL: &[&str] = &["fy", "fye", "ye", "py"];
/// Words between the first and the last day of a period.
const JOINS: &[&str] = &["to", "till", "until", "upto", "through"];

/// The periods that the tokens of a heading name, in order.
pub(super) fn periods(tokens: &[Token]) -> Periods {
    let parts = parts(tokens);
    let mut found = Periods::default();
    if let [a, b] = parts.as_slice()
        && b.mark != Some(',')
        && let (Token::Number(a, 2), Token::Number(b, 2)) = (&a.token, &b.token)
        && let Some(year) = short_financial_year((*a, 2), (*b, 2))
    {
        found.named.push(Named { when: When::Year(year), month: false });
        return found;
    }
    let mut at = 0;
    while at < parts.len() {
        let rest = &parts[at..];
        if let Token::Word(word) = &rest[0].token {
            found.joined |= JOINS.contains(&word.as_str());
            found.doubtful |= is_doubtful(word, rest);
        }
        found.joined |= rest[0].mark == Some('-') && at > 0 && is_start(&rest[0].token, &found);
        let (when, used) = at_start(rest);
        if used == 3 && when.is_some() {
            found.day_first = found.day_first.or(order(rest));
        }
        found.named.extend(when);
        at += used.max(1);
    }
    if let Some(day_first) = found.day_first {
        for named in &mut found.named {
            if let When::Either(one, other) = named.when {
                named.when = When::Day(if day_first { one } else { other });
            }
        }
    }
    found
}

/// Whether the numbers that the parts begin with are one amount in groups of digits, e.g. `1,12,64,970`. Its last group has three
/// digits, and commas stand between its groups; a scan may print points.
fn is_grouped(parts: &[Part]) -> bool {
    let length = |part: &Part| if let Token::Number(_, length) = part.token { length } else { 0 };
    let [_, second, third, rest @ ..] = parts else { return false };
    let comma = second.mark == Some(',') || third.mark == Some(',');
    let longer = rest.first().is_some_and(|next| matches!(next.mark, Some(',' | '.')) && length(next) == 3);
    (comma && length(third) != 4) || longer
}

/// Whether the date of numbers that the parts begin with has its day before its month; `None` if it can be read in both ways
/// or begins with the year.
fn order(parts: &[Part]) -> Option<bool> {
    let [a, b, c, ..] = parts else { return None };
    let (Token::Number(first, 1 | 2), Token::Number(second, 1 | 2), Token::Number(..)) = (&a.token, &b.token, &c.token)
    else {
        return None;
    };
    (*first > 12 || *second > 12).then_some(*second <= 12)
}

/// Whether a part behind a dash begins the second of two dates.
fn is_start(token: &Token, found: &Periods) -> bool {
    !found.named.is_empty() && matches!(token, Token::Number(..))
        || matches!(token, Token::Word(w) if month(w).is_some())
}

/// The assessment year 2025 is 2024-25 or 2025-26; the current year 2024 may be the calendar's.
fn is_doubtful(word: &str, parts: &[Part]) -> bool {
    let number = |i: usize| {
        if let Some(Token::Number(n, len)) = parts.get(i).map(|p| &p.token) { Some((*n, *len)) } else { None }
    };
    let one = number(1).is_some_and(|(n, len)| full_year(n, len).is_some());
    let two = number(1).zip(number(2)).is_some_and(|(a, b)| short_financial_year(a, b).is_some());
    matches!(word, "ay" | "cy") && one && !two
}

/// The numbers and words, without ordinal endings, with the spellings of a kind of year joined into one word.
fn parts(tokens: &[Token]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut mark = None;
    for token in tokens {
        match token {
            Token::Mark(c) => mark = Some(*c),
            Token::Word(w) if matches!(w.as_str(), "st" | "nd" | "rd" | "th") => mark = None,
            _ => parts.push(Part { token: token.clone(), mark: mark.take() }),
        }
    }
    let word = |parts: &[Part], at: usize| match parts.get(at).map(|p| &p.token) {
        Some(Token::Word(word)) => word.clone(),
        _ => String::new(),
    };
    let mut joined: Vec<Part> = Vec::with_capacity(parts.len());
    let mut at = 0;
    while at < parts.len() {
        let (first, second, third) = (word(&parts, at), word(&parts, at + 1), word(&parts, at + 2));
        let (name, used) = match (first.as_str(), second.as_str(), third.as_str()) {
            ("f", "y", "e") => ("fye", 3),
            ("f", "y", _) => ("fy", 2),
            ("a", "y", _) => ("ay", 2),
            ("p", "y", _) => ("py", 2),
            ("c", "y", _) => ("cy", 2),
            ("y", "e", _) => ("ye", 2),
            ("assessment" | "assesment" | "asst" | "assmt" | "ass" | "assess", "year" | "yr", _) => ("ay", 2),
            ("financial" | "fin" | "fiscal" | "accounting", "year" | "yr", _) => ("fy", 2),
            _ => ("", 1),
        };
        let mut part = parts[at].clone();
        if !name.is_empty() {
            part.token = Token::Word(name.to_owned());
        }
        joined.push(part);
        at += used;
    }
    joined
}

/// The period that the parts begin with, and how many of them it takes up.
fn at_start(parts: &[Part]) -> (Option<Named>, usize) {
    let number = |i: usize| {
        if let Some(Token::Number(n, len)) = parts.get(i).map(|p| &p.token) { Some((*n, *len)) } else { None }
    };
    let word =
        |i: usize| if let Some(Token::Word(w)) = parts.get(i).map(|p| &p.token) { Some(w.as_str()) } else { None };
    let month_at = |i: usize| word(i).and_then(month);
    let found = |when: When, used: usize| (Some(Named { when, month: false }), used);
    let counts_months = |i: usize| word(i).is_some_and(|w| w.starts_with("month") || matches!(w, "m" | "mths" | "mos"));
    match &parts[0].token {
        Token::Number(a, a_len) => {
            if let (Some(m), Some((y, len))) = (month_at(1), number(2))
                && let Some(day) = day(full_year(y, len), m, *a)
            {
                return found(When::Day(day), 3);
            }
            if let (Some((b, b_len)), Some((c, c_len))) = (number(1), number(2))
                && !counts_months(3)
                && !is_grouped(parts)
                && let Some(when) = numeric_date((*a, *a_len), (b, b_len), (c, c_len), parts[1].mark)
            {
                return found(when, 3);
            }
            if let (Some(m), true) = (month_at(1), (1..=31).contains(a)) {
                return found(When::MonthDay(m, i8::try_from(*a).unwrap_or(31)), 2);
            }
            if let Some((b, b_len)) = number(1)
                && parts[1].mark != Some(',')
                && let Some(year) = financial_year((*a, *a_len), (b, b_len))
            {
                return found(When::Year(year), 2);
            }
            match full_year(*a, *a_len) {
                Some(year) if *a_len == 4 => found(When::Year(year), 1),
                _ => (None, 1),
            }
        }
        Token::Word(word) => {
            if let Some(m) = month(word) {
                let second = number(2).filter(|_| !counts_months(3));
                return after_month(m, number(1), parts.get(1).and_then(|p| p.mark), second);
            }
            let back = i16::from(word == "ay");
            if !(FINANCIAL.contains(&word.as_str()) || matches!(word.as_str(), "ay" | "cy" | "year" | "yr")) {
                return (None, 1);
            }
            if let Some((a, b)) = number(1).zip(number(2))
                && let Some(year) = short_financial_year(a, b)
            {
                return found(When::Year(year - back), 3);
            }
            if FINANCIAL.contains(&word.as_str())
                && let Some((a, a_len)) = number(1)
                && (a_len == 4 || number(2).is_none() || counts_months(3))
                && let Some(year) = full_year(a, a_len)
            {
                return found(When::Year(year), 2);
            }
            // `AY 2025` is read by nobody in one way only.
            let skipped =
                matches!(word.as_str(), "ay" | "cy") && number(1).is_some_and(|(n, len)| full_year(n, len).is_some());
            (None, 1 + usize::from(skipped))
        }
        Token::Mark(_) => (None, 1),
    }
}

fn after_month(
    m: i8,
    first: Option<(i32, usize)>,
    mark: Option<char>,
    second: Option<(i32, usize)>,
) -> (Option<Named>, usize) {
    let named = |when: When, month: bool, used: usize| (Some(Named { when, month }), used);
    let Some((a, a_len)) = first else { return named(When::Month(m), true, 1) };
    if let Some((y, len)) = second
        && (1..=31).contains(&a)
        && let Some(day) = day(full_year(y, len), m, a)
        && (len == 4 || len == 2)
    {
        return named(When::Day(day), false, 3);
    }
    if a_len == 4
        && let Some(year) = full_year(a, a_len)
    {
        return (month_end(year, m).map(|day| Named { when: When::Day(day), month: true }), 2);
    }
    let day_of_month = i8::try_from(a).ok().filter(|d| (1..=31).contains(d));
    let year_end = full_year(a, a_len).filter(|_| a_len == 2).and_then(|year| month_end(year, m));
    match (day_of_month, year_end) {
        (_, Some(end)) if mark == Some('\'') => named(When::Day(end), true, 2),
        // `March 31,` is a day whose year is in the row below; `Mar-24` is a month of a year; `Mar-31` may be either.
        (Some(d), _) if a >= 28 && mark != Some('-') && is_last(m, d) || second.is_some() => {
            named(When::MonthDay(m, d), false, 2)
        }
        (Some(d), Some(_)) if a >= 28 => named(When::MonthOr(m, d), true, 2),
        (_, Some(end)) => named(When::Day(end), true, 2),
        (Some(d), None) => named(When::MonthDay(m, d), false, 2),
        (None, None) => (None, 2),
    }
}

/// Whether a day can be the last one of a month.
fn is_last(month: i8, day: i8) -> bool {
    month_end(2024, month).is_some_and(|end| end.day() == day) || (month == 2 && day == 28)
}

/// A date of three numbers. Between strokes or dashes, day and month may stand in either order.
fn numeric_date(a: (i32, usize), b: (i32, usize), c: (i32, usize), mark: Option<char>) -> Option<When> {
    if a.1 == 4 {
        return day(full_year(a.0, 4), i8::try_from(b.0).ok()?, c.0).map(When::Day);
    }
    if a.1 > 2 || b.1 > 2 {
        return None;
    }
    let year = full_year(c.0, c.1);
    let first = i8::try_from(b.0).ok().and_then(|m| day(year, m, a.0));
    let second = i8::try_from(a.0).ok().and_then(|m| day(year, m, b.0));
    match (first, second) {
        (Some(one), Some(other)) if one != other && mark != Some('.') => Some(When::Either(one, other)),
        _ => first.or(second).map(When::Day),
    }
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
