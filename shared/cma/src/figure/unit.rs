//! Chooses the unit of the workbook, and converts every statement's amounts to it.

use std::collections::{BTreeMap, BTreeSet};

use domain::statement::{StatementKind, Unit};
use rust_decimal::Decimal;

use super::Remark;
use super::column::Chosen;
use super::entry::{Entry, remark};

/// The unit of the workbook, and the factor for each statement's amounts.
pub(super) struct Agreed {
    pub unit: Unit,
    /// The unit assumed for statements that print none: their document's, otherwise the order's.
    documents: BTreeMap<u32, Unit>,
    order: Unit,
}

impl Agreed {
    /// The factor to the unit of the workbook.
    pub fn factor(&self, entry: &Entry<'_>) -> Decimal {
        let from = self.printed(entry).rupees();
        match (from, self.unit.rupees()) {
            (Some(from), Some(to)) => from.checked_div(to).unwrap_or(Decimal::ONE),
            _ => Decimal::ONE,
        }
    }

    /// The unit the statement prints, or the one assumed for it.
    pub fn printed(&self, entry: &Entry<'_>) -> Unit {
        match entry.statement.unit {
            Unit::Unstated => self.documents.get(&entry.extraction.document).copied().unwrap_or(self.order),
            unit => unit,
        }
    }
}

/// Lakh, crore or million if every statement uses it, otherwise lakh. If no statement states a unit, amounts are not
/// converted.
pub(super) fn agree(chosen: &Chosen<'_>, remarks: &mut Vec<Remark>) -> Agreed {
    let mut by_document: BTreeMap<u32, BTreeSet<Unit>> = BTreeMap::new();
    let mut unstated = BTreeSet::new();
    for (_, entry) in chosen.entries.iter().chain(&chosen.others) {
        let units = by_document.entry(entry.extraction.document).or_default();
        match entry.statement.unit {
            Unit::Unstated if entry.statement.kind == StatementKind::Additional => {}
            Unit::Unstated => {
                unstated.insert(entry.statement.sheet.as_str());
            }
            unit => {
                units.insert(unit);
            }
        }
    }
    let all: BTreeSet<Unit> = by_document.values().flatten().copied().collect();
    let only = |set: &BTreeSet<Unit>| if set.len() == 1 { set.first().copied() } else { None };
    let unit = match only(&all) {
        Some(unit @ (Unit::Lakh | Unit::Crore | Unit::Million)) => unit,
        None if all.is_empty() => Unit::Unstated,
        _ => Unit::Lakh,
    };
    let documents = by_document.iter().filter_map(|(document, set)| Some((*document, only(set)?))).collect();
    let agreed = Agreed { unit, documents, order: only(&all).unwrap_or(Unit::Unstated) };
    remark_on_unstated(&agreed, &all, unstated.len(), remarks);
    agreed
}

fn remark_on_unstated(agreed: &Agreed, all: &BTreeSet<Unit>, unstated: usize, remarks: &mut Vec<Remark>) {
    if agreed.unit == Unit::Unstated {
        remark(remarks, "V14", "no statement states its unit; amounts are kept as printed: confirm the unit");
    } else if unstated > 0 && all.len() > 1 {
        remark(
            remarks,
            "V14",
            "some statements state no unit and the others differ: confirm the unit of every statement",
        );
    } else if unstated > 0 {
        remark(remarks, "V14", "some statements state no unit; that of the others is assumed: confirm it");
    }
}
