//! Infers the signs of lines between two printed profits from the difference of the profits.
//!
//! `Exceptional items` is a charge in one company's statement and an effect on the profit in another's. The label does not
//! show which; the profits printed before and after it do.

#[cfg(test)]
mod tests;

use domain::statement::{LineRole, StatementKind};
use rust_decimal::Decimal;

use super::draft::Draft;
use super::place::is_result;
use crate::row::RowCode;
use crate::rule::{Sides, sides_of};

/// Limit on the lines between two profits that are tried. Each one triples the combinations.
const LINES_MAX: usize = 6;
/// Confidence in a line that the profits include but that has no row of its own.
const COUNTED_CONFIDENCE: f64 = 0.75;

/// Non-operating income.
const OTHER_INCOME: RowCode = row!("II.11.i");

/// How a line affects the profit below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Raises,
    Lowers,
    None,
}

const EFFECTS: [Effect; 3] = [Effect::Raises, Effect::Lowers, Effect::None];

/// Sets the signs of the lines between each two printed profits.
pub(super) fn resolve(drafts: &mut [Draft]) {
    let results: Vec<usize> = (0..drafts.len())
        .filter(|index| drafts[*index].statement.kind == StatementKind::ProfitAndLoss && is_profit(&drafts[*index]))
        .collect();
    for pair in results.windows(2) {
        let [above, below] = *pair else { continue };
        if std::ptr::eq(drafts[above].statement, drafts[below].statement) {
            resolve_between(drafts, above, below);
        }
    }
}

/// Whether a line is the profit of the year or one on the way to it.
fn is_profit(draft: &Draft) -> bool {
    is_result(draft) && !draft.line.label.to_lowercase().contains("comprehensive")
}

fn resolve_between(drafts: &mut [Draft], above: usize, below: usize) {
    let at = |index: usize, column: usize| amount(&drafts[index], column);
    let differences: Vec<(usize, Decimal)> = (0..drafts[above].line.figures.len())
        .filter_map(|column| Some((column, at(below, column)?.checked_sub(at(above, column)?)?)))
        .collect();
    let amounts = |column: usize, lines: &[usize]| -> Vec<Decimal> {
        lines.iter().map(|index| at(*index, column).unwrap_or_default()).collect()
    };
    // Nil amounts have no effect, whatever their sign.
    let has_effect = |index: &usize| {
        drafts[*index].line.role == LineRole::Item
            && differences.iter().any(|(column, _)| at(*index, *column).is_some_and(|amount| !amount.is_zero()))
    };
    let lines: Vec<usize> = (above + 1..below).filter(has_effect).collect();
    if lines.is_empty() || lines.len() > LINES_MAX {
        return;
    }
    let columns: Vec<Step> =
        differences.iter().map(|(column, difference)| (*difference, amounts(*column, &lines))).collect();
    let Some(effects) = explain(&columns, lines.len()) else { return };
    for (index, effect) in lines.into_iter().zip(effects) {
        apply(&mut drafts[index], effect);
    }
}

/// The difference of two profits in one column, and the amounts of the lines between them.
type Step = (Decimal, Vec<Decimal>);

/// The one combination of effects that explains the difference in most columns, preferring combinations in which more lines
/// have an effect; `None` when two explain it equally well.
fn explain(columns: &[Step], lines: usize) -> Option<Vec<Effect>> {
    let filled = columns
        .iter()
        .filter(|(difference, amounts)| !difference.is_zero() || amounts.iter().any(|amount| !amount.is_zero()));
    let filled: Vec<&Step> = filled.collect();
    let combinations = (0..EFFECTS.len().pow(u32::try_from(lines).ok()?)).map(|number| combination(number, lines));
    let mut ranked: Vec<((usize, usize), Vec<Effect>)> = combinations
        .map(|effects| {
            let fits = filled.iter().filter(|step| explains(step, &effects)).count();
            let counted = effects.iter().filter(|effect| **effect != Effect::None).count();
            ((fits, counted), effects)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let mut ranked = ranked.into_iter();
    let (best, effects) = ranked.next()?;
    let is_only = ranked.next().is_none_or(|(next, _)| next < best);
    (is_only && best.0 > 0 && best.0 * 2 > filled.len()).then_some(effects)
}

/// The combination of effects with this number, out of all of them.
fn combination(mut number: usize, lines: usize) -> Vec<Effect> {
    let next = |_| {
        let effect = EFFECTS[number % EFFECTS.len()];
        number /= EFFECTS.len();
        effect
    };
    (0..lines).map(next).collect()
}

/// Whether the lines with these effects add up to the difference.
fn explains((difference, amounts): &(Decimal, Vec<Decimal>), effects: &[Effect]) -> bool {
    let sum = amounts.iter().zip(effects).try_fold(Decimal::ZERO, |sum, (amount, effect)| match effect {
        Effect::Raises => sum.checked_add(*amount),
        Effect::Lowers => sum.checked_sub(*amount),
        Effect::None => Some(sum),
    });
    let places = amounts.iter().chain([difference]).map(Decimal::scale).max().unwrap_or(0).min(27);
    let rounding = Decimal::new(5, places + 1) * Decimal::from(amounts.len() + 2);
    sum.and_then(|sum| sum.checked_sub(*difference)).is_some_and(|gap| gap.abs() <= rounding)
}

fn amount(draft: &Draft, column: usize) -> Option<Decimal> {
    let figure = draft.line.figures.get(column)?.as_ref()?;
    figure.side.is_none().then_some(figure.amount)
}

fn apply(draft: &mut Draft, effect: Effect) {
    let raises = match effect {
        Effect::Raises => true,
        Effect::Lowers => false,
        Effect::None => return,
    };
    if draft.is_ignored() {
        // The forms have no row for the share of an associate's profit, but the printed profits include it.
        draft.choice.row = OTHER_INCOME;
        draft.choice.confidence = COUNTED_CONFIDENCE;
        "the printed profits include it".clone_into(&mut draft.choice.reason);
    }
    let side = sides_of(draft.choice.row);
    if side == Sides::INCOME {
        draft.sign = if raises { 1 } else { -1 };
    } else if side == Sides::EXPENSE {
        draft.sign = if raises { -1 } else { 1 };
    }
}
