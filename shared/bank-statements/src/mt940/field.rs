//! Cuts an MT940 file into its fields.

use crate::draft::Context;
use crate::error::{Counted, ReadError, within};
use crate::place::{Place, UnusedKind};

/// A field: its tag, and its content line by line.
pub(super) struct Field<'a> {
    /// Tag without colons, e.g. `60F`.
    pub tag: String,
    pub lines: Vec<&'a str>,
    /// Line of the tag, from 1.
    pub line: u32,
}

impl Field<'_> {
    /// Tag and content for a list of what was not used.
    pub fn shown(&self) -> String {
        format!(":{}:{}", self.tag, self.lines.join(" "))
    }
}

/// The fields of a file. Lines outside of them are listed, except for the blocks of the network.
pub(super) fn fields<'a>(text: &'a str, context: &mut Context<'_>) -> Result<Vec<Field<'a>>, ReadError> {
    let lines: Vec<&str> = lines(text).collect();
    let mut fields: Vec<Field<'a>> = Vec::new();
    // Whether lines belong to the last field.
    let mut inside = false;
    let mut skip = false;
    for (at, whole) in lines.iter().enumerate() {
        within(Counted::LineBytes, whole.len(), context.limits.line_bytes_max)?;
        if std::mem::take(&mut skip) {
            continue;
        }
        let number = u32::try_from(at + 1).unwrap_or(u32::MAX);
        let line = without_blocks(whole);
        // A line break between the colon and the tag.
        let next = lines.get(at + 1).copied().unwrap_or_default();
        if let Some((tag, rest)) = tag(line)
            && (!inside || belongs(tag, rest, fields.last(), &lines[at + 1..]))
        {
            fields.push(Field { tag: tag.to_ascii_uppercase(), lines: vec![rest], line: number });
            inside = true;
        } else if line.trim() == ":" && ["61:", "86:", "62F:", "62M:"].iter().any(|tag| next.starts_with(tag)) {
            let (tag, rest) = next.split_once(':').unwrap_or((next, ""));
            fields.push(Field { tag: tag.to_owned(), lines: vec![rest], line: number });
            (inside, skip) = (true, true);
        } else if ends_message(line, fields.last()) {
            inside = false;
        } else if let Some(field) = fields.last_mut().filter(|_| inside) {
            field.lines.push(line);
        } else if !line.trim().is_empty() {
            context.unused(Place::Line(number), UnusedKind::Line, line);
        }
        within(Counted::Elements, fields.len(), context.limits.elements_max)?;
    }
    Ok(fields)
}

/// Lines that end with CR LF, LF or CR.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// The line without the blocks that the network puts around a message: `{1:…}{2:…}{4:` before it, `-}{5:…}` after it.
fn without_blocks(line: &str) -> &str {
    let start = line.trim_start_matches(['\u{1}', '\u{feff}']);
    let mut chars = start.chars();
    if chars.next() == Some('{') && chars.next().is_some_and(|c| c.is_ascii_digit()) && chars.next() == Some(':') {
        return start.rsplit_once("{4:").map_or("", |(_, rest)| rest);
    }
    line
}

/// The tag at the start of a line, and what follows it.
fn tag(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.trim_start().strip_prefix(':')?.split_once(':')?;
    let mut chars = tag.chars();
    let digits = chars.next()?.is_ascii_digit() && chars.next()?.is_ascii_digit();
    let letter = chars.next().is_none_or(|c| c.is_ascii_alphabetic());
    (digits && letter && chars.next().is_none()).then_some((tag, rest))
}

/// Whether a line that looks like a tag is one, and no continued text such as `:20:15 Uhr`.
///
/// Tags from 60 on cannot be minutes or seconds. The others begin a message: they follow a field of the message's head or its
/// end, or further fields of a head follow them.
fn belongs(found: &str, rest: &str, last: Option<&Field<'_>>, following: &[&str]) -> bool {
    if found.get(..2).is_some_and(|digits| digits >= "60") {
        return true;
    }
    let Some(last) = last else { return true };
    // Inside of a head, or after a field that has one line.
    if !matches!(last.tag.as_str(), "61" | "86") {
        return true;
    }
    let head = ["21", "25", "25P", "28", "28C", "13", "13D", "34F", "60F", "60M"];
    let next = following.iter().find_map(|line| tag(line));
    !rest.trim().is_empty() && next.is_some_and(|(tag, _)| head.contains(&tag))
}

/// Whether a line ends the message: a hyphen, or one with the network's next block. Text may begin with a hyphen, too.
fn ends_message(line: &str, last: Option<&Field<'_>>) -> bool {
    let line = line.trim_end();
    let closed = last
        .is_some_and(|field| field.tag.starts_with("62") || field.tag.starts_with("64") || field.tag.starts_with("65"));
    line == "-" || line.starts_with("-}") || line == "\u{3}" || (closed && line.starts_with('-'))
}
