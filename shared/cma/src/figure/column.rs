//! Chooses the column and the document that each year's figures come from.
//!
//! A year's balance sheet comes from one document, and so does its profit and loss statement. A statement that is uploaded
//! twice, or repeated as next year's comparative, is therefore never added to itself. The latest document is used, because
//! it holds the restated figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{ColumnKind, Extraction};
use jiff::civil::Date;

use super::entry::{Entry, Family, remark};
use super::{COLUMN_COUNT_MAX, FigureError, Remark};
use crate::row::RowCode;

/// The months of a full year.
const YEAR_MONTHS: u8 = 12;

/// The used and unused entries.
pub(super) struct Chosen<'a> {
    pub periods: Vec<Period>,
    /// Entries that are added up, with the index of their period.
    pub entries: Vec<(usize, Entry<'a>)>,
    /// Entries of other documents for the same period and statement.
    pub others: Vec<(usize, Entry<'a>)>,
}

/// One column of the CMA.
pub(super) struct Period {
    pub end: Date,
    pub kind: ColumnKind,
    pub months: u8,
}

/// Chooses the columns and the document behind each.
pub(super) fn choose<'a>(
    entries: Vec<Entry<'a>>,
    extractions: &[Extraction],
    remarks: &mut Vec<Remark>,
) -> Result<Chosen<'a>, FigureError> {
    let dated = only_dated(entries, remarks)?;
    let entries = one_column_per_statement(full_years(dated, remarks));
    let ends: Vec<Date> = entries
        .iter()
        .filter(|(_, entry)| entry.family != Family::Stated)
        .map(|(end, _)| *end)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if ends.len() > COLUMN_COUNT_MAX {
        return Err(FigureError::TooManyColumns { count: ends.len() });
    }
    let placed = entries.into_iter().filter_map(|(end, entry)| Some((ends.binary_search(&end).ok()?, entry)));
    let (entries, others) = one_document_per_statement(placed.collect(), extractions);
    let periods = ends.iter().enumerate().map(|(index, &end)| period(index, end, &entries, &others)).collect();
    Ok(Chosen { periods, entries, others })
}

fn only_dated<'a>(entries: Vec<Entry<'a>>, remarks: &mut Vec<Remark>) -> Result<Vec<(Date, Entry<'a>)>, FigureError> {
    let total = entries.len();
    let dated: Vec<_> = entries.into_iter().filter_map(|entry| Some((entry.period?, entry))).collect();
    if dated.is_empty() {
        return Err(FigureError::NoDatedColumn);
    }
    if dated.len() < total {
        let count = total - dated.len();
        remark(remarks, "V15", format!("{count} amounts are left out: their column heading gives no year end"));
    }
    Ok(dated)
}

/// Leaves out part-year columns of a period that also has a full year. If the order has full years or balance sheets, it
/// also leaves out those of periods without a balance sheet, such as the quarters of published results.
fn full_years<'a>(entries: Vec<(Date, Entry<'a>)>, remarks: &mut Vec<Remark>) -> Vec<(Date, Entry<'a>)> {
    let operating = |entry: &Entry<'_>| entry.family == Family::Operating;
    let full: BTreeSet<Date> = entries
        .iter()
        .filter(|(_, entry)| operating(entry) && entry.column.months == YEAR_MONTHS)
        .map(|(end, _)| *end)
        .collect();
    let positions: BTreeSet<Date> =
        entries.iter().filter(|(_, entry)| entry.family == Family::Position).map(|(end, _)| *end).collect();
    let anchored = !full.is_empty() || !positions.is_empty();
    let mut left_out = BTreeSet::new();
    let kept = entries
        .into_iter()
        .filter(|(end, entry)| {
            let part = operating(entry) && entry.column.months != YEAR_MONTHS;
            let drop = part && (full.contains(end) || (anchored && !positions.contains(end)));
            if drop {
                left_out.insert((*end, entry.column.months));
            }
            !drop
        })
        .collect();
    for (end, months) in left_out {
        let detail = format!(
            "the column of {months} months to {} is left out: years with a balance sheet are used",
            dotted(end)
        );
        remark(remarks, "V15", detail);
    }
    kept
}

/// When a statement has two columns for one period, uses the more reliable kind, then the longer one, then the left one.
fn one_column_per_statement<'a>(entries: Vec<(Date, Entry<'a>)>) -> Vec<(Date, Entry<'a>)> {
    type Standing = (u8, Reverse<u8>, usize);
    let mut best: BTreeMap<(u32, usize, Date), Standing> = BTreeMap::new();
    let rank = |entry: &Entry<'_>| (reliability(entry.column.kind), Reverse(entry.column.months), entry.column_index);
    let key = |end: &Date, entry: &Entry<'_>| (entry.extraction.document, entry.statement_index, *end);
    for (end, entry) in &entries {
        let seen = best.entry(key(end, entry)).or_insert_with(|| rank(entry));
        *seen = (*seen).min(rank(entry));
    }
    entries.into_iter().filter(|(end, entry)| best.get(&key(end, entry)) == Some(&rank(entry))).collect()
}

type Placed<'a> = Vec<(usize, Entry<'a>)>;

fn one_document_per_statement<'a>(entries: Placed<'a>, extractions: &[Extraction]) -> (Placed<'a>, Placed<'a>) {
    let ranks: BTreeMap<u32, Rank> =
        extractions.iter().map(|extraction| (extraction.document, rank(extraction))).collect();
    let of = |entry: &Entry<'_>| ranks.get(&entry.extraction.document).copied();
    // Of the documents with the statement itself, one is used. A document that only has notes completes the statement; of
    // several such documents one is used for each row.
    let mut faces: BTreeMap<(usize, Family), BTreeSet<u32>> = BTreeMap::new();
    for (year, entry) in entries.iter().filter(|(_, entry)| entry.family != Family::Stated && entry.is_face()) {
        faces.entry((*year, entry.family)).or_default().insert(entry.extraction.document);
    }
    let group = |year: usize, entry: &Entry<'_>| {
        let whole = faces.get(&(year, entry.family)).is_some_and(|set| set.contains(&entry.extraction.document));
        (year, entry.family, if whole { None } else { Some(entry.row) })
    };
    let mut winners: BTreeMap<(usize, Family, Option<RowCode>), Option<Rank>> = BTreeMap::new();
    for (year, entry) in &entries {
        let winner = winners.entry(group(*year, entry)).or_default();
        *winner = (*winner).max(of(entry));
    }
    entries.into_iter().partition(|(year, entry)| winners.get(&group(*year, entry)).copied().flatten() == of(entry))
}

/// Later documents rank higher: by the last period that is not a forecast; then those without forecasts (the statements
/// before a projection that repeats them); then by the order of upload.
type Rank = (Option<Date>, bool, u32);

fn rank(extraction: &Extraction) -> Rank {
    let columns = || extraction.statements.iter().flat_map(|statement| &statement.columns);
    let forecast = |kind: ColumnKind| matches!(kind, ColumnKind::Estimated | ColumnKind::Projected);
    let last = columns().filter(|column| !forecast(column.kind)).filter_map(|column| column.period_end).max();
    (last, !columns().any(|column| forecast(column.kind)), extraction.document)
}

fn period(index: usize, end: Date, entries: &Placed<'_>, others: &Placed<'_>) -> Period {
    let mine = || entries.iter().chain(others).filter(|(year, _)| *year == index).map(|(_, entry)| entry);
    let stated = |entry: &&Entry<'_>| entry.column.kind != ColumnKind::Unstated;
    let kind = mine().find(stated).map_or(ColumnKind::Unstated, |entry| entry.column.kind);
    let months =
        mine().find(|entry| entry.family == Family::Operating).map_or(YEAR_MONTHS, |entry| entry.column.months);
    Period { end, kind, months: months.max(1) }
}

/// Ranks kinds of figures, audited ones first.
fn reliability(kind: ColumnKind) -> u8 {
    match kind {
        ColumnKind::Audited => 0,
        ColumnKind::Provisional => 1,
        ColumnKind::Unstated => 2,
        ColumnKind::Estimated => 3,
        ColumnKind::Projected => 4,
    }
}

/// A date as it is printed in the workbook, e.g. `31.03.2024`.
pub(crate) fn dotted(date: Date) -> String {
    format!("{:02}.{:02}.{:04}", date.day(), date.month(), date.year())
}
