//! Which statements and columns figures come from, or would come from if their year were known.

use std::collections::BTreeSet;

use domain::statement::Extraction;

use super::aside::{Aside, Log};
use super::column;
use super::entry::{self, ColumnKey, Entry, Family};
use crate::classification::Classification;

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
    /// Columns in whose place others are used.
    pub aside: Aside,
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
    let (mut remarks, mut log) = (Vec::new(), Log::default());
    let entries = entry::collect(extractions, classification, &mut remarks, &mut log);
    let has = |family: Family| entries.iter().any(|entry| entry.family == family);
    let undated = entries.iter().filter(|entry| entry.period.is_none()).map(Entry::key).collect();
    let (position, operating) = (has(Family::Position), has(Family::Operating));
    let chosen = column::choose(entries, extractions, &mut remarks, &mut log);
    let Ok(chosen) = chosen else { return Reach { position, operating, undated, ..Reach::default() } };
    let used = chosen.entries.iter().map(|(_, entry)| entry.key()).collect();
    let aside = Aside::of(&log.into_list(&chosen.entries));
    Reach { position, operating, used, undated, aside }
}
