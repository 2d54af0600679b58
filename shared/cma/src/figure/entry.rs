//! Lists every classified amount with its line, its column and its row.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::statement::{Basis, Column, Extraction, Figure, LineItem, Statement, StatementKind, Subject, UnusedReason};
use jiff::civil::Date;

use super::Remark;
use super::aside::Log;
use super::name;
use super::precision::column_decimals;
use crate::classification::{Classification, ClassifiedLine};
use crate::row::{Form, RowCode};

/// A column: number of its document, index of its statement, index of the column.
pub(crate) type ColumnKey = (u32, usize, usize);

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
    /// Whose figures the column holds, by its heading or else by the name of its sheet.
    pub basis: Basis,
    pub line: &'a LineItem,
    pub figure: &'a Figure,
    /// Decimals that its column is printed with.
    pub decimals: u32,
    pub classified: &'a ClassifiedLine,
    /// 1 if the row uses the amount as printed, -1 if negated.
    pub sign: i8,
    pub row: RowCode,
    pub family: Family,
    /// Whether a note breaks the line up, so that the note's lines count in its place. Such entries show which statements
    /// are there; they are in no sum.
    pub is_broken_up: bool,
}

/// The statement that lines come from: the one they are printed in, or for lines of notes that of their row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Family {
    /// The profit and loss statement.
    Operating,
    /// The balance sheet.
    Position,
    /// Stated separately, in any place: repayments, contingent liabilities.
    Stated,
}

impl Family {
    /// The statement, as a reader calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operating => "profit and loss statement",
            Self::Position => "balance sheet",
            Self::Stated => "statement",
        }
    }
}

impl Entry<'_> {
    /// Whether the line is on the face of a statement rather than in a note.
    pub fn is_face(&self) -> bool {
        matches!(
            self.statement.kind,
            StatementKind::BalanceSheet | StatementKind::ProfitAndLoss | StatementKind::Unknown
        )
    }

    pub fn key(&self) -> ColumnKey {
        (self.extraction.document, self.statement_index, self.column_index)
    }
}

pub(super) const INSTALMENTS_PAID: RowCode = row!("S.TL.paid");
pub(super) const DEPRECIATION_ARREARS: RowCode = row!("III.AI.A");
pub(super) const CONTINGENT_LIABILITIES: RowCode = row!("III.AI.B");
pub(super) const MONTHS: RowCode = row!("X.months");
pub(super) const NON_CASH: RowCode = row!("X.noncash");

/// The amounts of every classified line, counting each file once.
pub(super) fn collect<'a>(
    extractions: &'a [Extraction],
    classification: &'a Classification,
    remarks: &mut Vec<Remark>,
    log: &mut Log,
) -> Vec<Entry<'a>> {
    let lines = index_lines(extractions, remarks, log);
    let broken_up: HashSet<&str> =
        classification.lines.iter().flat_map(|line| &line.breaks_up).map(String::as_str).collect();
    let in_part = broken_up_in(classification, &lines);
    let mut entries = Vec::new();
    for classified in &classification.lines {
        let Some(located) = lines.get(classified.line.as_str()) else { continue };
        let is_broken_up = classified.row_code == RowCode::IGNORE && broken_up.contains(classified.line.as_str());
        let of_row = family(classified.row_code);
        let of_statement = family_of(located.statement.kind);
        let family = match of_row {
            None if is_broken_up => of_statement,
            // Drawings printed in a balance sheet belong to it, although their row is one of the operating statement.
            Some(Family::Operating | Family::Position) => of_statement.or(of_row),
            other => other,
        };
        if let Some(family) = family {
            let found = amounts(located, classified, family, is_broken_up);
            entries.extend(found.into_iter().map(|entry| {
                // A note that covers some years of the line counts in its place in these.
                let covered = (classified.line.as_str(), entry.column.period_end, entry.column.months);
                Entry { is_broken_up: is_broken_up || in_part.contains(&covered), ..entry }
            }));
        }
    }
    entries
}

/// The lines that notes break up, with the end and the months of each period that the notes cover.
fn broken_up_in<'a>(
    classification: &'a Classification,
    lines: &HashMap<&'a str, Located<'a>>,
) -> HashSet<(&'a str, Option<Date>, u8)> {
    let mut covered = HashSet::new();
    for classified in classification.lines.iter().filter(|line| !line.breaks_up.is_empty()) {
        let Some(located) = lines.get(classified.line.as_str()) else { continue };
        for face in &classified.breaks_up {
            let columns = located.statement.columns.iter();
            covered.extend(columns.map(|column| (face.as_str(), column.period_end, column.months)));
        }
    }
    covered
}

/// The statement itself; `None` for notes and sheets that are not recognised.
fn family_of(kind: StatementKind) -> Option<Family> {
    match kind {
        StatementKind::BalanceSheet => Some(Family::Position),
        StatementKind::ProfitAndLoss => Some(Family::Operating),
        _ => None,
    }
}

/// Leaves out the columns about which a question is open that changes their amounts or their period.
pub(super) fn answered<'a>(entries: Vec<Entry<'a>>, log: &mut Log) -> Vec<Entry<'a>> {
    let is_open = |entry: &Entry<'_>| {
        entry.statement.questions.iter().any(|question| {
            question.subject != Subject::Kind && question.column.is_none_or(|column| column == entry.column_index)
        })
    };
    let detail = "what is printed about its amounts was not understood, so it is not used";
    log.retain(entries, UnusedReason::Unanswered, detail, |entry| !is_open(entry))
}

/// Adds a remark on the whole order.
pub(super) fn remark(remarks: &mut Vec<Remark>, rule: &str, detail: impl Into<String>) {
    remarks.push(Remark { rule: rule.to_owned(), year: None, severity: None, detail: detail.into() });
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

/// A line with its document and its statement.
struct Located<'a> {
    extraction: &'a Extraction,
    statement_index: usize,
    statement: &'a Statement,
    line: &'a LineItem,
    /// Decimals of each column of the statement.
    decimals: std::rc::Rc<[u32]>,
    /// Whether the document has a sheet of a branch, beside which a consolidated one is of the whole business.
    has_branches: bool,
}

fn basis(located: &Located<'_>, column: &Column) -> Basis {
    let is_group = !located.has_branches && name::is_consolidated(&located.statement.sheet);
    if column.basis == Basis::Unstated && is_group { Basis::Consolidated } else { column.basis }
}

/// Every line by its id, counting each file once.
fn index_lines<'a>(
    extractions: &'a [Extraction],
    remarks: &mut Vec<Remark>,
    log: &mut Log,
) -> HashMap<&'a str, Located<'a>> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let mut lines = HashMap::new();
    for extraction in extractions {
        let first = *seen.entry(&extraction.file.sha256).or_insert(extraction.document);
        let repeated = first != extraction.document;
        if repeated {
            let detail = format!("document {} is the same file as document {first}; counted once", extraction.document);
            remark(remarks, "V01", detail);
        }
        let statements = || extraction.statements.iter();
        let has_branches = statements().any(|of| name::is_branch(&of.sheet, of.title.as_deref()));
        for (statement_index, statement) in statements().enumerate() {
            if repeated {
                let detail = format!("the same file as document {first}");
                for column in 0..statement.columns.len() {
                    let key = (extraction.document, statement_index, column);
                    log.add_column(key, UnusedReason::OtherDocument, &detail);
                }
                continue;
            }
            let decimals: std::rc::Rc<[u32]> =
                (0..statement.columns.len()).map(|column| column_decimals(statement, column)).collect();
            let located = |line: &'a LineItem| {
                let decimals = std::rc::Rc::clone(&decimals);
                (line.id.as_str(), Located { extraction, statement_index, statement, line, decimals, has_branches })
            };
            lines.extend(statement.lines.iter().map(located));
        }
    }
    lines
}

fn amounts<'a>(
    located: &Located<'a>,
    classified: &'a ClassifiedLine,
    family: Family,
    is_broken_up: bool,
) -> Vec<Entry<'a>> {
    let &Located { extraction, statement_index, statement, line, .. } = located;
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
                basis: basis(located, column),
                line,
                figure,
                decimals: located.decimals.get(column_index).copied().unwrap_or(0),
                classified,
                sign: classified.sign,
                row: classified.row_code,
                family,
                is_broken_up,
            })
        })
        .collect()
}
