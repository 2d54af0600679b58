//! What was seen in the documents and is in no figure, and what a reviewer answered, as lists on the Checks sheet.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::WorkbookInput;
use super::layout::FIRST_YEAR;
use super::{page, style};
use crate::unused::UnusedEntry;

/// About how many characters a line of the texts and of the columns beside them holds.
pub(super) const WIDE_CHARS: usize = 74;
const NARROW_CHARS: usize = 16;

/// Writes what was seen in the documents and is in no figure, from row `from`; returns the row after it.
pub(super) fn unused(sheet: &mut Worksheet, from: u32, input: &WorkbookInput<'_>) -> Result<u32, XlsxError> {
    let mut at = from;
    let title = format!("Seen in the documents and in no figure: {}", input.unused.len());
    headings(sheet, at, ["File", &title, "Sheet", "Cell", "Why"])?;
    let mut document = 0;
    for UnusedEntry { document: of, file, unused } in input.unused {
        at += 1;
        if *of != document {
            document = *of;
            page::text(sheet, at, 0, "", &style::section())?;
            page::text(sheet, at, 1, &format!("Document {of}: {file}"), &style::section())?;
            at += 1;
        }
        let label = unused.label.as_deref().filter(|label| !label.is_empty());
        let text = label.map_or_else(|| unused.detail.clone(), |label| format!("{label}: {}", unused.detail));
        let cell = unused.cell.as_deref().unwrap_or("");
        row(sheet, at, [&of.to_string(), &text, &unused.sheet, cell, unused.reason.words()])?;
    }
    Ok(at + 1)
}

/// Writes the reviewer's answers from row `from`; returns the row after them.
pub(super) fn answers(sheet: &mut Worksheet, from: u32, input: &WorkbookInput<'_>) -> Result<u32, XlsxError> {
    let mut at = from;
    let title = format!("Answered by a reviewer, not read from the documents: {}", input.answers.len());
    headings(sheet, at, ["No.", &title, "Answer", "By", ""])?;
    for (answered, number) in input.answers.iter().zip(1..) {
        at += 1;
        let text = format!("{} Reason: {}", answered.text, answered.reason);
        let by = answered.by.as_deref().unwrap_or("the reviewer");
        row(sheet, at, [&format!("{number}"), &text, &answered.answer, by, ""])?;
    }
    Ok(at + 1)
}

fn headings(sheet: &mut Worksheet, at: u32, texts: [&str; 5]) -> Result<(), XlsxError> {
    let [first, title, others @ ..] = texts;
    page::text(sheet, at, 0, first, &style::head_left())?;
    page::text(sheet, at, 1, title, &style::head_left())?;
    for (heading, column) in others.into_iter().zip(FIRST_YEAR..) {
        page::text(sheet, at, column, heading, &style::head_left())?;
    }
    Ok(())
}

fn row(sheet: &mut Worksheet, at: u32, texts: [&str; 5]) -> Result<(), XlsxError> {
    for (value, column) in texts.into_iter().zip(0..) {
        page::text(sheet, at, column, value, &style::wrapped())?;
    }
    let [_, text, narrow @ ..] = texts;
    let narrow = narrow.into_iter().map(|text| page::lines(text, NARROW_CHARS)).max().unwrap_or(1);
    page::set_lines(sheet, at, page::lines(text, WIDE_CHARS).max(narrow))
}
