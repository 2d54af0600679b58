//! V03 and V04 for the stocks that the check rows do not compare: materials, stores, and stocks whose kind is not stated.

use domain::statement::ColumnKind;
use rust_decimal::Decimal;

use super::{List, Severity, shown};
use crate::figure::SourceLine;
use crate::row::RowCode;

const OPENING: RowCode = row!("S.RM.open");
const CLOSING: RowCode = row!("S.RM.close");
const UNDIVIDED_OPENING: RowCode = row!("S.INV.open");
const UNDIVIDED_CLOSING: RowCode = row!("S.INV.close");
const SPARES: [RowCode; 2] = rows!["II.5.ii.a", "II.5.ii.b"];
const CLOSING_BY_KIND: [RowCode; 2] = rows!["II.5.ix", "II.5.xii"];
const INVENTORY: RowCode = row!("III.30");
const INVENTORY_MATERIALS: [RowCode; 2] = rows!["III.30.i.a", "III.30.i.b"];
const INVENTORY_STORES: [RowCode; 2] = rows!["III.30.iv.a", "III.30.iv.b"];
const INVENTORY_GOODS: [RowCode; 2] = rows!["III.30.ii", "III.30.iii"];

/// A kind of stock, as the profit and loss statement prints it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Materials,
    Stores,
    /// Of no stated kind.
    Undivided,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Materials => "stock of raw materials",
            Self::Stores => "stock of stores and spares",
            Self::Undivided => "stock",
        }
    }
}

/// At which end of the year a stock is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Opening,
    Closing,
}

/// An amount of stock, how far the true one may be from it, and where it is printed.
struct Stock {
    amount: Decimal,
    rounding: Decimal,
    cells: Vec<String>,
}

impl Stock {
    /// Whether both are the same amount: less than their rounding apart, so one unit of the last digit counts.
    fn is(&self, other: &Self) -> bool {
        let difference = self.amount.saturating_sub(other.amount).abs();
        difference.is_zero() || difference < self.rounding.saturating_add(other.rounding)
    }

    fn shown(&self) -> String {
        if self.cells.is_empty() {
            shown(self.amount)
        } else {
            format!("{} ({})", shown(self.amount), self.cells.join(", "))
        }
    }
}

/// Compares the stocks of every year.
pub(super) fn run(list: &mut List<'_>) {
    for year in list.years() {
        for kind in [Kind::Materials, Kind::Stores, Kind::Undivided] {
            check_opening(list, kind, year);
            check_closing(list, kind, year);
        }
        check_all(list, year);
    }
}

/// The opening stock is the closing stock of the year before, as that year's statement or else its balance sheet prints it.
fn check_opening(list: &mut List<'_>, kind: Kind, year: usize) {
    let Some(opening) = printed(list, kind, End::Opening, year) else { return };
    let Some(before) = year.checked_sub(1) else { return };
    let closing = match printed(list, kind, End::Closing, before) {
        Some(closing) => vec![closing],
        None => earlier(list, kind, before),
    };
    let Some(other) = closing.iter().find(|closing| opening.is(closing)).or(closing.first()) else {
        let reason = format!("no closing {} is printed for the year before", kind.name());
        list.not_made("V03", Severity::Note, Some(year), &reason);
        return;
    };
    let audited = list.figures.kinds.get(year) == Some(&ColumnKind::Audited);
    let severity = if audited { Severity::Error } else { Severity::Warning };
    let detail =
        format!("opening against last year's closing {}: {} and {}", kind.name(), opening.shown(), other.shown());
    let passed = opening.is(other);
    list.push("V03", severity, Some(year), passed, detail);
}

/// What the closing stock of a year may be whose profit and loss statement does not print it in the same way.
fn earlier(list: &List<'_>, kind: Kind, year: usize) -> Vec<Stock> {
    let by_kind: Vec<RowCode> = CLOSING_BY_KIND.into_iter().chain([CLOSING]).collect();
    let divided = (kind == Kind::Undivided).then(|| of_sources(list, &by_kind, year)).flatten();
    divided.into_iter().chain(inventories(list, kind, year)).collect()
}

/// The closing stock is the inventory of the balance sheet.
fn check_closing(list: &mut List<'_>, kind: Kind, year: usize) {
    let Some(closing) = printed(list, kind, End::Closing, year) else { return };
    if kind == Kind::Undivided && of_sources(list, &CLOSING_BY_KIND, year).is_some() {
        return;
    }
    let inventories = inventories(list, kind, year);
    let Some(other) = inventories.iter().find(|other| closing.is(other)).or(inventories.first()) else { return };
    let detail =
        format!("closing {} against the balance sheet's: {} and {}", kind.name(), closing.shown(), other.shown());
    let passed = closing.is(other);
    list.push("V04", Severity::Error, Some(year), passed, detail);
}

/// All closing stocks together are the inventories that the balance sheet prints in one line.
fn check_all(list: &mut List<'_>, year: usize) {
    if is_divided(list, year) || list.figure_or_nil(INVENTORY, year).is_zero() {
        return;
    }
    let stocks = [Kind::Materials, Kind::Stores].into_iter().filter_map(|kind| printed(list, kind, End::Closing, year));
    let stated = stocks.chain(of_sources(list, &CLOSING_BY_KIND, year));
    let (mut sum, mut count) = (Stock { amount: Decimal::ZERO, rounding: Decimal::ZERO, cells: Vec::new() }, 0);
    for stock in stated {
        sum.amount = sum.amount.saturating_add(stock.amount);
        sum.rounding = sum.rounding.saturating_add(stock.rounding);
        sum.cells.extend(stock.cells);
        count += 1;
    }
    let materials =
        [Kind::Materials, Kind::Stores].into_iter().any(|kind| printed(list, kind, End::Closing, year).is_some());
    let Some(inventory) = inventory(list, &[&INVENTORY_MATERIALS, &INVENTORY_STORES, &INVENTORY_GOODS], year) else {
        return;
    };
    if count == 0 || !materials {
        return;
    }
    let passed = sum.amount.saturating_sub(inventory.amount).abs() <= sum.rounding.saturating_add(inventory.rounding);
    let detail = format!("closing stocks against the balance sheet's: {} and {}", sum.shown(), inventory.shown());
    list.push("V04", Severity::Error, Some(year), passed, detail);
}

/// The stock that the profit and loss statement or its notes print.
fn printed(list: &List<'_>, kind: Kind, end: End, year: usize) -> Option<Stock> {
    let lines = list.figures.sources.iter().filter(|source| source.year == year);
    sum(lines.filter(|source| stock_of(source) == Some((kind, end))))
}

/// The kind of stock that a line of the profit and loss statement prints, other than work in progress and finished goods.
fn stock_of(source: &SourceLine) -> Option<(Kind, End)> {
    let texts = || source.section.iter().chain([&source.label]).map(|text| text.to_lowercase());
    let is_of_stores = || {
        let last = texts().rev().find(|text| ["material", "store", "spare"].iter().any(|word| text.contains(word)));
        last.is_some_and(|text| !text.contains("material") && (text.contains("store") || text.contains("spare")))
    };
    let kind = || if is_of_stores() { Kind::Stores } else { Kind::Materials };
    match source.row {
        OPENING => Some((kind(), End::Opening)),
        CLOSING => Some((kind(), End::Closing)),
        UNDIVIDED_OPENING => Some((Kind::Undivided, End::Opening)),
        UNDIVIDED_CLOSING => Some((Kind::Undivided, End::Closing)),
        row if SPARES.contains(&row) => texts().rev().find_map(|text| end_of(&text)).map(|end| (Kind::Stores, end)),
        _ => None,
    }
}

fn end_of(text: &str) -> Option<End> {
    if ["opening", "at the beginning", "at beginning"].iter().any(|word| text.contains(word)) {
        Some(End::Opening)
    } else if ["closing", "at the end", "at end"].iter().any(|word| text.contains(word)) {
        Some(End::Closing)
    } else {
        None
    }
}

fn of_sources(list: &List<'_>, rows: &[RowCode], year: usize) -> Option<Stock> {
    sum(list.figures.sources.iter().filter(|source| source.year == year && rows.contains(&source.row)))
}

fn sum<'a>(lines: impl Iterator<Item = &'a SourceLine>) -> Option<Stock> {
    lines.fold(None, |stock, line| {
        let mut stock = stock.unwrap_or(Stock { amount: Decimal::ZERO, rounding: Decimal::ZERO, cells: Vec::new() });
        // Stores are deducted from their row at the end of a year.
        stock.amount =
            stock.amount.saturating_add(if SPARES.contains(&line.row) { line.amount.abs() } else { line.amount });
        stock.rounding = stock.rounding.saturating_add(line.rounding);
        stock.cells.push(format!("{}!{}", line.sheet, line.cell));
        Some(stock)
    })
}

/// What the balance sheet may print for a kind of stock; nothing if it does not print kinds.
fn inventories(list: &List<'_>, kind: Kind, year: usize) -> Vec<Stock> {
    let (materials, stores, goods) = (&INVENTORY_MATERIALS, &INVENTORY_STORES, &INVENTORY_GOODS);
    let groups: Vec<Vec<&[RowCode; 2]>> = match kind {
        Kind::Undivided => vec![vec![materials, stores, goods], vec![materials, goods], vec![goods]],
        _ if !is_divided(list, year) => Vec::new(),
        // Packing material and stores may be printed with the materials.
        Kind::Materials => vec![vec![materials], vec![materials, stores]],
        Kind::Stores => vec![vec![stores]],
    };
    groups.into_iter().filter_map(|rows| inventory(list, &rows, year)).collect()
}

fn inventory(list: &List<'_>, groups: &[&[RowCode; 2]], year: usize) -> Option<Stock> {
    list.figure(INVENTORY, year)?;
    let rows: Vec<RowCode> = groups.iter().flat_map(|rows| rows.iter().copied()).collect();
    let amount = rows.iter().fold(Decimal::ZERO, |sum, row| sum.saturating_add(list.figure_or_nil(*row, year)));
    let printed = rows.iter().flat_map(|row| list.figures.sources_of(*row, year));
    let cells = printed.map(|source| format!("{}!{}", source.sheet, source.cell)).collect();
    Some(Stock { amount, rounding: list.rounding_of(&rows, year), cells })
}

/// Whether the balance sheet prints its inventories by kind.
fn is_divided(list: &List<'_>, year: usize) -> bool {
    let groups = [&INVENTORY_MATERIALS, &INVENTORY_STORES, &INVENTORY_GOODS];
    let rows = groups.into_iter().flatten();
    rows.filter(|row| !list.figure_or_nil(**row, year).is_zero()).count() > 1
}
