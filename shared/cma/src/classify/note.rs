//! Groups the lines of notes into blocks, and finds the face line that each block breaks up.

use std::collections::BTreeSet;

use domain::statement::{LineRole, StatementKind};

use super::draft::Draft;
use super::engine::Classifier;
use super::is_face;

/// Longest number of a note, e.g. `2.10.1`, in characters.
const NUMBER_CHARS_MAX: usize = 6;

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
        if draft.statement.kind != StatementKind::Note || draft.in_schedule {
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

/// The numbers of the notes of each document.
pub(super) fn numbers(blocks: &[Block]) -> BTreeSet<(usize, String)> {
    blocks.iter().filter_map(|block| Some((block.document, block.number.clone()?))).collect()
}

/// The face lines that a note may break up, at most one of each statement: those that refer to its number, otherwise those
/// whose label is its heading and that refer to none of the `numbers` of notes. Lines of other documents only count if its
/// own document has no statement.
pub(super) fn faces(block: &Block, drafts: &[Draft], numbers: &BTreeSet<(usize, String)>) -> Vec<usize> {
    let is_line = |draft: &Draft| is_face(draft.statement.kind) && draft.line.role == LineRole::Item;
    let has_statement = drafts.iter().any(|draft| draft.document == block.document && is_face(draft.statement.kind));
    let near = |draft: &Draft| is_line(draft) && (draft.document == block.document) == has_statement;
    let number = block.number.as_deref();
    let by_number = |draft: &Draft| {
        let reference = draft.line.note.as_deref().and_then(referred_note);
        reference.is_some() && reference.as_deref() == number
    };
    let is_headed = |draft: &Draft| !block.heading.is_empty() && draft.label.words == block.heading;
    // The reference may be cut off (`2.1` for `2.10`), or the note may have no number.
    let refers = |draft: &Draft| {
        let reference = draft.line.note.as_deref().map(|note| referred_note(note).unwrap_or_default());
        reference.is_some_and(|reference| numbers.contains(&(block.document, reference)))
    };
    let by_heading = |draft: &Draft| !refers(draft) && is_headed(draft);
    let matching = |fits: &dyn Fn(&Draft) -> bool| -> Vec<usize> {
        let found = drafts.iter().enumerate().filter(|(_, draft)| near(draft) && fits(draft));
        found.map(|(index, _)| index).collect()
    };
    let mut found = matching(&by_number);
    if found.is_empty() {
        found = matching(&by_heading);
    }
    if found.is_empty() {
        // The numbers of another document's notes may differ from those that the statement refers to.
        found = matching(&|draft| !has_statement && is_headed(draft));
    }
    one_per_statement(&found, drafts, &is_headed)
}

/// Of several lines of one statement that refer to a note, it can only break up the one whose label is its heading.
fn one_per_statement(found: &[usize], drafts: &[Draft], is_headed: &dyn Fn(&Draft) -> bool) -> Vec<usize> {
    let same = |one: usize, other: usize| std::ptr::eq(drafts[one].statement, drafts[other].statement);
    let rivals = |of: usize| found.iter().filter(move |other| same(of, **other));
    let is_only = |face: &usize| {
        let headed = rivals(*face).filter(|other| is_headed(&drafts[**other])).count();
        rivals(*face).count() == 1 || (headed == 1 && is_headed(&drafts[*face]))
    };
    found.iter().copied().filter(is_only).collect()
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

/// The note number in a heading: `Note 12: …`, `12. …`, `Schedule A`, `Long-term borrowings (Note 3)`.
fn note_number(heading: &str) -> Option<String> {
    let lower = heading.to_lowercase();
    let tokens: Vec<&str> = lower
        .split([' ', ':', '\u{2013}', '-', ')', '('])
        .map(|token| token.trim_end_matches('.'))
        .filter(|token| !token.is_empty())
        .collect();
    let names = |token: &&str| matches!(*token, "note" | "notes" | "schedule" | "sch" | "no");
    let first = tokens.iter().position(|token| !names(token))?;
    let after_name = tokens.iter().position(names).and_then(|at| {
        let next = tokens.iter().skip(at).position(|token| !names(token))?;
        Some(at + next)
    });
    let number = |at: usize, named: bool| {
        let token = *tokens.get(at)?;
        let numeric = token.starts_with(|c: char| c.is_ascii_digit()) && token.chars().count() <= NUMBER_CHARS_MAX;
        let letter = named && token.chars().count() == 1 && token.chars().all(|c| c.is_ascii_alphabetic());
        (numeric || letter).then(|| token.to_owned())
    };
    number(first, first > 0).or_else(|| after_name.and_then(|at| number(at, true)))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_has_its_number_before_or_behind_its_name() {
        let cases = [
            ("Note 12: Inventories", Some("12")),
            ("12. Inventories", Some("12")),
            ("Schedule A", Some("a")),
            ("Note No. 2.10 Long-term loans and advances", Some("2.10")),
            ("Long-term borrowings (Note 3)", Some("3")),
            ("Trade payables - Note No. 7", Some("7")),
            ("Share capital (Schedule B)", Some("b")),
            ("Long-term borrowings", None),
            ("Notes to the accounts", None),
        ];
        for (heading, number) in cases {
            assert_eq!(note_number(heading).as_deref(), number, "{heading}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_heading_has_a_number_or_none(heading in "(Note|Schedule|[a-z ]{0,8})?\\PC{0,30}") {
            if let Some(number) = note_number(&heading) {
                proptest::prop_assert!((1..=NUMBER_CHARS_MAX).contains(&number.chars().count()));
            }
        }
    }
}
