//! Reads credit reports in Docket's own schema, and computes factors from them at a given date.
//!
//! One model stands behind both kinds of report, a US consumer's and an Indian company's, and behind both formats, JSON and
//! XML; `docs/reference/CREDIT_REPORT.md` describes the schema. [`read`] is the only way in: bytes in, a [`Report`] or a
//! [`ReadError`] out. Where a value's meaning is at stake it is read strictly, and the error names the place in the file and
//! what to do. Fields that the schema does not know are listed in [`Report::unused`].
//!
//! [`factors`] computes one report's factors, [`consolidate`] those of all owners' reports. Each factor names the rows of
//! the file it comes from. What a report does not state is [`Value::NotStated`], never a zero; a borrower without history is
//! [`Value::NoHistory`], never a bad one.
//!
//! The crate has no clock, no I/O and no state. Numbers of people and accounts are masked when they are read
//! ([`domain::masked`]).

mod account;
mod conduct;
mod consolidate;
mod enquiry;
mod error;
mod exposure;
mod factor;
mod field;
mod json;
mod limit;
mod node;
mod read;
mod read_account;
mod report;
mod score;
mod view;
mod window;
mod xml;

pub use account::{Account, AccountStatus, AccountType, AssetClass, MonthRow};
pub use consolidate::{Consolidated, OwnerFactors, OwnerReport, consolidate, factors};
pub use error::{Contradiction, Counted, Problem, ReadError};
pub use factor::{Factor, Factors, Missing, Value};
pub use limit::Limits;
pub use read::read;
pub use report::{
    Enquiry, FileFormat, History, Identifier, IdentifierType, Kind, Money, PublicRecord, RecordStatus, RecordType,
    Report, Score, ScoreValue, Subject,
};
