//! Builds the tree of an XML report. No document type is accepted, and no entities but those of XML itself.

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

use crate::error::{Counted, ReadError, within};
use crate::limit::Limits;
use crate::node::{Content, Counter, Node, shown};

/// The name of the root element.
pub const ROOT: &str = "credit_report";
/// Elements that are lists, with the name of their items.
const LISTS: [(&str, &str); 5] = [
    ("accounts", "account"),
    ("months", "month"),
    ("enquiries", "enquiry"),
    ("public_records", "public_record"),
    ("identifiers", "identifier"),
];
/// Under this name the reader finds an element's text beside its attributes.
pub const TEXT: &str = "#text";
/// Most attributes of one element.
const ATTRIBUTES_MAX: usize = 64;

/// An element that is not yet closed.
struct Open {
    name: String,
    path: String,
    text: String,
    fields: Vec<(String, Node)>,
    /// How many items of a list it has.
    items: usize,
}

/// The tree of a whole text.
pub fn parse(text: &str, limits: &Limits) -> Result<Node, ReadError> {
    let mut counter = Counter::new(limits);
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        let at = reader.buffer_position();
        let broken = || ReadError::NotWellFormed { format: "XML", at };
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(start) => {
                let element = begin(&start, &mut open, root.is_some(), at, &mut counter)?;
                open.push(element);
            }
            Event::Empty(start) => {
                let element = begin(&start, &mut open, root.is_some(), at, &mut counter)?;
                end(element, &mut open, &mut root, at)?;
            }
            Event::End(_) => {
                let element = open.pop().ok_or_else(broken)?;
                end(element, &mut open, &mut root, at)?;
            }
            Event::Text(text) => add_text(&text.xml10_content(), &mut open, at, &mut counter)?,
            Event::CData(text) => add_text(&text.xml10_content(), &mut open, at, &mut counter)?,
            Event::GeneralRef(reference) => add_text(&resolve(&reference)?, &mut open, at, &mut counter)?,
            Event::DocType(_) => return Err(ReadError::Doctype),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return root.filter(|_| open.is_empty()).ok_or_else(broken),
        }
    }
}

fn begin(
    start: &BytesStart<'_>,
    open: &mut [Open],
    ended: bool,
    at: u64,
    counter: &mut Counter<'_>,
) -> Result<Open, ReadError> {
    let broken = || ReadError::NotWellFormed { format: "XML", at };
    if ended {
        return Err(broken());
    }
    counter.count(open.len())?;
    let name = local(start.name().as_ref()).to_owned();
    let depth = open.len();
    let path = match open.last_mut() {
        None => format!("/{}", shown(&name)),
        Some(parent) if is_item(&parent.name, &name) => {
            parent.items += 1;
            format!("{}/{name}[{}]", parent.path, parent.items)
        }
        Some(parent) => format!("{}/{}", parent.path, shown(&name)),
    };
    let mut fields = Vec::new();
    let mut attributes = start.attributes();
    // The check for repeated attributes takes quadratic time; repeated fields are refused by the reader.
    attributes.with_checks(false);
    for attribute in attributes {
        let attribute = attribute.map_err(|_| broken())?;
        within(Counted::Nodes, fields.len(), ATTRIBUTES_MAX)?;
        let whole: &str = attribute.key.as_ref();
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| ReadError::Doctype)?;
        if whole == "xmlns" || whole.starts_with("xmlns:") {
            continue;
        }
        counter.count(depth)?;
        counter.count_chars(&value)?;
        let name = local(whole).to_owned();
        let path = format!("{path}/@{}", shown(&name));
        fields.push((name, Node { path, content: Content::Text(value.into_owned()) }));
    }
    Ok(Open { name, path, text: String::new(), fields, items: 0 })
}

fn end(element: Open, open: &mut [Open], root: &mut Option<Node>, at: u64) -> Result<(), ReadError> {
    let Open { name, path, text, mut fields, .. } = element;
    let text = text.trim();
    let from_attributes = fields.iter().all(|(_, field)| field.path.contains("/@"));
    let content = if let Some(list) = as_list(&name, &mut fields) {
        list
    } else if fields.is_empty() {
        if text.is_empty() { Content::Nothing } else { Content::Text(text.to_owned()) }
    } else {
        if !text.is_empty() && from_attributes {
            fields.push((TEXT.to_owned(), Node { path: path.clone(), content: Content::Text(text.to_owned()) }));
        } else if !text.is_empty() {
            // Text between elements has no meaning in the schema.
            return Err(ReadError::NotWellFormed { format: "XML", at });
        }
        Content::Fields(fields)
    };
    let node = Node { path, content };
    match open.last_mut() {
        Some(parent) => parent.fields.push((name, node)),
        None => *root = Some(node),
    }
    Ok(())
}

/// The items of an element that is a list. One with anything else in it stays as it is and is then refused.
fn as_list(name: &str, fields: &mut Vec<(String, Node)>) -> Option<Content> {
    let is_list = LISTS.iter().any(|(list, _)| *list == name);
    if !is_list || !fields.iter().all(|(item, _)| is_item(name, item)) {
        return None;
    }
    Some(Content::List(std::mem::take(fields).into_iter().map(|(_, node)| node).collect()))
}

fn is_item(list: &str, item: &str) -> bool {
    LISTS.contains(&(list, item))
}

fn add_text(text: &str, open: &mut [Open], at: u64, counter: &mut Counter<'_>) -> Result<(), ReadError> {
    match open.last_mut() {
        Some(element) => {
            element.text.push_str(text);
            counter.count_chars(&element.text)
        }
        None if text.trim().is_empty() => Ok(()),
        None => Err(ReadError::NotWellFormed { format: "XML", at }),
    }
}

/// The character that a reference stands for: by its number, or one of the five that XML defines.
fn resolve(reference: &BytesRef<'_>) -> Result<String, ReadError> {
    if let Some(c) = reference.resolve_char_ref().map_err(|_| ReadError::Doctype)? {
        return Ok(c.to_string());
    }
    let name: &str = reference;
    resolve_predefined_entity(name).map(str::to_owned).ok_or(ReadError::Doctype)
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
