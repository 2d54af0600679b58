//! V30: a note against the line of a statement that refers to it, where the note does not add up to that line.

use super::subtotal::{self, running_sums};
use super::unit_factor;
use super::{LineItem, LineRole, Lines, List, Printed, Severity, Statement, UsedColumn, column_decimals, shown};

/// The lines of one note that do not add up to the line of a statement.
pub(super) struct Note<'a> {
    /// Ids of the lines that the note should break up.
    faces: &'a [String],
    statement: &'a Statement,
    lines: Vec<&'a LineItem>,
}

impl<'a> Note<'a> {
    pub(super) fn lines(&self) -> &[&'a LineItem] {
        &self.lines
    }

    /// Whether a line of the statement refers to the note.
    pub(super) fn is_of(&self, statement: &Statement) -> bool {
        statement.lines.iter().any(|line| self.faces.contains(&line.id))
    }
}

/// The notes that do not add up to the lines that refer to them.
pub(super) fn collect<'a>(documents: &[Lines<'a>], list: &List<'a>) -> Vec<Note<'a>> {
    let mut notes: Vec<Note<'a>> = Vec::new();
    for classified in list.classification.lines.iter().filter(|line| !line.differs_from.is_empty()) {
        let Some((statement, line)) = documents.iter().find_map(|lines| lines.get(classified.line.as_str())) else {
            continue;
        };
        match notes.last_mut() {
            Some(note) if std::ptr::eq(note.statement, *statement) && note.faces == classified.differs_from => {
                note.lines.push(line);
            }
            _ => notes.push(Note { faces: &classified.differs_from, statement, lines: vec![line] }),
        }
    }
    notes
}

/// Compares the notes with the lines of a column.
pub(super) fn check(notes: &[Note<'_>], column: &UsedColumn<'_>, list: &mut List<'_>) {
    for line in &column.statement.lines {
        for note in notes.iter().filter(|note| note.faces.contains(&line.id)) {
            compare(note, line, column, list);
        }
    }
}

fn compare(note: &Note<'_>, face: &LineItem, column: &UsedColumn<'_>, list: &mut List<'_>) {
    let (Some(printed), Some(of_note)) = (column.printed(face), column_of_note(note, column, list)) else { return };
    let (sums, totals) = (sums(note, &of_note), totals(note, &of_note));
    let is = |other: &Printed| printed.is(other.amount, other.rounding);
    // The total of a note may agree where the lines that it adds up do not.
    for (line, total) in totals.iter().filter(|(line, _)| !line.addends.is_empty()) {
        subtotal::compare(&of_note, line, *total, Severity::Warning, list);
    }
    // A note may print sums of its parts alone, or end with a balance that was not read as a sum.
    let parts = running_sums(&of_note, totals.iter().map(|(line, _)| *line)).pop();
    let last = note.lines.iter().rev().find_map(|line| of_note.printed(line));
    if sums.iter().chain(totals.iter().map(|(_, total)| total)).chain(&parts).chain(&last).any(is) {
        return;
    }
    let (place, other) = match (totals.last(), sums.last()) {
        (Some((line, total)), _) => (of_note.place(line), *total),
        (None, Some(sum)) => (of_note.span(note), *sum),
        (None, None) => return,
    };
    let detail = format!(
        "the note's {} ({place}) against the line that refers to it, {} ({}); the line is used",
        shown(other.amount),
        shown(printed.amount),
        column.place(face)
    );
    list.push("V30", Severity::Warning, Some(column.year), false, detail);
}

/// The column of a note for the period of a column of a statement.
pub(super) fn column_of_note<'a>(note: &Note<'a>, column: &UsedColumn<'a>, list: &List<'_>) -> Option<UsedColumn<'a>> {
    let wanted = column.statement.columns.get(column.column)?;
    let same =
        |other: &domain::statement::Column| other.period_end == wanted.period_end && other.months == wanted.months;
    let at = note.statement.columns.iter().position(same)?;
    let is_stated = note.statement.unit.rupees().is_some() && column.statement.unit.rupees().is_some();
    let factor = if is_stated { unit_factor(note.statement.unit, list.figures.unit) } else { column.factor };
    let decimals = column_decimals(note.statement, at);
    Some(UsedColumn { lines: column.lines, statement: note.statement, column: at, year: column.year, factor, decimals })
}

/// The sums of the note's lines up to each printed sum, and of all of them.
fn sums(note: &Note<'_>, column: &UsedColumn<'_>) -> Vec<Printed> {
    let ends = (1..=note.lines.len()).filter(|end| note.lines.get(*end).is_none_or(|line| line.role != LineRole::Item));
    let items = |end: usize| note.lines.iter().take(end).copied().filter(|line| line.role == LineRole::Item);
    ends.filter_map(|end| running_sums(column, items(end)).pop()).collect()
}

/// The sums that the note prints.
fn totals<'a>(note: &Note<'a>, column: &UsedColumn<'_>) -> Vec<(&'a LineItem, Printed)> {
    let sums = note.lines.iter().filter(|line| matches!(line.role, LineRole::Subtotal | LineRole::Total));
    sums.filter_map(|line| Some((*line, column.printed(line)?))).collect()
}

impl UsedColumn<'_> {
    /// Where the lines of a note are.
    fn span(&self, note: &Note<'_>) -> String {
        let mut filled = note.lines.iter().filter(|line| self.printed(line).is_some());
        let (Some(first), last) = (filled.next(), filled.next_back()) else { return self.statement.sheet.clone() };
        let last = last.and_then(|line| line.figures.get(self.column)?.as_ref());
        match last {
            Some(last) => format!("{}:{}", self.place(first), last.cell),
            None => self.place(first),
        }
    }
}
