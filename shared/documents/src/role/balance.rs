//! Finds the lines of a balance sheet that lower the side they are printed on: `1,20,000 Dr` among the liabilities.

use crate::label::{numbered, plain};
use crate::panel::Line;
use domain::statement::{Side, StatementKind};

/// Whether each line prints the balance that is not the usual one on its side of the balance sheet, which is known from the
/// headings or from the `name` of the whole side.
pub(super) fn opposite(lines: &[Line], kind: StatementKind, name: Option<&str>) -> Vec<bool> {
    if kind != StatementKind::BalanceSheet {
        return vec![false; lines.len()];
    }
    let of_whole = name.and_then(|name| usual_side(&plain(name)));
    let mut usual = of_whole;
    let mut opposite = Vec::with_capacity(lines.len());
    for line in lines {
        if line.heading && of_whole.is_none() {
            usual = usual_side(&plain(numbered(&line.label).text)).or(usual);
        }
        opposite.push(side_of(line).zip(usual).is_some_and(|(own, usual)| own != usual));
    }
    opposite
}

/// The balance that all amounts of a line print.
fn side_of(line: &Line) -> Option<Side> {
    let mut sides = line.figures.iter().flatten().filter(|figure| !figure.amount.is_zero()).map(|figure| figure.side);
    let first = sides.next()??;
    sides.all(|side| side == Some(first)).then_some(first)
}

/// The usual balance of the lines below a heading, if it names a side of the balance sheet.
fn usual_side(heading: &str) -> Option<Side> {
    let has = |words: &[&str]| words.iter().any(|word| heading.contains(word));
    if has(&["equity", "liabilit", "sources of fund", "shareholder", "capital", "reserve"]) {
        Some(Side::Cr)
    } else {
        has(&["asset", "application of fund", "applications of fund"]).then_some(Side::Dr)
    }
}
