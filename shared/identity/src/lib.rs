//! Reads identity documents from text and judges them at a given date.
//!
//! | source | read by | says nothing about |
//! |---|---|---|
//! | the text of a licence's PDF417 barcode, as a scanner hands it on | [`aamva::read`] | a photo |
//! | a machine-readable zone (TD1, TD2, TD3) | [`zone::read`] | a photo, the day of issue |
//! | an answer of Textract's `AnalyzeID`, as recorded | [`analyze_id::read`] | a photo, check digits |
//!
//! Each gives an [`IdentityDocument`]: what is stated, where, how sure the source was, and what was seen and not understood.
//! Nothing is mended silently. [`assess`] compares it with the owners' names at the underwriting date and gives a
//! [`Assessment`]; [`summarise`] makes factors of the assessments of completed documents.
//!
//! # What `verified` asks of each source
//!
//! | | barcode | zone | `AnalyzeID` |
//! |---|---|---|---|
//! | number, issuer, name, day of birth and expiry, each read in one way | yes | yes; the issuer may leave parts of the day of birth unknown | yes |
//! | no contradiction: repeated elements, issued after expiry, born after issue, dates after the underwriting date | yes | yes | yes |
//! | every printed check digit agrees | has none | yes | only those of a zone it read |
//! | not expired at the underwriting date; the day of expiry itself is still valid | yes | yes | yes |
//! | the name is an owner's, where the caller gives owners | yes | yes | yes |
//! | a photo | only if the caller says that it is missing, the status is `missing_photo` | the same | the same |
//!
//! No source states a photo, so a document whose photo nobody looked at can be `verified`; its assessment then says
//! [`Photo::NotStated`], and [`Assessment::open`] lists what was not judged. Neither stands for a photo that was seen.
//!
//! The crate has no clock, no I/O and no state. Numbers are masked when they are read ([`domain::masked`]).

pub mod aamva;
mod address;
pub mod analyze_id;
mod assess;
mod compare;
mod date;
mod document;
mod error;
mod finding;
pub mod india;
mod issuer;
mod limit;
mod name;
mod status;
mod summary;
mod word;
pub mod zone;

pub use address::Address;
pub use assess::assess;
pub use compare::{Difference, NameComparison, compare_names};
pub use date::DateReading;
pub use document::{
    CheckDigit, CheckedField, DocumentKey, DocumentKind, Element, IdentityDocument, Issuer, Photo, Sex, Source, Stated,
    Verdict,
};
pub use error::{Counted, ReadError};
pub use finding::Finding;
pub use limit::Limits;
pub use name::PersonName;
pub use status::{Assessment, LeastSure, Open, Owner, OwnerMatch, Reason, VerificationStatus};
pub use summary::{AssessedDocument, Factor, FactorValue, Summary, summarise, verification_rate};
