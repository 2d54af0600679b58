//! Takes gross block and depreciation from the schedule of fixed assets, where the balance sheet prints only the net block.

use std::collections::HashMap;

use domain::statement::{Extraction, StatementKind};

use super::column::Placed;
use super::entry::{Entry, Family};
use super::precision::column_decimals;
use crate::classification::{Classification, ClassifiedLine};
use crate::row::RowCode;
use crate::schedule::{self, Cell, Split};

const GROSS_BLOCK: RowCode = row!("III.35");
const DEPRECIATION: RowCode = row!("III.36");

/// Replaces net blocks by the gross blocks and the depreciation that a schedule splits them into.
pub(super) fn split<'a>(
    entries: Placed<'a>,
    extractions: &'a [Extraction],
    classification: &'a Classification,
) -> Placed<'a> {
    let depreciated = |year: usize| entries.iter().any(|(of, entry)| *of == year && entry.row == DEPRECIATION);
    let is_net = |year: usize, entry: &Entry<'_>| {
        entry.row == GROSS_BLOCK && entry.statement.kind == StatementKind::BalanceSheet && !depreciated(year)
    };
    if !entries.iter().any(|(year, entry)| is_net(*year, entry)) {
        return entries;
    }
    let schedules: Vec<Schedule<'a>> = extractions.iter().flat_map(schedules_of).collect();
    let classified: HashMap<&str, &ClassifiedLine> =
        classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let mut split = Vec::with_capacity(entries.len());
    for (year, entry) in &entries {
        let parts = is_net(*year, entry).then(|| parts(entry, &schedules, &classified)).flatten();
        match parts {
            Some(parts) => split.extend(parts.into_iter().map(|part| (*year, part))),
            None => split.push((*year, *entry)),
        }
    }
    split
}

/// A statement that may be a schedule.
struct Schedule<'a> {
    extraction: &'a Extraction,
    index: usize,
}

fn schedules_of(extraction: &Extraction) -> impl Iterator<Item = Schedule<'_>> {
    let statements = extraction.statements.iter().enumerate();
    statements
        .filter(|(_, statement)| schedule::may_be_schedule(statement))
        .map(|(index, _)| Schedule { extraction, index })
}

/// The entries that take the place of a net block. A schedule in the document of the balance sheet comes first.
fn parts<'a>(
    net: &Entry<'a>,
    schedules: &[Schedule<'a>],
    classified: &HashMap<&str, &'a ClassifiedLine>,
) -> Option<Vec<Entry<'a>>> {
    let own = |schedule: &&Schedule<'a>| schedule.extraction.document == net.extraction.document;
    let (first, then): (Vec<_>, Vec<_>) = schedules.iter().partition(own);
    first.into_iter().chain(then).find_map(|schedule| {
        let statement = schedule.extraction.statements.get(schedule.index)?;
        let Split { gross, depreciation } = schedule::split(statement, net.statement, net.line, net.column_index)?;
        let gross = gross.iter().map(|cell| part(net, schedule, *cell, GROSS_BLOCK, classified));
        let depreciation = depreciation.iter().map(|cell| part(net, schedule, *cell, DEPRECIATION, classified));
        gross.chain(depreciation).collect()
    })
}

fn part<'a>(
    net: &Entry<'a>,
    schedule: &Schedule<'a>,
    (line, column): Cell,
    row: RowCode,
    classified: &HashMap<&str, &'a ClassifiedLine>,
) -> Option<Entry<'a>> {
    let statement = schedule.extraction.statements.get(schedule.index)?;
    let item = statement.lines.get(line)?;
    let figure = item.figures.get(column)?.as_ref()?;
    Some(Entry {
        extraction: schedule.extraction,
        statement_index: schedule.index,
        statement,
        column: statement.columns.get(column)?,
        column_index: column,
        period: net.period,
        basis: net.basis,
        line: item,
        figure,
        decimals: column_decimals(statement, column),
        classified: classified.get(item.id.as_str()).copied()?,
        // Depreciation may be printed in brackets.
        sign: if figure.amount.is_sign_negative() { -1 } else { 1 },
        row,
        family: Family::Position,
        is_broken_up: false,
    })
}
