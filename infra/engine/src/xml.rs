//! Writes the XML answers of S3 and SNS, and reads lists of keys.

use std::fmt::{Display, Write as _};

use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

/// A document being written. Writing goes to memory and cannot fail.
pub(crate) struct Xml(Writer<Vec<u8>>);

/// A document whose root element is `name`, in `namespace` unless that is empty. `fill` writes its content.
pub(crate) fn document(name: &str, namespace: &str, fill: impl FnOnce(&mut Xml)) -> Vec<u8> {
    let mut xml = Xml(Writer::new(Vec::new()));
    xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
    let mut start = BytesStart::new(name);
    if !namespace.is_empty() {
        start.push_attribute(("xmlns", namespace));
    }
    xml.write(Event::Start(start));
    fill(&mut xml);
    xml.write(Event::End(BytesEnd::new(name)));
    xml.0.into_inner()
}

impl Xml {
    /// Writes an element with elements in it.
    pub(crate) fn element(&mut self, name: &str, fill: impl FnOnce(&mut Self)) {
        self.write(Event::Start(BytesStart::new(name)));
        fill(self);
        self.write(Event::End(BytesEnd::new(name)));
    }

    /// Writes an element with text in it.
    pub(crate) fn text(&mut self, name: &str, text: impl Display) {
        let text = escaped(&text.to_string());
        self.element(name, |xml| xml.write(Event::Text(BytesText::from_escaped(text))));
    }

    fn write(&mut self, event: Event<'_>) {
        let _ = self.0.write_event(event);
    }
}

/// `text` with markup escaped and control characters as references. AWS does the latter, although XML 1.0 forbids it.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in escape(text).chars() {
        if character.is_control() && !matches!(character, '\n' | '\t') {
            let _ = write!(safe, "&#x{:x};", u32::from(character));
        } else {
            safe.push(character);
        }
    }
    safe
}

/// The texts of all elements called `name`; `None` when `body` is not well-formed.
pub(crate) fn texts(body: &[u8], name: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let (mut texts, mut text) = (Vec::new(), None);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if start.name().as_ref() == name => text = Some(String::new()),
            Event::End(end) if end.name().as_ref() == name => texts.extend(text.take()),
            Event::Text(part) => push(&mut text, &part.xml10_content()),
            Event::CData(part) => push(&mut text, &part),
            Event::GeneralRef(reference) => match reference.resolve_char_ref().ok()? {
                Some(character) => push(&mut text, character.encode_utf8(&mut [0; 4])),
                None => push(&mut text, resolve_predefined_entity(&reference)?),
            },
            Event::Eof => return Some(texts),
            _ => {}
        }
    }
}

fn push(text: &mut Option<String>, part: &str) {
    if let Some(text) = text {
        text.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWKWARD: &str = "a <b> & \"c\" 'd' \u{1}\r\n\tü";

    #[test]
    fn what_is_written_is_read_again() {
        let body = document("Delete", "", |xml| {
            for key in [AWKWARD, "plain"] {
                xml.element("Object", |xml| xml.text("Key", key));
            }
        });
        assert_eq!(texts(&body, "Key").unwrap(), [AWKWARD, "plain"]);
    }

    #[test]
    fn control_characters_are_written_as_references() {
        let body = document("Result", "urn:example", |xml| xml.text("Key", "a\u{1}\r"));
        let expected =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Result xmlns=\"urn:example\"><Key>a&#x1;&#13;</Key></Result>";
        assert_eq!(String::from_utf8(body).unwrap(), expected);
    }

    #[test]
    fn a_broken_document_has_no_texts() {
        assert_eq!(texts(b"<Delete><Key>a</Delete>", "Key"), None);
        assert_eq!(texts(b"\xff", "Key"), None);
    }
}
