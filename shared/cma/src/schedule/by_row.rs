//! Schedules whose lines are the gross block, the depreciation and the net block: with a column per year, or with a column
//! per asset and the total in one of them.

use domain::statement::{Column, LineItem};

use super::{Amount, Split, Table, is_other_year, only};

/// The split by three lines of one column: the first less the second is the third, which is the wanted net block.
pub(super) fn split(table: &Table<'_>, net: Amount, wanted: &Column) -> Option<Split> {
    let mut found = Vec::new();
    for column in table.columns() {
        let heading = table.statement.columns.get(column)?;
        if is_other_year(heading, wanted.period_end) {
            continue;
        }
        for block in table.lines().filter(|line| table.at(*line, column).is_some_and(|amount| amount.is(net))) {
            found.extend(of_column(table, column, block));
        }
    }
    only(table, found)
}

/// The splits of one column. The nearest depreciation above the net block counts, and the gross block above that.
fn of_column(table: &Table<'_>, column: usize, net: usize) -> Option<Split> {
    let wanted = table.at(net, column)?;
    let lines = &table.statement.lines;
    let names = |at: usize| lines.get(at).is_some_and(is_depreciation);
    for depreciation in (0..net).rev().filter(|at| names(*at)) {
        let Some(charged) = table.at(depreciation, column).filter(|amount| !amount.value.is_zero()) else { continue };
        let gross = (0..depreciation).rev().filter(|at| !names(*at)).find(|at| {
            let gross = table.at(*at, column);
            gross.is_some_and(|gross| gross.less(charged).is(wanted))
        });
        if let Some(gross) = gross {
            return Some(Split { gross: vec![(gross, column)], depreciation: vec![(depreciation, column)] });
        }
    }
    None
}

/// Whether a line is of the depreciation, by its label or a heading above it.
fn is_depreciation(line: &LineItem) -> bool {
    let texts = line.section.iter().chain([&line.label]);
    let words = ["deprec", "amorti", "impairment"];
    texts.map(|text| text.to_lowercase()).any(|text| words.iter().any(|word| text.contains(word)))
}
