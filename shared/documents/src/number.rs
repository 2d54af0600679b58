//! Parses printed amounts into exact decimals. A text that could be misread is refused, never corrected.

use crate::{fold, grid, heading, unit};
use domain::statement::{Side, Unit};
use rust_decimal::Decimal;
use std::str::FromStr;

/// A cell's text read as an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// An amount, with the side (`Dr` or `Cr`) printed next to it.
    Amount(Decimal, Option<Side>),
    /// A mark for nil, e.g. `-` or `nil`.
    Nil,
    /// A mark for an amount that does not exist, e.g. `N.A.`
    Absent,
    /// A ratio, e.g. `12.5%`.
    Ratio,
    /// Digits and punctuation that are not a valid amount and could be misread.
    Refused,
    /// Words.
    NotAmount,
}

/// Longest text that can be an amount, in characters.
const AMOUNT_CHARS_MAX: usize = 40;

/// Parses an amount. It may have Indian (`12,34,567.89`) or western (`1,234,567.89`) grouping, brackets or a minus sign at
/// either end for negative, `Dr` or `Cr` next to it, a currency sign before it, a unit or the mark of a footnote behind it.
#[must_use]
pub fn parse(text: &str) -> Printed {
    read(text).0
}

/// The unit that the text prints behind its amount, e.g. `lakhs`.
#[must_use]
pub fn unit_behind(text: &str) -> Option<Unit> {
    read(text).1.unit
}

/// The sign or code of a currency other than the rupee that the text prints next to its amount.
#[must_use]
pub fn foreign_currency(text: &str) -> Option<String> {
    read(text).1.foreign
}

/// What is printed next to an amount.
#[derive(Debug, Default)]
struct Beside {
    side: Option<Side>,
    unit: Option<Unit>,
    foreign: Option<String>,
    /// Whether a currency is printed.
    currency: bool,
    negative: bool,
}

fn read(text: &str) -> (Printed, Beside) {
    let mut beside = Beside::default();
    if text.chars().count() > AMOUNT_CHARS_MAX {
        return (Printed::NotAmount, beside);
    }
    let lower = fold::signs(text.trim()).to_lowercase();
    if is_nil(&lower) {
        return (Printed::Nil, beside);
    }
    if is_absent(&lower) {
        return (Printed::Absent, beside);
    }
    // A spreadsheet program keeps a number as text behind an apostrophe; `'000` is a unit.
    let body = lower.strip_prefix('\'').unwrap_or(&lower);
    if is_zeros(body) {
        return (Printed::NotAmount, beside);
    }
    let body = beside.strip(body);
    // `Rs. 200 Cr` is in crores or on the credit side.
    let unclear = beside.side == Some(Side::Cr) && beside.currency;
    let (body, percent) = strip_percent(body);
    let Some((body, negative)) = strip_sign(body) else { return (classify_unparsed(&lower), beside) };
    let (body, percent_within) = strip_percent(body);
    if percent || percent_within {
        return (if magnitude(body).is_some() { Printed::Ratio } else { classify_unparsed(&lower) }, beside);
    }
    let body = beside.strip(body);
    // `(Rs. 000)` is a unit as well.
    if beside.currency && is_zeros(body) {
        return (Printed::NotAmount, beside);
    }
    let printed = match magnitude(&close_up(body)) {
        Some(_) if unclear || (negative && beside.negative) => Printed::Refused,
        Some(amount) => Printed::Amount(if negative || beside.negative { -amount } else { amount }, beside.side),
        None => classify_unparsed(&lower),
    };
    (printed, beside)
}

impl Beside {
    /// Takes off what is printed around an amount, from the outside inwards.
    fn strip<'a>(&mut self, text: &'a str) -> &'a str {
        let mut body = text.trim();
        loop {
            let length = body.len();
            body = self.strip_currency(body);
            body = strip_mark(body);
            if self.side.is_none() {
                (body, self.side) = strip_side(body);
            }
            body = self.strip_unit(body);
            if let Some(rest) = body.strip_prefix("(-)").or_else(|| body.strip_suffix("(-)")).filter(|_| !self.negative)
            {
                self.negative = true;
                body = rest.trim();
            }
            if body.len() == length {
                return body;
            }
        }
    }

    fn strip_currency<'a>(&mut self, text: &'a str) -> &'a str {
        const RUPEE: [&str; 7] = ["rs.", "rs", "inr", "\u{20b9}", "\u{20a8}", "रु.", "रु"];
        const FOREIGN: [&str; 9] = ["us$", "usd", "$", "eur", "\u{20ac}", "gbp", "\u{a3}", "aed", "\u{a5}"];
        let home = RUPEE.iter().find_map(|sign| strip_either(text, sign));
        let foreign = FOREIGN.iter().find_map(|sign| strip_either(text, sign).map(|rest| (rest, *sign)));
        let body = match (home, foreign) {
            (Some(rest), _) => rest,
            (None, Some((rest, sign))) => {
                self.foreign = Some(sign.to_owned());
                rest
            }
            (None, None) => text,
        };
        self.currency |= body.len() < text.len();
        body.strip_suffix("/-").or_else(|| body.strip_suffix("/=")).unwrap_or(body).trim()
    }

    fn strip_unit<'a>(&mut self, text: &'a str) -> &'a str {
        let Some(end) = text.rfind(|c: char| c.is_ascii_digit() || c == ')') else { return text };
        let (amount, word) = text.split_at(end + 1);
        match unit::behind_amount(word) {
            Some(unit) if self.unit.is_none() => {
                self.unit = Some(unit);
                amount
            }
            _ => text,
        }
    }
}

/// The text without a sign of a currency at its start or, behind a digit, at its end.
fn strip_either<'a>(text: &'a str, sign: &str) -> Option<&'a str> {
    let amount = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '(' | '-' | '+'));
    let behind = |rest: &str| rest.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '-'));
    let start = text.strip_prefix(sign).map(str::trim_start).filter(|rest| amount(rest));
    start.or_else(|| text.strip_suffix(sign).map(str::trim_end).filter(|rest| behind(rest)))
}

/// Converts a binary floating-point number from a file to a decimal, rounded to the 15 significant digits that spreadsheet
/// programs keep. `None` if it is not finite or has more than 28 digits.
#[must_use]
pub fn from_float(float: f64) -> Option<Decimal> {
    if !float.is_finite() {
        return None;
    }
    Decimal::from_scientific(&format!("{float:.14e}")).ok().map(|d| d.normalize())
}

/// Whether a text is a mark for nil.
fn is_nil(lower: &str) -> bool {
    let bare = lower.trim_matches(['(', ')', ' ', '\'']);
    matches!(bare, "nil" | "nil." | "..." | "nill" | "nil/-" | "शून्य")
        || bare == "\u{2026}"
        || (!bare.is_empty() && bare.chars().all(|c| c == '-' || c == ' ') && bare.len() <= 6)
        || matches!(bare.strip_suffix("/-"), Some("-"))
}

/// Whether a text says that there is no such amount.
fn is_absent(lower: &str) -> bool {
    let bare: String = lower.chars().filter(|c| c.is_alphabetic() || *c == '/').collect();
    matches!(bare.as_str(), "na" | "n/a" | "notapplicable" | "notavailable") && lower.chars().count() <= 16
}

/// Whether a text is zeros that stand for a unit, e.g. `000` or `'000s`. Nil is printed with one zero.
fn is_zeros(body: &str) -> bool {
    let bare = body.trim_matches(['(', ')', '\'', ' ']);
    let bare = bare.strip_suffix('s').unwrap_or(bare).trim_end_matches('\'');
    bare.len() >= 3 && bare.chars().all(|c| c == '0' || c == ',') && !bare.starts_with(',')
}

/// Whether a character marks a footnote: a star, a dagger, a raised digit.
fn is_mark(c: char) -> bool {
    matches!(c, '*' | '#' | '@' | '^' | '~' | '!' | '\u{2020}' | '\u{2021}' | '\u{a7}' | '\u{b6}')
        || matches!(c, '\u{b9}' | '\u{b2}' | '\u{b3}' | '\u{2070}' | '\u{2074}'..='\u{2079}' | '\u{aa}' | '\u{ba}')
}

/// Takes off the mark of a footnote, which is not a digit and not a sign: `12.50*`, `12.50 #`, `12.50¹`, `12.50 (a)`.
fn strip_mark(text: &str) -> &str {
    let amount = |rest: &str| rest.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '-' | '.'));
    let start = text.trim_start_matches(|c: char| is_mark(c) && c != '#' && c != '@' || c == ' ');
    let bare = start.trim_end_matches(|c: char| is_mark(c) || c == ' ');
    if bare.len() < start.len() && amount(bare) {
        return bare;
    }
    let letter = |inner: &str| {
        matches!(inner, "i" | "ii" | "iii" | "iv")
            || inner.chars().count() == 1 && inner.chars().all(|c| c.is_ascii_lowercase() || is_mark(c))
    };
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some((rest, inner)) = start.strip_suffix(close).and_then(|head| head.rsplit_once(open))
            && letter(inner.trim())
            && amount(rest.trim_end())
        {
            return rest.trim_end();
        }
    }
    start
}

/// The digits without the narrow spaces that group them, and without spaces next to a comma or point: `1, 240. 60`.
fn close_up(body: &str) -> String {
    let grouped = body.contains(grid::NARROW_SPACE);
    let characters: Vec<char> = body.chars().collect();
    let beside_mark = |at: usize| {
        let is_mark = |at: Option<usize>| at.and_then(|at| characters.get(at)).is_some_and(|c| matches!(c, ',' | '.'));
        is_mark(at.checked_sub(1)) || is_mark(Some(at + 1))
    };
    let kept = characters.iter().enumerate().filter(|(at, c)| !(**c == ' ' && beside_mark(*at)));
    kept.map(|(_, c)| if grouped && *c == grid::NARROW_SPACE { ',' } else { *c }).collect()
}

fn strip_percent(text: &str) -> (&str, bool) {
    text.strip_suffix('%').map_or((text, false), |rest| (rest.trim_end(), true))
}

fn strip_side(text: &str) -> (&str, Option<Side>) {
    let bare = text.trim_end_matches(['.', ')']).trim_end();
    let opened = text.ends_with(')') && text.matches('(').count() == 1 && !text.starts_with('(');
    for (mark, side) in [("dr", Side::Dr), ("cr", Side::Cr)] {
        if let Some(rest) = bare.strip_suffix(mark) {
            let rest = if opened { rest.trim_end_matches([' ', '(']) } else { rest.trim_end() };
            if rest.ends_with(|c: char| c.is_ascii_digit() || c == ')' || c == '-' || is_mark(c)) {
                return (rest, Some(side));
            }
        }
        if let Some(rest) = text.strip_prefix(mark) {
            let rest = rest.trim_start_matches(['.', ' ']);
            if rest.starts_with(|c: char| c.is_ascii_digit()) {
                return (rest, Some(side));
            }
        }
    }
    (text, None)
}

/// Strips brackets or one minus sign; `None` if brackets do not match.
fn strip_sign(text: &str) -> Option<(&str, bool)> {
    if let Some(inner) = text.strip_prefix('(') {
        let inner = inner.strip_suffix(')')?.trim();
        // A minus sign within brackets is not a second negation.
        return Some((inner.strip_prefix('-').unwrap_or(inner).trim(), true));
    }
    if let Some(rest) = text.strip_prefix('-') {
        return Some((rest.trim_start(), true));
    }
    if let Some(rest) = text.strip_suffix('-') {
        return Some((rest.trim_end(), true));
    }
    Some((text.strip_prefix('+').unwrap_or(text).trim_start(), false))
}

fn magnitude(text: &str) -> Option<Decimal> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_some_and(|f| !digits(f)) || (whole.is_empty() && fraction.is_none_or(str::is_empty)) {
        return None;
    }
    let groups: Vec<&str> = whole.split(',').collect();
    if !groups.iter().all(|g| digits(g)) || !grouping_is_sound(&groups) {
        return None;
    }
    let mut plain = groups.concat();
    if plain.is_empty() {
        plain.push('0');
    }
    if let Some(fraction) = fraction.filter(|f| !f.is_empty()) {
        plain.push('.');
        plain.push_str(fraction);
    }
    Decimal::from_str(&plain).ok()
}

/// Whether digits are in western groups of three, or in Indian groups of two with three in the last. The first group may be
/// shorter, but not empty.
fn grouping_is_sound(groups: &[&str]) -> bool {
    let [first, middle @ .., last] = groups else { return true };
    if groups.len() == 1 {
        return true;
    }
    let western = (1..=3).contains(&first.len()) && middle.iter().all(|g| g.len() == 3);
    let indian = (1..=2).contains(&first.len()) && middle.iter().all(|g| g.len() == 2);
    last.len() == 3 && (western || indian)
}

/// Decides whether a text that is not an amount is a malformed amount or words.
fn classify_unparsed(lower: &str) -> Printed {
    let digits = lower.chars().filter(char::is_ascii_digit).count();
    let letters = lower.chars().filter(|c| c.is_alphabetic()).count();
    let heading = || {
        let reading = unit::read(lower);
        reading.unit.is_some() || reading.unknown.is_some() || heading::parse(lower).is_period()
    };
    let doubtful = digits > 0
        && letters <= 2
        && letters < digits
        && !((letters > 0 || lower.contains(['\'', '\u{20b9}'])) && heading());
    if doubtful { Printed::Refused } else { Printed::NotAmount }
}

#[cfg(test)]
mod tests;
