//! One entry per classified amount: the line, its column and the row it goes to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::statement::{Basis, Column, Extraction, Figure, LineItem, Statement, StatementKind};
use jiff::civil::Date;

use super::Note;
use crate::classification::{Classification, ClassifiedLine};
use crate::row::{Form, RowCode};

/// One classified amount with everything that is known of it.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub extraction: &'a Extraction,
    /// Index of the statement within the extraction.
    pub statement_index: usize,
    pub statement: &'a Statement,
    pub column: &'a Column,
    pub column_index: usize,
    pub period: Option<Date>,
    pub line: &'a LineItem,
    pub figure: &'a Figure,
    pub classified: &'a ClassifiedLine,
    pub row: RowCode,
    pub family: Family,
}

/// Rows that come from one statement together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    Operating,
    Position,
    /// Stated on its own, anywhere: repayments, contingent liabilities.
    Stated,
}

impl Entry<'_> {
    /// Whether the line stands on the face of a statement, and not in a note to it.
    pub fn is_face(&self) -> bool {
        matches!(
            self.statement.kind,
            StatementKind::BalanceSheet | StatementKind::ProfitAndLoss | StatementKind::Unknown
        )
    }
}

/// The amounts of every classified line, of standalone figures where there are any, each document once.
pub(super) fn collect<'a>(
    extractions: &'a [Extraction],
    classification: &'a Classification,
    notes: &mut Vec<Note>,
) -> Vec<Entry<'a>> {
    let lines = places(extractions, notes);
    let mut entries = Vec::new();
    let mut unknown = BTreeSet::new();
    for classified in &classification.lines {
        let Ok(row) = RowCode::parse(&classified.row_code) else {
            unknown.insert(classified.row_code.as_str());
            continue;
        };
        if let Some((extraction, statement_index, line)) = lines.get(classified.line.as_str())
            && let Some(family) = family(row)
        {
            entries.extend(amounts(extraction, *statement_index, line, classified, row, family));
        }
    }
    for code in unknown {
        note(notes, "V24", format!("lines classified as {code} are left out: the row table has no such row"));
    }
    prefer_standalone(entries, notes)
}

pub(super) fn note(notes: &mut Vec<Note>, rule: &str, detail: impl Into<String>) {
    notes.push(Note { rule: rule.to_owned(), year: None, detail: detail.into() });
}

/// The family of a row; none for rows that lines cannot feed.
pub(super) fn family(row: RowCode) -> Option<Family> {
    let entry = row.row()?;
    if !entry.is_input() {
        return None;
    }
    match (entry.form, entry.code.as_str()) {
        (_, "S.TL.paid" | "III.AI.A" | "III.AI.B") => Some(Family::Stated),
        (_, "X.months" | "X.noncash") => None,
        (Form::Three, _) => Some(Family::Position),
        _ => Some(Family::Operating),
    }
}

type Place<'a> = (&'a Extraction, usize, &'a LineItem);

fn places<'a>(extractions: &'a [Extraction], notes: &mut Vec<Note>) -> HashMap<&'a str, Place<'a>> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut places = HashMap::new();
    for extraction in extractions {
        if let Some(first) = seen.get(extraction.file.sha256.as_str()) {
            let detail = format!("document {} is the same file as document {first}; counted once", extraction.document);
            note(notes, "V01", detail);
            continue;
        }
        seen.insert(&extraction.file.sha256, extraction.document);
        for (index, statement) in extraction.statements.iter().enumerate() {
            places.extend(statement.lines.iter().map(|line| (line.id.as_str(), (extraction, index, line))));
        }
    }
    places
}

fn amounts<'a>(
    extraction: &'a Extraction,
    statement_index: usize,
    line: &'a LineItem,
    classified: &'a ClassifiedLine,
    row: RowCode,
    family: Family,
) -> Vec<Entry<'a>> {
    let Some(statement) = extraction.statements.get(statement_index) else { return Vec::new() };
    if statement.kind == StatementKind::CashFlow {
        return Vec::new();
    }
    let slots = statement.columns.iter().zip(&line.figures).enumerate();
    slots
        .filter_map(|(column_index, (column, figure))| {
            let figure = figure.as_ref()?;
            let period = column.period_end;
            Some(Entry {
                extraction,
                statement_index,
                statement,
                column,
                column_index,
                period,
                line,
                figure,
                classified,
                row,
                family,
            })
        })
        .collect()
}

/// Keeps figures of one basis: the borrower alone, unless only the group's have both statements. A balance sheet of the
/// one is never put beside a profit and loss statement of the other; one that does not say whose it is stands beside either.
fn prefer_standalone<'a>(entries: Vec<Entry<'a>>, notes: &mut Vec<Note>) -> Vec<Entry<'a>> {
    let families = |bases: &[Basis]| -> BTreeSet<Family> {
        let of = |entry: &&Entry<'_>| {
            entry.family != Family::Stated && entry.period.is_some() && bases.contains(&entry.column.basis)
        };
        entries.iter().filter(of).map(|entry| entry.family).collect()
    };
    let (alone, group) = (families(&[Basis::Standalone]), families(&[Basis::Consolidated]));
    if group.is_empty() {
        return entries;
    }
    let whole = |bases: &[Basis]| families(bases).len() > 1;
    let (kept, detail): (&[Basis], &str) = match () {
        () if whole(&[Basis::Standalone]) => {
            (&[Basis::Standalone], "consolidated columns are left out: the borrower's own figures are used")
        }
        () if whole(&[Basis::Standalone, Basis::Unstated]) => (
            &[Basis::Standalone, Basis::Unstated],
            "consolidated columns are left out: the borrower's own figures are used",
        ),
        () if whole(&[Basis::Consolidated]) => (
            &[Basis::Consolidated],
            "figures of the borrower alone, which lack a statement, are left out: the group's figures are used",
        ),
        () if whole(&[Basis::Consolidated, Basis::Unstated]) => (
            &[Basis::Consolidated, Basis::Unstated],
            "one statement is the group's and the other does not say whose it is: both are taken as the group's, confirm it",
        ),
        () if alone.is_empty() => return entries,
        () => (
            &[Basis::Standalone, Basis::Unstated],
            "consolidated columns are left out: the borrower's own figures are used",
        ),
    };
    if entries.iter().any(|entry| entry.period.is_some() && !kept.contains(&entry.column.basis))
        || kept.contains(&Basis::Consolidated) && kept.contains(&Basis::Unstated)
    {
        note(notes, "V15", detail);
    }
    let keep = |entry: &Entry<'_>| entry.family == Family::Stated || kept.contains(&entry.column.basis);
    entries.into_iter().filter(keep).collect()
}
