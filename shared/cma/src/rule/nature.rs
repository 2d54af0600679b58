//! The nature of a row: the side of the statements its lines are on, and the side of an account that makes it positive.

use domain::statement::Side;

use crate::row::{Form, RowCode};

/// Sides of the statements, as a set: asset, liability, equity, income, expense.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sides(u8);

impl Sides {
    pub(crate) const ASSET: Self = Self(1);
    pub(crate) const LIABILITY: Self = Self(2);
    pub(crate) const EQUITY: Self = Self(4);
    pub(crate) const INCOME: Self = Self(8);
    pub(crate) const EXPENSE: Self = Self(16);
    pub(crate) const ALL: Self = Self(31);

    /// The letters `A L E I X`.
    pub(crate) fn parse(letters: &str) -> Self {
        let side = |c: char| match c {
            'A' => Self::ASSET,
            'L' => Self::LIABILITY,
            'E' => Self::EQUITY,
            'I' => Self::INCOME,
            'X' => Self::EXPENSE,
            _ => Self::default(),
        };
        letters.chars().fold(Self::default(), |all, c| all.or(side(c)))
    }

    /// The set as the bits of a number below 32.
    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// Rows that a statement deducts from another line, and may therefore print as negative.
const DEDUCTED: [RowCode; 6] = rows!["II.2", "II.5.ix", "II.5.xii", "III.36", "S.RM.close", "S.INV.close"];

/// Rows of Form II that are income or results, and so credits. The rows of item 1 are credits too.
const CREDITS: [RowCode; 9] =
    rows!["II.3", "II.8", "II.10", "II.11.i", "II.12", "II.14", "II.16", "II.5.ix", "II.5.xii"];

/// Supporting rows that are credits, and those that are debits.
const SUPPORTING_CREDITS: [RowCode; 2] = rows!["S.RM.close", "S.INV.close"];
const SUPPORTING_DEBITS: [RowCode; 5] = rows!["S.RM.open", "S.RM.purch", "S.INV.open", "S.INV.change", "S.TL.paid"];

/// Supporting rows that only expenses go to, and those that either side of a trading account prints.
const SUPPORTING_EXPENSES: [RowCode; 3] = rows!["S.RM.open", "S.RM.purch", "S.INV.open"];
const SUPPORTING_TRADING: [RowCode; 3] = rows!["S.RM.close", "S.INV.change", "S.INV.close"];

/// The number of a row's item on its form, e.g. `28` of `III.28.i`. `III.A`, `III.B` and `III.AI` have none.
fn item(row: RowCode) -> Option<u8> {
    row.as_str().split('.').nth(1)?.parse().ok()
}

/// The sides of the statements on which lines of a row are printed.
pub(crate) fn sides_of(row: RowCode) -> Sides {
    const TRADING: Sides = Sides::INCOME.or(Sides::EXPENSE);
    const OWN: Sides = Sides::EQUITY.or(Sides::LIABILITY);
    match (row.form(), item(row)) {
        (Form::Two, Some(1)) => Sides::INCOME,
        (Form::Two, _) if row == row!("II.11.i") => Sides::INCOME,
        (Form::Two, Some(2 | 3 | 8 | 10 | 12 | 13 | 14 | 16)) => TRADING,
        (Form::Two, _) if row == row!("II.5.ix") || row == row!("II.5.xii") => TRADING,
        (Form::Two, Some(15)) => Sides::EXPENSE.or(Sides::EQUITY),
        (Form::Two, _) => Sides::EXPENSE,
        (Form::Three, Some(12 | 19..=22 | 24 | 25)) => OWN,
        (Form::Three, Some(23)) => OWN.or(Sides::ASSET),
        (Form::Three, Some(1..=18)) => Sides::LIABILITY,
        (Form::Three, Some(26..=43)) => Sides::ASSET,
        (Form::Three, _) if row == row!("III.A") || row == row!("III.B") => Sides::LIABILITY,
        _ if SUPPORTING_EXPENSES.contains(&row) => Sides::EXPENSE,
        _ if SUPPORTING_TRADING.contains(&row) => TRADING,
        _ => Sides::ALL,
    }
}

/// The side of an account that makes a row's amount positive; `None` for rows that have none.
#[must_use]
pub(crate) fn normal_side(row: RowCode) -> Option<Side> {
    match row.form() {
        Form::Two if item(row) == Some(1) || CREDITS.contains(&row) => Some(Side::Cr),
        Form::Two => Some(Side::Dr),
        Form::Three => item(row).map(|item| if item <= 25 || item == 36 { Side::Cr } else { Side::Dr }),
        _ if SUPPORTING_CREDITS.contains(&row) => Some(Side::Cr),
        _ if SUPPORTING_DEBITS.contains(&row) => Some(Side::Dr),
        _ => None,
    }
}

/// Whether a statement deducts the row from another line, and may therefore print it as negative.
pub(crate) fn is_deducted(row: RowCode) -> bool {
    DEDUCTED.contains(&row)
}
