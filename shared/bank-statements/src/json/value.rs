//! Values of a JSON file, with numbers as they are printed: a float would not hold every amount.

use crate::error::{Counted, ReadError, within};
use crate::limit::Limits;
use crate::text;
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A value that is parsed when it is looked into.
#[derive(Clone, Copy)]
pub(super) struct Value<'a>(&'a RawValue);

/// An object.
pub(super) struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Value<'a> {
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str::<&RawValue>(text).ok().map(Self)
    }

    pub fn raw(&self) -> &'a str {
        self.0.get()
    }

    pub fn is_null(&self) -> bool {
        self.raw() == "null"
    }

    pub fn object(self) -> Option<Object<'a>> {
        serde_json::from_str(self.raw()).ok().map(Object)
    }

    pub fn list(self) -> Option<Vec<Value<'a>>> {
        let list: Vec<&RawValue> = serde_json::from_str(self.raw()).ok()?;
        Some(list.into_iter().map(Value).collect())
    }

    /// A text, or a number as printed. `None` if blank.
    pub fn text(self) -> Option<String> {
        match self.raw().as_bytes().first()? {
            b'"' => serde_json::from_str::<String>(self.raw()).ok().and_then(|text| text::some(&text)),
            b'-' | b'0'..=b'9' => Some(self.raw().to_owned()),
            _ => None,
        }
    }

    /// A number, also one printed within quotes.
    pub fn number(self) -> Option<Decimal> {
        super::decimal(&self.text()?)
    }

    pub fn flag(self) -> Option<bool> {
        serde_json::from_str(self.raw()).ok()
    }
}

impl<'a> Object<'a> {
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        self.0.get(name).map(|value| Value(value))
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text()
    }

    pub fn number(&self, name: &str) -> Option<Decimal> {
        self.get(name)?.number()
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Checks nesting, the number of values and the length of texts before anything is parsed.
pub(super) fn check(text: &str, limits: &Limits) -> Result<(), ReadError> {
    let (mut depth, mut values) = (0_usize, 0_usize);
    let mut quoted_from = None;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(from) = quoted_from {
            match byte {
                _ if std::mem::take(&mut escaped) => {}
                b'\\' => escaped = true,
                b'"' => {
                    within(Counted::LineBytes, at - from, limits.line_bytes_max)?;
                    quoted_from = None;
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => quoted_from = Some(at),
            b'{' | b'[' => {
                depth += 1;
                within(Counted::Depth, depth, limits.depth_max)?;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => {
                values += 1;
                within(Counted::Elements, values, limits.elements_max)?;
            }
            _ => {}
        }
    }
    Ok(())
}
