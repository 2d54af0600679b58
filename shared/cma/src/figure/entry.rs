//! Lists every classified amount with its line, its column and its row.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::statement::{Basis, Column, Extraction, Figure, LineItem, Statement, StatementKind};
use jiff::civil::Date;

use super::Remark;
use crate::classification::{Classification, ClassifiedLine};
use crate::row::{Form, RowCode};

/// One classified amount and where it comes from.
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

/// The statement that a row's lines come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// The profit and loss statement.
    Operating,
    /// The balance sheet.
    Position,
    /// Stated separately, in any place: repayments, contingent liabilities.
    Stated,
}

impl Entry<'_> {
    /// Whether the line is on the face of a statement rather than in a note.
    pub fn is_face(&self) -> bool {
        matches!(
            self.statement.kind,
            StatementKind::BalanceSheet | StatementKind::ProfitAndLoss | StatementKind::Unknown
        )
    }
}

pub(super) const INSTALMENTS_PAID: RowCode = row!("S.TL.paid");
pub(super) const DEPRECIATION_ARREARS: RowCode = row!("III.AI.A");
pub(super) const CONTINGENT_LIABILITIES: RowCode = row!("III.AI.B");
pub(super) const MONTHS: RowCode = row!("X.months");
pub(super) const NON_CASH: RowCode = row!("X.noncash");

/// The amounts of every classified line, counting each file once; standalone ones if there are any.
pub(super) fn collect<'a>(
    extractions: &'a [Extraction],
    classification: &'a Classification,
    remarks: &mut Vec<Remark>,
) -> Vec<Entry<'a>> {
    let lines = index_lines(extractions, remarks);
    let mut entries = Vec::new();
    for classified in &classification.lines {
        let row = classified.row_code;
        if let Some((extraction, statement_index, line)) = lines.get(classified.line.as_str())
            && let Some(family) = family(row)
        {
            entries.extend(amounts(extraction, *statement_index, line, classified, row, family));
        }
    }
    prefer_standalone(entries, remarks)
}

/// Adds a remark on the whole order.
pub(super) fn remark(remarks: &mut Vec<Remark>, rule: &str, detail: impl Into<String>) {
    remarks.push(Remark { rule: rule.to_owned(), year: None, detail: detail.into() });
}

/// The statement that a row's lines come from; `None` for rows that are not summed from lines.
pub(super) fn family(row: RowCode) -> Option<Family> {
    match row {
        _ if !row.row().is_input() => None,
        INSTALMENTS_PAID | DEPRECIATION_ARREARS | CONTINGENT_LIABILITIES => Some(Family::Stated),
        MONTHS | NON_CASH => None,
        _ if row.form() == Form::Three => Some(Family::Position),
        _ => Some(Family::Operating),
    }
}

/// A line with its document and the index of its statement.
type LocatedLine<'a> = (&'a Extraction, usize, &'a LineItem);

/// Every line by its id, counting each file once.
fn index_lines<'a>(extractions: &'a [Extraction], remarks: &mut Vec<Remark>) -> HashMap<&'a str, LocatedLine<'a>> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut lines = HashMap::new();
    for extraction in extractions {
        if let Some(first) = seen.get(extraction.file.sha256.as_str()) {
            let detail = format!("document {} is the same file as document {first}; counted once", extraction.document);
            remark(remarks, "V01", detail);
            continue;
        }
        seen.insert(&extraction.file.sha256, extraction.document);
        for (index, statement) in extraction.statements.iter().enumerate() {
            lines.extend(statement.lines.iter().map(|line| (line.id.as_str(), (extraction, index, line))));
        }
    }
    lines
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

/// Keeps figures of one basis: the borrower's own, unless only the group has both statements. The balance sheet of one is
/// never combined with the profit and loss statement of the other; a statement that does not state its basis may be
/// combined with either.
fn prefer_standalone<'a>(entries: Vec<Entry<'a>>, remarks: &mut Vec<Remark>) -> Vec<Entry<'a>> {
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
            "the borrower's own figures lack a statement and are left out: the group's figures are used",
        ),
        () if whole(&[Basis::Consolidated, Basis::Unstated]) => (
            &[Basis::Consolidated, Basis::Unstated],
            "one statement is the group's and the other does not say whose it is: both are taken as the group's; please confirm",
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
        remark(remarks, "V15", detail);
    }
    let keep = |entry: &Entry<'_>| entry.family == Family::Stated || kept.contains(&entry.column.basis);
    entries.into_iter().filter(keep).collect()
}
