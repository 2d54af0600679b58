//! Schedules whose lines are assets: opening, additions, deductions and closing of the gross block and of the depreciation,
//! then the net block.

use domain::statement::LineRole;

use super::{Amount, Cell, Split, Table, only};

/// The split by the line whose net block is the wanted one: the total, or the only asset.
pub(super) fn split(table: &Table<'_>, net: Amount) -> Option<Split> {
    let mut found = Vec::new();
    for line in table.lines() {
        for block in table.columns().filter(|column| table.at(line, *column).is_some_and(|amount| amount.is(net))) {
            found.extend(of_line(table, line, block));
        }
    }
    only(table, found)
}

/// The splits of one line: two columns to the left of the net block whose amounts differ by it, in every asset that the line
/// adds up.
fn of_line(table: &Table<'_>, line: usize, net: usize) -> Vec<Split> {
    let assets = assets_of(table, line);
    let mut found = Vec::new();
    for gross in 0..net {
        for depreciation in (gross + 1..net).filter(|column| !is_movement(table, *column)) {
            let is_net = |line: usize| {
                let at = |column: usize| table.at(line, column);
                let (Some(gross), Some(net)) = (at(gross), at(net)) else { return None };
                let depreciation = at(depreciation).unwrap_or_default();
                Some(gross.less(depreciation).is(net))
            };
            let some = table.at(line, depreciation).is_some_and(|amount| !amount.value.is_zero());
            if some && is_net(line) == Some(true) && assets.iter().all(|asset| is_net(*asset).unwrap_or(true)) {
                found.push(Split {
                    gross: cells(table, line, &assets, gross),
                    depreciation: cells(table, line, &assets, depreciation),
                });
            }
        }
    }
    found
}

/// Whether a column is of additions or deductions, by its heading.
fn is_movement(table: &Table<'_>, column: usize) -> bool {
    let heading = table.statement.columns.get(column).map(|column| column.heading.to_lowercase()).unwrap_or_default();
    let words = ["addition", "deduct", "delet", "dispos", "sale", "sold", "transfer", "adjust"];
    words.iter().any(|word| heading.contains(word))
}

/// The amounts of the assets in a column if they add up to the line's amount; else the line's amount.
fn cells(table: &Table<'_>, line: usize, assets: &[usize], column: usize) -> Vec<Cell> {
    let total = vec![(line, column)];
    let each: Vec<Cell> = assets
        .iter()
        .map(|asset| (*asset, column))
        .filter(|(line, column)| table.at(*line, *column).is_some())
        .collect();
    if !each.is_empty() && table.sum(&each).is(table.sum(&total)) { each } else { total }
}

/// The assets that a sum adds up: the lines it names, else the items directly above it.
fn assets_of(table: &Table<'_>, line: usize) -> Vec<usize> {
    let lines = &table.statement.lines;
    let Some(own) = lines.get(line).filter(|line| line.role != LineRole::Item) else { return Vec::new() };
    if !own.addends.is_empty() {
        let named =
            |at: &usize| lines.get(*at).is_some_and(|line| own.addends.iter().any(|addend| addend.line == line.id));
        return (0..line).filter(named).collect();
    }
    let is_item = |at: &usize| lines.get(*at).is_some_and(|line| line.role == LineRole::Item);
    (0..line).rev().take_while(is_item).collect::<Vec<_>>().into_iter().rev().collect()
}
