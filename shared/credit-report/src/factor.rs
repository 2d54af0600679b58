//! What a factor is: a value, or why there is none, with the rows it comes from.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::AssetClass;

/// Factors by name, `f_…`.
pub type Factors = BTreeMap<String, Factor>;

/// A figure about a borrower, with the rows that it was computed from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Its value.
    pub value: Value,
    /// Places in the file of the rows that were counted. For a `NotStated`, of the rows that lack what is needed.
    pub rows: Vec<String>,
    /// Places of rows that could not be counted, e.g. cards without a limit in a utilisation.
    pub left_out: Vec<String>,
}

/// The value of a factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// A number of things, days, months, or a score.
    Count(u64),
    /// At least this number: rows that are left out may hold more.
    AtLeast(u64),
    /// An amount of money, in units of its currency.
    Amount {
        /// The currency, three letters of ISO 4217.
        currency: String,
        /// The amount.
        amount: Decimal,
    },
    /// A ratio; 1 is the whole.
    Ratio(Decimal),
    /// Whether something holds.
    Flag(bool),
    /// A lender's classification.
    AssetClass(AssetClass),
    /// The bureau knows no history. This says nothing bad.
    NoHistory,
    /// The reports do not say. This is neither zero nor false.
    NotStated(Missing),
}

/// Why a factor has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The report does not hold what is needed at all.
    NotInReport,
    /// Some rows lack what is needed, so that a sum would be too small.
    SomeRowsLackIt,
    /// Amounts are in several currencies.
    SeveralCurrencies,
    /// Scores are of several models or scales.
    SeveralModels,
    /// There is nothing to divide by: no limit, or nothing owed.
    NothingToDivideBy,
    /// No month of the window was reported.
    NoMonthReported,
    /// Two reports of the same day give one account different figures.
    ReportsDiffer,
    /// The report is later than the underwriting date.
    ReportIsLater,
}

impl Factor {
    /// A value computed from these rows.
    pub(crate) fn of(value: Value, rows: Vec<String>) -> Self {
        Self { value, rows, left_out: Vec::new() }
    }

    /// No value, because of these rows.
    pub(crate) fn missing(missing: Missing, rows: Vec<String>) -> Self {
        Self::of(Value::NotStated(missing), rows)
    }

    pub(crate) fn leaving_out(mut self, left_out: Vec<String>) -> Self {
        self.left_out = left_out;
        self
    }
}

/// A number of rows.
pub(crate) fn count(rows: &[String]) -> Value {
    Value::Count(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}
