//! One booked row of a statement.

use crate::balance::Proof;
use crate::place::Place;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One booked row of a statement: a batch is one row, as it is one booking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Booking date, as printed and in the zone printed.
    pub date: Date,
    /// Value date, where one is printed and exists.
    pub value_date: Option<Date>,
    /// Amount in the statement's currency: money in is positive, money out negative.
    pub amount: Decimal,
    /// The running balance printed in this row, after it.
    pub balance: Option<Decimal>,
    /// What the running balance proves of this row.
    pub proof: Proof,
    /// Narration, its parts joined by a space. Text only, whatever it looks like.
    pub narration: String,
    /// The other party, where the format has a field for it.
    pub counterparty: Option<String>,
    /// Cheque number or customer reference.
    pub reference: Option<String>,
    /// The bank's identifier of the row, e.g. FITID. Banks repeat them: never decide by it alone that two rows are one.
    pub bank_id: Option<String>,
    /// The bank's code for the kind of row as printed, e.g. `FEE` (OFX), `NTRF` (MT940), `PMNT/RCDT/ESCT` (CAMT).
    pub code: Option<String>,
    /// Whether the bank marks the row as the reversal of another. The amount's sign already says so.
    pub reversal: bool,
    /// What a batch is made of. The details are never added to the row.
    pub details: Vec<Detail>,
    /// Whether another row of the same file has the same date, amount, narration and references. Both are real until a
    /// person says otherwise.
    pub repeated: bool,
    /// Where the row is.
    pub at: Place,
    /// Its date and amount as printed.
    pub printed: Printed,
}

/// The text of a row's date and amount, as printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// The booking date.
    pub date: String,
    /// The amount, with its sign or mark.
    pub amount: String,
}

/// One transaction of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Its signed amount, where one is printed in the statement's currency.
    pub amount: Option<Decimal>,
    /// Narration.
    pub narration: String,
    /// The other party.
    pub counterparty: Option<String>,
    /// End-to-end or other reference.
    pub reference: Option<String>,
    /// Where it is.
    pub at: Place,
}
