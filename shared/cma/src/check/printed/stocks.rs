//! V03 and V04 for the opening and closing stocks of a note that is not used, such as that of the changes in inventories.

use domain::statement::ColumnKind;

use super::note::{Note, column_of_note};
use super::{Decimal, LineItem, LineRole, List, Printed, RowCode, Severity, UsedColumn, shown};

const WORK_IN_PROGRESS: &[&str] = &["work in progress", "work-in-progress", "wip", "in process", "in-process", "semi"];
const FINISHED: &[&str] = &["finished", "stock in trade", "stock-in-trade", "traded", "trading"];
const OPENING: &[&str] = &["opening", "beginning", "commencement"];
const CLOSING: &[&str] = &["closing", "at the end", "at end", "end of the"];

/// A kind of stock, its words, and its row of the balance sheet.
const KINDS: [(&str, &[&str], RowCode); 2] = [
    ("stock-in-process", WORK_IN_PROGRESS, row!("III.30.ii")),
    ("stock of finished goods", FINISHED, row!("III.30.iii")),
];
const INVENTORIES: [RowCode; 6] =
    rows!["III.30.i.a", "III.30.i.b", "III.30.ii", "III.30.iii", "III.30.iv.a", "III.30.iv.b"];

/// A stock of one kind that a note prints for a year.
struct Stock {
    printed: Printed,
    cells: String,
}

/// Compares the stocks of each note of a profit and loss statement with each other and with the balance sheet.
pub(super) fn check(notes: &[Note<'_>], columns: &[&UsedColumn<'_>], list: &mut List<'_>) {
    for note in notes {
        let own = columns.iter().filter(|column| note.is_of(column.statement));
        let years: Vec<UsedColumn<'_>> = own.filter_map(|column| column_of_note(note, column, list)).collect();
        for column in &years {
            for kind in 0..KINDS.len() {
                let before = years.iter().find(|other| other.year + 1 == column.year);
                check_opening(note, (before, column), kind, list);
                check_closing(note, column, kind, list);
            }
        }
    }
}

fn check_opening(
    note: &Note<'_>,
    (before, column): (Option<&UsedColumn<'_>>, &UsedColumn<'_>),
    kind: usize,
    list: &mut List<'_>,
) {
    let (Some((name, ..)), Some(opening)) = (KINDS.get(kind), stock(note, column, kind, OPENING)) else { return };
    let Some(closing) = before.and_then(|before| stock(note, before, kind, CLOSING)) else { return };
    let audited = list.figures.kinds.get(column.year) == Some(&ColumnKind::Audited);
    let severity = if audited { Severity::Error } else { Severity::Warning };
    let detail = format!(
        "opening against last year's closing {name}: {} ({}) and {} ({})",
        shown(opening.printed.amount),
        opening.cells,
        shown(closing.printed.amount),
        closing.cells
    );
    list.push("V03", severity, Some(column.year), is_same(opening.printed, closing.printed), detail);
}

fn check_closing(note: &Note<'_>, column: &UsedColumn<'_>, kind: usize, list: &mut List<'_>) {
    let (Some((name, _, row)), Some(closing)) = (KINDS.get(kind), stock(note, column, kind, CLOSING)) else { return };
    let filled = INVENTORIES.iter().filter(|row| !list.figure_or_nil(**row, column.year).is_zero());
    let is_divided = filled.count() > 1;
    let Some(inventory) = list.figure(*row, column.year).filter(|_| is_divided) else { return };
    let printed = Printed { amount: inventory, rounding: list.rounding_of(&[*row], column.year) };
    let sources = list.figures.sources_of(*row, column.year);
    let cells: Vec<String> = sources.map(|source| format!("{}!{}", source.sheet, source.cell)).collect();
    let detail = format!(
        "closing {name} of a note against the balance sheet's: {} ({}) and {} ({})",
        shown(closing.printed.amount),
        closing.cells,
        shown(inventory),
        cells.join(", ")
    );
    // The lines of the note are in no figure, so the figures are right or wrong without them.
    list.push("V04", Severity::Warning, Some(column.year), is_same(closing.printed, printed), detail);
}

/// Whether both are the same amount, printed twice.
fn is_same(one: Printed, other: Printed) -> bool {
    let difference = one.amount.saturating_sub(other.amount).abs();
    difference.is_zero() || difference < one.rounding.saturating_add(other.rounding)
}

/// The stock of a kind at one end of the year of a column of the note.
fn stock(note: &Note<'_>, column: &UsedColumn<'_>, kind: usize, end: &[&str]) -> Option<Stock> {
    let lines = note.lines().iter().filter(|line| line.role == LineRole::Item && kind_of(line) == Some(kind));
    let found: Vec<(&LineItem, Printed)> = lines
        .filter(|line| end_of(line).is_some_and(|of| of == end))
        .filter_map(|line| Some((*line, column.printed(line)?)))
        .collect();
    let cells: Vec<String> = found.iter().map(|(line, _)| column.place(line)).collect();
    let none = Printed { amount: Decimal::ZERO, rounding: Decimal::ZERO };
    let printed = found.iter().fold(none, |sum, (_, printed)| Printed {
        // A stock that is deducted may be printed in brackets.
        amount: sum.amount.saturating_add(printed.amount.abs()),
        rounding: sum.rounding.saturating_add(printed.rounding),
    });
    (!found.is_empty()).then(|| Stock { printed, cells: cells.join(", ") })
}

fn kind_of(line: &LineItem) -> Option<usize> {
    let label = line.label.to_lowercase();
    let words: String = label.split_whitespace().collect::<Vec<_>>().join(" ");
    KINDS.iter().position(|(_, kinds, _)| kinds.iter().any(|kind| words.contains(kind)))
}

/// The end of the year by the label, else by the headings, the nearest one first.
fn end_of(line: &LineItem) -> Option<&'static [&'static str]> {
    let texts = line.section.iter().chain([&line.label]).rev();
    texts
        .map(|text| text.to_lowercase())
        .find_map(|text| [OPENING, CLOSING].into_iter().find(|words| words.iter().any(|word| text.contains(word))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::tests::line;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_label_comes_before_its_headings(heading in any::<String>(), label in any::<String>()) {
            let closing = line("l1", &format!("Closing finished goods {label}"), &[&heading], &[0]);
            prop_assert_eq!(kind_of(&closing).is_some(), true);
            prop_assert!(end_of(&closing).is_some());
            let plain = line("l2", &label, &[&heading, "Opening stock"], &[0]);
            prop_assert!(end_of(&plain).is_some());
        }
    }
}
