//! Rows, columns and cells that a sheet holds and does not show.

use crate::unused;
use domain::statement::{Unused, UnusedReason};
use std::collections::BTreeMap;

/// The rows and columns that a sheet hides, from 0.
#[derive(Clone, Debug, Default)]
pub struct Hidden {
    rows: Vec<(u32, u32)>,
    columns: Vec<(u32, u32)>,
}

impl Hidden {
    /// From ranges in any order.
    #[must_use]
    pub fn new(rows: Vec<(u32, u32)>, columns: Vec<(u32, u32)>) -> Self {
        Self { rows: join(rows), columns: join(columns) }
    }

    /// Whether a cell is in a hidden row or column.
    #[must_use]
    pub fn hides(&self, row: u32, column: u32) -> bool {
        self.has_row(row) || self.has_column(column)
    }

    pub(super) fn add_rows(&mut self, first: u32, last: u32) {
        self.rows.push((first, last));
    }

    pub(super) fn add_columns(&mut self, first: u32, last: u32) {
        self.columns.push((first, last));
    }

    pub(super) fn has_row(&self, row: u32) -> bool {
        has(&self.rows, row)
    }

    pub(super) fn has_column(&self, column: u32) -> bool {
        has(&self.columns, column)
    }
}

/// Sorts ranges and joins those that touch, so that a search by halves finds any place.
fn join(mut ranges: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        match joined.last_mut() {
            Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

fn has(ranges: &[(u32, u32)], place: u32) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= place);
    after.checked_sub(1).and_then(|at| ranges.get(at)).is_some_and(|(_, last)| place <= *last)
}

/// What was left out of one row or column.
#[derive(Clone, Copy, Debug)]
struct Tally {
    amounts: usize,
    cells: usize,
    first: (u32, u32),
    last: (u32, u32),
}

impl Tally {
    fn add(tallies: &mut BTreeMap<u32, Self>, key: u32, (row, column): (u32, u32), amount: bool) {
        let tally =
            tallies.entry(key).or_insert(Self { amounts: 0, cells: 0, first: (row, column), last: (row, column) });
        tally.cells += 1;
        tally.amounts += usize::from(amount);
        tally.first = (tally.first.0.min(row), tally.first.1.min(column));
        tally.last = (tally.last.0.max(row), tally.last.1.max(column));
    }
}

/// The cells of one sheet that were left out because it does not show them.
#[derive(Debug, Default)]
pub(super) struct Left {
    rows: BTreeMap<u32, Tally>,
    columns: BTreeMap<u32, Tally>,
    /// Cells whose number format shows nothing, by column.
    unshown: BTreeMap<u32, Tally>,
}

impl Left {
    pub(super) fn in_row(&mut self, row: u32, column: u32, amount: bool) {
        Tally::add(&mut self.rows, row, (row, column), amount);
    }

    pub(super) fn in_column(&mut self, row: u32, column: u32, amount: bool) {
        Tally::add(&mut self.columns, column, (row, column), amount);
    }

    pub(super) fn unshown(&mut self, row: u32, column: u32) {
        Tally::add(&mut self.unshown, column, (row, column), true);
    }

    /// One entry for each range of hidden rows or columns that holds anything.
    pub(super) fn list(self, sheet: &str) -> Vec<Unused> {
        let mut listed = Vec::new();
        for (reason, tallies) in [(UnusedReason::HiddenColumn, self.columns), (UnusedReason::HiddenRow, self.rows)] {
            for (first, last, tally) in runs(tallies) {
                let cells = (tally.first, tally.last);
                listed.push(unused::hidden(sheet, reason, (first, last), cells, (tally.amounts, tally.cells)));
            }
        }
        let unshown = self.unshown.into_values();
        listed.extend(unshown.map(|t| unused::unshown(sheet, (t.first, t.last), t.cells)));
        listed
    }
}

/// Neighbouring rows or columns as one.
fn runs(tallies: BTreeMap<u32, Tally>) -> Vec<(u32, u32, Tally)> {
    let mut runs: Vec<(u32, u32, Tally)> = Vec::new();
    for (key, tally) in tallies {
        match runs.last_mut() {
            Some((_, last, run)) if *last + 1 == key => {
                *last = key;
                run.amounts += tally.amounts;
                run.cells += tally.cells;
                run.first = (run.first.0.min(tally.first.0), run.first.1.min(tally.first.1));
                run.last = (run.last.0.max(tally.last.0), run.last.1.max(tally.last.1));
            }
            _ => runs.push((key, key, tally)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_ranges_are_found_in_any_order() {
        let hidden = Hidden::new(vec![(7, 9), (2, 2), (3, 4), (8, 8)], vec![]);
        let rows: Vec<u32> = (0..12).filter(|row| hidden.has_row(*row)).collect();
        assert_eq!(rows, [2, 3, 4, 7, 8, 9]);
        assert!(!hidden.has_column(0));
    }

    proptest::proptest! {
        #[test]
        fn a_place_is_hidden_if_a_range_holds_it(ranges in proptest::collection::vec((0_u32..40, 0_u32..6), 0..8), place in 0_u32..50) {
            let ranges: Vec<(u32, u32)> = ranges.into_iter().map(|(first, length)| (first, first + length)).collect();
            let inside = ranges.iter().any(|(first, last)| (*first..=*last).contains(&place));
            proptest::prop_assert_eq!(Hidden::new(ranges, vec![]).has_row(place), inside);
        }
    }
}
