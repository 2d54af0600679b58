//! The elements: a code of three characters and a value, one in a line, in one or several subfiles.

use super::note;
use super::text::ends_element;
use crate::error::{Counted, ReadError, within};
use crate::finding::Finding;
use crate::limit::Limits;

/// One element, as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawElement {
    /// The subfile, or empty where none was named.
    pub part: String,
    pub code: String,
    /// Without blanks around it.
    pub value: String,
}

/// Fewest elements of a barcode. Every version makes more than ten mandatory.
const ELEMENTS_MIN: usize = 3;
/// How many elements must follow a character for it to be taken for the separator.
const SEPARATED_MIN: usize = 4;

/// Splits the text behind the header into elements.
pub fn split(
    body: &str,
    parts: &[String],
    limits: &Limits,
    findings: &mut Vec<Finding>,
) -> Result<Vec<RawElement>, ReadError> {
    let separator = replaced_separator(body, parts);
    if let Some(separator) = separator {
        note(findings, Finding::SeparatorReplaced { separator });
    }
    let mut elements: Vec<RawElement> = Vec::new();
    let mut part = parts.first().cloned().unwrap_or_default();
    for (line, text) in (1..).zip(body.split(ends_element)) {
        for piece in pieces(text, separator) {
            let (piece, named) = strip_part(piece.trim(), parts);
            if let Some(named) = named {
                part = named;
            }
            if piece.is_empty() {
                continue;
            }
            let Some((code, value)) = code(piece) else {
                note(findings, Finding::TextUnused { line, chars: piece.chars().count() });
                continue;
            };
            let value = value.trim();
            within(Counted::ValueChars, value.chars().count(), limits.value_chars_max)?;
            elements.push(RawElement { part: part.clone(), code: code.to_owned(), value: value.to_owned() });
            within(Counted::Elements, elements.len(), limits.elements_max)?;
        }
    }
    if common(&elements) < ELEMENTS_MIN {
        return Err(ReadError::NoElements);
    }
    Ok(elements)
}

/// How many of the elements are of the standard.
pub fn common(elements: &[RawElement]) -> usize {
    elements.iter().filter(|element| is_common(&element.code)).count()
}

/// The code that a text begins with, and what follows it.
fn code(text: &str) -> Option<(&str, &str)> {
    let mut chars = text.chars();
    let is_code = matches!(chars.next(), Some('D' | 'Z'))
        && chars.next().is_some_and(|c| c.is_ascii_uppercase())
        && chars.next().is_some_and(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
    // Codes are ASCII, so the third byte ends the third character.
    if is_code { Some((text.get(..3)?, text.get(3..)?)) } else { None }
}

/// Takes a subfile's type off, where a subfile begins: `DLDAQ…`, `ZVZVA…`, or the type alone.
fn strip_part<'a>(text: &'a str, parts: &[String]) -> (&'a str, Option<String>) {
    let known = parts.iter().map(String::as_str).chain(["DL", "ID", "EN"]);
    for part in known {
        let Some(rest) = text.strip_prefix(part) else { continue };
        let rest = rest.trim_start();
        let begins = match code(rest) {
            // A jurisdiction's elements begin with its subfile's type: `ZV` of `ZVA`, but not the code `ZVZ` of `ZVZAB`.
            Some((code, _)) if part.starts_with('Z') => code.starts_with(part),
            Some((code, _)) => code.starts_with('D'),
            None => rest.is_empty(),
        };
        if begins {
            return (rest, Some(part.to_owned()));
        }
    }
    (text, None)
}

/// What follows something that is neither a subfile nor an element in the first line, from where a subfile begins in it.
/// `None` if the line begins as it should, or holds none.
pub fn skip_to_part(body: &str) -> Option<&str> {
    let line = body.split(ends_element).next()?;
    let (rest, part) = strip_part(line.trim_start(), &[]);
    if rest.trim().is_empty() || part.is_some() || code(rest).is_some_and(|(code, _)| is_common(code)) {
        return None;
    }
    let begins = |at: &usize| {
        let part = line.get(*at..).map(|rest| strip_part(rest, &[]));
        part.is_some_and(|(rest, part)| part.is_some() && code(rest).is_some_and(|(code, _)| is_common(code)))
    };
    let at = line.char_indices().map(|(at, _)| at).find(begins)?;
    body.get(at..)
}

/// The character that stands in place of line feeds, if one does: the one in front of the most elements.
fn replaced_separator(body: &str, parts: &[String]) -> Option<char> {
    let starts = |text: &str| {
        let (rest, _) = strip_part(text.trim_start(), parts);
        code(rest).is_some_and(|(code, value)| is_common(code) && fits(code, value))
    };
    let kept = body.split(ends_element).filter(|line| starts(line)).count();
    let mut counts: Vec<(char, usize)> = Vec::new();
    for (at, c) in body.char_indices().filter(|(_, c)| !c.is_alphanumeric() && !ends_element(*c)) {
        if body.get(at + c.len_utf8()..).is_some_and(|rest| begins_element(rest, c)) {
            match counts.iter_mut().find(|(one, _)| *one == c) {
                Some((_, count)) => *count += 1,
                None => counts.push((c, 1)),
            }
        }
    }
    let (separator, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    (count >= SEPARATED_MIN && count > kept).then_some(separator)
}

/// Whether an element of the standard begins here, whose value, up to the next separator, it could have.
fn begins_element(text: &str, separator: char) -> bool {
    let end = |c: char| c == separator || ends_element(c);
    code(text).is_some_and(|(code, rest)| is_common(code) && fits(code, rest.split(end).next().unwrap_or_default()))
}

/// The pieces of a line between separators. A separator that no element follows belongs to the value.
fn pieces(line: &str, separator: Option<char>) -> Vec<&str> {
    let Some(separator) = separator else { return vec![line] };
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, sign) in line.match_indices(separator) {
        let next = at + sign.len();
        let follows = line.get(next..).is_some_and(|rest| begins_element(rest, separator) || begins_own(rest));
        if follows {
            pieces.extend(line.get(start..at));
            start = next;
        }
    }
    pieces.extend(line.get(start..));
    pieces
}

/// Whether a jurisdiction's own element begins here, by its subfile's type in front: `ZVZVA`.
fn begins_own(text: &str) -> bool {
    let mut chars = text.chars();
    let (one, two) = (chars.next(), chars.next());
    one == Some('Z') && two.is_some_and(|c| c.is_ascii_uppercase()) && chars.next() == one && chars.next() == two
}

/// Elements of the standard that most cards carry and that are no ordinary beginnings of words, or have values of a form.
fn is_common(code: &str) -> bool {
    const COMMON: [&str; 44] = [
        "DAA", "DAB", "DAC", "DAD", "DAG", "DAH", "DAI", "DAJ", "DAK", "DAQ", "DAR", "DAS", "DAT", "DAU", "DAW", "DAX",
        "DAY", "DAZ", "DBA", "DBB", "DBC", "DBD", "DBH", "DBK", "DBN", "DCA", "DCB", "DCD", "DCE", "DCF", "DCG", "DCJ",
        "DCK", "DCS", "DCT", "DCU", "DDA", "DDB", "DDC", "DDD", "DDE", "DDF", "DDG", "DDK",
    ];
    COMMON.contains(&code)
}

/// Colours of eyes and hair, by their codes in ANSI D-20 and as some cards write them.
const COLOURS: [&str; 24] = [
    "BAL", "BLK", "BLN", "BLU", "BRN", "BRO", "BRU", "DIC", "GRE", "GRN", "GRY", "HAZ", "MAR", "MUL", "NON", "PNK",
    "RED", "SDY", "UNK", "WHI", "BLUE", "BROWN", "GREEN", "HAZEL",
];

/// Whether a value can be that of the element, so that the words `DAKOTA` and `DAYTON` are not taken for elements.
fn fits(code: &str, value: &str) -> bool {
    let value = value.trim();
    let all = |test: fn(&char) -> bool| value.chars().all(|c| test(&c));
    let count = value.chars().count();
    match code {
        "DBA" | "DBB" | "DBD" | "DDB" | "DDC" => count >= 8 && all(|c| c.is_ascii_digit() || "-/.".contains(*c)),
        "DAJ" => count <= 3 && all(char::is_ascii_uppercase),
        "DAK" => value.chars().any(|c| c.is_ascii_digit()),
        "DAU" | "DAW" | "DAX" => value.is_empty() || value.starts_with(|c: char| c.is_ascii_digit()),
        "DAY" | "DAZ" => value.is_empty() || COLOURS.contains(&value.to_uppercase().as_str()),
        "DBC" | "DDE" | "DDF" | "DDG" | "DDA" | "DDD" | "DDK" => count <= 1,
        "DCG" => count <= 3,
        _ => true,
    }
}
