//! Amounts as printed.

use crate::answer::DecimalMark;
use rust_decimal::Decimal;

/// Longest text taken for an amount, in characters.
const AMOUNT_CHARS_MAX: usize = 48;
/// Digits that a [`Decimal`] holds for certain.
const DIGITS_MAX: usize = 27;

/// An amount as printed: its size by either decimal mark, and what is printed about its direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    /// Its size with a point as decimal mark.
    point: Option<Decimal>,
    /// Its size with a comma as decimal mark.
    comma: Option<Decimal>,
    /// A minus, before or after the digits, or brackets.
    pub minus: bool,
    /// A plus.
    pub plus: bool,
    /// `Cr`, `Dr`, or a letter for either.
    pub side: Option<Side>,
    /// The currency's code printed with it.
    pub currency: Option<String>,
}

/// The side of an account, from the account holder's view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Money in, or a balance in favour of the holder.
    Credit,
    /// Money out, or an overdrawn balance.
    Debit,
}

impl Side {
    /// The amount with the sign of this side.
    pub fn signed(self, size: Decimal) -> Decimal {
        match self {
            Self::Credit => size,
            Self::Debit => -size,
        }
    }
}

impl Amount {
    /// Its size, without sign, read with the mark.
    pub fn size(&self, mark: DecimalMark) -> Option<Decimal> {
        match mark {
            DecimalMark::Point => self.point,
            DecimalMark::Comma => self.comma,
        }
    }

    /// Its value by sign and side. `None` if it cannot be read with the mark, or sign and side contradict.
    pub fn signed(&self, mark: DecimalMark) -> Option<Decimal> {
        let size = self.size(mark)?;
        match (self.side, self.minus, self.plus) {
            (Some(Side::Credit), true, _) | (Some(Side::Debit), _, true) => None,
            // `-100.00 Dr` is printed by some banks for money out; the marks agree.
            (Some(side), _, _) => Some(side.signed(size)),
            (None, true, _) => Some(-size),
            (None, false, _) => Some(size),
        }
    }

    /// Whether anything printed says in which direction it goes.
    pub fn is_marked(&self) -> bool {
        self.minus || self.plus || self.side.is_some()
    }

    /// The only mark it can be read with, if it is one.
    pub fn only_mark(&self) -> Option<DecimalMark> {
        match (self.point, self.comma) {
            (Some(_), None) => Some(DecimalMark::Point),
            (None, Some(_)) => Some(DecimalMark::Comma),
            _ => None,
        }
    }

    /// Whether the marks give different values.
    pub fn is_ambiguous(&self) -> bool {
        self.point.is_some() && self.comma.is_some() && self.point != self.comma
    }
}

/// Reads an amount; `None` if the text is none.
pub(crate) fn parse(text: &str) -> Option<Amount> {
    if text.len() > 4 * AMOUNT_CHARS_MAX || text.chars().count() > AMOUNT_CHARS_MAX {
        return None;
    }
    let text: String = text.chars().map(usual).collect();
    let mut rest = text.trim();
    let mut amount = Amount { point: None, comma: None, minus: false, plus: false, side: None, currency: None };
    let mut marks = 0;
    while let Some((shorter, mark)) = trimmed(rest) {
        rest = shorter.trim();
        marks += 1;
        match mark {
            Mark::Minus if amount.minus || amount.plus => return None,
            Mark::Plus if amount.minus || amount.plus => return None,
            Mark::Minus => amount.minus = true,
            Mark::Plus => amount.plus = true,
            Mark::Side(_) if amount.side.is_some() => return None,
            Mark::Side(side) => amount.side = Some(side),
            Mark::Currency(_) if amount.currency.is_some() => return None,
            Mark::Currency(code) => amount.currency = Some(code),
        }
        if marks > 4 {
            return None;
        }
    }
    amount.point = size(rest, '.', ',');
    amount.comma = size(rest, ',', '.');
    (amount.point.is_some() || amount.comma.is_some()).then_some(amount)
}

/// A mark at an end of an amount.
enum Mark {
    Minus,
    Plus,
    Side(Side),
    Currency(String),
}

/// The text without the mark at one of its ends, if there is one.
fn trimmed(text: &str) -> Option<(&str, Mark)> {
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        return Some((inner, Mark::Minus));
    }
    let signs = [('-', true), ('+', false)];
    for (sign, minus) in signs {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return Some((rest, if minus { Mark::Minus } else { Mark::Plus }));
        }
    }
    let is_letter = |c: char| !c.is_ascii_digit() && !matches!(c, ' ' | ',' | '\'' | '(' | ')' | '-' | '+');
    let back = text.trim_end_matches(is_letter);
    if back.len() < text.len() && !text[back.len()..].trim_start_matches('.').is_empty() {
        // The point of `99.Cr` belongs to the digits, and is of no value.
        return Some((back, mark(&text[back.len()..])?));
    }
    let front = text.trim_start_matches(is_letter);
    let word = &text[..text.len() - front.len()];
    // A point before the digits is theirs: `.50`, `Rs.50`.
    if !word.trim_end_matches('.').is_empty() {
        return Some((front, mark(word)?));
    }
    None
}

/// What a word beside the digits means.
fn mark(word: &str) -> Option<Mark> {
    let word = word.trim_matches('.').trim();
    let side = match word.to_ascii_uppercase().as_str() {
        "CR" | "C" | "CRDT" | "CREDIT" | "H" | "HABEN" => Some(Side::Credit),
        "DR" | "D" | "DB" | "DBIT" | "DEBIT" | "S" | "SOLL" => Some(Side::Debit),
        _ => None,
    };
    if let Some(side) = side {
        return Some(Mark::Side(side));
    }
    let code = match word {
        "€" | "EUR" | "Eur" | "eur" => "EUR",
        "£" => "GBP",
        "₹" | "Rs" | "RS" | "rs" | "INR" => "INR",
        // A sign of several currencies tells none.
        "$" | "¥" | "kr" => "",
        "US$" => "USD",
        "R$" => "BRL",
        _ if word.len() == 3 && word.chars().all(|c| c.is_ascii_uppercase()) => word,
        _ => return None,
    };
    Some(Mark::Currency(code.to_owned()))
}

/// The usual form of a character that has several: signs, blanks, and digits of other scripts.
fn usual(c: char) -> char {
    match c {
        '\u{2212}' | '\u{2010}'..='\u{2014}' | '\u{fe63}' | '\u{ff0d}' => '-',
        '\u{2019}' | '\u{2018}' | '`' | '\u{b4}' => '\'',
        '\u{ff0e}' => '.',
        '\u{ff0c}' => ',',
        c if c.is_whitespace() => ' ',
        c => [0x966, 0xff10, 0x660, 0x6f0]
            .iter()
            .filter_map(|zero| u32::from(c).checked_sub(*zero))
            .find(|digit| *digit < 10)
            .and_then(|digit| char::from_digit(digit, 10))
            .unwrap_or(c),
    }
}

/// The size of digits with `decimal` before the fraction and `group` between groups.
fn size(text: &str, decimal: char, group: char) -> Option<Decimal> {
    let (whole, fraction) = match text.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let fraction = fraction.unwrap_or_default();
    if !fraction.chars().all(|c| c.is_ascii_digit()) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let separator = [group, ' ', '\''].into_iter().find(|mark| whole.contains(*mark));
    let groups: Vec<&str> = match separator {
        Some(mark) => whole.split(mark).collect(),
        None => vec![whole],
    };
    if !groups.iter().all(|part| part.chars().all(|c| c.is_ascii_digit())) || !are_groups(&groups) {
        return None;
    }
    let digits = groups.concat();
    if digits.len() + fraction.len() > DIGITS_MAX {
        return None;
    }
    let digits = if digits.is_empty() { "0".to_owned() } else { digits };
    let plain = if fraction.is_empty() { digits } else { format!("{digits}.{fraction}") };
    Decimal::from_str_exact(&plain).ok()
}

/// Whether digits are grouped by thousands, or as lakhs and crores: 12,34,567.
fn are_groups(groups: &[&str]) -> bool {
    let [first, middle @ .., last] = groups else { return true };
    if groups.len() == 1 {
        return true;
    }
    let inner = |width: usize| middle.iter().all(|group| group.len() == width);
    let thousands = (1..=3).contains(&first.len()) && inner(3);
    let lakhs = (1..=2).contains(&first.len()) && inner(2);
    last.len() == 3 && (thousands || lakhs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn signed(text: &str, mark: DecimalMark) -> Option<String> {
        parse(text)?.signed(mark).map(|amount| amount.to_string())
    }

    #[test]
    fn amounts_are_read_by_their_marks() {
        let point = [
            ("1,234.56", "1234.56"),
            ("-1,234.56", "-1234.56"),
            ("1,234.56-", "-1234.56"),
            ("(1,234.56)", "-1234.56"),
            ("\u{2212}5.00", "-5.00"),
            ("+310.4", "310.4"),
            ("1,02,500.50 Cr", "102500.50"),
            ("97,499.50 Dr", "-97499.50"),
            ("97,499.50DR", "-97499.50"),
            ("97,499.50 Dr.", "-97499.50"),
            ("Rs. 1,00,000", "100000"),
            ("Rs.50", "50"),
            ("\u{20b9}2,50,000.00", "250000.00"),
            ("$120", "120"),
            ("-$120.00", "-120.00"),
            ("$-120.00", "-120.00"),
            ("USD 12.50", "12.50"),
            ("12.50 USD", "12.50"),
            (".50", "0.50"),
            ("99.", "99"),
            ("1'234.50", "1234.50"),
            ("1 234.50", "1234.50"),
            ("\u{967}\u{968}.\u{966}\u{966}", "12.00"),
            ("450.00C", "450.00"),
            ("-100.00 Dr", "-100.00"),
        ];
        for (text, expected) in point {
            assert_eq!(signed(text, DecimalMark::Point).as_deref(), Some(expected), "{text}");
        }
        let comma = [
            ("1.234,56", "1234.56"),
            ("1.000", "1000"),
            ("-12,5", "-12.5"),
            ("1 234,50", "1234.50"),
            ("1\u{202f}234,50 €", "1234.50"),
            ("99,", "99"),
            ("12,50 S", "-12.50"),
            ("12,50 H", "12.50"),
            ("1'234,50", "1234.50"),
        ];
        for (text, expected) in comma {
            assert_eq!(signed(text, DecimalMark::Comma).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_not_read() {
        let none =
            ["", "-", "12..34", "1,23,45", "12.34.56", "=1+1", "1e5", "12 apples", "abc", "--5", "+-5", "5 Cr Dr", "."];
        for text in none {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(signed("100.00- Cr", DecimalMark::Point), None, "sign and side contradict");
        assert_eq!(signed("1.234,56", DecimalMark::Point), None);
        assert_eq!(parse(&"9".repeat(40)), None);
    }

    #[test]
    fn an_amount_says_whether_the_mark_matters() {
        assert!(parse("1.000").is_some_and(|amount| amount.is_ambiguous()));
        assert!(parse("1,250").is_some_and(|amount| amount.is_ambiguous()));
        assert!(parse("250").is_some_and(|amount| !amount.is_ambiguous() && amount.only_mark().is_none()));
        assert_eq!(parse("12.50").and_then(|amount| amount.only_mark()), Some(DecimalMark::Point));
        assert_eq!(parse("1.234,5").and_then(|amount| amount.only_mark()), Some(DecimalMark::Comma));
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_none(text in any::<String>()) {
            parse(&text);
        }

        #[test]
        fn marks_and_digits_never_panic(text in "[-+ ()0-9.,'CrDdHS€$]{0,14}") {
            parse(&text);
        }

        #[test]
        fn cents_are_read_back(cents in -99_999_999_999i64..99_999_999_999) {
            let amount = Decimal::new(cents, 2);
            prop_assert_eq!(parse(&amount.to_string()).and_then(|read| read.signed(DecimalMark::Point)), Some(amount));
            let comma = amount.to_string().replace('.', ",");
            prop_assert_eq!(parse(&comma).and_then(|read| read.signed(DecimalMark::Comma)), Some(amount));
        }
    }
}
