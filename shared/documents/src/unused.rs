//! What a document shows and its statements do not hold, as it is listed for a reviewer.

use domain::statement::{Unused, UnusedReason};

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

pub fn error_cell(sheet: &str, cell: &str) -> Unused {
    of_cell(UnusedReason::ErrorCell, sheet, cell, "an error cell: its formula has no amount; the figure was left empty")
}

pub fn doubtful_amount(sheet: &str, cell: &str) -> Unused {
    of_cell(
        UnusedReason::DoubtfulAmount,
        sheet,
        cell,
        "a doubtful amount: its digits can be read in more than one way; the figure was left empty",
    )
}

pub fn text_for_amount(sheet: &str, cell: &str) -> Unused {
    of_cell(UnusedReason::TextForAmount, sheet, cell, "text where an amount is expected; the figure was left empty")
}

pub fn differs_from_inner(sheet: &str, cell: &str) -> Unused {
    of_cell(
        UnusedReason::DoubtfulAmount,
        sheet,
        cell,
        "the amount is not the sum of the inner amounts next to it; the inner amounts were used",
    )
}

/// A column of `count` amounts from `first` to `last` whose heading gives no year end.
pub fn undated_column(sheet: &str, heading: &str, first: &str, last: &str, count: usize) -> Unused {
    let detail = format!(
        "the column's heading gives no year end, so its {count} amounts are not used; put the date into the heading, e.g. 31.03.2025"
    );
    let label = Some(heading.to_owned()).filter(|heading| !heading.is_empty());
    let cell = if first == last { first.to_owned() } else { format!("{first}:{last}") };
    Unused { label, ..of_cell(UnusedReason::UndatedColumn, sheet, &cell, &detail) }
}

fn of_sheet(reason: UnusedReason, sheet: &str, detail: &str) -> Unused {
    Unused { reason, sheet: sheet.to_owned(), cell: None, label: None, detail: detail.to_owned() }
}

fn of_cell(reason: UnusedReason, sheet: &str, cell: &str, detail: &str) -> Unused {
    Unused { reason, sheet: sheet.to_owned(), cell: Some(cell.to_owned()), label: None, detail: detail.to_owned() }
}
