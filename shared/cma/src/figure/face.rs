//! Keeps the lines of a note only where the line that they break up would be used.

use std::collections::{BTreeSet, HashMap};

use domain::statement::{Extraction, StatementKind, UnusedReason};

use super::aside::Log;
use super::column::Placed;

/// Leaves out the lines of notes that break up a line of a statement that is not used in their year.
pub(super) fn notes_of_used_lines<'a>(entries: Placed<'a>, extractions: &'a [Extraction], log: &mut Log) -> Placed<'a> {
    if entries.iter().all(|(_, entry)| entry.classified.breaks_up.is_empty()) {
        return entries;
    }
    let statements = statements_by_line(extractions);
    let used: BTreeSet<(usize, u32, usize)> = entries
        .iter()
        .filter(|(_, entry)| entry.is_face())
        .map(|(year, entry)| (*year, entry.extraction.document, entry.statement_index))
        .collect();
    let (kept, dropped): (Placed<'a>, Placed<'a>) = entries.into_iter().partition(|(year, entry)| {
        let faces = &entry.classified.breaks_up;
        let is_used = |line: &String| {
            let place = statements.get(line.as_str());
            place.is_some_and(|place| used.contains(&(*year, place.document, place.statement)))
        };
        faces.is_empty() || faces.iter().any(is_used)
    });
    for (_, entry) in &dropped {
        log.add(entry, UnusedReason::FaceUsed, "the statement whose line it breaks up is not used for this year");
    }
    kept
}

/// A statement's place.
pub(super) struct Place {
    pub document: u32,
    /// Index of the statement within the document.
    pub statement: usize,
    pub kind: StatementKind,
}

/// The statement of every line on the face of a statement.
pub(super) fn statements_by_line(extractions: &[Extraction]) -> HashMap<&str, Place> {
    let mut found = HashMap::new();
    for extraction in extractions {
        for (index, statement) in extraction.statements.iter().enumerate() {
            let (document, kind) = (extraction.document, statement.kind);
            if matches!(kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss) {
                let place = |id| (id, Place { document, statement: index, kind });
                found.extend(statement.lines.iter().map(|line| place(line.id.as_str())));
            }
        }
    }
    found
}
