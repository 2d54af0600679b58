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
    if found.is_empty() {
        found = of_assets(table, net, wanted);
    }
    if found.is_empty() {
        found = of_date(table, net, wanted);
    }
    only(table, found)
}

/// The split where each asset has its own gross block, depreciation and net block below each other, and the net blocks of
/// the year add up to the wanted one.
fn of_assets(table: &Table<'_>, net: Amount, wanted: &Column) -> Vec<Split> {
    let mut found = Vec::new();
    for column in table.columns() {
        let mut all = Split { gross: Vec::new(), depreciation: Vec::new() };
        let mut nets = Vec::new();
        let labelled =
            |at: usize| table.statement.lines.get(at).is_some_and(|line| is_net(line) && is_of(line, wanted));
        for block in table.lines().filter(|at| labelled(*at)) {
            let Some(split) = of_column(table, column, block) else { continue };
            let is_used = split.gross.iter().any(|cell| all.gross.contains(cell));
            if !is_used {
                all.gross.extend(split.gross);
                all.depreciation.extend(split.depreciation);
                nets.push((block, column));
            }
        }
        if nets.len() > 1 && table.sum(&nets).is(net) {
            found.push(all);
        }
    }
    found
}

/// The split by the gross block and the depreciation whose labels name the day, where no net block is printed.
fn of_date(table: &Table<'_>, net: Amount, wanted: &Column) -> Vec<Split> {
    let lines = table.statement.lines.iter().enumerate();
    let dated: Vec<(usize, &LineItem)> =
        lines.filter(|(_, line)| names_year(&line.label, wanted) == Some(true)).collect();
    let blocks: Vec<usize> = dated.iter().filter(|(_, line)| is_gross(line)).map(|(at, _)| *at).collect();
    let charges: Vec<usize> = dated.iter().filter(|(_, line)| is_depreciation(line)).map(|(at, _)| *at).collect();
    let mut found = Vec::new();
    for column in table.columns() {
        for &gross in &blocks {
            for &depreciation in &charges {
                let (Some(block), Some(charged)) = (table.at(gross, column), table.at(depreciation, column)) else {
                    continue;
                };
                if !charged.value.is_zero() && block.less(charged).is(net) {
                    found.push(Split { gross: vec![(gross, column)], depreciation: vec![(depreciation, column)] });
                }
            }
        }
    }
    found
}

/// Whether a label names the year of the wanted column; `None` if it names none.
fn names_year(label: &str, wanted: &Column) -> Option<bool> {
    let year = i32::from(wanted.period_end?.year());
    let numbers = label.split(|letter: char| !letter.is_ascii_digit()).filter_map(|digits| digits.parse::<i32>().ok());
    let years: Vec<i32> = numbers.filter(|number| (1990..2100).contains(number)).collect();
    (!years.is_empty()).then(|| years.contains(&year))
}

/// Whether a line may be of the wanted year, by its label.
fn is_of(line: &LineItem, wanted: &Column) -> bool {
    names_year(&line.label, wanted).unwrap_or(true)
}

fn is_net(line: &LineItem) -> bool {
    let lower = line.label.to_lowercase();
    ["net block", "net value", "written down", "wdv", "w.d.v"].iter().any(|word| lower.contains(word))
}

fn is_gross(line: &LineItem) -> bool {
    let lower = line.label.to_lowercase();
    ["gross", "cost"].iter().any(|word| lower.contains(word))
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
    // `Dep. up to 31.03.2025`, `Depn fund`.
    let short = |text: &str| {
        text.split(|letter: char| !letter.is_alphabetic()).any(|word| matches!(word, "dep" | "depn" | "depr"))
    };
    texts.map(|text| text.to_lowercase()).any(|text| words.iter().any(|word| text.contains(word)) || short(&text))
}
