//! Reads the markup of pages: enough of HTML for what the templates write, and it fails on anything else.

/// An element as its start tag has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// The text up to the next tag.
    pub text: String,
}

impl Element {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str())
    }

    pub fn has_class(&self, class: &str) -> bool {
        self.get("class").is_some_and(|classes| classes.split(' ').any(|one| one == class))
    }
}

const VOID: [&str; 4] = ["input", "link", "meta", "br"];

/// The elements of a page, in order. Every one that is not empty must end where it should.
pub fn elements(html: &str) -> Vec<Element> {
    let (mut found, mut open, mut rest) =
        (Vec::new(), Vec::<String>::new(), html.trim_start_matches("<!doctype html>"));
    // A piece of a page, such as the inside of a drawing, may start within a tag.
    if !rest.trim_start().starts_with('<') {
        rest = rest.split_once('>').map_or("", |(_, rest)| rest);
    }
    while let Some((_, tag)) = rest.split_once('<') {
        let (inside, after) = split_tag(tag);
        rest = after;
        if let Some(name) = inside.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "an element ends that is not the last open one");
            continue;
        }
        let is_empty = inside.ends_with('/');
        let inside = inside.trim_end_matches('/');
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        assert!(!name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()), "{name:?} is no element");
        if !is_empty && !VOID.contains(&name) {
            open.push(name.to_owned());
        }
        let text = rest.split('<').next().unwrap_or_default().trim().to_owned();
        found.push(Element { name: name.to_owned(), attributes: attributes_of(attributes), text });
    }
    assert_eq!(open, Vec::<String>::new(), "elements that do not end");
    found
}

/// A page's elements with the names of their attributes.
pub fn structure(html: &str) -> Vec<(String, Vec<String>)> {
    let names = |element: Element| element.attributes.into_iter().map(|(name, _)| name).collect();
    elements(html).into_iter().map(|element| (element.name.clone(), names(element))).collect()
}

/// The text of a page without its tags, as a reader sees it.
pub fn text(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = split_tag(tag).1;
    }
    unescaped(&text)
}

fn unescaped(text: &str) -> String {
    let escapes = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
    escapes.iter().fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

/// A tag up to the `>` that ends it, which is not within quotes, and what follows.
fn split_tag(tag: &str) -> (&str, &str) {
    let mut quoted = false;
    for (at, c) in tag.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return (&tag[..at], &tag[at + 1..]),
            _ => {}
        }
    }
    panic!("a tag does not end: {tag}");
}

fn attributes_of(mut text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return found;
        }
        let end = text.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{name:?} is no attribute");
        match rest.strip_prefix("=\"") {
            Some(rest) => {
                let (value, rest) = rest.split_once('"').expect("a value ends");
                assert!(!value.contains('<'), "{name} is not escaped");
                found.push((name.to_owned(), unescaped(value)));
                text = rest;
            }
            None => {
                assert!(!rest.starts_with('='), "{name} is not quoted");
                found.push((name.to_owned(), String::new()));
                text = rest;
            }
        }
    }
}
