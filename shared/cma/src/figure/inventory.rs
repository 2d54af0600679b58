//! Splits inventories that the balance sheet prints in one line by the closing stocks that the profit and loss statement
//! prints by kind. The rest is material.

use rust_decimal::Decimal;

use super::adjust::{CLOSING_FINISHED, CLOSING_WIP, FINISHED, MATERIALS, WIP, add, remark};
use super::{FigureError, Figures};
use crate::row::RowCode;

const MATERIAL: RowCode = row!("III.30.i.b");
const STATED_MATERIAL: RowCode = row!("S.RM.close");

/// Adds the formulas that split the line in every year in which it can be split.
pub(super) fn split(figures: &mut Figures) -> Result<(), FigureError> {
    for year in 0..figures.years.len() {
        let Some(line) = one_line(figures, year) else { continue };
        if let Some(rest) = rest(figures, line, year) {
            split_year(figures, line, year, rest)?;
        }
    }
    figures.sources.sort_by_key(|source| (source.row, source.year));
    Ok(())
}

/// The row that holds all inventories of a year because they are printed in one line.
pub(super) fn one_line(figures: &Figures, year: usize) -> Option<RowCode> {
    if figures.adjustments.iter().any(|adjustment| adjustment.year == year && adjustment.row == MATERIAL) {
        return None;
    }
    let rows = MATERIALS.iter().chain(&[WIP, FINISHED]).copied();
    let mut filled = rows.filter(|row| !figures.at(*row, year).unwrap_or_default().is_zero());
    let only = filled.next().filter(|_| filled.next().is_none())?;
    let in_one_line = figures.sources_of(only, year).any(|source| {
        let label = source.label.to_lowercase();
        ["inventor", "closing stock", "stock-in-hand", "stock in hand"].iter().any(|name| label.contains(name))
    });
    in_one_line.then_some(only)
}

/// What is left of the inventories after the closing stocks by kind, if these are part of them and are not all of them.
fn rest(figures: &Figures, line: RowCode, year: usize) -> Option<Decimal> {
    let stated = |row: RowCode| figures.sources_of(row, year).next().and(figures.at(row, year));
    let (wip, finished) = (stated(CLOSING_WIP), stated(CLOSING_FINISHED));
    let by_kind = wip.unwrap_or_default().checked_add(finished.unwrap_or_default())?;
    let rest = figures.at(line, year)?.checked_sub(by_kind)?;
    let rows = [line, CLOSING_WIP, CLOSING_FINISHED, STATED_MATERIAL];
    let rounding = figures.rounding(|row| rows.contains(&row), year);
    let only_finished = line == FINISHED && wip.unwrap_or_default().is_zero() && rest.abs() <= rounding;
    // A stock of material that is stated as well must be the rest.
    let agrees = stated(STATED_MATERIAL).is_none_or(|material| (material - rest).abs() <= rounding);
    let any = !wip.unwrap_or_default().is_zero() || !finished.unwrap_or_default().is_zero();
    (any && rest >= -rounding && agrees && !only_finished).then_some(rest)
}

fn split_year(figures: &mut Figures, line: RowCode, year: usize, rest: Decimal) -> Result<(), FigureError> {
    // The printed line goes to the row of the material, from which the other kinds are deducted. A formula that deducted them
    // in their own rows would refer to itself.
    for source in figures.sources.iter_mut().filter(|source| source.row == line && source.year == year) {
        source.row = MATERIAL;
    }
    let amount = figures.at(line, year).unwrap_or_default();
    for (row, change) in [(line, -amount), (MATERIAL, amount)] {
        if let Some(slot) = figures.rows.get_mut(&row).and_then(|row| row.get_mut(year)) {
            let sum = slot.unwrap_or_default().checked_add(change).ok_or(FigureError::TooLarge)?;
            *slot = Some(sum.normalize());
        }
    }
    let reason = "closing stocks of the profit and loss statement, out of the inventories printed in one line";
    let kinds = [(CLOSING_WIP, WIP), (CLOSING_FINISHED, FINISHED)];
    let stated = kinds.into_iter().filter(|(closing, _)| figures.sources_of(*closing, year).next().is_some());
    let stated: Vec<(RowCode, RowCode)> = stated.collect();
    for (closing, kind) in &stated {
        add(figures, *kind, year, closing.to_string(), reason);
    }
    let deducted: String = stated.iter().map(|(closing, _)| format!("-{closing}")).collect();
    add(figures, MATERIAL, year, deducted, reason);
    let found = if rest.is_zero() {
        "inventories are stated in one line; they are split by the closing stocks of the profit and loss statement"
    } else {
        "inventories are stated in one line; they are split by the closing stocks of the profit and loss statement, and the \
         rest is taken as raw material: please confirm"
    };
    remark(figures, "V04", year, found);
    Ok(())
}
