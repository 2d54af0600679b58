//! Sums of rows as they are compared between versions and documents, before any unit is agreed.

use std::collections::BTreeMap;

use domain::statement::Side;
use rust_decimal::Decimal;

use crate::row::{Form, RowCode};
use crate::rule::{Sides, normal_side, sides_of};

const DIVIDEND: RowCode = row!("II.15");
const SALES: [RowCode; 2] = rows!["II.1.i", "II.1.ii"];

/// A sum of printed amounts, and how far it may be from the true sum.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub amount: Decimal,
    pub rounding: Decimal,
}

impl Sum {
    pub fn add(&mut self, amount: Decimal, rounding: Decimal) {
        self.amount = self.amount.saturating_add(amount);
        self.rounding = self.rounding.saturating_add(rounding);
    }

    pub fn plus(self, other: Self) -> Self {
        let mut sum = self;
        sum.add(other.amount, other.rounding);
        sum
    }

    pub fn equals(self, other: Self) -> bool {
        let apart = self.amount.saturating_sub(other.amount).abs();
        apart <= self.rounding.saturating_add(other.rounding)
    }
}

/// Rows with the sum of their lines.
pub(super) type Rows = BTreeMap<RowCode, Sum>;

/// The sum of one row.
pub(super) fn of(rows: &Rows, row: RowCode) -> Sum {
    rows.get(&row).copied().unwrap_or_default()
}

/// The side of the assets.
pub(super) fn assets(rows: &Rows) -> Sum {
    side(rows, is_asset)
}

/// The side of the liabilities and the net worth.
pub(super) fn liabilities(rows: &Rows) -> Sum {
    side(rows, |row| !is_asset(row))
}

/// Domestic sales and exports.
pub(super) fn sales(rows: &Rows) -> Sum {
    SALES.iter().fold(Sum::default(), |sum, row| sum.plus(of(rows, *row)))
}

/// The profit after tax that the rows of a profit and loss statement lead to.
pub(super) fn profit(rows: &Rows) -> Sum {
    let counted = rows.iter().filter(|(row, _)| **row != DIVIDEND && row.form() != Form::Three);
    counted.fold(Sum::default(), |mut total, (row, sum)| {
        match normal_side(*row) {
            Some(Side::Cr) => total.add(sum.amount, sum.rounding),
            Some(Side::Dr) => total.add(-sum.amount, sum.rounding),
            None => {}
        }
        total
    })
}

fn is_asset(row: RowCode) -> bool {
    sides_of(row) == Sides::ASSET
}

fn side(rows: &Rows, wanted: impl Fn(RowCode) -> bool) -> Sum {
    let counted = rows.iter().filter(|(row, _)| row.form() == Form::Three && row.row().is_input() && wanted(**row));
    counted.fold(Sum::default(), |mut total, (row, sum)| {
        if !is_stated_elsewhere(*row) {
            // Depreciation to date is printed on the side of the assets, and lowers them.
            let contra = is_asset(*row) && normal_side(*row) == Some(Side::Cr);
            total.add(if contra { -sum.amount } else { sum.amount }, sum.rounding);
        }
        total
    })
}

/// Whether the row is in no total: the form's memo row and its additional information.
fn is_stated_elsewhere(row: RowCode) -> bool {
    row == row!("III.1.iii") || row.as_str().starts_with("III.AI")
}
