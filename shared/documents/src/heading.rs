//! Reads the text of a column heading: the period, the kind of figures and the basis.

mod kind;
mod period;
mod span;
mod word;

use crate::fold;
use domain::statement::{Basis, ColumnKind};
use jiff::civil::{Date, date};
use kind::Audit;
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
    /// A day that can be read in two ways: with the day before the month, or the reverse.
    Either(Date, Date),
    /// Month and day; the year is in another text.
    MonthDay(i8, i8),
    /// A month and a number that is its day if another text has the year, and otherwise the year, e.g. `Mar-28`.
    MonthOr(i8, i8),
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
    /// Whether it speaks of a period that can be read in two ways, e.g. `AY 2025`.
    pub doubtful_period: bool,
    /// Whether its dates of numbers have the day before the month, if any of them shows that.
    pub day_first: Option<bool>,
    /// Kind of figures: audited, estimated, …
    pub kind: Option<ColumnKind>,
    /// Whether it speaks of an audit in words that are not understood.
    pub doubtful_kind: bool,
    /// Standalone or consolidated.
    pub basis: Option<Basis>,
    /// Months that the column covers.
    pub months: Option<u8>,
    /// Whether it speaks of a period without saying how long that is.
    pub open_period: bool,
    /// The year relative to the statement's: 0 for the current one, -1 for the previous one.
    pub relative: Option<i16>,
    /// Whether it says `as at`, `as on`.
    pub as_at: bool,
    /// Whether headings use each of its words.
    pub only_heading_words: bool,
}

impl Facts {
    /// Whether the text names a period and nothing else, even one that can be read in two ways.
    #[must_use]
    pub fn is_period(&self) -> bool {
        self.only_heading_words && (!self.periods.is_empty() || self.doubtful_period)
    }

    /// Whether the text holds something found only in column headings.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        !self.periods.is_empty()
            || self.kind.is_some()
            || self.basis.is_some()
            || self.months.is_some()
            || self.relative.is_some()
            || self.as_at
            || self.doubtful_period
            || self.doubtful_kind
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(i32, usize),
    Word(String),
    Mark(char),
}

/// Reads a heading's text.
#[must_use]
pub fn parse(text: &str) -> Facts {
    let tokens = tokens(text);
    let words: Vec<&str> =
        tokens.iter().filter_map(|t| if let Token::Word(w) = t { Some(w.as_str()) } else { None }).collect();
    let mut facts = Facts::default();
    if !is_remark(&words) {
        facts.read_period(&tokens);
    }
    match kind::of(&tokens) {
        Audit::Said(kind) => facts.kind = Some(kind),
        Audit::Doubtful => facts.doubtful_kind = true,
        Audit::Unsaid => {}
    }
    facts.basis = basis(&words);
    facts.as_at = words.windows(2).any(|w| w[0] == "as" && (w[1] == "at" || w[1] == "on")) || words.contains(&"atmar");
    facts.relative = relative(&words);
    let lettered = !facts.periods.is_empty() || facts.doubtful_period || facts.relative.is_some();
    let is_word = |w: &&str| is_heading_word(w) || (lettered && word::LETTERS.contains(w));
    facts.only_heading_words = !tokens.is_empty() && words.iter().all(is_word);
    facts
}

impl Facts {
    fn read_period(&mut self, tokens: &[Token]) {
        let periods = periods(tokens);
        let span = span::of_words(tokens);
        self.doubtful_period = periods.doubtful;
        self.day_first = periods.day_first;
        if let Some((end, months)) = span::between(&periods) {
            self.periods = vec![end];
            self.months = Some(months);
            return;
        }
        self.months = span.months;
        self.open_period = span.open;
        self.periods = periods.named.iter().map(|named| named.when).collect();
        if periods.joined && self.periods.len() > 1 {
            self.periods = self.periods.split_off(self.periods.len() - 1);
        }
        if let [When::Year(year)] = self.periods.as_slice()
            && let Some(end) = span::end_of_part(tokens, *year)
        {
            self.periods = vec![When::Day(end)];
        }
    }
}

/// The first whole date in a text, whatever it dates.
#[must_use]
pub fn first_day(text: &str) -> Option<Date> {
    periods(&tokens(text)).named.iter().find_map(|named| match named.when {
        When::Day(day) | When::Either(day, _) if !named.month => Some(day),
        _ => None,
    })
}

/// Whether a text dates something else than figures: its printing, its approval, a signature.
fn is_remark(words: &[&str]) -> bool {
    const REMARKS: [&str; 21] = [
        "printed",
        "print",
        "run",
        "generated",
        "exported",
        "downloaded",
        "created",
        "updated",
        "approved",
        "signed",
        "signature",
        "udin",
        "din",
        "dated",
        "place",
        "frn",
        "membership",
        "prepared",
        "incorporated",
        "registered",
        "cin",
    ];
    words.iter().any(|w| REMARKS.contains(w))
        || words.first() == Some(&"date")
        || words.windows(2).any(|w| matches!(w, ["report", "date"] | ["date", "of"] | ["page", _]))
}

/// The year relative to the statement's.
fn relative(words: &[&str]) -> Option<i16> {
    const YEAR: [&str; 5] = ["year", "yr", "years", "period", "yearend"];
    let year = words.iter().any(|w| YEAR.contains(w));
    let lone = words.iter().all(|w| is_heading_word(w)) && words.len() <= 3;
    let has = |list: &[&str]| words.iter().any(|w| list.contains(w));
    let initials = |a: &str| words.windows(2).any(|w| w == [a, "y"]);
    if has(&["next", "following", "ensuing"]) && year {
        Some(1)
    } else if has(&["previous", "prev", "prior", "preceding", "last"]) && (year || lone)
        || has(&["py"])
        || initials("p")
    {
        Some(-1)
    } else if has(&["current", "this"]) && (year || lone) || has(&["cy"]) || initials("c") {
        Some(0)
    } else {
        None
    }
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

/// Whether headings use the word.
#[must_use]
pub fn is_heading_word(word: &str) -> bool {
    word::HEADING_WORDS.contains(&word) || month(word).is_some() || kind::is_word(word) || basis(&[word]).is_some()
}

/// Splits a text into numbers, words and marks. It also splits between letters and digits, because OCR and line breaks join
/// them.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let lower = fold::signs(text).to_lowercase();
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
            c if c.is_whitespace() => {}
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

fn basis(words: &[&str]) -> Option<Basis> {
    if words.contains(&"consolidated") || words.contains(&"conso") {
        Some(Basis::Consolidated)
    } else if words.contains(&"standalone") || words.windows(2).any(|w| w[0] == "stand" && w[1] == "alone") {
        Some(Basis::Standalone)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
