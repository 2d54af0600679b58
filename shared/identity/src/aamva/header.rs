//! The header: the file type, the issuer's number, the version and the list of subfiles.

use super::{element, note};
use crate::finding::Finding;

/// The first characters of a complete header.
const MARK: &str = "@\n\u{1e}\r";
/// The file types: the standard's, and that of cards from before it.
const FILE_TYPES: [&str; 2] = ["ANSI", "AAMVA"];
const IIN_DIGITS: usize = 6;
/// Versions that were published when this was written.
const VERSIONS: std::ops::RangeInclusive<u8> = 1..=10;

/// What the header states.
pub struct Header<'a> {
    /// Issuer identification number.
    pub iin: String,
    /// The types of the subfiles, e.g. `DL`, `ZV`.
    pub parts: Vec<String>,
    /// What follows.
    pub body: &'a str,
}

/// Reads the header, wherever it begins. `None` without one.
pub fn read<'a>(text: &'a str, findings: &mut Vec<Finding>) -> Option<Header<'a>> {
    let (mark, rest) = find(text)?;
    if mark.trim_start_matches(['\u{feff}', '\u{2}']) != MARK {
        note(findings, Finding::HeaderMarkLost);
    }
    let (digits, mut body) = split_digits(rest);
    let iin: String = digits.chars().take(IIN_DIGITS).collect();
    let version: String = digits.chars().skip(IIN_DIGITS).take(2).collect();
    let version = version.parse::<u8>().ok();
    match version {
        Some(version) if !VERSIONS.contains(&version) => note(findings, Finding::VersionUnknown { version }),
        _ => {}
    }
    // Version 01 has no jurisdiction version: the number of subfiles follows at once.
    let expected = if version.is_some_and(|version| version >= 2) { 12 } else { 10 };
    if digits.len() != expected {
        note(findings, Finding::HeaderIrregular);
    }
    let entries: Option<usize> = digits.get(expected - 2..expected).and_then(|entries| entries.parse().ok());
    let mut parts = Vec::new();
    while let Some((part, regular, rest)) = designator(body) {
        parts.push(part);
        if !regular {
            note(findings, Finding::HeaderIrregular);
        }
        body = rest;
    }
    if entries != Some(parts.len()) {
        note(findings, Finding::HeaderIrregular);
    }
    if let Some(rest) = element::skip_to_part(body) {
        // A card whose list of subfiles holds something else than numbers.
        note(findings, Finding::HeaderIrregular);
        body = rest;
    }
    Some(Header { iin, parts, body })
}

/// The text before the file type and that after it, at the first place where the issuer's number follows.
fn find(text: &str) -> Option<(&str, &str)> {
    let places = FILE_TYPES.iter().flat_map(|kind| text.match_indices(kind));
    let followed = places.filter_map(|(at, kind)| {
        let rest = text.get(at + kind.len()..)?.trim_start_matches(' ');
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        (digits >= IIN_DIGITS).then(|| (at, text.get(..at).unwrap_or_default(), rest))
    });
    followed.min_by_key(|(at, ..)| *at).map(|(_, mark, rest)| (mark, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

/// A subfile's type with its offset and length, four digits each; cards with fewer are irregular.
fn designator(text: &str) -> Option<(String, bool, &str)> {
    const DIGITS: usize = 8;
    let text = text.trim_start();
    let part: String = text.chars().take(2).collect();
    if part.len() != 2 || !part.chars().all(|c| c.is_ascii_uppercase()) {
        return None;
    }
    let (digits, _) = split_digits(text.get(2..)?);
    let count = digits.len().min(DIGITS);
    (count >= 6).then(|| (part, count == DIGITS, text.get(2 + count..).unwrap_or_default()))
}
