//! One list of everything that was seen in an order's documents and is in no figure, with where it is and why.

use std::collections::{HashMap, HashSet};

use domain::statement::{Extraction, LineItem, LineRole, Statement, StatementKind, Unused, UnusedReason};
use serde::{Deserialize, Serialize};

use crate::classification::{Classification, ClassifiedLine};
use crate::classify::LEFT_OUT_AS_SUM;
use crate::figure::{Figures, SetAside};
use crate::question::entity;
use crate::row::RowCode;

/// Something that was seen in a document and is in no figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusedEntry {
    /// Number of the document.
    pub document: u32,
    /// File name as uploaded.
    pub file: String,
    /// What it is, where it is, and why it is in no figure.
    #[serde(flatten)]
    pub unused: Unused,
}

/// Lists, by document: what the reader did not use, statements and columns that were set aside, and lines that are in no row.
#[must_use]
pub fn list(extractions: &[Extraction], classification: &Classification, figures: &Figures) -> Vec<UnusedEntry> {
    let classified: HashMap<&str, &ClassifiedLine> =
        classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let used: HashSet<&str> = figures.sources.iter().map(|source| source.line.as_str()).collect();
    let mut list = Vec::new();
    for extraction in extractions {
        let mut add = |unused: Unused| {
            list.push(UnusedEntry { document: extraction.document, file: extraction.file.name.clone(), unused });
        };
        // The borrower's own name, spelt differently, is not lost.
        let is_own = |unused: &&Unused| unused.reason == UnusedReason::OtherName && entity::is_own(extraction, unused);
        extraction.unused.iter().filter(|unused| !is_own(unused)).cloned().for_each(&mut add);
        let of_document = figures.set_aside.iter().filter(|aside| aside.document == extraction.document);
        let columns = of_document.filter_map(|aside| column(extraction, aside));
        columns.filter(|column| !is_listed(extraction, column)).for_each(&mut add);
        for statement in &extraction.statements {
            if statement.lines.iter().any(|line| used.contains(line.id.as_str())) {
                lines(statement, &classified).into_iter().for_each(&mut add);
            } else {
                whole_statement(statement, &classified).into_iter().for_each(&mut add);
            }
        }
    }
    list
}

/// Whether the reader lists a column already: it lists those without a year.
fn is_listed(extraction: &Extraction, column: &Unused) -> bool {
    let letters = |cell: &Option<String>| -> String {
        cell.iter().flat_map(|cell| cell.chars().take_while(char::is_ascii_alphabetic)).collect()
    };
    column.reason == UnusedReason::UndatedColumn
        && extraction.unused.iter().any(|listed| {
            listed.reason == column.reason
                && listed.sheet == column.sheet
                && letters(&listed.cell) == letters(&column.cell)
        })
}

/// A column that was set aside.
fn column(extraction: &Extraction, aside: &SetAside) -> Option<Unused> {
    let statement = extraction.statements.get(aside.statement)?;
    let heading = statement.columns.get(aside.column)?.heading.clone();
    let cells = statement.lines.iter().filter_map(|line| line.figures.get(aside.column)?.as_ref());
    let cells: Vec<&str> = cells.map(|figure| figure.cell.as_str()).collect();
    Some(Unused {
        reason: aside.reason,
        sheet: statement.sheet.clone(),
        cell: range(&cells),
        label: Some(heading).filter(|heading| !heading.is_empty()),
        detail: aside.detail.clone(),
    })
}

/// A statement of which nothing is used because of what it is.
fn whole_statement(statement: &Statement, classified: &HashMap<&str, &ClassifiedLine>) -> Option<Unused> {
    let rows = || statement.lines.iter().filter_map(|line| classified.get(line.id.as_str()));
    let is_left_out = rows().all(|line| line.row_code == RowCode::IGNORE);
    let (reason, detail) = match statement.kind {
        StatementKind::CashFlow => (UnusedReason::NoRow, "the CMA has no row for the lines of a cash flow statement"),
        StatementKind::Unknown if is_left_out => (
            UnusedReason::UnrecognisedSheet,
            "it is not a balance sheet, a profit and loss statement or a note to them",
        ),
        StatementKind::Note if is_left_out => {
            (UnusedReason::FaceUsed, "the amount on the face of the statement is used and not this note")
        }
        _ => return None,
    };
    let cells = statement.lines.iter().flat_map(|line| line.figures.iter().flatten());
    let cells: Vec<&str> = cells.map(|figure| figure.cell.as_str()).collect();
    if cells.is_empty() {
        return None;
    }
    let detail = format!("{detail} ({} lines)", statement.lines.len());
    Some(Unused { reason, sheet: statement.sheet.clone(), cell: range(&cells), label: statement.title.clone(), detail })
}

/// Lines with an amount, on the face of a statement, that are in no row and are no sum of others.
fn lines(statement: &Statement, classified: &HashMap<&str, &ClassifiedLine>) -> Vec<Unused> {
    if !matches!(statement.kind, StatementKind::BalanceSheet | StatementKind::ProfitAndLoss) {
        return Vec::new();
    }
    let items = statement.lines.iter().filter(|line| line.role == LineRole::Item);
    let left_out = items.filter_map(|line| {
        let classified = classified.get(line.id.as_str())?;
        let is_sum = LEFT_OUT_AS_SUM.iter().any(|reason| classified.reason.starts_with(reason));
        let figures = line.figures.iter().flatten().filter(|figure| !figure.amount.is_zero());
        let cells: Vec<&str> = figures.map(|figure| figure.cell.as_str()).collect();
        let is_lost = classified.row_code == RowCode::IGNORE && !is_sum && !cells.is_empty();
        is_lost.then(|| no_row(statement, line, classified, &cells))
    });
    left_out.collect()
}

fn no_row(statement: &Statement, line: &LineItem, classified: &ClassifiedLine, cells: &[&str]) -> Unused {
    Unused {
        reason: UnusedReason::NoRow,
        sheet: statement.sheet.clone(),
        cell: range(cells),
        label: Some(line.label.clone()),
        detail: classified.reason.clone(),
    }
}

/// The first and the last of some cells, as a range.
fn range(cells: &[&str]) -> Option<String> {
    match cells {
        [] => None,
        [only] => Some((*only).to_owned()),
        [first, .., last] => Some(format!("{first}:{last}")),
    }
}
