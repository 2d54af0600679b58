//! V01: the printed totals of a balance sheet against both sides of Form III.

use super::{Decimal, LineItem, LineRole, List, Printed, RowCode, Severity, UsedColumn, shown};
use crate::classify::Classifier;
use crate::figure::SourceLine;
use crate::rule::{Sides, sides_of};

const LIABILITIES: RowCode = row!("III.25");
const OUTSIDE_LIABILITIES: RowCode = row!("III.18");
const CURRENT_LIABILITIES: RowCode = row!("III.10");
const ASSETS: RowCode = row!("III.43");
const DEPRECIATION: RowCode = row!("III.36");

/// Compares every printed total of a year's balance sheet with the rows.
pub(super) fn check(columns: &[&UsedColumn<'_>], year: usize, list: &mut List<'_>) {
    let (Some(liabilities), Some(assets)) = (list.figure(LIABILITIES, year), list.figure(ASSETS, year)) else { return };
    let mut found = false;
    for column in columns {
        for line in column.statement.lines.iter().filter(|line| is_grand_total(line)) {
            let Some(printed) = column.printed(line).filter(|printed| !printed.amount.is_zero()) else { continue };
            found = true;
            let side = side_of(line);
            let (name, amount) = match side {
                Some(Sides::ASSET) => ("assets", assets),
                _ => ("liabilities", liabilities),
            };
            let reading = reading(list, printed, line, side, year);
            let detail = format!(
                "printed total {} ({}) against {name} of {}{}",
                shown(printed.amount),
                column.place(line),
                shown(amount),
                reading.unwrap_or_default()
            );
            list.push("V01", Severity::Error, Some(year), reading.is_some(), detail);
        }
    }
    if !found {
        list.not_made("V01", Severity::Error, Some(year), "the balance sheet prints no total that was recognised");
    }
}

/// How a printed total follows from the rows, in words; `None` when it does not.
fn reading(
    list: &List<'_>,
    printed: Printed,
    line: &LineItem,
    side: Option<Sides>,
    year: usize,
) -> Option<&'static str> {
    let at = |row: RowCode| list.figure_or_nil(row, year);
    let rounding = list.rounding("III.", year);
    let is = |amount: Decimal| printed.is(amount, rounding);
    let sides = [(Sides::LIABILITY, at(LIABILITIES)), (Sides::ASSET, at(ASSETS))];
    let sides = sides.into_iter().filter(|(of, _)| side.is_none_or(|side| side == *of));
    let totals: Vec<Decimal> = sides.map(|(_, total)| total).collect();
    // Amounts printed on the other side than their row: a deficit among the assets, the liabilities that the vertical form
    // deducts from them, depreciation among the liabilities.
    let across = across(list, year);
    let outside = !line.label.to_lowercase().contains("equity") && is(at(OUTSIDE_LIABILITIES));
    if totals.iter().any(|total| is(*total)) || (side != Some(Sides::ASSET) && outside) {
        Some("")
    } else if totals.iter().any(|total| is(total - across)) {
        Some(" less what is printed on the other side")
    } else if totals.iter().any(|total| is(total - at(CURRENT_LIABILITIES))) {
        Some(" less current liabilities, which this form deducts from the assets")
    } else {
        None
    }
}

/// The side of the balance sheet whose total a line is, by its label, else by the headings above it.
fn side_of(line: &LineItem) -> Option<Sides> {
    let label = line.label.to_lowercase();
    if label.contains("asset") || label.contains("application") {
        Some(Sides::ASSET)
    } else if ["liabilit", "equity", "capital", "source"].iter().any(|word| label.contains(word)) {
        Some(Sides::LIABILITY)
    } else {
        printed_side(&line.section)
    }
}

/// The sum of the amounts that are printed on the other side than their row, as they count on the side of their row.
fn across(list: &List<'_>, year: usize) -> Decimal {
    let sources = list.figures.sources.iter().filter(|source| source.year == year);
    sources.filter(|source| is_across(source)).fold(Decimal::ZERO, |sum, source| {
        let amount = if source.row == DEPRECIATION { -source.amount } else { source.amount };
        sum.saturating_add(amount)
    })
}

fn is_across(source: &SourceLine) -> bool {
    let own = Sides::LIABILITY.or(Sides::EQUITY);
    let row = sides_of(source.row);
    let is_liability = source.row.as_str().starts_with("III.") && row.and(own) != Sides::default();
    let is_asset = source.row.as_str().starts_with("III.") && row == Sides::ASSET;
    match printed_side(&source.section) {
        Some(Sides::ASSET) => is_liability,
        Some(_) => is_asset,
        None => false,
    }
}

/// The side of the balance sheet that the outermost heading names which names one.
fn printed_side(section: &[String]) -> Option<Sides> {
    let own = Sides::LIABILITY.or(Sides::EQUITY);
    section.iter().find_map(|heading| {
        let lower = heading.to_lowercase();
        if lower.contains("application of fund") || lower.contains("applications of fund") {
            return Some(Sides::ASSET);
        }
        if lower.contains("sources of fund") || lower.contains("source of fund") {
            return Some(Sides::LIABILITY);
        }
        let context = Classifier::shared().context(&["Balance sheet", heading]);
        if context.is_within(Sides::ASSET) {
            // `Less: Current assets` below liabilities is printed with the liabilities.
            Some(if lower.trim_start().starts_with("less") { Sides::LIABILITY } else { Sides::ASSET })
        } else if context.is_within(own) {
            Some(if lower.trim_start().starts_with("less") { Sides::ASSET } else { Sides::LIABILITY })
        } else {
            None
        }
    })
}

/// Whether a line is the total of a side, rather than of a part of it.
fn is_grand_total(line: &LineItem) -> bool {
    let label = line.label.to_lowercase();
    let part = ["current", "fixed", "inventor", "shareholder", "debtor", "loan", "borrowing", "reserve", "provision"];
    let named = ["total assets", "total equity and liabilities", "total liabilities", "total capital and liabilities"];
    let words: String = label.chars().filter(|letter| letter.is_alphabetic()).collect();
    let bare = matches!(words.as_str(), "" | "total" | "grandtotal" | "totalrs" | "totalamount" | "grandtotalrs");
    let is_sum = matches!(line.role, LineRole::Total | LineRole::Subtotal);
    let is_named = named.iter().any(|name| label.contains(name));
    let of_part = part.iter().any(|word| label.contains(word));
    match line.role {
        LineRole::Total => bare || is_named && !of_part || label.contains("total") && !of_part,
        _ => is_sum && is_named && !of_part,
    }
}
