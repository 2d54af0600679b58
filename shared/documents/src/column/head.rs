//! The cells of heading rows, and the columns that each of them describes.

use crate::grid::{Cell, Merge, Row, Value, a1};
use crate::heading::{self, Facts, When};

/// A heading cell and the facts in its text.
pub(super) struct Head {
    pub column: u32,
    pub last: Option<u32>,
    pub text: String,
    pub facts: Facts,
    /// Its cell, e.g. `C4`.
    pub cell: String,
}

/// The cells of a heading row that describe columns; a cell that names two periods is listed twice.
pub(super) fn of_row(row: &Row, columns: &[u32], merges: &[Merge]) -> Vec<Head> {
    let first = columns.first().copied().unwrap_or(0);
    let mut heads = Vec::new();
    let name = |cell: &Cell| a1(row.number, cell.column);
    for cell in &row.cells {
        let Some((text, facts)) = parse_cell(cell) else { continue };
        let silent = !facts.is_strong() && (cell.column < first || !text.chars().any(char::is_alphanumeric));
        if silent {
            continue;
        }
        let last = merges.iter().find(|m| m.row == row.number && m.first == cell.column).map(|m| m.last);
        if facts.periods.len() > 1 {
            for when in &facts.periods {
                let one = Facts { periods: vec![*when], ..facts.clone() };
                heads.push(Head { column: cell.column, last: None, text: text.clone(), facts: one, cell: name(cell) });
            }
        } else {
            heads.push(Head { column: cell.column, last, text, facts, cell: name(cell) });
        }
    }
    // A date that OCR made unreadable must not shift the others. Such a cell, left of the figures, was skipped above; it is
    // used after all if the row lacks exactly one heading.
    let spoilt = row.cells.iter().find(|c| c.column < first && !heads.iter().any(|h| h.column == c.column));
    if heads.len() + 1 == columns.len()
        && let Some((cell, (text, facts))) = spoilt.and_then(|c| parse_cell(c).map(|s| (c, s)))
        && text.chars().any(|c| c.is_ascii_digit())
    {
        heads.insert(0, Head { column: cell.column, last: None, text, facts, cell: name(cell) });
    }
    heads
}

fn parse_cell(cell: &Cell) -> Option<(String, Facts)> {
    match &cell.value {
        Value::Text(text) => Some((text.clone(), heading::parse(text))),
        Value::Date(date) => {
            let text = format!("{:02}.{:02}.{}", date.day(), date.month(), date.year());
            Some((text, Facts { periods: vec![When::Day(*date)], only_heading_words: true, ..Facts::default() }))
        }
        Value::Number(number) => {
            let periods = heading::number(*number).into_iter().collect();
            Some((number.to_string(), Facts { periods, only_heading_words: true, ..Facts::default() }))
        }
        Value::Error(_) | Value::Uncalculated => None,
    }
}

/// The heading above each column: matched by order if there is one for each column, otherwise by position.
pub(super) fn by_column(row: &[Head], columns: &[u32]) -> Vec<Option<usize>> {
    if row.len() == columns.len() {
        return (0..row.len()).map(Some).collect();
    }
    columns
        .iter()
        .map(|column| {
            row.iter()
                .position(|h| h.column == *column || h.last.is_some_and(|last| (h.column..=last).contains(column)))
        })
        .collect()
}

/// Whether each of a row's headings is above several columns.
pub(super) fn spans(row: &[Head]) -> bool {
    let spanning = |h: &Head| h.last.is_none() && h.facts.periods.is_empty() && h.facts.is_strong();
    !row.is_empty() && row.iter().all(spanning)
}

/// Spreads headings over more columns than there are headings; `None` if it is unclear how.
pub(super) fn spread(row: &[Head], columns: &[u32], groups: &[usize]) -> Option<Vec<Option<usize>>> {
    let (count, total) = (row.len(), columns.len());
    if count == 0 || count >= total {
        return None;
    }
    let adjacent = row.windows(2).all(|w| w[1].column == w[0].column + 1);
    let each_kind = row.iter().all(|h| h.facts.kind.is_some());
    let group_count = groups.last().map_or(0, |g| g + 1);
    if count > 1 && adjacent && !each_kind && total.is_multiple_of(count) {
        return Some((0..total).map(|at| Some(at * count / total)).collect());
    }
    if count == 2 && group_count == 3 && !each_kind {
        return Some(groups.iter().map(|g| Some(usize::from(*g == 2))).collect());
    }
    if count == group_count {
        return Some(groups.iter().map(|g| Some(*g)).collect());
    }
    if count == 1 {
        let from = row[0].column;
        return (columns.first().is_some_and(|first| from <= *first)).then(|| vec![Some(0); total]);
    }
    let exact = row.iter().all(|h| columns.contains(&h.column));
    if exact && !adjacent && !each_kind {
        return Some(columns.iter().map(|c| row.iter().rposition(|h| h.column <= *c)).collect());
    }
    if total.is_multiple_of(count) && !each_kind {
        return Some((0..total).map(|at| Some(at * count / total)).collect());
    }
    None
}

/// Numbers the groups of columns in which no period repeats: quarters, then years, then years of the group.
pub(super) fn groups(heads: &[Vec<Head>], places: &[Vec<Option<usize>>], count: usize) -> Vec<usize> {
    let mut seen: Vec<Vec<When>> = Vec::new();
    let mut group = 0;
    let mut groups = Vec::new();
    for at in 0..count {
        let periods: Vec<When> = heads
            .iter()
            .zip(places)
            .filter_map(|(row, place)| place[at].map(|h| &row[h]))
            .flat_map(|h| h.facts.periods.clone())
            .collect();
        if !periods.is_empty() && seen.contains(&periods) {
            seen.clear();
            group += 1;
        }
        seen.push(periods);
        groups.push(group);
    }
    groups
}
