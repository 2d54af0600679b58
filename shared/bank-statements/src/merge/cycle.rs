//! Finds the days on which a balance comes back, so that files do not tell how often its rows happened.

use super::stretch::Stretch;
use crate::ledger::RowId;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What several statements show of one day: each step from a balance to the next.
#[derive(Default)]
struct Day {
    statements: BTreeSet<(usize, usize)>,
    steps: BTreeSet<(Decimal, Decimal)>,
    first: Option<RowId>,
}

/// A row of each day that several statements show and on which the balance comes back to an earlier one.
pub(super) fn days(stretches: &[Stretch]) -> Vec<RowId> {
    let mut days: BTreeMap<Date, Day> = BTreeMap::new();
    for entry in stretches.iter().flat_map(|stretch| &stretch.entries) {
        let (Some(after), Some(source)) = (entry.balance, entry.sources.first()) else { continue };
        let day = days.entry(entry.row.date).or_default();
        day.statements.insert((source.file, source.statement));
        day.steps.insert((after - entry.row.amount, after));
        day.first = day.first.or(Some(*source));
    }
    let open = days.into_values().filter(|day| day.statements.len() > 1 && comes_back(&day.steps));
    open.filter_map(|day| day.first).collect()
}

/// Whether some steps lead back to a balance: one of them joins balances that others already join.
fn comes_back(steps: &BTreeSet<(Decimal, Decimal)>) -> bool {
    let mut group: BTreeMap<Decimal, usize> = BTreeMap::new();
    for (number, (before, after)) in steps.iter().enumerate() {
        let (one, other) = (group.get(before).copied(), group.get(after).copied());
        if before == after || (one.is_some() && one == other) {
            return true;
        }
        let joined = one.or(other).unwrap_or(number);
        if let (Some(_), Some(other)) = (one, other) {
            group.values_mut().filter(|own| **own == other).for_each(|own| *own = joined);
        }
        group.insert(*before, joined);
        group.insert(*after, joined);
    }
    false
}
