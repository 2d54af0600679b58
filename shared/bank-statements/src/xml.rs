//! Reads XML element by element, within limits. Names are without their prefix; comments and processing instructions are passed.

use crate::error::{Counted, ReadError, within};
use crate::limit::Limits;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

/// An element with all that is in it.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub name: String,
    /// The value of its attribute `Ccy`.
    pub currency: Option<String>,
    /// Its text, without that of its children.
    pub text: String,
    pub children: Vec<Node>,
}

impl Node {
    /// The first child with a name.
    pub fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All children with a name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at the end of a path such as `Acct/Id/IBAN`.
    pub fn at(&self, path: &str) -> Option<&Node> {
        path.split('/').try_fold(self, |node, name| node.child(name))
    }

    /// The text of the first element at the end of a path, unless blank.
    pub fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).map(|node| node.text.trim()).filter(|text| !text.is_empty())
    }

    /// All texts in it and its descendants, joined by a space.
    pub fn all_text(&self) -> String {
        let mut text = String::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            if !node.text.trim().is_empty() {
                text.push_str(if text.is_empty() { "" } else { " " });
                text.push_str(node.text.trim());
            }
            open.extend(node.children.iter().rev());
        }
        text
    }
}

/// The beginning or end of an element.
pub(crate) enum Step {
    Open(Node),
    Close,
    End,
}

/// A file's elements in their order.
pub(crate) struct Elements<'a> {
    reader: Reader<&'a [u8]>,
    limits: &'a Limits,
    depth: usize,
    count: usize,
}

impl<'a> Elements<'a> {
    pub fn new(text: &'a str, limits: &'a Limits) -> Self {
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { reader, limits, depth: 0, count: 0 }
    }

    /// The next beginning or end of an element; text between them is passed.
    pub fn next(&mut self) -> Result<Step, ReadError> {
        loop {
            match self.event()? {
                Event::Start(e) => return self.open(&e).map(Step::Open),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Step::Close);
                }
                Event::Eof if self.depth > 0 => return Err(ReadError::Broken),
                Event::Eof => return Ok(Step::End),
                _ => {}
            }
        }
    }

    /// An element that was just opened, with all that is in it.
    pub fn whole(&mut self, node: Node) -> Result<Node, ReadError> {
        let mut open = vec![node];
        loop {
            match self.event()? {
                Event::Start(e) => {
                    let node = self.open(&e)?;
                    open.push(node);
                }
                Event::Text(text) => self.add(&mut open, &text.xml10_content())?,
                Event::CData(data) => self.add(&mut open, &data)?,
                Event::GeneralRef(e) => match e.resolve_char_ref() {
                    Ok(Some(c)) => self.add(&mut open, c.encode_utf8(&mut [0; 4]))?,
                    // An entity of the file's own needs a declaration, and declarations are refused.
                    _ => self.add(&mut open, resolve_xml_entity(e.as_ref()).ok_or(ReadError::Doctype)?)?,
                },
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    let Some(node) = open.pop() else { return Err(ReadError::Broken) };
                    match open.last_mut() {
                        Some(parent) => parent.children.push(node),
                        None => return Ok(node),
                    }
                }
                Event::Eof => return Err(ReadError::Broken),
                _ => {}
            }
        }
    }

    fn event(&mut self) -> Result<Event<'a>, ReadError> {
        match self.reader.read_event().map_err(|_| ReadError::Broken)? {
            Event::DocType(_) => Err(ReadError::Doctype),
            event => Ok(event),
        }
    }

    fn open(&mut self, e: &BytesStart<'_>) -> Result<Node, ReadError> {
        self.depth += 1;
        self.count += 1;
        within(Counted::Depth, self.depth, self.limits.depth_max)?;
        within(Counted::Elements, self.count, self.limits.elements_max)?;
        // The check for duplicate attributes takes quadratic time.
        let mut attributes = e.attributes();
        attributes.with_checks(false);
        let currency = attributes.flatten().find(|attribute| attribute.key.as_ref() == "Ccy");
        Ok(Node {
            name: e.local_name().as_ref().to_owned(),
            currency: currency.map(|attribute| attribute.value.trim().to_ascii_uppercase()),
            ..Node::default()
        })
    }

    fn add(&self, open: &mut [Node], text: &str) -> Result<(), ReadError> {
        let Some(node) = open.last_mut() else { return Ok(()) };
        node.text.push_str(text);
        within(Counted::LineBytes, node.text.len(), self.limits.line_bytes_max)
    }
}
