//! Groups the lines of notes into blocks, and finds the face line that each block breaks up.

use domain::statement::{LineRole, StatementKind};

use super::draft::Draft;
use super::engine::Classifier;
use super::is_face;

/// One note: the drafts of its lines, in order.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) document: usize,
    /// Its number as references print it, e.g. `12`.
    pub(super) number: Option<String>,
    /// Canonical words of its heading.
    heading: Vec<String>,
    pub(super) drafts: Vec<usize>,
}

/// Groups the lines of the notes of all documents.
pub(super) fn blocks(drafts: &[Draft], classifier: &Classifier) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut last: Option<(*const domain::statement::Statement, &str)> = None;
    for (index, draft) in drafts.iter().enumerate() {
        if draft.statement.kind != StatementKind::Note {
            continue;
        }
        let title = draft.statement.title.as_deref().unwrap_or(&draft.statement.sheet);
        let numbered_title = note_number(title).is_some();
        let top = draft.line.section.first().map(String::as_str).filter(|_| !numbered_title);
        let heading = top.unwrap_or(title);
        let key = (std::ptr::from_ref(draft.statement), heading);
        match blocks.last_mut() {
            Some(block) if last == Some(key) => block.drafts.push(index),
            _ => blocks.push(Block {
                document: draft.document,
                number: note_number(heading).or_else(|| note_number(title)),
                heading: heading_words(heading, classifier),
                drafts: vec![index],
            }),
        }
        last = Some(key);
    }
    blocks
}

/// The face lines that a note may break up: those that refer to its number, otherwise those whose label is its heading.
pub(super) fn faces(block: &Block, drafts: &[Draft]) -> Vec<usize> {
    let matching = |same_document: bool, fits: &dyn Fn(&Draft) -> bool| -> Vec<usize> {
        let candidates = drafts.iter().enumerate().filter(|(_, draft)| {
            is_face(draft.statement.kind)
                && draft.line.role == LineRole::Item
                && (draft.document == block.document) == same_document
        });
        candidates.filter(|(_, draft)| fits(draft)).map(|(index, _)| index).collect()
    };
    let by_number = |draft: &Draft| {
        let reference = draft.line.note.as_deref().and_then(referred_note);
        reference.is_some() && reference == block.number
    };
    let by_heading =
        |draft: &Draft| draft.line.note.is_none() && !block.heading.is_empty() && draft.label.words == block.heading;
    let mut found = matching(true, &by_number);
    if found.len() > 1 {
        // Several lines refer to the note: it can only break up the one whose label is its heading.
        found.retain(|index| drafts[*index].label.words == block.heading);
    }
    for (same, fits) in [(true, &by_heading as &dyn Fn(&Draft) -> bool), (false, &by_heading)] {
        if found.is_empty() {
            found = matching(same, fits);
        }
    }
    found
}

fn heading_words(heading: &str, classifier: &Classifier) -> Vec<String> {
    let lower = heading.trim_start();
    let after = lower
        .split_once([':', '-', '\u{2013}'])
        .filter(|(front, _)| note_number(front).is_some())
        .map_or(lower, |(_, rest)| rest);
    let words = classifier.read(after).words;
    words.into_iter().filter(|word| !matches!(word.as_str(), "note" | "schedule" | "no")).collect()
}

/// The note number at the beginning of a heading: `Note 12: …`, `12. …`, `Schedule A`.
fn note_number(heading: &str) -> Option<String> {
    let lower = heading.to_lowercase();
    let mut named = false;
    for token in lower.split([' ', ':', '\u{2013}', '-', ')', '(']).filter(|token| !token.is_empty()) {
        let bare = token.trim_end_matches('.');
        if matches!(bare, "note" | "notes" | "schedule" | "sch" | "no") {
            named = true;
            continue;
        }
        let numeric = bare.starts_with(|c: char| c.is_ascii_digit()) && bare.len() <= 6;
        let letter = named && bare.len() == 1 && bare.chars().all(|c| c.is_ascii_alphabetic());
        return (numeric || letter).then(|| bare.to_owned());
    }
    None
}

/// The note that a face line refers to, if it is only one.
fn referred_note(note: &str) -> Option<String> {
    let lower = note.to_lowercase();
    let mut tokens = lower
        .split([' ', ',', '&', '/', ';'])
        .map(|token| token.trim_matches(['.', '(', ')', ':']))
        .filter(|token| !token.is_empty() && !matches!(*token, "note" | "no" | "notes" | "schedule" | "sch"));
    let first = tokens.next()?;
    tokens.next().is_none().then(|| first.to_owned())
}
