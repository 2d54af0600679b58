//! Checks that nothing that was seen is lost without a word: V25 what is in no figure, V26 whose documents they are, and the
//! questions that are still open.

mod area;

use domain::statement::{Extraction, UnusedReason};

use super::{BORROWER, List, Severity};
use crate::classification::Classification;
use crate::question::{self, About, entity};
use crate::unused::{self, UnusedEntry};
use area::{Areas, Where};

/// V25, V26, and V14 and V15 for open questions.
pub(super) fn run(extractions: &[Extraction], classification: &Classification, list: &mut List<'_>) {
    check_unused(extractions, classification, list);
    check_entities(extractions, list);
    for question in question::open(extractions, classification) {
        let (rule, severity) = match question.about {
            About::Unit | About::Currency => ("V14", Severity::Error),
            About::Period | About::Months => ("V15", Severity::Error),
            About::Kind => ("V15", Severity::Warning),
            // V15 says which year lacks which statement, and V26 names the borrowers.
            About::BalanceSheet | About::ProfitAndLoss | About::Borrower => continue,
        };
        list.push(rule, severity, None, false, format!("not answered: {}", question.text));
    }
}

fn check_unused(extractions: &[Extraction], classification: &Classification, list: &mut List<'_>) {
    let areas = Areas::of(extractions, list.figures);
    let entries = unused::list(extractions, classification, list.figures);
    let mut rest = 0;
    for entry in &entries {
        let found = areas.find(entry.document, &entry.unused.sheet, entry.unused.cell.as_deref());
        match severity(entry, found) {
            Severity::Note => rest += 1,
            severity => {
                let year = if let Where::Column(year) = found { Some(year) } else { None };
                list.push("V25", severity, year, false, detail(entry));
            }
        }
    }
    if rest > 0 {
        let detail = format!("{rest} things were seen and are in no figure; they are listed as not used");
        list.push("V25", Severity::Note, None, false, detail);
    } else if entries.is_empty() {
        list.push("V25", Severity::Error, None, true, "everything that was seen is in a figure");
    }
}

fn severity(entry: &UnusedEntry, found: Where) -> Severity {
    use UnusedReason::{
        DoubtfulAmount, ErrorCell, FormulaWithoutValue, HiddenCell, HiddenColumn, HiddenRow, HiddenSheet,
        TextForAmount, UndatedColumn,
    };
    match (entry.unused.reason, found) {
        (ErrorCell | FormulaWithoutValue | DoubtfulAmount, Where::Column(_)) => Severity::Error,
        (ErrorCell | FormulaWithoutValue | DoubtfulAmount, Where::Beside) => Severity::Warning,
        (TextForAmount, Where::Column(_)) | (UndatedColumn, Where::Column(_) | Where::SetAside | Where::Beside) => {
            Severity::Warning
        }
        (HiddenSheet | HiddenRow | HiddenColumn | HiddenCell, _) => Severity::Warning,
        _ => Severity::Note,
    }
}

fn detail(entry: &UnusedEntry) -> String {
    let UnusedEntry { file, unused, .. } = entry;
    let place = match (&unused.cell, unused.sheet.as_str()) {
        (Some(cell), "") => format!("cell {cell} of {file}"),
        (Some(cell), sheet) => format!("{sheet}!{cell} of {file}"),
        (None, "") => file.clone(),
        (None, sheet) => format!("sheet {sheet} of {file}"),
    };
    match unused.label.as_deref().filter(|label| !label.is_empty()) {
        Some(label) => format!("{place} (“{label}”): {}", unused.detail),
        None => format!("{place}: {}", unused.detail),
    }
}

fn check_entities(extractions: &[Extraction], list: &mut List<'_>) {
    let entities = entity::entities(extractions);
    match entities.as_slice() {
        [] => list.not_made(BORROWER, Severity::Note, None, "no document names the borrower"),
        [only] => {
            let detail = format!("every document that names a borrower names {}", only.name);
            list.push(BORROWER, Severity::Error, None, true, detail);
        }
        several => {
            let detail = format!(
                "the documents name more than one borrower: {}; a CMA is about one company",
                entity::named(several)
            );
            list.push(BORROWER, Severity::Error, None, false, detail);
        }
    }
}
