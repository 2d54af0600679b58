//! Non-operating expenses that are write-offs without saying so: they are, year for year, what the intangible assets lost.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Figures, Note, Source};
use crate::row::RowCode;

const EXPENSES: &str = "II.11.ii";
const INTANGIBLES: &str = "III.42";

/// Counts such a line among the non-cash charges, in its first year too, and notes it.
pub(super) fn find(figures: &mut Figures) {
    let (Ok(expenses), Ok(non_cash)) = (RowCode::parse(EXPENSES), RowCode::parse("X.noncash")) else { return };
    let said: Vec<&str> =
        figures.sources.iter().filter(|source| source.row == non_cash).map(|source| source.line.as_str()).collect();
    let mut lines: BTreeMap<&str, Vec<&Source>> = BTreeMap::new();
    for source in figures.sources.iter().filter(|source| source.row == expenses) {
        if !said.contains(&source.line.as_str()) {
            lines.entry(&source.line).or_default().push(source);
        }
    }
    let found: Vec<Source> =
        lines.into_values().filter(|line| is_write_off(line, figures)).flatten().cloned().collect();
    if found.is_empty() {
        return;
    }
    for source in found.into_iter().filter(|source| !source.amount.is_zero()) {
        if let Some(slot) = figures.rows.get_mut(&non_cash).and_then(|row| row.get_mut(source.year)) {
            *slot = slot.unwrap_or_default().checked_add(source.amount).or(*slot);
        }
        figures.sources.push(Source { row: non_cash, ..source });
    }
    figures.sources.sort_by_key(|source| (source.row, source.year));
    figures.notes.push(Note {
        rule: "V22".to_owned(),
        year: None,
        detail:
            "a non-operating expense is what the intangible assets fall by, every year: taken as written off without \
                 cash; confirm it"
                .to_owned(),
    });
}

/// Whether the line is the fall of the intangible assets in every year that has one before it, and there is such a fall.
fn is_write_off(line: &[&Source], figures: &Figures) -> bool {
    let mut falls = 0;
    for year in 1..figures.years.len() {
        let (Some(now), Some(before)) = (figures.get(INTANGIBLES, year), figures.get(INTANGIBLES, year - 1)) else {
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
