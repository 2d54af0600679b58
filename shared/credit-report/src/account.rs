//! Accounts of a report and their months.

use domain::masked::{Masked, NumberKey};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::report::Money;

/// A tradeline of a consumer or a credit facility of a company. What is not stated is `None`, and no factor takes it for zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Place in the file.
    pub path: String,
    /// The account's number, masked.
    pub number: Masked,
    /// Says whether an account of another owner's report is this one: same lender, same number. A number that the bureau
    /// itself has masked says so only together with the day of opening; without one there is no key, and the account is
    /// taken for one of its own.
    pub key: Option<NumberKey>,
    /// The lender, as stated.
    pub lender: String,
    /// What kind of credit it is.
    #[serde(rename = "type")]
    pub kind: AccountType,
    /// Where it stands.
    pub status: AccountStatus,
    /// The day it was opened.
    pub opened: Option<Date>,
    /// The day it was closed.
    pub closed: Option<Date>,
    /// The day it was written off or settled.
    pub written_off: Option<Date>,
    /// Whether it is secured by collateral.
    pub secured: Option<bool>,
    /// The limit or the sanctioned amount.
    pub limit: Option<Money>,
    /// What is owed.
    pub outstanding: Option<Money>,
    /// What is owed and past due.
    pub overdue: Option<Money>,
    /// The lender's classification.
    pub asset_class: Option<AssetClass>,
    /// Whether the lender has filed a suit.
    pub suit_filed: Option<bool>,
    /// Whether the lender has declared a wilful default.
    pub wilful_defaulter: Option<bool>,
    /// Its months, latest first. `None` if the report does not list them.
    pub months: Option<Vec<MonthRow>>,
}

/// Kinds of credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountType {
    /// Revolving: a credit card.
    CreditCard,
    /// Revolving: a line of credit.
    LineOfCredit,
    /// Revolving: cash credit against stocks and book debts (India).
    CashCredit,
    /// Revolving: an overdraft.
    Overdraft,
    /// A loan repaid in instalments.
    TermLoan,
    /// A loan on a house.
    Mortgage,
    /// A loan on a vehicle.
    AutoLoan,
    /// A student's loan.
    StudentLoan,
    /// Not fund based: a bank guarantee.
    BankGuarantee,
    /// Not fund based: a letter of credit.
    LetterOfCredit,
    /// Anything else, by the lender's own word.
    Other,
}

impl AccountType {
    /// Whether the borrower may draw and repay within a limit, so that a utilisation makes sense.
    #[must_use]
    pub fn is_revolving(self) -> bool {
        matches!(self, Self::CreditCard | Self::LineOfCredit | Self::CashCredit | Self::Overdraft)
    }
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// In use.
    Active,
    /// Repaid and closed.
    Closed,
    /// Written off by the lender.
    WrittenOff,
    /// Closed for less than was owed.
    Settled,
}

/// A lender's classification of an account, by the Reserve Bank of India's prudential norms, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssetClass {
    /// Standard.
    Std,
    /// Special mention: overdue up to 30 days.
    #[serde(rename = "sma_0")]
    Sma0,
    /// Special mention: overdue 31 to 60 days.
    #[serde(rename = "sma_1")]
    Sma1,
    /// Special mention: overdue 61 to 90 days.
    #[serde(rename = "sma_2")]
    Sma2,
    /// Sub-standard: non-performing for up to 12 months.
    Sub,
    /// Doubtful: sub-standard for more than 12 months.
    Dbt,
    /// Loss.
    Lss,
}

/// One month of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthRow {
    /// Place in the file.
    pub path: String,
    /// The month, as its first day.
    pub month: Date,
    /// Days past due. `None` if the lender did not report the month.
    pub dpd: Option<u16>,
}
