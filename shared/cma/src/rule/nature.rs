//! What a row is: which side of the statements it stands on, and which way its amounts run.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use domain::statement::Side;

const ROWS: &str = include_str!("../../data/rows.csv");

/// Supporting codes that are no row of the form.
const SUPPORTING: [&str; 13] = [
    "S.RM.open",
    "S.RM.purch",
    "S.RM.close",
    "S.INV.change",
    "S.INV.open",
    "S.INV.close",
    "S.TL.paid",
    "S.FA.add",
    "S.FA.disp",
    "X.ignore",
    "III.AI.A",
    "III.AI.B",
    "X.noncash",
];

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

/// The sides of the statements on which lines of a row are printed.
pub(crate) fn sides_of(row_code: &str) -> Sides {
    const TRADING: Sides = Sides::INCOME.or(Sides::EXPENSE);
    const OWN: Sides = Sides::EQUITY.or(Sides::LIABILITY);
    if let Some(rest) = row_code.strip_prefix("II.") {
        let item = rest.split('.').next().unwrap_or(rest);
        return match (item, rest) {
            ("1", _) => Sides::INCOME,
            (_, "11.i") => Sides::INCOME,
            ("2" | "3" | "8" | "10" | "12" | "14" | "16", _) | (_, "5.ix" | "5.xii") => TRADING,
            ("13", _) => TRADING,
            ("15", _) => Sides::EXPENSE.or(Sides::EQUITY),
            _ => Sides::EXPENSE,
        };
    }
    if let Some(rest) = row_code.strip_prefix("III.") {
        let item = rest.split('.').next().and_then(|number| number.parse::<u8>().ok());
        return match item {
            Some(12 | 19..=22) => OWN,
            Some(23) => OWN.or(Sides::ASSET),
            Some(24 | 25) => OWN,
            Some(1..=18) => Sides::LIABILITY,
            Some(26..=43) => Sides::ASSET,
            _ if rest == "A" || rest == "B" => Sides::LIABILITY,
            _ => Sides::ALL,
        };
    }
    match row_code {
        "S.RM.open" | "S.RM.purch" | "S.INV.open" => Sides::EXPENSE,
        "S.RM.close" | "S.INV.change" | "S.INV.close" => TRADING,
        _ => Sides::ALL,
    }
}

/// The side that makes a row's amount positive; `None` for codes that hold no amount of one kind.
#[must_use]
pub(crate) fn normal_side(row_code: &str) -> Option<Side> {
    if let Some(rest) = row_code.strip_prefix("II.") {
        let credit = rest.starts_with("1.")
            || rest == "1"
            || matches!(rest, "3" | "8" | "10" | "12" | "14" | "16" | "11.i" | "5.ix" | "5.xii");
        return Some(if credit { Side::Cr } else { Side::Dr });
    }
    if let Some(rest) = row_code.strip_prefix("III.") {
        let item = rest.split('.').next().and_then(|number| number.parse::<u8>().ok())?;
        return Some(if item <= 25 || item == 36 { Side::Cr } else { Side::Dr });
    }
    match row_code {
        "S.RM.close" | "S.INV.close" | "S.FA.disp" => Some(Side::Cr),
        "S.RM.open" | "S.RM.purch" | "S.INV.open" | "S.INV.change" | "S.TL.paid" | "S.FA.add" => Some(Side::Dr),
        _ => None,
    }
}

/// Rows whose amounts a statement takes off another line and may therefore print as negative.
pub(crate) fn is_deducted(row_code: &str) -> bool {
    matches!(row_code, "II.2" | "II.5.ix" | "II.5.xii" | "III.36" | "S.RM.close" | "S.INV.close" | "S.FA.disp")
}

/// Whether a row code can be decided on: a row of the form or a supporting code.
pub(crate) fn is_known_row(row_code: &str) -> bool {
    static INPUTS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
        let code = |line: &'static str| line.split(',').nth(1);
        ROWS.lines().skip(1).filter(|line| line.contains(",input,")).filter_map(code).collect()
    });
    INPUTS.contains(row_code) || SUPPORTING.contains(&row_code)
}
