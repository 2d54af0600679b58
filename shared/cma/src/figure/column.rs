//! Chooses the column and the document that each year's figures come from.
//!
//! A year's balance sheet comes from one document, and so does its profit and loss statement. A statement that is uploaded
//! twice, or repeated as next year's comparative, is therefore never added to itself. Audited figures come before others,
//! and later accounts before earlier ones, because they hold the restated figures.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{ColumnKind, Extraction, UnusedReason};
use jiff::civil::Date;

use super::aside::Log;
use super::entry::{Entry, Family};
use super::period::{Period, periods};
use super::{COLUMN_COUNT_MAX, FigureError, Remark};
use super::{basis, document, face, version};
use crate::check::Severity;

/// The months of a full year.
const YEAR_MONTHS: u8 = 12;

/// The used and unused entries.
pub(super) struct Chosen<'a> {
    pub periods: Vec<Period>,
    /// Entries that are added up, with the index of their period.
    pub entries: Placed<'a>,
    /// Entries of other documents for the same period and statement.
    pub others: Placed<'a>,
    /// Documents whose figures differ from those used although nothing decides between them.
    pub equal: BTreeSet<(usize, Family, u32)>,
}

/// Entries with the index of their period.
pub(super) type Placed<'a> = Vec<(usize, Entry<'a>)>;

/// Entries with the end of their period.
type Dated<'a> = Vec<(Date, Entry<'a>)>;

/// Chooses the columns and the document behind each.
pub(super) fn choose<'a>(
    entries: Vec<Entry<'a>>,
    extractions: &'a [Extraction],
    remarks: &mut Vec<Remark>,
    log: &mut Log,
) -> Result<Chosen<'a>, FigureError> {
    let entries = basis::prefer_standalone(entries, remarks, log);
    let dated = only_dated(entries, log)?;
    let dated = full_years(dated, remarks, log);
    let mut found: Vec<(Date, Remark)> = Vec::new();
    let dated = one_column_per_statement(dated, &mut found, log);
    let dated = version::keep_one(dated, extractions, &mut found, log);
    let ends: Vec<Date> = dated
        .iter()
        .filter(|(_, entry)| entry.family != Family::Stated)
        .map(|(end, _)| *end)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    if ends.len() > COLUMN_COUNT_MAX {
        return Err(FigureError::TooManyColumns { count: ends.len() });
    }
    remarks.extend(found.into_iter().map(|(end, remark)| Remark { year: ends.binary_search(&end).ok(), ..remark }));
    let placed = dated.into_iter().filter_map(|(end, entry)| Some((ends.binary_search(&end).ok()?, entry)));
    let (entries, others, equal) = document::one_per_statement(placed.collect(), extractions, log);
    let entries = face::notes_of_used_lines(entries, extractions, log);
    let periods = periods(&ends, &entries, remarks);
    let counted = |placed: Placed<'a>| placed.into_iter().filter(|(_, entry)| !entry.is_broken_up).collect();
    Ok(Chosen { periods, entries: counted(entries), others: counted(others), equal })
}

fn only_dated<'a>(entries: Vec<Entry<'a>>, log: &mut Log) -> Result<Dated<'a>, FigureError> {
    let detail = "the heading of the column gives no year end";
    let entries = log.retain(entries, UnusedReason::UndatedColumn, detail, |entry| entry.period.is_some());
    let dated: Dated<'a> = entries.into_iter().filter_map(|entry| Some((entry.period?, entry))).collect();
    if dated.is_empty() { Err(FigureError::NoDatedColumn) } else { Ok(dated) }
}

/// Leaves out part-year columns of a period that also has a full year. If the order has full years or balance sheets, it
/// also leaves out those of periods without a balance sheet, such as the quarters of published results.
fn full_years<'a>(entries: Dated<'a>, remarks: &mut Vec<Remark>, log: &mut Log) -> Dated<'a> {
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
    let mut kept = Vec::with_capacity(entries.len());
    for (end, entry) in entries {
        let part = operating(&entry) && entry.column.months != YEAR_MONTHS;
        if part && (full.contains(&end) || (anchored && !positions.contains(&end))) {
            left_out.insert((end, entry.column.months));
            log.add(
                &entry,
                UnusedReason::PartYear,
                "the column covers part of a year; years with a balance sheet are used",
            );
        } else {
            kept.push((end, entry));
        }
    }
    for (end, months) in left_out {
        let detail = format!(
            "the column of {months} months to {} is left out: years with a balance sheet are used",
            dotted(end)
        );
        super::entry::remark(remarks, "V15", detail);
    }
    kept
}

/// When a statement has two columns for one period, uses the more reliable kind, then the longer one, then the left one.
fn one_column_per_statement<'a>(entries: Dated<'a>, found: &mut Vec<(Date, Remark)>, log: &mut Log) -> Dated<'a> {
    type Standing = (u8, Reverse<u8>, usize);
    let mut best: BTreeMap<(u32, usize, Date), Standing> = BTreeMap::new();
    let rank = |entry: &Entry<'_>| (reliability(entry.column.kind), Reverse(entry.column.months), entry.column_index);
    let key = |end: &Date, entry: &Entry<'_>| (entry.extraction.document, entry.statement_index, *end);
    for (end, entry) in &entries {
        let seen = best.entry(key(end, entry)).or_insert_with(|| rank(entry));
        *seen = (*seen).min(rank(entry));
    }
    let mut reported = BTreeSet::new();
    let mut kept = Vec::with_capacity(entries.len());
    for (end, entry) in entries {
        let Some(&(kind, months, used)) = best.get(&key(&end, &entry)) else { continue };
        if entry.column_index == used {
            kept.push((end, entry));
            continue;
        }
        let heading = entry.statement.columns.get(used).map_or("", |column| column.heading.as_str());
        log.add(
            &entry,
            UnusedReason::SecondColumn,
            &format!("the column “{heading}” gives the same period and is used"),
        );
        let alike = (kind, months) == (reliability(entry.column.kind), Reverse(entry.column.months));
        if alike && entry.is_face() && differ(&entry, used) && reported.insert(entry.key()) {
            found.push((end, two_columns(&entry, heading)));
        }
    }
    kept
}

/// Whether a line's amount in another column differs.
fn differ(entry: &Entry<'_>, other: usize) -> bool {
    let other = entry.line.figures.get(other).and_then(Option::as_ref);
    other.map(|figure| figure.amount) != Some(entry.figure.amount)
}

fn two_columns(entry: &Entry<'_>, used: &str) -> Remark {
    let detail = format!(
        "sheet {} has two columns for one period that differ, “{used}” and “{}”; the first is used, and nothing shows which \
         one is right",
        entry.statement.sheet, entry.column.heading
    );
    Remark { rule: "V15".to_owned(), year: None, severity: Some(Severity::Error), detail }
}

/// Ranks the kinds of a statement's columns, audited ones first.
pub(super) fn reliability(kind: ColumnKind) -> u8 {
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
