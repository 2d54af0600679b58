//! Reads the text of a column heading: the period, the kind of figures and the basis.

mod period;

use domain::statement::{Basis, ColumnKind};
use jiff::civil::{Date, date};
use period::{month, periods};

pub use period::month_end;

/// Years that a statement may be for.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;
/// Those years as spreadsheet dates (serial day numbers).
const SERIALS: std::ops::RangeInclusive<i64> = 32_874..=73_415;

/// What one text says about when a column's period ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A day.
    Day(Date),
    /// Month and day; the year is in another text.
    MonthDay(i8, i8),
    /// A month alone.
    Month(i8),
    /// A bare year or a financial year, by the year it ends in.
    Year(i16),
}

/// The facts in the text of one heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Periods named, in order; two when one cell holds the headings of two columns.
    pub periods: Vec<When>,
    /// Kind of figures: audited, estimated, …
    pub kind: Option<ColumnKind>,
    /// Standalone or consolidated.
    pub basis: Option<Basis>,
    /// Months that the column covers.
    pub months: Option<u8>,
    /// The year relative to the statement's: 0 for the current one, -1 for the previous one.
    pub relative: Option<i16>,
    /// Whether it says `as at`, `as on`.
    pub as_at: bool,
    /// Whether headings use each of its words.
    pub only_heading_words: bool,
}

impl Facts {
    /// Whether the text holds something found only in column headings.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        !self.periods.is_empty()
            || self.kind.is_some()
            || self.basis.is_some()
            || self.months.is_some()
            || self.relative.is_some()
            || self.as_at
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(i32, usize),
    Word(String),
    Mark(char),
}

const HEADING_WORDS: &[&str] = &[
    "particulars",
    "particular",
    "description",
    "note",
    "notes",
    "no",
    "nos",
    "sr",
    "sl",
    "s",
    "as",
    "at",
    "on",
    "for",
    "the",
    "of",
    "year",
    "years",
    "yr",
    "period",
    "ended",
    "ending",
    "end",
    "quarter",
    "quarters",
    "month",
    "months",
    "three",
    "six",
    "nine",
    "half",
    "twelve",
    "current",
    "previous",
    "prev",
    "corresponding",
    "refer",
    "ref",
    "in",
    "rs",
    "inr",
    "lakh",
    "lakhs",
    "lac",
    "lacs",
    "crore",
    "crores",
    "amount",
    "amt",
    "amounts",
    "schedule",
    "sch",
    "figures",
    "st",
    "nd",
    "rd",
    "th",
    "fy",
    "f",
    "y",
    "results",
    "reporting",
    "date",
    "to",
    "from",
    "and",
    "is",
    "rupees",
    "million",
    "millions",
    "thousand",
    "thousands",
    "restated",
    "total",
    "sno",
    "srno",
    "code",
    "form",
    "row",
    "annexure",
    "annex",
    "only",
    "all",
    "are",
    "unless",
    "otherwise",
    "stated",
    "except",
    "per",
    "share",
    "data",
    "last",
    "next",
    "this",
    "atmar",
    "asat",
    "ason",
    "indian",
    "inr.",
    "cr",
    "mn",
    "ltd",
];

/// Reads a heading's text.
#[must_use]
pub fn parse(text: &str) -> Facts {
    let tokens = tokens(text);
    let mut facts = Facts { periods: periods(&tokens), ..Facts::default() };
    if facts.periods.len() > 1 && tokens.iter().any(|t| matches!(t, Token::Word(w) if w == "to" || w == "from")) {
        facts.periods = facts.periods.split_off(facts.periods.len() - 1);
    }
    let words: Vec<&str> =
        tokens.iter().filter_map(|t| if let Token::Word(w) = t { Some(w.as_str()) } else { None }).collect();
    facts.kind = kind(&words);
    facts.basis = basis(&words);
    facts.months = months(&tokens);
    facts.as_at = words.windows(2).any(|w| w[0] == "as" && (w[1] == "at" || w[1] == "on")) || words.contains(&"atmar");
    facts.relative = match () {
        () if words.contains(&"current") && words.contains(&"year") => Some(0),
        () if words.contains(&"previous") && words.contains(&"year") => Some(-1),
        () => None,
    };
    facts.only_heading_words = !tokens.is_empty() && words.iter().all(|w| is_heading_word(w));
    facts
}

/// Reads a number in a heading row: a year, a serial day number, or the day and year left over from a split date
/// (`31.2018`).
#[must_use]
pub fn number(value: rust_decimal::Decimal) -> Option<When> {
    if value.fract().is_zero() {
        let whole = i64::try_from(value).ok()?;
        if let Some(year) = i32::try_from(whole).ok().filter(|y| YEARS.contains(y)) {
            return Some(When::Year(i16::try_from(year).ok()?));
        }
        if SERIALS.contains(&whole) {
            // Periods end on the last day of a month; any other number of that size is an amount.
            let day = date(1899, 12, 30).checked_add(jiff::Span::new().days(whole)).ok()?;
            return (day == day.last_of_month()).then_some(When::Day(day));
        }
        return None;
    }
    let (day, year) =
        value.to_string().split_once('.').and_then(|(d, y)| Some((d.parse::<i8>().ok()?, y.parse::<i32>().ok()?)))?;
    ((28..=31).contains(&day) && YEARS.contains(&year)).then(|| i16::try_from(year).ok().map(When::Year))?
}

fn is_heading_word(word: &str) -> bool {
    HEADING_WORDS.contains(&word) || month(word).is_some() || kind(&[word]).is_some() || basis(&[word]).is_some()
}

/// Splits a text into numbers, words and marks. It also splits between letters and digits, because OCR and line breaks join
/// them.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let lower = text.to_lowercase();
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit())
        } else if first.is_alphabetic() {
            rest.find(|c: char| !c.is_alphabetic())
        } else {
            Some(first.len_utf8())
        };
        let (part, tail) = rest.split_at(length.unwrap_or(rest.len()));
        rest = tail;
        if let Some(after) = misread_number(first, tail) {
            // `20I7` is not the year 20: a number that a scan misread is dropped.
            tokens.push(Token::Mark('?'));
            rest = after;
            continue;
        }
        match first {
            '0'..='9' => tokens.push(Token::Number(part.parse().unwrap_or(i32::MAX), part.len())),
            c if c.is_alphabetic() => tokens.push(Token::Word(part.to_owned())),
            ' ' => {}
            c => tokens.push(Token::Mark(c)),
        }
    }
    tokens
}

/// The text after a number in which a scan misread a digit as a letter; `None` if the number is intact.
fn misread_number(first: char, tail: &str) -> Option<&str> {
    let mut characters = tail.chars();
    let letter = characters.next().filter(|c| matches!(c, 'i' | 'l' | 'o' | 's' | 'b'));
    let digit = characters.next().filter(char::is_ascii_digit);
    (first.is_ascii_digit() && letter.is_some() && digit.is_some())
        .then(|| tail.trim_start_matches(|c: char| c.is_ascii_alphanumeric()))
}

fn kind(words: &[&str]) -> Option<ColumnKind> {
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    if has(&["unaudited", "provisional", "prov", "provl", "reviewed"])
        || words.windows(2).any(|w| w[0] == "un" && w[1] == "audited")
    {
        Some(ColumnKind::Provisional)
    } else if has(&["estimated", "estimate", "estimates", "est"]) {
        Some(ColumnKind::Estimated)
    } else if has(&["projected", "projection", "projections", "proj"]) {
        Some(ColumnKind::Projected)
    } else if has(&["audited", "aud", "actual", "actuals"]) {
        Some(ColumnKind::Audited)
    } else {
        None
    }
}

fn basis(words: &[&str]) -> Option<Basis> {
    if words.contains(&"consolidated") || words.contains(&"conso") {
        Some(Basis::Consolidated)
    } else if words.contains(&"standalone") || words.windows(2).any(|w| w[0] == "stand" && w[1] == "alone") {
        Some(Basis::Standalone)
    } else {
        None
    }
}

fn months(tokens: &[Token]) -> Option<u8> {
    const NAMED: [(&str, u8); 8] =
        [("three", 3), ("six", 6), ("nine", 9), ("twelve", 12), ("one", 1), ("two", 2), ("half", 6), ("quarter", 3)];
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        if let Some((_, n)) = NAMED.iter().find(|(name, _)| word.starts_with(name) && word.contains("month")) {
            return Some(*n);
        }
        match word.as_str() {
            "quarter" | "quarterly" => return Some(3),
            "half" => return Some(6),
            _ if word.contains("month") => match at.checked_sub(1).map(|i| &tokens[i]) {
                Some(Token::Number(n, _)) => return u8::try_from(*n).ok().filter(|n| (1..=18).contains(n)),
                Some(Token::Word(w)) => return NAMED.iter().find(|(name, _)| w.ends_with(name)).map(|(_, n)| *n),
                _ => {}
            },
            "year" | "years" if tokens[at..].iter().any(|t| matches!(t, Token::Word(w) if w.starts_with("end"))) => {
                return Some(12);
            }
            "yearended" | "ended" if tokens.len() == 1 => return Some(12),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(text: &str) -> Option<String> {
        match parse(text).periods.as_slice() {
            [When::Day(date)] => Some(date.to_string()),
            [When::Year(year)] => Some(format!("{year}-03-31")),
            _ => None,
        }
    }

    #[test]
    fn a_year_end_is_read_in_every_common_form() {
        for text in [
            "31.03.2024",
            "As at 31st March, 2024",
            "31-Mar-24",
            "March 31, 2024",
            "FY 2023-24",
            "2023-24",
            "FY24",
            "FY 2024",
            "Year ended 31/03/2024",
            "31/03/24",
            "As atMar 31, 2024",
            "ended31.03.2024",
            "2023-2024",
            "F.Y. 2023-24",
            "2024",
            "Mar-24",
            "March 2024",
            "2024-03-31",
            "3/31/2024",
            "For the period 01.04.2023 to 31.03.2024",
            "AY 2024-25",
            "31.03.2024 (Audited)",
            "March 31,2024(Audited)",
        ] {
            assert_eq!(ends(text).as_deref(), Some("2024-03-31"), "{text}");
        }
    }

    #[test]
    fn a_date_split_over_two_rows_is_read_in_parts() {
        assert_eq!(parse("March 31,").periods, [When::MonthDay(3, 31)]);
        assert_eq!(parse("31 March").periods, [When::MonthDay(3, 31)]);
        assert_eq!(parse("2018").periods, [When::Year(2018)]);
        assert_eq!(number("46112".parse().unwrap()), Some(When::Day(date(2026, 3, 31))));
    }

    #[test]
    fn a_cell_may_hold_two_headings() {
        let found = parse("31/03/2018 | 31/03/2017").periods;
        assert_eq!(found, [When::Day(date(2018, 3, 31)), When::Day(date(2017, 3, 31))]);
    }

    #[test]
    fn the_kind_of_figures_is_read() {
        assert_eq!(parse("Audited").kind, Some(ColumnKind::Audited));
        assert_eq!(parse("Un-audited").kind, Some(ColumnKind::Provisional));
        assert_eq!(parse("31.03.2025 (Est.)").kind, Some(ColumnKind::Estimated));
        assert_eq!(parse("Proj. 2027").kind, Some(ColumnKind::Projected));
    }

    #[test]
    fn a_year_with_a_misread_digit_is_not_a_year() {
        assert_eq!(parse("March 31,20I7").periods, [When::MonthDay(3, 31)]);
        assert_eq!(ends("31st March 2024").as_deref(), Some("2024-03-31"));
    }

    #[test]
    fn months_are_twelve_unless_said() {
        assert_eq!(parse("9 months ended 31.12.2024").months, Some(9));
        assert_eq!(parse("Quarter ended").months, Some(3));
        assert_eq!(parse("Three monthsended 31.03.2018").months, Some(3));
        assert_eq!(parse("31.03.2024").months, None);
    }

    proptest::proptest! {
        #[test]
        fn a_date_is_read_in_every_order_of_its_parts(year in 1990_i16..=2079, month in 1_i8..=12, day in 13_i8..=28) {
            let expected = [When::Day(date(year, month, day))];
            for text in [format!("{day}.{month:02}.{year}"), format!("{year}-{month:02}-{day}"), format!("{month}/{day}/{year}")] {
                proptest::prop_assert_eq!(parse(&text).periods, expected, "{}", text);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "[0-9./ -]{0,20}|(31st |FY ?|Mar|ended|as at ?|[0-9il]{1,4}| ){0,8}|\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
