//! What a document shows and its statements do not hold, as it is listed for a reviewer.

use crate::grid::{Grid, Row, Value, a1, letters};
use domain::statement::{Unused, UnusedReason};
use std::collections::BTreeMap;

/// The list, cut to `count_max` entries. The last one then says how many more there are.
pub fn within(mut unused: Vec<Unused>, count_max: usize) -> Vec<Unused> {
    // What may change a figure is never cut off before what cannot.
    unused.sort_by_key(|entry| !entry.reason.may_change_a_figure());
    if unused.len() > count_max {
        let more = unused.len() - count_max;
        unused.truncate(count_max);
        if let Some(last) = unused.last_mut() {
            last.detail = format!("{} (and {more} more like this or in other places)", last.detail);
        }
    }
    unused
}

pub fn hidden_sheet(sheet: &str) -> Unused {
    of_sheet(
        UnusedReason::HiddenSheet,
        sheet,
        "the sheet is hidden and was not read; show it if it belongs to the statements",
    )
}

pub fn oversized_sheet(sheet: &str) -> Unused {
    of_sheet(UnusedReason::OversizedSheet, sheet, "the sheet is too large for a statement and was not read")
}

/// A sheet with a trial balance beside real statements.
pub fn trial_balance(sheet: &str) -> Unused {
    of_sheet(
        UnusedReason::UnrecognisedSheet,
        sheet,
        "a trial balance, which is no statement; its balances are not used",
    )
}

/// An error cell; `error` is what it shows, e.g. `#REF!`.
pub fn error_cell(sheet: &str, cell: &str, error: &str) -> Unused {
    let detail = format!("the cell shows {error}: its formula has no amount; the figure was left empty");
    of_cell(UnusedReason::ErrorCell, sheet, cell, &detail)
}

/// Hidden rows or columns `first` to `last`, from 0, which hold amounts and cells in the range of cells given.
pub fn hidden(
    sheet: &str,
    reason: UnusedReason,
    (first, last): (u32, u32),
    cells: ((u32, u32), (u32, u32)),
    (amounts, count): (usize, usize),
) -> Unused {
    let (thing, from, to) = match reason {
        UnusedReason::HiddenRow => ("row", (first + 1).to_string(), (last + 1).to_string()),
        _ => ("column", letters(first), letters(last)),
    };
    let (what, it) = match amounts {
        0 => (counted(count, "text"), count),
        _ => (counted(amounts, "amount"), amounts),
    };
    let verb = if it == 1 { "is" } else { "are" };
    let detail = if first == last {
        format!("{thing} {from} is hidden; its {what} {verb} not used")
    } else {
        format!("{thing}s {from} to {to} are hidden; their {what} {verb} not used")
    };
    of_cell(reason, sheet, &range(cells), &detail)
}

/// Cells of one column that show nothing: by their number format, or because merged cells cover them.
pub fn unshown(sheet: &str, cells: ((u32, u32), (u32, u32)), count: usize) -> Unused {
    let what = if count == 1 {
        "a value that its number format or a merged cell hides"
    } else {
        "values that their number format or merged cells hide"
    };
    of_cell(UnusedReason::HiddenCell, sheet, &range(cells), &format!("{what}; what a sheet does not show is not used"))
}

/// The formulas of a sheet that are stored without their values, by column, each with the heading of its column. Those of
/// lines of ratios are listed apart, because no figure comes from them.
pub fn uncalculated(grid: &Grid) -> Vec<Unused> {
    let mut columns: BTreeMap<(bool, u32), (u32, u32, usize)> = BTreeMap::new();
    for row in &grid.rows {
        let is_ratio = names_a_ratio(row);
        for cell in row.cells.iter().filter(|cell| cell.value == Value::Uncalculated) {
            let entry = columns.entry((is_ratio, cell.column)).or_insert((row.number, row.number, 0));
            entry.1 = row.number;
            entry.2 += 1;
        }
    }
    let listed = columns.into_iter().map(|((is_ratio, column), (first, last, count))| {
        let formulas = if count == 1 {
            "a formula that the file stores without its value".to_owned()
        } else {
            format!("{count} formulas that the file stores without their values")
        };
        let (reason, rest) = if is_ratio {
            (UnusedReason::NoRow, " on lines of ratios, which no figure comes from")
        } else {
            let advice = "; open the file in a spreadsheet program, save it and upload it again";
            (UnusedReason::FormulaWithoutValue, advice)
        };
        let cells = ((first - 1, column), (last - 1, column));
        let label = heading_above(grid, first, column);
        Unused { label, ..of_cell(reason, &grid.sheet, &range(cells), &format!("{formulas}{rest}")) }
    });
    listed.collect()
}

/// Whether the first text of a row names a ratio, a percentage or a rate of growth, and no amount.
fn names_a_ratio(row: &Row) -> bool {
    let texts = row.cells.iter().filter_map(|cell| match &cell.value {
        Value::Text(text) => Some(text.to_lowercase()),
        _ => None,
    });
    let names = |text: String| {
        let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
        let word = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
        // `Total outside liabilities / tangible net worth` divides one amount by another.
        let divides = text.contains(" / ");
        text.contains("(%)")
            || text.trim_start().starts_with('%')
            || word(&["ratio", "ratios", "percentage", "growth", "times", "dscr", "eps"])
            || divides
    };
    texts.filter(|text| text.chars().any(char::is_alphabetic)).any(names)
}

/// The nearest text or date above a cell, in its column.
fn heading_above(grid: &Grid, row: u32, column: u32) -> Option<String> {
    let above = grid.rows.iter().rev().filter(|r| r.number < row);
    let cells = above.filter_map(|r| r.cells.iter().find(|c| c.column == column));
    cells
        .filter_map(|cell| match &cell.value {
            Value::Text(text) => Some(text.clone()),
            Value::Date(date) => Some(format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())),
            _ => None,
        })
        .next()
}

/// The name of a range whose corners count from 0.
fn range((first, last): ((u32, u32), (u32, u32))) -> String {
    let name = |(row, column): (u32, u32)| a1(row + 1, column);
    if first == last { name(first) } else { format!("{}:{}", name(first), name(last)) }
}

fn counted(count: usize, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}

pub fn doubtful_amount(sheet: &str, cell: &str) -> Unused {
    of_cell(
        UnusedReason::DoubtfulAmount,
        sheet,
        cell,
        "a doubtful amount: its digits can be read in more than one way; the figure was left empty",
    )
}

/// A cell whose stored value is not what its formula, a sum of other cells, gives; row and column from 0.
pub fn stale_value(sheet: &str, at: (u32, u32)) -> Unused {
    let detail = "its formula, a sum of other cells, gives another amount than the one stored with it, which is used; \
                  open the file in a spreadsheet program, recalculate and save it, and upload it again";
    of_cell(UnusedReason::DoubtfulAmount, sheet, &range((at, at)), detail)
}

/// A column of a part of the firm, beside the column of the whole firm that is used.
pub fn part_of_total(sheet: &str, heading: &str, first: &str, last: &str) -> Unused {
    let cells = if first == last { first.to_owned() } else { format!("{first}:{last}") };
    let detail = "a part of the total in another column of the statement, which is used";
    let label = Some(heading.to_owned()).filter(|heading| !heading.is_empty());
    Unused { label, ..of_cell(UnusedReason::SecondColumn, sheet, &cells, detail) }
}

pub fn text_for_amount(sheet: &str, cell: &str) -> Unused {
    of_cell(UnusedReason::TextForAmount, sheet, cell, "text where an amount is expected; the figure was left empty")
}

pub fn ratio_for_amount(sheet: &str, cell: &str) -> Unused {
    let detail = "a percentage in a line of amounts; the figure was left empty";
    of_cell(UnusedReason::DoubtfulAmount, sheet, cell, detail)
}

pub fn differs_from_lines(sheet: &str, cell: &str) -> Unused {
    of_cell(
        UnusedReason::DoubtfulAmount,
        sheet,
        cell,
        "the amount is not the sum of the amounts that break it up; it was used, and they were not",
    )
}

/// A column of `count` amounts from `first` to `last` whose heading gives no year end.
pub fn undated_column(sheet: &str, heading: &str, first: &str, last: &str, count: usize) -> Unused {
    let detail = format!(
        "the column's heading gives no year end, so its {} {} not used; put the date into the heading, e.g. 31.03.2025",
        counted(count, "amount"),
        if count == 1 { "is" } else { "are" }
    );
    let label = Some(heading.to_owned()).filter(|heading| !heading.is_empty());
    let cell = if first == last { first.to_owned() } else { format!("{first}:{last}") };
    Unused { label, ..of_cell(UnusedReason::UndatedColumn, sheet, &cell, &detail) }
}

/// A firm's name at the top of a sheet, which is not the one that the document is listed under.
pub fn other_name(sheet: &str, cell: &str, name: &str) -> Unused {
    let detail = "the sheet names this firm, and the document is listed under another name";
    Unused { label: Some(name.to_owned()), ..of_cell(UnusedReason::OtherName, sheet, cell, detail) }
}

fn of_sheet(reason: UnusedReason, sheet: &str, detail: &str) -> Unused {
    Unused { reason, sheet: sheet.to_owned(), cell: None, label: None, detail: detail.to_owned() }
}

fn of_cell(reason: UnusedReason, sheet: &str, cell: &str, detail: &str) -> Unused {
    Unused { reason, sheet: sheet.to_owned(), cell: Some(cell.to_owned()), label: None, detail: detail.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Cell;

    fn row(label: &str) -> Row {
        let cell = |column, value| Cell { column, value, indent: 0, bold: false, shown: None, side: None };
        Row { number: 7, cells: vec![cell(0, Value::Text(label.into())), cell(1, Value::Uncalculated)] }
    }

    #[test]
    fn formulas_of_ratios_are_listed_apart() {
        let reason = |label: &str| {
            let grid = Grid { sheet: "Form II".into(), rows: vec![row(label)], ..Grid::default() };
            uncalculated(&grid).into_iter().map(|unused| unused.reason).collect::<Vec<_>>()
        };
        for label in [
            "% rise(+)/fall(-) in net sales",
            "Retained profit / net profit (%)",
            "Current ratio (34/10)",
            "Growth in sales",
        ] {
            assert_eq!(reason(label), [UnusedReason::NoRow], "{label}");
        }
        for label in
            ["Sales @ 18%", "Advances recoverable in cash or kind", "Loans and/or advances", "Generation of power"]
        {
            assert_eq!(reason(label), [UnusedReason::FormulaWithoutValue], "{label}");
        }
    }
}
