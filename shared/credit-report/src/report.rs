//! A credit report: whose it is, its score, enquiries and public records.

use domain::masked::Masked;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::account::Account;

/// One credit report.
///
/// Stored with results in the document bucket, for the keys of its accounts; see [`domain::masked::NumberKey`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The format it was read from, which decides how places in it are written: a JSON Pointer (RFC 6901) or an XPath.
    pub format: FileFormat,
    /// Which kind of report it is.
    pub kind: Kind,
    /// The bureau that made it, as stated.
    pub bureau: Option<String>,
    /// Place of the report itself in the file.
    pub path: String,
    /// The day of the report.
    pub report_date: Date,
    /// Whose report it is.
    pub subject: Subject,
    /// Whether the bureau knows the subject.
    pub history: History,
    /// The score or rank, if one is stated.
    pub score: Option<Score>,
    /// The accounts: tradelines of a consumer, credit facilities of a company.
    pub accounts: Vec<Account>,
    /// Enquiries of lenders. `None` if the report does not list them, which is not the same as none.
    pub enquiries: Option<Vec<Enquiry>>,
    /// Public records. `None` if the report does not list them.
    pub public_records: Option<Vec<PublicRecord>>,
    /// Places of fields that the schema does not know; they were seen and not used. A name that is not a plain word is
    /// shown as `…`.
    pub unused: Vec<String>,
    /// Fields not used beyond those listed.
    pub unused_beyond: usize,
}

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// JSON (RFC 8259).
    Json,
    /// XML 1.0, without a document type.
    Xml,
}

/// Kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person's report of a US consumer bureau.
    ConsumerUs,
    /// A company's report of an Indian commercial bureau (CCR).
    CommercialIn,
}

/// Whose report it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The name as stated.
    pub name: Option<String>,
    /// Identifiers as stated, masked.
    pub identifiers: Vec<Identifier>,
}

impl std::fmt::Debug for Subject {
    /// Hides the name: logs never hold one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Subject({:?})", self.identifiers)
    }
}

/// An identifier of a person or a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    /// What kind it is.
    #[serde(rename = "type")]
    pub kind: IdentifierType,
    /// Its last four characters.
    pub value: Masked,
}

/// Kinds of identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierType {
    /// US social security number.
    Ssn,
    /// US individual taxpayer identification number.
    Itin,
    /// US employer identification number.
    Ein,
    /// Indian permanent account number.
    Pan,
    /// Indian corporate identity number.
    Cin,
    /// Indian goods and services tax identification number.
    Gstin,
    /// Director identification number.
    Din,
}

/// Whether the bureau knows the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum History {
    /// It has a history of credit.
    Present,
    /// It has none (NH, no hit). This says nothing bad.
    None,
}

/// A score or a rank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Place in the file.
    pub path: String,
    /// The model, as stated: `FICO 8`, `VantageScore 4.0`, `CMR`.
    pub model: String,
    /// Lowest value of the model's scale.
    pub lowest: u32,
    /// Highest value of the model's scale.
    pub highest: u32,
    /// The value.
    pub value: ScoreValue,
}

/// The value of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreValue {
    /// A value on the model's scale.
    Scored(u32),
    /// The bureau gives none, because there is too little history.
    NoHistory,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The currency, three letters of ISO 4217.
    pub currency: String,
    /// The amount in units of the currency.
    pub amount: Decimal,
}

/// A lender's enquiry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enquiry {
    /// Place in the file.
    pub path: String,
    /// Its day.
    pub date: Date,
    /// Whether it counts against the subject: a hard enquiry, made for an application. A soft one does not.
    pub hard: bool,
}

/// A public record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicRecord {
    /// Place in the file.
    pub path: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// Where it stands.
    pub status: RecordStatus,
    /// The day it was filed.
    pub filed: Date,
}

/// Kinds of public records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordType {
    /// A bankruptcy or insolvency.
    Bankruptcy,
    /// A civil judgment.
    Judgment,
    /// A tax lien.
    TaxLien,
}

/// Where a public record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordStatus {
    /// Still in force.
    Open,
    /// Discharged, satisfied or released.
    Closed,
    /// Dismissed or vacated: it does not count.
    Dismissed,
}
