//! What one file holds.

use crate::answer::Ambiguity;
use crate::balance::{Balance, Footing, Proof};
use crate::flag::Flag;
use crate::place::{Place, UnreadRow, Unused};
use crate::row::Row;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What reading a file gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The file was read.
    Read(Reading),
    /// The file can be read in several ways, and nothing in it says which is right. Read it again with the [`crate::Answers`].
    Ambiguous(Vec<Ambiguity>),
}

/// Everything that was read from one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Format detected from the content.
    pub format: Format,
    /// The statements, in the order of the file.
    pub statements: Vec<Statement>,
    /// Rows that could not be read. Each is flagged in its statement.
    pub unread_rows: Vec<UnreadRow>,
    /// What was seen and not used, up to [`crate::Limits::unused_max`] entries.
    pub unused: Vec<Unused>,
    /// How many further things were seen and not used, and are not listed.
    pub unused_more: usize,
}

/// Formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Open Financial Exchange 1 (SGML) or 2 (XML), and QFX.
    Ofx,
    /// SWIFT MT940 customer statement.
    Mt940,
    /// ISO 20022 camt.052 account report.
    Camt052,
    /// ISO 20022 camt.053 account statement.
    Camt053,
    /// Delimited text.
    Csv,
    /// JSON as Plaid gives it.
    Json,
    /// PDF with a text layer.
    Pdf,
}

/// One statement of one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Account number or IBAN as printed, without the bank's own number unless both are printed as one. `None` if not stated.
    pub account: Option<Known<String>>,
    /// ISO 4217 code of the currency, in upper case. `None` if not stated.
    pub currency: Option<Known<String>>,
    /// The bank's number or name, as printed.
    pub bank: Option<String>,
    /// The account holder's name, as printed.
    pub holder: Option<String>,
    /// The kind of account, as printed, e.g. `CHECKING`.
    pub account_kind: Option<String>,
    /// The statement's own number or identifier, as printed.
    pub number: Option<String>,
    /// The period that the file states. Never the dates of the first and last row.
    pub period: Option<Period>,
    /// Opening balance.
    pub opening: Option<Balance>,
    /// Closing balance.
    pub closing: Option<Balance>,
    /// Whether the opening balance is that at the end of its date, e.g. PRCD of CAMT, so that the rows begin on the next day.
    pub opens_after_day: bool,
    /// The booked rows in the order of booking, oldest first, whatever the order of the file.
    pub rows: Vec<Row>,
    /// Whether opening balance and rows give the closing balance.
    pub footing: Footing,
    /// Why the statement must not pass as clean. Empty does not mean proven; see [`Statement::verdict`].
    pub flags: Vec<Flag>,
    /// Where the statement begins.
    pub at: Place,
}

/// A value with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// Where it comes from.
    pub source: Source,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The file states it.
    File,
    /// The caller gave it in [`crate::Answers`].
    Caller,
    /// The file does not state it and shows it for certain: amounts grouped by lakhs together with the names of payment systems
    /// that only India has mean INR. What the caller gives takes precedence.
    Inferred,
}

/// Days from one date to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// What a statement is worth as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It foots, and nothing contradicts it.
    Proven,
    /// Nothing contradicts it, and nothing proves it.
    Unproven,
    /// Something contradicts it; see its flags.
    Flagged,
}

impl Statement {
    /// What the statement is worth as a whole.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.footing {
            _ if !self.flags.is_empty() => Verdict::Flagged,
            Footing::Fails(_) => Verdict::Flagged,
            Footing::Foots(_) => Verdict::Proven,
            Footing::Unproven(_) => Verdict::Unproven,
        }
    }

    /// Sum of the rows with money in.
    #[must_use]
    pub fn credits(&self) -> Decimal {
        self.footing.figures().credits
    }

    /// Sum of the rows with money out, as a positive amount.
    #[must_use]
    pub fn debits(&self) -> Decimal {
        self.footing.figures().debits
    }

    /// How many rows are proven, unproven and failed.
    #[must_use]
    pub fn proofs(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Proof) -> bool| self.rows.iter().filter(|row| wanted(&row.proof)).count();
        (
            count(|proof| matches!(proof, Proof::Proven)),
            count(|proof| matches!(proof, Proof::Unproven)),
            count(|proof| matches!(proof, Proof::Failed { .. })),
        )
    }
}
