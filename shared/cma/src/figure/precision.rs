//! How precisely amounts are printed: the true amount is within half of the last printed digit.

use domain::statement::{Figure, LineRole, Statement};
use rust_decimal::Decimal;

/// Largest number of decimals that counts; a decimal number holds no more.
const DECIMALS_MAX: u32 = 27;
/// One in this many amounts of a column must have a number of decimals for the column to be printed with them.
const SHARE: usize = 4;

/// The decimals that a column is printed with. A workbook stores `4.50` as `4.5`, so the amounts around it show its precision.
#[must_use]
pub(crate) fn column_decimals(statement: &Statement, column: usize) -> u32 {
    let counted = statement.lines.iter().filter(|line| line.role != LineRole::Memo);
    let figures = counted.filter_map(|line| line.figures.get(column)?.as_ref());
    let decimals = figures.filter(|figure| !figure.amount.is_zero()).map(|figure| figure.amount.scale());
    let mut decimals: Vec<u32> = decimals.collect();
    decimals.sort_unstable_by(|one, other| other.cmp(one));
    let least = decimals.len().div_ceil(SHARE).max(1);
    decimals.get(least - 1).copied().unwrap_or(0)
}

/// How far the true amount may be from the printed one, in the unit of the statement: half of the last printed digit, of the
/// column or of its own if it has more. A dash stands for nil.
#[must_use]
pub(crate) fn rounding(figure: &Figure, column_decimals: u32) -> Decimal {
    let printed = !figure.amount.is_zero() || figure.text.chars().any(|letter| letter.is_ascii_digit());
    let decimals = figure.amount.scale().max(column_decimals).min(DECIMALS_MAX);
    if printed { Decimal::new(5, decimals + 1) } else { Decimal::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::tests::{line, statement};
    use domain::statement::StatementKind;

    fn column(amounts: &[&str]) -> Statement {
        let lines = amounts.iter().zip(1..).map(|(amount, number)| {
            let mut line = line(&format!("l{number}"), "A line", &[], &[0]);
            let figure = line.figures[0].as_mut().expect("a figure");
            (figure.amount, figure.text) = (amount.parse().expect("an amount"), (*amount).to_owned());
            line
        });
        statement(StatementKind::BalanceSheet, "Balance sheet", &[2024], lines.collect())
    }

    fn first_rounding(amounts: &[&str]) -> String {
        let column = column(amounts);
        let figure = column.lines[0].figures[0].as_ref().expect("a figure");
        rounding(figure, column_decimals(&column, 0)).to_string()
    }

    #[test]
    fn an_amount_is_as_precise_as_its_column() {
        assert_eq!(first_rounding(&["1240.6", "4.85", "1245.46"]), "0.005");
        assert_eq!(first_rounding(&["1241", "5", "1245"]), "0.5");
        assert_eq!(first_rounding(&["1241.00", "5", "1245"]), "0.005", "its own digits");
    }

    #[test]
    fn one_odd_amount_makes_no_column_more_precise() {
        assert_eq!(first_rounding(&["1241", "5", "1246", "700", "800", "3.76"]), "0.5");
    }

    #[test]
    fn a_dash_is_exact() {
        let mut column = column(&["0", "12", "12"]);
        "-".clone_into(&mut column.lines[0].figures[0].as_mut().expect("a figure").text);
        let figure = column.lines[0].figures[0].as_ref().expect("a figure");
        assert!(rounding(figure, column_decimals(&column, 0)).is_zero());
    }
}
