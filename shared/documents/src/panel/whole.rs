//! Finds the column of the whole firm beside columns of its parts, e.g. `Head office | Branch | Total`.

use super::Line;
use crate::column::Described;
use crate::label::plain;
use rust_decimal::Decimal;

/// How many lines show at least that a column is the sum of the others.
const LINES_MIN: usize = 3;
/// How far a printed sum may be from its parts for each column, because each of them is rounded.
const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The column that is headed as a total and is the sum of all others in each line, if no column has a date or a question.
pub(super) fn column(described: &Described, lines: &[Line]) -> Option<usize> {
    const WORDS: [&str; 5] = ["total", "combined", "consolidated", "overall", "grand"];
    let Described { columns, questions } = described;
    if columns.len() < 3 || !questions.is_empty() || columns.iter().any(|c| c.period_end.is_some()) {
        return None;
    }
    let named = |heading: &str| plain(heading).split(' ').any(|word| WORDS.contains(&word));
    let mut totals = (0..columns.len()).filter(|at| columns.get(*at).is_some_and(|c| named(&c.heading)));
    let (Some(total), None) = (totals.next(), totals.next()) else { return None };
    let printed = lines.iter().filter(|line| line.figures.iter().any(Option::is_some));
    let adds_up: Vec<bool> = printed.map(|line| is_sum(line, total, columns.len())).collect();
    (adds_up.len() >= LINES_MIN && adds_up.iter().all(|adds_up| *adds_up)).then_some(total)
}

fn is_sum(line: &Line, total: usize, count: usize) -> bool {
    let amount = |at: usize| line.figures.get(at).and_then(Option::as_ref).map(|figure| figure.amount);
    let mut others = (0..count).filter(|at| *at != total).filter_map(amount);
    let sum = others.try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part));
    let allowed = ROUNDING.checked_mul(count.into()).unwrap_or_default();
    let difference = sum.and_then(|sum| amount(total).unwrap_or_default().checked_sub(sum));
    difference.is_some_and(|difference| difference.abs() <= allowed)
}
