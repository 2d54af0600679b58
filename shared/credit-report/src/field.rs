//! Takes typed values out of a tree, and knows which fields were not taken.

use domain::masked::Masked;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::error::{Contradiction, Problem, ReadError};
use crate::node::{Content, Node};
use crate::report::Money;
use crate::xml::TEXT;

/// Words of the schema, each with what it means.
pub type Words<T> = [(&'static str, T)];

/// Most digits of a number that came as a JSON number with a fraction; see `json`.
const FRACTION_DIGITS_MAX: usize = 15;

/// The fields of a node.
pub struct Fields<'a> {
    pub path: &'a str,
    fields: &'a [(String, Node)],
    taken: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub fn of(node: &'a Node) -> Result<Self, ReadError> {
        match &node.content {
            Content::Fields(fields) => Ok(Self { path: &node.path, fields, taken: Vec::new() }),
            _ => Err(problem(node, Problem::NotFields)),
        }
    }

    /// A field, unless nothing is stated in it.
    pub fn optional(&mut self, name: &'static str) -> Result<Option<&'a Node>, ReadError> {
        self.taken.push(name);
        let mut found = self.fields.iter().filter(|(one, _)| one == name).map(|(_, node)| node);
        let first = found.next();
        if let Some(again) = found.next() {
            return Err(problem(again, Problem::Repeated));
        }
        let blank = |node: &Node| match &node.content {
            Content::Nothing => true,
            Content::Text(text) => text.trim().is_empty(),
            _ => false,
        };
        Ok(first.filter(|node| !blank(node)))
    }

    pub fn required(&mut self, name: &'static str) -> Result<&'a Node, ReadError> {
        let missing = || ReadError::Field { path: format!("{}/{name}", self.path), problem: Problem::Required };
        let missing = missing();
        self.optional(name)?.ok_or(missing)
    }

    /// An optional field, read by `read`.
    pub fn read<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&'a Node) -> Result<T, ReadError>,
    ) -> Result<Option<T>, ReadError> {
        self.optional(name)?.map(read).transpose()
    }

    /// Places of the fields that were not taken.
    pub fn unused(&self) -> impl Iterator<Item = &'a str> + use<'a, '_> {
        self.fields.iter().filter(|(name, _)| !self.taken.contains(&name.as_str())).map(|(_, node)| node.path.as_str())
    }
}

pub fn problem(node: &Node, problem: Problem) -> ReadError {
    ReadError::Field { path: node.path.clone(), problem }
}

pub fn contradiction(path: &str, contradiction: Contradiction) -> ReadError {
    ReadError::Field { path: path.to_owned(), problem: Problem::Contradiction(contradiction) }
}

pub fn text(node: &Node) -> Result<String, ReadError> {
    match &node.content {
        Content::Text(text) => Ok(text.trim().to_owned()),
        _ => Err(problem(node, Problem::NotText)),
    }
}

/// A number that identifies something: a text, or a whole number.
pub fn number_text(node: &Node) -> Result<String, ReadError> {
    match &node.content {
        Content::Text(text) => Ok(text.trim().to_owned()),
        Content::Number(digits) if digits.chars().all(|c| c.is_ascii_digit()) => Ok(digits.clone()),
        _ => Err(problem(node, Problem::NotText)),
    }
}

pub fn masked(node: &Node) -> Result<Masked, ReadError> {
    number_text(node).map(|number| Masked::new(&number))
}

pub fn flag(node: &Node) -> Result<bool, ReadError> {
    match &node.content {
        Content::Flag(flag) => Ok(*flag),
        Content::Text(text) if text.trim() == "true" => Ok(true),
        Content::Text(text) if text.trim() == "false" => Ok(false),
        _ => Err(problem(node, Problem::NotFlag)),
    }
}

/// A word of the schema, in capital or small letters.
pub fn word<T: Copy>(node: &Node, words: &Words<T>) -> Result<T, ReadError> {
    let Content::Text(text) = &node.content else { return Err(problem(node, Problem::NotText)) };
    let text = text.trim();
    let found = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, meaning)| *meaning);
    found.ok_or_else(|| {
        let allowed = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        problem(node, Problem::UnknownValue { allowed })
    })
}

pub fn date(node: &Node) -> Result<Date, ReadError> {
    let Content::Text(text) = &node.content else { return Err(problem(node, Problem::NotDate)) };
    parse_date(text.trim()).ok_or_else(|| problem(node, Problem::NotDate))
}

/// A month, as its first day.
pub fn month(node: &Node) -> Result<Date, ReadError> {
    let Content::Text(text) = &node.content else { return Err(problem(node, Problem::NotMonth)) };
    parse_date(&format!("{}-01", text.trim())).ok_or_else(|| problem(node, Problem::NotMonth))
}

fn parse_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, count: usize| part.len() == count && part.chars().all(|c| c.is_ascii_digit());
    if parts.next().is_some() || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A whole number within bounds.
pub fn whole(node: &Node, from: u32, to: u32) -> Result<u32, ReadError> {
    let digits = match &node.content {
        Content::Number(digits) => digits.as_str(),
        Content::Text(text) => text.trim(),
        _ => "",
    };
    let plain = digits.len() <= 10 && digits.chars().all(|c| c.is_ascii_digit());
    let number = digits.parse().ok().filter(|number| plain && (from..=to).contains(number));
    number.ok_or_else(|| problem(node, Problem::NotNumber { from, to }))
}

/// An amount with its currency: the fields `currency` and `amount`, or in XML an attribute and the element's text.
pub fn money(node: &Node) -> Result<Money, ReadError> {
    let Content::Fields(_) = &node.content else { return Err(problem(node, Problem::NoCurrency)) };
    let mut fields = Fields::of(node)?;
    let currency = fields.optional("currency")?.ok_or_else(|| problem(node, Problem::NoCurrency))?;
    let currency = text(currency)?;
    if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
        return Err(problem(node, Problem::NoCurrency));
    }
    let amount = match (fields.optional("amount")?, fields.optional(TEXT)?) {
        (Some(amount), None) | (None, Some(amount)) => amount,
        _ => return Err(problem(node, Problem::NotAmount)),
    };
    Ok(Money { currency, amount: decimal(amount)? })
}

/// An amount that is not negative.
pub fn owed(node: &Node) -> Result<Money, ReadError> {
    let money = money(node)?;
    if money.amount.is_sign_negative() && !money.amount.is_zero() {
        return Err(problem(node, Problem::Negative));
    }
    Ok(money)
}

fn decimal(node: &Node) -> Result<Decimal, ReadError> {
    let (text, digits_max) = match &node.content {
        Content::Text(text) => (text.trim(), 28),
        Content::Number(digits) if digits.contains('.') => (digits.as_str(), FRACTION_DIGITS_MAX),
        Content::Number(digits) => (digits.as_str(), 28),
        _ => return Err(problem(node, Problem::NotAmount)),
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    let plain = digits(whole) && digits(fraction) && unsigned.len() <= digits_max + 1;
    let parsed = plain.then(|| Decimal::from_str_exact(text).ok()).flatten();
    parsed.ok_or_else(|| problem(node, Problem::NotAmount))
}
