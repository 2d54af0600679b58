//! Evaluates a formula in decimals.

use rust_decimal::Decimal;

use super::{Addend, Expr, Operator};
use crate::row::RowCode;

/// The figure of `expr` in `year` (an index from 0), with the figures of rows from `figure`; `None` is a blank. A result that
/// does not fit into a decimal is blank too.
pub fn evaluate(expr: &Expr, year: usize, figure: &dyn Fn(RowCode, usize) -> Option<Decimal>) -> Option<Decimal> {
    let all = |list: &[Expr]| list.iter().map(|inner| evaluate(inner, year, figure)).collect::<Option<Vec<_>>>();
    match expr {
        Expr::Number(number) => Some(*number),
        Expr::Row(reference) => figure(reference.row, if reference.previous { year.checked_sub(1)? } else { year }),
        Expr::Negative(inner) => evaluate(inner, year, figure).map(|value| -value),
        Expr::Binary(operator, left, right) => {
            apply(*operator, evaluate(left, year, figure)?, evaluate(right, year, figure)?)
        }
        Expr::Sum(addends) => addends.iter().try_fold(Decimal::ZERO, |sum, addend| {
            let next = match addend {
                Addend::Single(inner) => evaluate(inner, year, figure),
                Addend::Range(rows) => {
                    rows.iter().try_fold(Decimal::ZERO, |sum, &row| sum.checked_add(figure(row, year)?))
                }
            };
            sum.checked_add(next?)
        }),
        Expr::Max(list) => all(list)?.into_iter().max(),
        Expr::Min(list) => all(list)?.into_iter().min(),
        Expr::Change(inner) => {
            let before = evaluate(inner, year.checked_sub(1)?, figure)?;
            evaluate(inner, year, figure)?.checked_sub(before)
        }
        Expr::Positive(inner) => evaluate(inner, year, figure).filter(|value| *value > Decimal::ZERO),
        Expr::FirstOf(first, second) => evaluate(first, year, figure).or_else(|| evaluate(second, year, figure)),
    }
}

fn apply(operator: Operator, left: Decimal, right: Decimal) -> Option<Decimal> {
    match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;

    fn value(text: &str, year: usize, cells: &[(&str, &[i64])]) -> Option<Decimal> {
        evaluate(&parse(text).expect("parses"), year, &|row, year| {
            let (_, values) = cells.iter().find(|(code, _)| *code == row.as_str())?;
            values.get(year).map(|value| Decimal::from(*value))
        })
    }

    #[test]
    fn a_division_by_zero_is_blank_and_not_zero() {
        assert_eq!(value("III.1.i/III.2", 0, &[("III.1.i", &[5]), ("III.2", &[0])]), None);
    }

    #[test]
    fn a_ratio_to_a_negative_net_worth_is_blank() {
        assert_eq!(value("III.1.i/positive(III.2)", 0, &[("III.1.i", &[5]), ("III.2", &[-4])]), None);
    }

    #[test]
    fn a_change_has_no_figure_in_the_first_year() {
        let cells: &[(&str, &[i64])] = &[("III.1.i", &[5, 12])];
        assert_eq!((value("d(III.1.i)", 0, cells), value("d(III.1.i)", 1, cells)), (None, Some(Decimal::from(7))));
    }

    #[test]
    fn the_first_of_two_is_used_unless_it_is_blank() {
        assert_eq!(value("first_of(III.1.i,III.2)", 0, &[("III.2", &[4])]), Some(Decimal::from(4)));
        assert_eq!(value("first_of(III.1.i,III.2)", 0, &[("III.1.i", &[0]), ("III.2", &[4])]), Some(Decimal::ZERO));
    }

    #[test]
    fn multiplication_precedes_addition_and_subtraction_is_left_to_right() {
        assert_eq!(value("10-3-2*2", 0, &[]), Some(Decimal::from(3)));
    }
}
