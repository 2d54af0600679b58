//! Parses printed amounts into exact decimals. A text that could be misread is refused, never corrected.

use domain::statement::Side;
use rust_decimal::Decimal;
use std::str::FromStr;

/// A cell's text read as an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// An amount, with the side (`Dr` or `Cr`) printed next to it.
    Amount(Decimal, Option<Side>),
    /// A mark for nil, e.g. `-` or `nil`.
    Nil,
    /// Digits and punctuation that are not a valid amount and could be misread.
    Refused,
    /// Words.
    NotAmount,
}

/// Longest text that can be an amount, in characters.
const AMOUNT_CHARS_MAX: usize = 40;

/// Parses an amount. It may have Indian (`12,34,567.89`) or western (`1,234,567.89`) grouping, brackets or a minus sign at
/// either end for negative, `Dr` or `Cr` next to it, and a currency sign before it.
#[must_use]
pub fn parse(text: &str) -> Printed {
    if text.chars().count() > AMOUNT_CHARS_MAX {
        return Printed::NotAmount;
    }
    let lower = text.trim().to_lowercase().replace(['\u{2212}', '\u{2013}', '\u{2014}'], "-");
    if is_nil(&lower) {
        return Printed::Nil;
    }
    let (body, side) = strip_side(&lower);
    let body = strip_currency(body);
    let Some((body, negative)) = strip_sign(body) else { return classify_unparsed(text) };
    let body = strip_currency(body);
    match magnitude(body) {
        Some(amount) => Printed::Amount(if negative { -amount } else { amount }, side),
        None => classify_unparsed(body),
    }
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
#[must_use]
pub fn is_nil(lower: &str) -> bool {
    let bare = lower.trim_matches(['(', ')', ' ']);
    matches!(bare, "nil" | "nil." | "...")
        || bare == "\u{2026}"
        || (!bare.is_empty() && bare.chars().all(|c| c == '-') && bare.len() <= 6)
        || matches!(bare.strip_suffix("/-"), Some("-"))
}

fn strip_side(text: &str) -> (&str, Option<Side>) {
    let bare = text.trim_end_matches(['.', ')']).trim_end();
    let opened = text.ends_with(')') && text.matches('(').count() == 1 && !text.starts_with('(');
    for (mark, side) in [("dr", Side::Dr), ("cr", Side::Cr)] {
        if let Some(rest) = bare.strip_suffix(mark) {
            let rest = if opened { rest.trim_end_matches([' ', '(']) } else { rest.trim_end() };
            if rest.ends_with(|c: char| c.is_ascii_digit() || c == ')' || c == '-') {
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

fn strip_currency(text: &str) -> &str {
    let mut body = text.trim();
    for sign in ["rs.", "rs", "inr", "\u{20b9}", "\u{20a8}", "$", "\u{20ac}", "\u{a3}"] {
        if let Some(rest) = body.strip_prefix(sign) {
            body = rest.trim_start();
            break;
        }
    }
    body.strip_suffix("/-").or_else(|| body.strip_suffix("/=")).unwrap_or(body).trim()
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
fn classify_unparsed(text: &str) -> Printed {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if digits > 0 && letters <= 2 && letters < digits { Printed::Refused } else { Printed::NotAmount }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Option<String> {
        match parse(text) {
            Printed::Amount(amount, _) => Some(amount.to_string()),
            _ => None,
        }
    }

    #[test]
    fn indian_and_western_grouping_are_read() {
        assert_eq!(amount("12,34,567.89").as_deref(), Some("1234567.89"));
        assert_eq!(amount("1,234,567.89").as_deref(), Some("1234567.89"));
        assert_eq!(amount("₹ 1,00,000/-").as_deref(), Some("100000"));
        assert_eq!(amount("Rs. 500").as_deref(), Some("500"));
        assert_eq!(amount(".5").as_deref(), Some("0.5"));
    }

    #[test]
    fn a_bracketed_amount_is_negative() {
        assert_eq!(amount("(1,234.50)").as_deref(), Some("-1234.50"));
        assert_eq!(amount("-5").as_deref(), Some("-5"));
        assert_eq!(amount("5-").as_deref(), Some("-5"));
        assert_eq!(amount("\u{2212}7").as_deref(), Some("-7"));
    }

    #[test]
    fn marks_for_nil_are_nil() {
        for text in ["-", "--", "\u{2014}", "nil", "NIL", "...", "\u{2026}", "(-)"] {
            assert_eq!(parse(text), Printed::Nil, "{text}");
        }
    }

    #[test]
    fn a_side_is_kept_beside_the_amount() {
        assert_eq!(parse("1,500.00 Dr"), Printed::Amount("1500.00".parse().unwrap(), Some(Side::Dr)));
        assert_eq!(parse("200 Cr."), Printed::Amount("200".parse().unwrap(), Some(Side::Cr)));
        assert_eq!(parse("200 (Cr)"), Printed::Amount("200".parse().unwrap(), Some(Side::Cr)));
    }

    #[test]
    fn an_amount_that_could_be_misread_is_refused() {
        for text in
            ["6,89", "161/19", "2.174.30", "1,23,4", "12,345,67", "1 234 63", "(1-45)", "885-38", "(12", "1,2345"]
        {
            assert_eq!(parse(text), Printed::Refused, "{text}");
        }
    }

    #[test]
    fn words_are_not_an_amount() {
        for text in ["Total", "Note 12 to the accounts", "31st March", "ISO", ""] {
            assert_eq!(parse(text), Printed::NotAmount, "{text}");
        }
    }

    #[test]
    fn the_noise_of_binary_floating_point_is_removed() {
        assert_eq!(from_float(1_318.830_000_000_000_2).unwrap().to_string(), "1318.83");
        assert_eq!(from_float(0.1 + 0.2).unwrap().to_string(), "0.3");
        assert_eq!(from_float(-583_182.0).unwrap().to_string(), "-583182");
        assert_eq!(from_float(f64::NAN), None);
        assert_eq!(from_float(1e300), None);
    }

    /// The digits in groups: the last one of three, the others of `size`.
    fn grouped(digits: &str, size: usize) -> String {
        let (head, last) = digits.split_at(digits.len().saturating_sub(3));
        let head: Vec<char> = head.chars().collect();
        let groups = head.rchunks(size).rev().map(|group| group.iter().collect::<String>());
        groups.chain([last.to_owned()]).collect::<Vec<_>>().join(",")
    }

    proptest::proptest! {
        #[test]
        fn an_amount_is_read_in_either_grouping_and_in_brackets(whole in 0_u64..10_000_000_000_000, fraction in 0_u32..100) {
            let plain = format!("{whole}.{fraction:02}");
            let expected: Decimal = plain.parse().unwrap();
            let digits = whole.to_string();
            for text in [grouped(&digits, 2), grouped(&digits, 3), digits.clone()] {
                let text = format!("{text}.{fraction:02}");
                proptest::prop_assert_eq!(parse(&text), Printed::Amount(expected, None));
                proptest::prop_assert_eq!(parse(&format!("({text})")), Printed::Amount(-expected, None));
                proptest::prop_assert_eq!(parse(&format!("{text} Dr")), Printed::Amount(expected, Some(Side::Dr)));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "[-0-9.,() ₹RsDrCr/=\\u{2013}]{0,44}|\\PC{0,44}") {
            let _ = parse(&text);
        }
    }
}
