//! Input rows that statements give in another form than the CMA asks for: stocks and purchases of raw material, and
//! the one line that Schedule III prints for the change in inventories.

use rust_decimal::Decimal;

use super::{Adjustment, Figures, Note};
use crate::row::RowCode;

const WIP: &str = "III.30.ii";
const FINISHED: &str = "III.30.iii";
const MATERIALS: [&str; 4] = ["III.30.i.a", "III.30.i.b", "III.30.iv.a", "III.30.iv.b"];

/// Works out what is to be added to input rows, and notes each decision.
pub(super) fn adjust(figures: &mut Figures) {
    for year in 0..figures.years.len() {
        raw_material(figures, year);
        inventories(figures, year);
        fixed_assets(figures, year);
        stock_in_one_line(figures, year);
    }
}

/// Materials consumed are opening stock and purchases less closing stock.
fn raw_material(figures: &mut Figures, year: usize) {
    let parts = [("S.RM.open", "+"), ("S.RM.purch", "+"), ("S.RM.close", "-")];
    let stated = parts.iter().filter(|(row, _)| figures.get(row, year).is_some());
    let formula: String = stated.map(|(row, sign)| format!("{sign}{row}")).collect();
    if !formula.is_empty() {
        let formula = formula.trim_start_matches('+').to_owned();
        let reason = "raw material consumed: opening stock and purchases less closing stock, as stated";
        add(figures, "II.5.i.b", year, formula, reason);
    }
}

/// Splits a change in inventories, or stocks whose kind is not told, by the balance sheet's break-up.
fn inventories(figures: &mut Figures, year: usize) {
    let Some((net, formula)) = net_change(figures, year) else { return };
    let split_already: Decimal = split_net(figures, year);
    if split_already != Decimal::ZERO {
        if (net - split_already).abs() < figures.tolerance(4) {
            note(figures, "V04", year, "the change in inventories repeats the stocks stated by kind; counted once");
            return;
        }
        note(figures, "V04", year, "stocks are stated by kind and in one line, and differ: both are counted");
        add(figures, "II.5.xi", year, formula, "change in inventories beside the stocks stated by kind");
        return;
    }
    let (wip, finished) = (figures.get(WIP, year), figures.get(FINISHED, year));
    let (Some(wip), Some(finished)) = (wip, finished) else {
        note(
            figures,
            "V04",
            year,
            "no balance sheet breaks the inventories up: their change is shown in finished goods",
        );
        let row = if net < Decimal::ZERO { ("II.5.xii", format!("-({formula})")) } else { ("II.5.xi", formula) };
        add(figures, row.0, year, row.1, "change in inventories, kind of stock not stated");
        return;
    };
    let before = year.checked_sub(1).filter(|&before| figures.get(WIP, before).is_some());
    match before {
        Some(before) => with_opening(figures, year, before, (net, &formula), wip + finished),
        None => without_opening(figures, year, &formula, wip),
    }
}

fn with_opening(figures: &mut Figures, year: usize, before: usize, change: (Decimal, &str), closing: Decimal) {
    let (net, formula) = change;
    let at = |row: &str, year: usize| figures.get(row, year).unwrap_or_default();
    let opening = at(WIP, before) + at(FINISHED, before);
    let materials = |year: usize| MATERIALS.iter().map(|row| at(row, year)).sum::<Decimal>();
    let materials_net = materials(before) - materials(year);
    let tolerance = figures.tolerance(6);
    let reconciles = (net - (opening - closing)).abs() < tolerance;
    let with_materials = !reconciles && (net - (opening - closing) - materials_net).abs() < tolerance;
    let reason = "split by the balance sheet's inventories of both year ends";
    for (row, formula) in [("II.5.viii", "III.30.ii[t-1]"), ("II.5.ix", WIP), ("II.5.xii", FINISHED)] {
        add(figures, row, year, formula.to_owned(), reason);
    }
    // The stated change decides the cost of sales to the last digit; what it leaves, rounding included, is in opening
    // finished goods.
    let mut opening_finished = format!("{formula}+III.30.ii+III.30.iii-III.30.ii[t-1]");
    let materials_change = format!("d({})", MATERIALS.join("+"));
    if with_materials {
        let found = "opening and closing stock include raw material; its change is added to consumption";
        note(figures, "V04", year, found);
        let reason = "change in the stock of raw material, within the stocks stated";
        add(figures, "II.5.i.b", year, format!("-{materials_change}"), reason);
        opening_finished = format!("{opening_finished}+{materials_change}");
    } else if !reconciles {
        let found = "the change in inventories differs from the balance sheets' work in progress and finished goods: \
                     the difference is in opening finished goods";
        note(figures, "V04", year, found);
    }
    let reason = "what the stated change in inventories leaves for opening finished goods";
    add(figures, "II.5.xi", year, opening_finished, reason);
}

fn without_opening(figures: &mut Figures, year: usize, formula: &str, wip: Decimal) {
    let reason = "closing stock of the balance sheet; no balance sheet of the year before is there";
    add(figures, "II.5.ix", year, WIP.to_owned(), reason);
    add(figures, "II.5.xii", year, FINISHED.to_owned(), reason);
    add(figures, "II.5.viii", year, WIP.to_owned(), "opening work in progress not stated: taken as unchanged");
    add(
        figures,
        "II.5.xi",
        year,
        format!("{formula}+III.30.iii"),
        "closing finished goods and the stated change in inventories",
    );
    if wip != Decimal::ZERO {
        note(
            figures,
            "V04",
            year,
            "opening stocks are not stated by kind: the whole change in inventories is shown in finished goods, so cost \
             of sales is right and cost of production may not be",
        );
    }
}

/// The change stated (opening less closing), with the formula for it.
fn net_change(figures: &Figures, year: usize) -> Option<(Decimal, String)> {
    if let Some(change) = figures.get("S.INV.change", year) {
        return Some((change, "S.INV.change".to_owned()));
    }
    match (figures.get("S.INV.open", year), figures.get("S.INV.close", year)) {
        (None, None) => None,
        (Some(open), None) => Some((open, "S.INV.open".to_owned())),
        (None, Some(close)) => Some((-close, "-S.INV.close".to_owned())),
        (Some(open), Some(close)) => Some((open - close, "S.INV.open-S.INV.close".to_owned())),
    }
}

fn split_net(figures: &Figures, year: usize) -> Decimal {
    let at = |row: &str| figures.get(row, year).unwrap_or_default();
    at("II.5.viii") - at("II.5.ix") + at("II.5.xi") - at("II.5.xii")
}

fn fixed_assets(figures: &mut Figures, year: usize) {
    let at = |row: &str| figures.get(row, year).unwrap_or_default();
    if at("III.35") != Decimal::ZERO && at("III.36") == Decimal::ZERO {
        note(
            figures,
            "V07",
            year,
            "only net fixed assets are stated: gross block is the net figure, depreciation to date nil",
        );
    }
}

fn stock_in_one_line(figures: &mut Figures, year: usize) {
    let rows = MATERIALS.iter().chain(&[WIP, FINISHED]);
    let filled: Vec<&str> =
        rows.copied().filter(|row| figures.get(row, year).unwrap_or_default() != Decimal::ZERO).collect();
    let [only] = filled.as_slice() else { return };
    let Ok(row) = RowCode::parse(only) else { return };
    let lump = figures.sources_of(row, year).any(|source| {
        let label = source.label.to_lowercase();
        label.contains("inventor") || label.contains("closing stock") || label.contains("stock-in-hand")
    });
    if lump {
        note(figures, "V04", year, "inventories are stated in one line; ask for the break-up by kind of stock");
    }
}

fn add(figures: &mut Figures, row: &str, year: usize, formula: String, reason: &str) {
    if let Ok(row) = RowCode::parse(row) {
        figures.adjustments.push(Adjustment { row, year, formula, reason: reason.to_owned() });
    }
}

fn note(figures: &mut Figures, rule: &str, year: usize, detail: &str) {
    figures.notes.push(Note { rule: rule.to_owned(), year: Some(year), detail: detail.to_owned() });
}
