//! Splits a sheet that has statements beside each other: a profit and loss account beside the balance sheet, or a year
//! beside another one, each with a title of its own.

use crate::grid::{Cell, Grid, Row, Value};
use crate::label::plain;
use crate::layout::{has_amount, is_amount, is_annex_title, is_side_heading};
use crate::{kind, role};
use domain::statement::StatementKind;
use std::collections::BTreeMap;

/// Within how many rows the titles of statements beside each other are.
const BAND: usize = 4;
/// How many labels and rows of amounts a part has at least.
const LABELS_MIN: usize = 2;

/// How many headings a table has at least.
const HEADINGS_MIN: usize = 3;
/// How many statements are beside each other at most.
const PARTS_MAX: usize = 8;

/// How many cells and labels each column has.
type Counts = BTreeMap<u32, (usize, usize)>;

/// The parts of a sheet, left to right; `None` if nothing on it is side by side.
pub fn split(grid: &Grid) -> Option<Vec<Grid>> {
    let (from, mut starts) = titled(grid).or_else(|| headed(grid))?;
    starts.sort_unstable();
    starts.dedup();
    starts.truncate(PARTS_MAX);
    let counts = counts(grid, from);
    let mut bounds = vec![0];
    for pair in starts.windows(2) {
        let [before, own] = pair else { continue };
        bounds.push(bound(&counts, *before, *own)?);
    }
    bounds.dedup();
    let ends = bounds.iter().skip(1).copied().chain([u32::MAX]);
    let parts: Vec<Grid> = bounds.iter().zip(ends).map(|(first, end)| part(grid, from, *first, end)).collect();
    let is_sound = |part: &Grid| {
        let rows = || part.rows.iter().filter(|row| row.cells.iter().any(is_amount));
        rows().filter(|row| row.cells.iter().any(is_label)).count() >= LABELS_MIN
    };
    (parts.len() >= 2 && parts.iter().all(is_sound)).then_some(parts)
}

/// The first row with titles of statements beside each other, and the columns of the titles.
fn titled(grid: &Grid) -> Option<(usize, Vec<u32>)> {
    let titles: Vec<(usize, u32)> = titles(grid);
    let from = titles.iter().enumerate().find_map(|(at, (row, column))| {
        let near = titles.iter().skip(at).take_while(|other| other.0 < row + BAND);
        near.into_iter().any(|other| other.1 != *column).then_some(*row)
    })?;
    let near = titles.iter().filter(|(row, _)| (from..from + BAND).contains(row));
    Some((from, near.map(|(_, column)| *column).collect()))
}

/// The first row that repeats the headings of both sides of an account, and the columns of the accounts.
fn headed(grid: &Grid) -> Option<(usize, Vec<u32>)> {
    let sides = |row: &Row| -> Vec<(u32, String)> {
        let of = |c: &Cell| match &c.value {
            Value::Text(text) if is_side_heading(text) => Some((c.column, plain(text))),
            _ => None,
        };
        row.cells.iter().filter_map(of).collect()
    };
    grid.rows.iter().enumerate().find_map(|(at, row)| {
        let sides = sides(row);
        let (_, first) = sides.first()?;
        let starts: Vec<u32> = sides.iter().filter(|(_, text)| text == first).map(|(column, _)| *column).collect();
        (starts.len() >= 2 && sides.len() == 2 * starts.len()).then_some((at, starts))
    })
}

/// The titles of statements and of tables that break them up, by the index of their row and by their column.
fn titles(grid: &Grid) -> Vec<(usize, u32)> {
    let mut titles = Vec::new();
    for (at, row) in grid.rows.iter().enumerate().filter(|(_, row)| !has_amount(row)) {
        for cell in &row.cells {
            let Value::Text(text) = &cell.value else { continue };
            let named =
                matches!(kind::of_title(text), Some(StatementKind::BalanceSheet | StatementKind::ProfitAndLoss));
            let statement = named && kind::is_title(text) && !role::names_profit(text);
            if statement || is_annex_title(text) && heads_table(grid, at, cell.column) {
                titles.push((at, cell.column));
            }
        }
    }
    titles
}

/// Whether the row below a title holds the headings of three columns or more.
fn heads_table(grid: &Grid, at: usize, column: u32) -> bool {
    let Some(next) = grid.rows.get(at + 1) else { return false };
    let mut cells = next.cells.iter().filter(|c| c.column >= column).take(HEADINGS_MIN);
    let all = cells.clone().count() >= HEADINGS_MIN;
    all && cells.all(|c| matches!(&c.value, Value::Text(_) | Value::Date(_)) && !is_amount(c))
}

fn counts(grid: &Grid, from: usize) -> Counts {
    let mut counts = Counts::new();
    for cell in grid.rows.iter().skip(from + 1).flat_map(|row| &row.cells) {
        let (cells, labels) = counts.entry(cell.column).or_default();
        *cells += 1;
        *labels += usize::from(is_label(cell));
    }
    counts
}

/// The first column of the part whose title is in `own`, right of the part whose title is in `before`: after an empty
/// column, else a column of labels.
fn bound(counts: &Counts, before: u32, own: u32) -> Option<u32> {
    let empty = (before + 1..own).rev().find(|column| !counts.contains_key(column));
    let labelled = |column: &u32| counts.get(column).is_some_and(|(_, labels)| *labels >= LABELS_MIN);
    empty.map(|column| column + 1).or_else(|| (before + 1..=own).rev().find(labelled))
}

/// The cells of one part, with the texts above all of them.
fn part(grid: &Grid, from: usize, first: u32, end: u32) -> Grid {
    let rows = grid.rows.iter().enumerate().filter_map(|(at, row)| {
        let above = at < from && !has_amount(row);
        let cells: Vec<Cell> =
            row.cells.iter().filter(|c| above && !is_amount(c) || (first..end).contains(&c.column)).cloned().collect();
        (!cells.is_empty()).then_some(Row { number: row.number, cells })
    });
    Grid { sheet: grid.sheet.clone(), rows: rows.collect(), merges: grid.merges.clone(), oversized: grid.oversized }
}

fn is_label(cell: &Cell) -> bool {
    matches!(&cell.value, Value::Text(text) if !is_amount(cell) && text.chars().filter(|c| c.is_alphabetic()).count() >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(column: u32, kind: u8) -> Cell {
        let value = match kind {
            0 => Value::Text("Balance sheet".into()),
            1 => Value::Text("Profit and loss account".into()),
            2 => Value::Text("Partners' capital accounts".into()),
            3 => Value::Text("Sundry items".into()),
            _ => Value::Number(i64::from(kind).into()),
        };
        Cell { column, value, indent: 0, bold: false, shown: None, side: None }
    }

    proptest! {
        #[test]
        fn each_amount_is_in_one_part(kinds in proptest::collection::vec(proptest::collection::vec(0_u8..12, 0..7), 0..14)) {
            let rows = kinds.iter().zip(1..).map(|(kinds, number)| {
                let cells = (0..).zip(kinds).filter(|(_, kind)| **kind < 9);
                Row { number, cells: cells.map(|(column, kind)| cell(column, *kind)).collect() }
            });
            let grid = Grid { rows: rows.collect(), ..Grid::default() };
            let amounts = |grid: &Grid| grid.rows.iter().flat_map(|r| &r.cells).filter(|c| is_amount(c)).count();
            if let Some(parts) = split(&grid) {
                prop_assert!(parts.len() >= 2);
                prop_assert_eq!(parts.iter().map(amounts).sum::<usize>(), amounts(&grid));
            }
        }
    }
}
