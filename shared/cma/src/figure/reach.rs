//! Which statements and columns figures come from, or would come from if their year were known.

use std::collections::BTreeSet;

use domain::statement::Extraction;

use super::column;
use super::entry::{self, Family};
use crate::classification::Classification;

/// A column: number of its document, index of its statement, index of the column.
pub(crate) type ColumnKey = (u32, usize, usize);

/// What an order's lines reach.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// Whether a line belongs to a balance sheet.
    pub position: bool,
    /// Whether a line belongs to a profit and loss statement.
    pub operating: bool,
    /// Columns that figures come from.
    pub used: BTreeSet<ColumnKey>,
    /// Columns that figures would come from if their year were known.
    pub undated: BTreeSet<ColumnKey>,
}

impl Reach {
    /// Whether figures come, or would come, from a column of a statement; from any of its columns when none is given.
    pub fn uses(&self, document: u32, statement: usize, column: Option<usize>) -> bool {
        let all = self.used.iter().chain(&self.undated);
        all.clone().any(|key| key.0 == document && key.1 == statement && column.is_none_or(|column| key.2 == column))
    }
}

/// Where the figures of an order come from.
pub(crate) fn reach(extractions: &[Extraction], classification: &Classification) -> Reach {
    let mut remarks = Vec::new();
    let entries = entry::collect(extractions, classification, &mut remarks);
    let has = |family: Family| entries.iter().any(|entry| entry.family == family);
    let key = |entry: &entry::Entry<'_>| (entry.extraction.document, entry.statement_index, entry.column_index);
    let undated = entries.iter().filter(|entry| entry.period.is_none()).map(key).collect();
    let (position, operating) = (has(Family::Position), has(Family::Operating));
    let chosen = column::choose(entries, extractions, &mut remarks);
    let used = chosen.map(|chosen| chosen.entries.iter().map(|(_, entry)| key(entry)).collect()).unwrap_or_default();
    Reach { position, operating, used, undated }
}
