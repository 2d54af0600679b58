//! Builds the tree of a JSON report. Unlike `serde_json::Value`, it keeps repeated fields, so that they can be refused, and
//! stops at the limits while reading.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::error::ReadError;
use crate::limit::Limits;
use crate::node::{Content, Counter, Node, shown};

/// The tree of a whole text.
pub fn parse(text: &str, limits: &Limits) -> Result<Node, ReadError> {
    let mut counter = Counter::new(limits);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let place = Place { path: String::new(), depth: 0, counter: &mut counter };
    let parsed = place.deserialize(&mut deserializer).and_then(|node| deserializer.end().map(|()| node));
    parsed.map_err(|error| {
        let at = byte(text, error.line(), error.column());
        counter.exceeded.unwrap_or(ReadError::NotWellFormed { format: "JSON", at })
    })
}

/// The byte of a line and a column, both from 1.
fn byte(text: &str, line: usize, column: usize) -> u64 {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    u64::try_from(before + column).unwrap_or(u64::MAX)
}

/// Where a value is read into.
struct Place<'a, 'b> {
    path: String,
    depth: usize,
    counter: &'a mut Counter<'b>,
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        self.counter.count(self.depth).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl Place<'_, '_> {
    fn node(self, content: Content) -> Node {
        Node { path: self.path, content }
    }
}

impl<'de> Visitor<'de> for Place<'_, '_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(self.node(Content::Nothing))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Node, E> {
        Ok(self.node(Content::Flag(flag)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Node, E> {
        Ok(self.node(Content::Number(number.to_string())))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        Ok(self.node(Content::Number(number.to_string())))
    }

    /// A number with a fraction. It has passed through a binary fraction, whose shortest decimal form is what was written
    /// as long as that has at most 15 digits; the reader of amounts refuses longer ones. The point in it tells it apart.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Node, E> {
        let digits = number.to_string();
        let digits = if digits.contains('.') { digits } else { format!("{digits}.0") };
        Ok(self.node(Content::Number(digits)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.counter.count_chars(text).map_err(E::custom)?;
        Ok(self.node(Content::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = format!("{}/{}", self.path, list.len());
            match items.next_element_seed(Place { path, depth: self.depth + 1, counter: self.counter })? {
                Some(item) => list.push(item),
                None => return Ok(self.node(Content::List(list))),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            let path = format!("{}/{}", self.path, shown(&name));
            let field = entries.next_value_seed(Place { path, depth: self.depth + 1, counter: self.counter })?;
            fields.push((name, field));
        }
        Ok(self.node(Content::Fields(fields)))
    }
}
