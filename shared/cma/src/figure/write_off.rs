//! Finds non-operating expenses that are unlabelled write-offs, because each year they equal the fall in intangible assets.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::entry::NON_CASH;
use super::{Figures, Remark, SourceLine};
use crate::row::RowCode;

const EXPENSES: RowCode = row!("II.11.ii");
const INTANGIBLES: RowCode = row!("III.42");

/// Adds such lines to the non-cash charges, including their first year, and adds a remark.
pub(super) fn add_unmarked(figures: &mut Figures) {
    let marked: Vec<&str> =
        figures.sources.iter().filter(|source| source.row == NON_CASH).map(|source| source.line.as_str()).collect();
    let mut lines: BTreeMap<&str, Vec<&SourceLine>> = BTreeMap::new();
    for source in figures.sources.iter().filter(|source| source.row == EXPENSES) {
        if !marked.contains(&source.line.as_str()) {
            lines.entry(&source.line).or_default().push(source);
        }
    }
    let found: Vec<SourceLine> =
        lines.into_values().filter(|line| is_write_off(line, figures)).flatten().cloned().collect();
    if found.is_empty() {
        return;
    }
    for source in found.into_iter().filter(|source| !source.amount.is_zero()) {
        if let Some(slot) = figures.rows.get_mut(&NON_CASH).and_then(|row| row.get_mut(source.year)) {
            *slot = slot.unwrap_or_default().checked_add(source.amount).or(*slot);
        }
        figures.sources.push(SourceLine { row: NON_CASH, ..source });
    }
    figures.sources.sort_by_key(|source| (source.row, source.year));
    let detail = "a non-operating expense equals the fall in intangible assets every year: treated as a non-cash write-off; \
                  please confirm";
    figures.remarks.push(Remark { rule: "V22".to_owned(), year: None, severity: None, detail: detail.to_owned() });
}

/// Whether the line equals the fall in intangible assets in every year that follows another, and they fall in at least one.
fn is_write_off(line: &[&SourceLine], figures: &Figures) -> bool {
    let mut falls = 0;
    for year in 1..figures.years.len() {
        let (Some(now), Some(before)) = (figures.at(INTANGIBLES, year), figures.at(INTANGIBLES, year - 1)) else {
            continue;
        };
        let charged: Decimal = line.iter().filter(|source| source.year == year).map(|source| source.amount).sum();
        if before.checked_sub(now) != Some(charged) {
            return false;
        }
        falls += usize::from(charged > Decimal::ZERO);
    }
    falls > 0
}
