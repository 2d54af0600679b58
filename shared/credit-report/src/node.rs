//! A file as a tree of fields, lists and values, whichever format it has; each with its place in the file.

use crate::error::{Counted, ReadError, within};
use crate::limit::Limits;

/// A field, a list or a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Its place: a JSON Pointer or an XPath.
    pub path: String,
    pub content: Content,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing is stated.
    Nothing,
    Flag(bool),
    /// A number, in the file's own digits.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Fields(Vec<(String, Node)>),
}

/// Counts nodes while a tree is built.
pub struct Counter<'a> {
    nodes: usize,
    limits: &'a Limits,
    /// The limit that was exceeded, for parsers that pass on only texts as errors.
    pub exceeded: Option<ReadError>,
}

impl<'a> Counter<'a> {
    pub fn new(limits: &'a Limits) -> Self {
        Self { nodes: 0, limits, exceeded: None }
    }

    pub fn count(&mut self, depth: usize) -> Result<(), ReadError> {
        self.nodes += 1;
        let counted = within(Counted::Nodes, self.nodes, self.limits.nodes_max)
            .and_then(|()| within(Counted::Depth, depth, self.limits.depth_max));
        self.noting(counted)
    }

    pub fn count_chars(&mut self, text: &str) -> Result<(), ReadError> {
        let counted = within(Counted::ValueChars, text.chars().count(), self.limits.value_chars_max);
        self.noting(counted)
    }

    fn noting(&mut self, counted: Result<(), ReadError>) -> Result<(), ReadError> {
        if let Err(error) = &counted {
            self.exceeded = Some(error.clone());
        }
        counted
    }
}

/// A name as it may be shown in a place: a plain word of the schema's kind, else `…`.
pub fn shown(name: &str) -> &str {
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if plain && (1..=40).contains(&name.len()) { name } else { "…" }
}
