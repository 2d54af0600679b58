//! Balances, and what they prove.

use crate::place::Place;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An opening or closing balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Amount; negative when overdrawn.
    pub amount: Decimal,
    /// The date it is stated for.
    pub date: Option<Date>,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it is printed, or the row whose running balance it comes from. `None` when derived.
    pub at: Option<Place>,
}

/// Where a balance comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The file states it as the opening or closing balance.
    Stated,
    /// It follows from the running balance of the first or last row.
    RunningBalance,
    /// It was calculated from the other balance and the rows. It proves nothing.
    Derived,
}

/// What the running balance proves of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The balance before it and its amount, with those of the rows between, give the balance printed in it.
    Proven,
    /// No balance is printed in it, or none is known before it.
    Unproven,
    /// The balance printed in it is another one. The next row is checked against the balance printed here.
    Failed {
        /// The balance that the amounts give.
        expected: Decimal,
        /// The balance printed.
        found: Decimal,
        /// `found` less `expected`.
        difference: Decimal,
    },
}

/// Whether a statement's opening balance and rows give its closing balance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Footing {
    /// They do, and both balances are known independently.
    Foots(Figures),
    /// They do not.
    Fails(Figures),
    /// Nothing can be proven: a balance is missing, or was derived from the other one. The figures are those known.
    Unproven(Figures),
}

/// The figures of a footing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Opening balance.
    pub opening: Option<Decimal>,
    /// Sum of the rows with money in.
    pub credits: Decimal,
    /// Sum of the rows with money out, as a positive amount.
    pub debits: Decimal,
    /// Opening plus credits less debits.
    pub computed: Option<Decimal>,
    /// Closing balance.
    pub closing: Option<Decimal>,
    /// Closing balance less the computed one.
    pub difference: Option<Decimal>,
}

impl Footing {
    /// Its figures.
    #[must_use]
    pub fn figures(&self) -> &Figures {
        match self {
            Self::Foots(figures) | Self::Fails(figures) | Self::Unproven(figures) => figures,
        }
    }
}
