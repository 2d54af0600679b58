//! Derives input rows that statements do not print as the CMA needs them: raw material consumed, from stocks and purchases;
//! and stocks by kind, from the single line that Schedule III prints for the change in inventories.

use rust_decimal::Decimal;

use super::inventory;
use super::{Adjustment, Figures, Remark};
use crate::row::RowCode;

pub(super) const WIP: RowCode = row!("III.30.ii");
pub(super) const FINISHED: RowCode = row!("III.30.iii");
pub(super) const MATERIALS: [RowCode; 4] = rows!["III.30.i.a", "III.30.i.b", "III.30.iv.a", "III.30.iv.b"];

const MATERIALS_CONSUMED: RowCode = row!("II.5.i.b");
const OPENING_WIP: RowCode = row!("II.5.viii");
pub(super) const CLOSING_WIP: RowCode = row!("II.5.ix");
const OPENING_FINISHED: RowCode = row!("II.5.xi");
pub(super) const CLOSING_FINISHED: RowCode = row!("II.5.xii");

const INVENTORY_OPENING: RowCode = row!("S.INV.open");
const INVENTORY_CLOSING: RowCode = row!("S.INV.close");
const INVENTORY_CHANGE: RowCode = row!("S.INV.change");

/// Adds the formulas to input rows, and a remark on each choice.
pub(super) fn adjust(figures: &mut Figures) {
    for year in 0..figures.years.len() {
        derive_raw_material(figures, year);
        derive_stocks(figures, year);
        remark_on_net_fixed_assets(figures, year);
        remark_on_stock_in_one_line(figures, year);
    }
}

/// Raw material consumed is opening stock plus purchases less closing stock.
fn derive_raw_material(figures: &mut Figures, year: usize) {
    let parts = [(row!("S.RM.open"), "+"), (row!("S.RM.purch"), "+"), (row!("S.RM.close"), "-")];
    let stated = parts.iter().filter(|(row, _)| figures.at(*row, year).is_some());
    let formula: String = stated.map(|(row, sign)| format!("{sign}{row}")).collect();
    if !formula.is_empty() {
        let formula = formula.trim_start_matches('+').to_owned();
        let reason = "raw material consumed: opening stock and purchases less closing stock, as stated";
        add(figures, MATERIALS_CONSUMED, year, formula, reason);
    }
}

/// Splits a change in inventories, or stocks stated without their kind, by the balance sheet's break-up.
fn derive_stocks(figures: &mut Figures, year: usize) {
    let Some((net, formula)) = stated_change(figures, year) else { return };
    let split_already: Decimal = change_by_kind(figures, year);
    if split_already != Decimal::ZERO {
        if (net - split_already).abs() <= rounding(figures, &[year]) {
            remark(figures, "V04", year, "the change in inventories repeats the stocks stated by kind; counted once");
            return;
        }
        remark(figures, "V04", year, "stocks are stated both by kind and in one line, and differ: both are counted");
        add(
            figures,
            OPENING_FINISHED,
            year,
            formula,
            "change in inventories, in addition to the stocks stated by kind",
        );
        return;
    }
    let (wip, finished) = (figures.at(WIP, year), figures.at(FINISHED, year));
    let (Some(wip), Some(finished)) = (wip, finished) else {
        let found = "no balance sheet gives inventories by kind: their change is shown in finished goods";
        remark(figures, "V04", year, found);
        let (row, formula) =
            if net < Decimal::ZERO { (CLOSING_FINISHED, format!("-({formula})")) } else { (OPENING_FINISHED, formula) };
        add(figures, row, year, formula, "change in inventories, kind of stock not stated");
        return;
    };
    let before = year.checked_sub(1).filter(|&before| figures.at(WIP, before).is_some());
    match before {
        Some(before) => split_with_opening_stock(figures, year, before, (net, &formula), wip + finished),
        None => split_without_opening_stock(figures, year, &formula, wip),
    }
}

fn split_with_opening_stock(
    figures: &mut Figures,
    year: usize,
    before: usize,
    change: (Decimal, &str),
    closing: Decimal,
) {
    let (net, formula) = change;
    let at = |row: RowCode, year: usize| figures.at(row, year).unwrap_or_default();
    let opening = at(WIP, before) + at(FINISHED, before);
    let materials = |year: usize| MATERIALS.iter().map(|row| at(*row, year)).sum::<Decimal>();
    let materials_net = materials(before) - materials(year);
    let tolerance = rounding(figures, &[before, year]);
    let reconciles = (net - (opening - closing)).abs() <= tolerance;
    let with_materials = !reconciles && (net - (opening - closing) - materials_net).abs() <= tolerance;
    let reason = "split by the balance sheet's inventories of both year ends";
    add(figures, OPENING_WIP, year, format!("{WIP}[t-1]"), reason);
    add(figures, CLOSING_WIP, year, WIP.to_string(), reason);
    add(figures, CLOSING_FINISHED, year, FINISHED.to_string(), reason);
    // Using the stated change makes the cost of sales right to the last digit. The remainder, with any rounding, goes to
    // opening finished goods.
    let mut opening_finished = format!("{formula}+{WIP}+{FINISHED}-{WIP}[t-1]");
    let materials_change = format!("d({})", MATERIALS.map(RowCode::as_str).join("+"));
    if with_materials {
        let found = "opening and closing stock include raw material; its change is added to consumption";
        remark(figures, "V04", year, found);
        let reason = "change in the stock of raw material, within the stocks stated";
        add(figures, MATERIALS_CONSUMED, year, format!("-{materials_change}"), reason);
        opening_finished = format!("{opening_finished}+{materials_change}");
    } else if !reconciles {
        let found = "the change in inventories differs from that of work in progress and finished goods on the balance \
                     sheets: the difference is in opening finished goods";
        remark(figures, "V04", year, found);
    }
    let reason = "the rest of the stated change in inventories";
    add(figures, OPENING_FINISHED, year, opening_finished, reason);
}

fn split_without_opening_stock(figures: &mut Figures, year: usize, formula: &str, wip: Decimal) {
    let reason = "closing stock of the balance sheet; there is no balance sheet of the year before";
    add(figures, CLOSING_WIP, year, WIP.to_string(), reason);
    add(figures, CLOSING_FINISHED, year, FINISHED.to_string(), reason);
    add(figures, OPENING_WIP, year, WIP.to_string(), "opening work in progress not stated: assumed unchanged");
    add(
        figures,
        OPENING_FINISHED,
        year,
        format!("{formula}+{FINISHED}"),
        "closing finished goods and the stated change in inventories",
    );
    if wip != Decimal::ZERO {
        let found = "opening stocks are not stated by kind: the whole change in inventories is shown in finished goods, so \
                     cost of sales is right but cost of production may not be";
        remark(figures, "V04", year, found);
    }
}

/// The stated change (opening less closing) and its formula.
fn stated_change(figures: &Figures, year: usize) -> Option<(Decimal, String)> {
    if let Some(change) = figures.at(INVENTORY_CHANGE, year) {
        return Some((change, INVENTORY_CHANGE.to_string()));
    }
    match (figures.at(INVENTORY_OPENING, year), figures.at(INVENTORY_CLOSING, year)) {
        (None, None) => None,
        (Some(open), None) => Some((open, INVENTORY_OPENING.to_string())),
        (None, Some(close)) => Some((-close, format!("-{INVENTORY_CLOSING}"))),
        (Some(open), Some(close)) => Some((open - close, format!("{INVENTORY_OPENING}-{INVENTORY_CLOSING}"))),
    }
}

/// How far a change in inventories may be from that of the stocks by kind, because each is printed rounded.
fn rounding(figures: &Figures, years: &[usize]) -> Decimal {
    let stated = [INVENTORY_OPENING, INVENTORY_CLOSING, INVENTORY_CHANGE];
    let by_kind = [OPENING_WIP, CLOSING_WIP, OPENING_FINISHED, CLOSING_FINISHED, WIP, FINISHED];
    let concerned = |row: RowCode| stated.contains(&row) || by_kind.contains(&row) || MATERIALS.contains(&row);
    years.iter().map(|&year| figures.rounding(concerned, year)).sum()
}

/// The change in the stocks that are stated by kind.
fn change_by_kind(figures: &Figures, year: usize) -> Decimal {
    let at = |row: RowCode| figures.at(row, year).unwrap_or_default();
    at(OPENING_WIP) - at(CLOSING_WIP) + at(OPENING_FINISHED) - at(CLOSING_FINISHED)
}

fn remark_on_net_fixed_assets(figures: &mut Figures, year: usize) {
    let at = |row: RowCode| figures.at(row, year).unwrap_or_default();
    if at(row!("III.35")) != Decimal::ZERO && at(row!("III.36")) == Decimal::ZERO {
        let found =
            "only net fixed assets are stated: the net figure is used as gross block, with no depreciation to date";
        remark(figures, "V07", year, found);
    }
}

fn remark_on_stock_in_one_line(figures: &mut Figures, year: usize) {
    if inventory::one_line(figures, year).is_some() {
        remark(figures, "V04", year, "inventories are stated in one line; ask for the break-up by kind of stock");
    }
}

pub(super) fn add(figures: &mut Figures, row: RowCode, year: usize, formula: String, reason: &str) {
    figures.adjustments.push(Adjustment { row, year, formula, reason: reason.to_owned() });
}

pub(super) fn remark(figures: &mut Figures, rule: &str, year: usize, detail: &str) {
    figures.remarks.push(Remark { rule: rule.to_owned(), year: Some(year), severity: None, detail: detail.to_owned() });
}
