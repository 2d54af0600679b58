//! The way from one printed profit to the next tells how each line between them enters.
//!
//! `Exceptional items` are printed as a charge by one company and as an effect on the profit by another, and no label tells
//! which. The profits before and after them do.

#[cfg(test)]
mod tests;

use domain::statement::{LineRole, StatementKind};
use rust_decimal::Decimal;

use super::draft::Draft;
use super::place::is_result;
use crate::rule::{Sides, sides_of};

/// Most lines between two profits that are tried; every one trebles the ways.
const LINES_MAX: usize = 6;
/// How sure it is of a line without a row of its own that the profits count.
const COUNTED_CONFIDENCE: f64 = 0.75;

/// How a line enters the profit below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Raises,
    Lowers,
    None,
}

const EFFECTS: [Effect; 3] = [Effect::Raises, Effect::Lowers, Effect::None];

/// Sets the sign of the lines between two printed profits by what the profits are.
pub(super) fn resolve(drafts: &mut [Draft]) {
    let results: Vec<usize> = (0..drafts.len())
        .filter(|place| drafts[*place].statement.kind == StatementKind::ProfitAndLoss && is_profit(&drafts[*place]))
        .collect();
    for pair in results.windows(2) {
        let [above, below] = *pair else { continue };
        if std::ptr::eq(drafts[above].statement, drafts[below].statement) {
            between(drafts, above, below);
        }
    }
}

/// A profit that leads to the profit of the year, or that.
fn is_profit(draft: &Draft) -> bool {
    is_result(draft) && !draft.line.label.to_lowercase().contains("comprehensive")
}

fn between(drafts: &mut [Draft], above: usize, below: usize) {
    let at = |place: usize, column: usize| amount(&drafts[place], column);
    let differences: Vec<(usize, Decimal)> = (0..drafts[above].line.figures.len())
        .filter_map(|column| Some((column, at(below, column)?.checked_sub(at(above, column)?)?)))
        .collect();
    let amounts = |column: usize, lines: &[usize]| -> Vec<Decimal> {
        lines.iter().map(|place| at(*place, column).unwrap_or_default()).collect()
    };
    // A line that is nil enters either way.
    let counts = |place: &usize| {
        drafts[*place].line.role == LineRole::Item
            && differences.iter().any(|(column, _)| at(*place, *column).is_some_and(|amount| !amount.is_zero()))
    };
    let lines: Vec<usize> = (above + 1..below).filter(counts).collect();
    if lines.is_empty() || lines.len() > LINES_MAX {
        return;
    }
    let columns: Vec<Step> =
        differences.iter().map(|(column, difference)| (*difference, amounts(*column, &lines))).collect();
    let Some(effects) = explain(&columns, lines.len()) else { return };
    for (place, effect) in lines.into_iter().zip(effects) {
        apply(&mut drafts[place], effect);
    }
}

/// What lies between two profits in one column, and the amounts of the lines there.
type Step = (Decimal, Vec<Decimal>);

/// The one way in which the lines lead from the profit above to the one below in most columns; ways that leave no line
/// out come first.
fn explain(columns: &[Step], lines: usize) -> Option<Vec<Effect>> {
    let telling = columns
        .iter()
        .filter(|(difference, amounts)| !difference.is_zero() || amounts.iter().any(|amount| !amount.is_zero()));
    let telling: Vec<&Step> = telling.collect();
    let ways = (0..EFFECTS.len().pow(u32::try_from(lines).ok()?)).map(|number| way(number, lines));
    let mut ranked: Vec<((usize, usize), Vec<Effect>)> = ways
        .map(|effects| {
            let fits = telling.iter().filter(|step| leads(step, &effects)).count();
            let counted = effects.iter().filter(|effect| **effect != Effect::None).count();
            ((fits, counted), effects)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let mut ranked = ranked.into_iter();
    let (best, effects) = ranked.next()?;
    let alone = ranked.next().is_none_or(|(next, _)| next < best);
    (alone && best.0 > 0 && best.0 * 2 > telling.len()).then_some(effects)
}

fn way(mut number: usize, lines: usize) -> Vec<Effect> {
    let next = |_| {
        let effect = EFFECTS[number % EFFECTS.len()];
        number /= EFFECTS.len();
        effect
    };
    (0..lines).map(next).collect()
}

fn leads((difference, amounts): &(Decimal, Vec<Decimal>), effects: &[Effect]) -> bool {
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
        // The share of an associate's profit has no row of the form, and the profits count it.
        "II.11.i".clone_into(&mut draft.decision.row_code);
        draft.decision.confidence = COUNTED_CONFIDENCE;
        "the printed profits count it".clone_into(&mut draft.decision.reason);
    }
    let side = sides_of(&draft.decision.row_code);
    if side == Sides::INCOME {
        draft.sign = if raises { 1 } else { -1 };
    } else if side == Sides::EXPENSE {
        draft.sign = if raises { -1 } else { 1 };
    }
}
