//! The two equations that statements must satisfy, which make arithmetic evidence for how a line is read: both sides of a
//! balance sheet are equal, and the lines of a profit and loss statement lead to the profit that it prints.

use domain::statement::{Figure, Side};
use rust_decimal::Decimal;

use crate::classify::signed_amount;
use crate::row::{Form, RowCode};
use crate::rule::{Sides, normal_side, sides_of};

/// Which equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Equation {
    /// Liabilities less assets are nil.
    Position,
    /// Income less expenses and tax are the printed profit.
    Profit,
}

impl Equation {
    /// What an amount in a row adds to the equation's sum; `None` for rows that are not in it.
    pub fn of_amount(self, row: RowCode, amount: Decimal) -> Option<Decimal> {
        match self {
            Self::Position => of_position(row, amount),
            Self::Profit => of_profit(row, amount),
        }
    }

    /// What a printed figure adds, read with a sign.
    pub fn of_figure(self, row: RowCode, figure: &Figure, sign: i8) -> Option<Decimal> {
        self.of_amount(row, signed_amount(figure, row, sign))
    }
}

fn of_position(row: RowCode, amount: Decimal) -> Option<Decimal> {
    let memo = row == row!("III.1.iii") || row.as_str().starts_with("III.AI");
    if row.form() != Form::Three || !row.row().is_input() || memo {
        return None;
    }
    let is_asset = sides_of(row) == Sides::ASSET;
    // Depreciation to date lowers the assets.
    let contra = is_asset && normal_side(row) == Some(Side::Cr);
    Some(if is_asset && !contra { -amount } else { amount })
}

fn of_profit(row: RowCode, amount: Decimal) -> Option<Decimal> {
    let is_counted = matches!(row.form(), Form::Two | Form::Supporting) && row.row().is_input();
    // Dividend follows the profit; repayments are no expense.
    if !is_counted || row == row!("II.15") || row == row!("S.TL.paid") {
        return None;
    }
    normal_side(row).map(|side| if side == Side::Cr { amount } else { -amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_count_on_their_side() {
        let one = Decimal::ONE;
        let of = |equation: Equation, row: &str| equation.of_amount(RowCode::parse(row).expect("a row"), one);
        assert_eq!(of(Equation::Position, "III.3"), Some(one));
        assert_eq!(of(Equation::Position, "III.26"), Some(-one));
        assert_eq!(of(Equation::Position, "III.36"), Some(one));
        assert_eq!(of(Equation::Position, "III.1.iii"), None);
        assert_eq!(of(Equation::Position, "II.6"), None);
        assert_eq!(of(Equation::Profit, "II.1.i"), Some(one));
        assert_eq!(of(Equation::Profit, "II.13"), Some(-one));
        assert_eq!(of(Equation::Profit, "II.5.xii"), Some(one));
        assert_eq!(of(Equation::Profit, "S.RM.purch"), Some(-one));
        assert_eq!(of(Equation::Profit, "II.15"), None);
        assert_eq!(of(Equation::Profit, "X.months"), None);
    }
}
