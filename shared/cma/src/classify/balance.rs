//! Reads doubtful lines again where only one other reading makes both sides of a balance sheet equal, or makes the lines of a
//! profit and loss statement lead to the profit that it prints.

mod group;
#[cfg(test)]
mod tests;

use domain::statement::LineRole;
use rust_decimal::Decimal;

use super::draft::Draft;
use crate::equation::Equation;
use crate::row::RowCode;
use group::Group;

/// Confidence below which a line may be read again.
const DOUBTFUL: f64 = 0.70;
/// The most doubtful lines that are tried, and the most readings of each.
const LINES_MAX: usize = 12;
/// Confidence in a reading that satisfies the equation in one column, and in several.
const ONE_COLUMN_CONFIDENCE: f64 = 0.66;
const COLUMNS_CONFIDENCE: f64 = 0.78;

/// Another reading of a line: its row and its sign.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reading {
    draft: usize,
    row: RowCode,
    sign: i8,
}

/// Reads doubtful lines again, statement by statement.
pub(super) fn resolve(drafts: &mut [Draft]) {
    for group in group::groups(drafts) {
        let gaps = group.gaps(drafts);
        if !gaps.iter().any(|gap| gap.is_open()) {
            continue;
        }
        if let Some(readings) = only_solution(&group, &gaps, drafts) {
            let columns = gaps.iter().filter(|gap| gap.is_open()).count();
            for reading in readings {
                apply(&mut drafts[reading.draft], reading, columns, group.equation);
            }
        }
    }
}

/// The difference of an equation in one column, and how far it may be from nil.
#[derive(Clone, Copy, Debug)]
struct Gap {
    difference: Decimal,
    rounding: Decimal,
}

impl Gap {
    fn is_open(&self) -> bool {
        self.difference.abs() > self.rounding
    }

    /// Whether a change closes it, or leaves it closed.
    fn is_closed_by(&self, change: Decimal) -> bool {
        self.difference.saturating_add(change).abs() <= self.rounding
    }
}

/// The one reading of one line, else of two, that closes the gaps of all columns.
fn only_solution(group: &Group, gaps: &[Gap], drafts: &[Draft]) -> Option<Vec<Reading>> {
    let readings: Vec<(Reading, Vec<Decimal>)> = readings(group, drafts);
    let closes = |changes: &dyn Fn(usize) -> Decimal| {
        gaps.iter().enumerate().all(|(column, gap)| gap.is_closed_by(changes(column)))
    };
    let change = |of: &[Decimal], column: usize| of.get(column).copied().unwrap_or_default();
    let single: Vec<Vec<Reading>> = readings
        .iter()
        .filter(|(_, changes)| closes(&|column| change(changes, column)))
        .map(|(reading, _)| vec![*reading])
        .collect();
    if !single.is_empty() {
        return only(single);
    }
    let mut pairs = Vec::new();
    for (index, (one, first)) in readings.iter().enumerate() {
        for (other, second) in readings.iter().skip(index + 1).filter(|(other, _)| other.draft != one.draft) {
            if closes(&|column| change(first, column).saturating_add(change(second, column))) {
                pairs.push(vec![*one, *other]);
            }
        }
    }
    only(pairs)
}

fn only<T>(found: Vec<T>) -> Option<T> {
    let mut found = found.into_iter();
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Every other reading of the doubtful lines, with what it changes in each column.
fn readings(group: &Group, drafts: &[Draft]) -> Vec<(Reading, Vec<Decimal>)> {
    let is_doubtful = |draft: &Draft| {
        draft.choice.confidence < DOUBTFUL && draft.line.role == LineRole::Item && draft.breaks_up.is_empty()
    };
    let doubtful = group.lines.iter().copied().filter(|index| is_doubtful(&drafts[*index])).take(LINES_MAX);
    let mut found: Vec<(Reading, Vec<Decimal>)> = Vec::new();
    for index in doubtful {
        let draft = &drafts[index];
        let now = group.adds(draft, draft.choice.row, draft.sign);
        let others = draft.choice.alternatives.iter().map(|other| other.row_code);
        // Another row explains a line better than the chosen one with the other sign.
        let rows = others.chain([draft.choice.row]).filter(|row| group.takes(*row));
        let mut seen: Vec<Vec<Decimal>> = Vec::new();
        for row in rows {
            for sign in [draft.sign, -draft.sign] {
                let then = group.adds(draft, row, sign);
                let changes: Vec<Decimal> =
                    then.iter().zip(&now).map(|(then, now)| then.saturating_sub(*now)).collect();
                // Readings that change the sums alike are one: the first, which is the more likely row.
                if changes.iter().any(|change| !change.is_zero()) && !seen.contains(&changes) {
                    seen.push(changes.clone());
                    found.push((Reading { draft: index, row, sign }, changes));
                }
            }
        }
    }
    found
}

fn apply(draft: &mut Draft, reading: Reading, columns: usize, equation: Equation) {
    let what = match equation {
        Equation::Position => "only so both sides of the balance sheet are equal",
        Equation::Profit => "only so the lines lead to the printed profit",
    };
    draft.choice.alternatives.retain(|other| other.row_code != reading.row);
    draft.choice.row = reading.row;
    draft.choice.confidence = if columns > 1 { COLUMNS_CONFIDENCE } else { ONE_COLUMN_CONFIDENCE };
    draft.choice.reason = what.to_owned();
    draft.sign = reading.sign;
}
