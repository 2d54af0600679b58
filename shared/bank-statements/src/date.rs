//! Dates as printed. A date is never shifted: whatever time or zone is printed with it is left alone.

use crate::answer::DateOrder;
use jiff::civil::Date;

/// Years that a statement can be of. Four digits that are none are a number of something else.
const YEARS: std::ops::Range<i16> = 1900..2200;

/// A date as printed: either plain, or digits whose order is to be found out for the whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Printed {
    /// Its order is plain: the year stands first with four digits, or the month is a word.
    Plain(Date),
    /// Three numbers.
    Numbers {
        parts: [i16; 3],
        /// Whether the last one has four digits, so that it is the year.
        long_year: bool,
    },
    /// Day and month without a year: the month is a word.
    Yearless { day: i8, month: i8 },
    /// Two numbers, day and month in either order, without a year.
    YearlessNumbers([i16; 2]),
    /// It has the form of a date, and no calendar has it, e.g. 2026-02-30.
    Impossible,
}

/// Reads a date; `None` if the text has not the form of one.
pub(crate) fn parse(text: &str) -> Option<Printed> {
    if text.len() > 80 {
        return None;
    }
    let text = text.trim().trim_matches(['"', '\'', '=']);
    let words = words(text);
    let (first, rest) = words.split_first()?;
    match (first, rest) {
        // 20260427, 20260427T1405.
        (Word::Number(digits), _) if digits.len() == 8 && (rest.is_empty() || is_time(rest)) => {
            let year = digits[..4].parse().ok()?;
            YEARS.contains(&year).then(|| of(year, digits[4..6].parse().ok()?, digits[6..].parse().ok()?))?
        }
        (Word::Number(a), [Word::Number(b), Word::Number(c), rest @ ..]) if is_time(rest) => numbers(a, b, c),
        // 27 Apr 2026, 27. April 26, 27-Apr-2026, 27 de abril de 2026.
        (Word::Number(day), [Word::Month(month), Word::Number(year), rest @ ..]) if is_time(rest) => {
            let (day, year) = if day.len() == 4 { (year, day) } else { (day, year) };
            of(self::year(year)?, *month, day.parse().ok()?)
        }
        (Word::Month(month), [Word::Number(day), Word::Number(year), rest @ ..]) if is_time(rest) => {
            of(self::year(year)?, *month, day.parse().ok()?)
        }
        (Word::Number(day), [Word::Month(month)]) | (Word::Month(month), [Word::Number(day)]) if day.len() <= 2 => {
            Some(Printed::Yearless { day: day.parse().ok()?, month: *month })
        }
        (Word::Number(a), [Word::Number(b)]) if a.len() <= 2 && b.len() <= 2 && text.contains(['/', '.', '-']) => {
            Some(Printed::YearlessNumbers([a.parse().ok()?, b.parse().ok()?]))
        }
        _ => None,
    }
}

/// Three numbers as a date.
fn numbers(a: &str, b: &str, c: &str) -> Option<Printed> {
    let lengths = (a.len(), b.len(), c.len());
    let parts = [a.parse().ok()?, b.parse().ok()?, c.parse().ok()?];
    match lengths {
        (4, 1..=2, 1..=2) if YEARS.contains(&parts[0]) => {
            of(parts[0], i8::try_from(parts[1]).ok()?, i8::try_from(parts[2]).ok()?)
        }
        (1..=2, 1..=2, 4) if YEARS.contains(&parts[2]) => Some(Printed::Numbers { parts, long_year: true }),
        (1..=2, 1..=2, 2) => Some(Printed::Numbers { parts, long_year: false }),
        _ => None,
    }
}

fn of(year: i16, month: i8, day: i8) -> Option<Printed> {
    Some(Date::new(year, month, day).map_or(Printed::Impossible, Printed::Plain))
}

/// A year of two or four digits; 70 to 99 are of the last century.
fn year(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match digits.len() {
        4 if YEARS.contains(&year) => Some(year),
        2 => Some(century(year)),
        _ => None,
    }
}

/// The full year for its last two digits; 70 to 99 are of the last century.
pub(crate) fn century(year: i16) -> i16 {
    if year >= 70 { 1900 + year } else { 2000 + year }
}

/// The days that a date of three numbers can be, by order.
pub(crate) fn read(printed: Printed, order: DateOrder) -> Option<Date> {
    match printed {
        Printed::Plain(date) => Some(date),
        Printed::Numbers { parts: [a, b, c], long_year } => {
            let long = |year| if long_year { year } else { century(year) };
            let (year, month, day) = match order {
                DateOrder::DayMonthYear => (long(c), b, a),
                DateOrder::MonthDayYear => (long(c), a, b),
                DateOrder::YearMonthDay if long_year => return None,
                DateOrder::YearMonthDay => (century(a), b, c),
            };
            Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
        }
        Printed::Yearless { .. } | Printed::YearlessNumbers(_) | Printed::Impossible => None,
    }
}

/// Day and month of a date without a year.
pub(crate) fn day_and_month(printed: Printed, order: DateOrder) -> Option<(i8, i8)> {
    let (day, month) = match printed {
        Printed::Yearless { day, month } => (i16::from(day), i16::from(month)),
        Printed::YearlessNumbers([a, b]) if order == DateOrder::DayMonthYear => (a, b),
        Printed::YearlessNumbers([a, b]) => (b, a),
        _ => return None,
    };
    // A leap year, so that 29 February is a day.
    let date = Date::new(2024, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    Some((date.day(), date.month()))
}

/// The date at the beginning of an ISO 8601 or OFX date and time, with or without hyphens; its time and zone are left alone.
pub(crate) fn leading(text: &str) -> Option<Date> {
    let mut digits = text.trim().chars().filter(|c| *c != '-').take(8);
    let mut number = |count: usize| -> Option<i16> {
        let mut value: i16 = 0;
        for _ in 0..count {
            value = value * 10 + i16::try_from(digits.next()?.to_digit(10)?).ok()?;
        }
        Some(value)
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// A part of a printed date.
enum Word<'a> {
    Number(&'a str),
    Month(i8),
    Other(&'a str),
}

/// Numbers and words of a date; what only fills (`de`, weekdays, ordinals) is left out.
fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric()) {
        rest = &rest[start..];
        let is_digit = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest.find(|c: char| c.is_ascii_digit() != is_digit || !c.is_alphanumeric()).unwrap_or(rest.len());
        let word = &rest[..end];
        rest = &rest[end..];
        if is_digit {
            words.push(Word::Number(word));
        } else if let Some(month) = month(word) {
            words.push(Word::Month(month));
        } else if !is_filler(word) {
            words.push(Word::Other(word));
        }
    }
    words
}

/// Whether the words after a date are a time, with or without a zone.
fn is_time(words: &[Word<'_>]) -> bool {
    let numbers: Vec<&str> = words
        .iter()
        .filter_map(|word| match word {
            Word::Number(digits) => Some(*digits),
            _ => None,
        })
        .collect();
    let zone = |word: &Word<'_>| match word {
        Word::Number(digits) => digits.len() <= 9,
        Word::Other(word) => word.len() <= 4 && word.is_ascii() || *word == "Uhr",
        Word::Month(_) => false,
    };
    let below = |digits: &str, limit: u32| digits.len() <= 2 && digits.parse::<u32>().is_ok_and(|value| value < limit);
    let clock = match numbers.as_slice() {
        [] => words.iter().all(|word| matches!(word, Word::Other("Z" | "z"))),
        [joined, ..] if matches!(joined.len(), 4 | 6) => true,
        [hours, minutes] => below(hours, 25) && below(minutes, 60),
        [hours, minutes, seconds, ..] => below(hours, 25) && below(minutes, 60) && below(seconds, 61),
        [_] => false,
    };
    clock && words.len() <= 8 && words.iter().all(zone)
}

fn is_filler(word: &str) -> bool {
    let word = word.to_lowercase();
    const FILLERS: [&str; 27] = [
        "de",
        "del",
        "st",
        "nd",
        "rd",
        "th",
        "er",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "mo",
        "di",
        "mi",
        "do",
        "fr",
        "sa",
        "so",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
    ];
    FILLERS.contains(&word.as_str())
}

/// The month that a word names in English, German, Spanish, French, Portuguese, Italian or Dutch, in full or abbreviated.
fn month(word: &str) -> Option<i8> {
    let word = crate::text::folded(word);
    const MONTHS: [&[&str]; 12] = [
        &["january", "januar", "janner", "enero", "janvier", "janeiro", "gennaio", "januari", "ene", "janv", "gen"],
        &["february", "februar", "febrero", "fevrier", "fevereiro", "febbraio", "februari", "fevr", "fev"],
        &["march", "marz", "maerz", "marzo", "mars", "marco", "maart", "mrz", "mrt", "mars"],
        &["april", "abril", "avril", "aprile", "abr", "avr"],
        &["may", "mai", "mayo", "maio", "maggio", "mei", "mag"],
        &["june", "juni", "junio", "juin", "junho", "giugno", "giu"],
        &["july", "juli", "julio", "juillet", "julho", "luglio", "juil", "lug"],
        &["august", "agosto", "aout", "augustus", "ago"],
        &["september", "septiembre", "septembre", "setembro", "settembre", "sept", "set"],
        &["october", "oktober", "octubre", "octobre", "outubro", "ottobre", "okt", "out", "ott"],
        &["november", "noviembre", "novembre", "novembro"],
        &["december", "dezember", "diciembre", "decembre", "dezembro", "dicembre", "dez", "dic"],
    ];
    let is = |name: &&str| *name == word || (word.chars().count() == 3 && name.starts_with(&word));
    let found = MONTHS.iter().position(|names| names.iter().any(is))?;
    i8::try_from(found + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn dates_with_a_plain_order_are_read() {
        let april = Some(Printed::Plain(date(2026, 4, 27)));
        for text in [
            "2026-04-27",
            "2026/4/27",
            "2026.04.27",
            "20260427",
            "27-Apr-2026",
            "27 April 2026",
            "27. April 2026",
            "Apr 27, 2026",
            "April 27 2026",
            "27 avr. 2026",
            "27 de abril de 2026",
            "27-ABR-26",
            "27APR2026",
            "2026-04-27T23:59:59Z",
            "2026-04-27 14:03",
            "2026-04-27T00:30:00+05:30",
            "27 Apr 2026 14:03:22",
            "Mon 27 Apr 2026",
            "2026-Apr-27",
        ] {
            assert_eq!(parse(text), april, "{text}");
        }
        assert_eq!(parse("2026-02-30"), Some(Printed::Impossible));
        assert_eq!(parse("01-Mär-2026"), Some(Printed::Plain(date(2026, 3, 1))));
    }

    #[test]
    fn dates_of_three_numbers_keep_their_order_open() {
        let printed = parse("03/04/2026 10:15").unwrap();
        assert_eq!(read(printed, DateOrder::DayMonthYear), Some(date(2026, 4, 3)));
        assert_eq!(read(printed, DateOrder::MonthDayYear), Some(date(2026, 3, 4)));
        assert_eq!(read(printed, DateOrder::YearMonthDay), None);
        let short = parse("26-04-27").unwrap();
        assert_eq!(read(short, DateOrder::YearMonthDay), Some(date(2026, 4, 27)));
        assert_eq!(read(short, DateOrder::MonthDayYear), None);
    }

    #[test]
    fn what_is_no_date_is_not_read() {
        for text in [
            "",
            "Opening Balance",
            "1234",
            "12.50",
            "1,234.56",
            "27",
            "A/C 12 34 5678",
            "99999999",
            "01.04.2026 - 12.04.2026",
            "01/04/2026 to 30/04/2026",
        ] {
            let read = parse(text).map(|printed| !matches!(printed, Printed::YearlessNumbers(_)));
            assert_ne!(read, Some(true), "{text}");
        }
        assert_eq!(leading("20260228235959.999[0:GMT]"), Some(date(2026, 2, 28)));
        assert_eq!(leading("2026-03-31T23:30:00-05:00"), Some(date(2026, 3, 31)));
        assert_eq!(leading("201120000000"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_date_or_none(text in any::<String>()) {
            parse(&text);
            leading(&text);
        }

        #[test]
        fn digits_and_marks_never_panic(text in "[0-9a-zäT:/., -]{0,16}") {
            if let Some(printed) = parse(&text) {
                for order in [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay] {
                    read(printed, order);
                    day_and_month(printed, order);
                }
            }
        }
    }
}
