//! What a document's assessment says.

use domain::option::Confidence;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::compare::Difference;
use crate::document::{CheckedField, Photo};
use crate::name::PersonName;

/// Whether a document proves who an owner is. The crate's page says what `verified` asks of each source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerificationStatus {
    /// Nothing speaks against it; see [`Assessment::open`] for what was not judged.
    Verified,
    /// It is sound, and was no longer valid at the underwriting date.
    Expired,
    /// Somebody looked for a photo and saw none.
    MissingPhoto,
    /// The name is no owner's.
    NameMismatch,
    /// It contradicts itself, or a check digit fails.
    Invalid,
    /// Something that a verification needs could not be read in one way.
    Unreadable,
}

/// A document, judged at a date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assessment {
    /// The status: that of the gravest reason, or `verified` without one.
    pub status: VerificationStatus,
    /// Everything that speaks against it, gravest first: invalid, unreadable, expired, name, photo.
    pub reasons: Vec<Reason>,
    /// What was not judged, because nobody said.
    pub open: Vec<Open>,
    /// What is known about the photo.
    pub photo: Photo,
    /// Whose document it is.
    pub owner: OwnerMatch,
    /// What differs between the name on the document and that owner's, or the closest owner's.
    pub differences: Vec<Difference>,
    /// The field that a verification needs of which the source was least sure, where it says so. No confidence alone keeps a
    /// document from being verified: what is too low is for the caller to say.
    pub least_sure: Option<LeastSure>,
    /// The underwriting date.
    pub as_of: Date,
}

/// A field, and how sure its source was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeastSure {
    /// Where it is stated.
    pub at: String,
    /// Between 0 and 1.
    pub confidence: Confidence,
}

/// Something that speaks against a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// A check digit does not agree with its field.
    CheckDigitFails {
        /// The field.
        field: CheckedField,
    },
    /// A field is stated twice, differently.
    Contradiction {
        /// The element's code or the field's name.
        at: String,
    },
    /// Issued after it expires.
    IssuedAfterExpiry,
    /// The holder was born after it was issued.
    BornAfterIssue,
    /// The holder was born after it expires.
    BornAfterExpiry,
    /// The holder was born after the underwriting date.
    BornAfterUnderwriting,
    /// Issued after the underwriting date.
    IssuedAfterUnderwriting,
    /// A part that a verification needs is missing or can be read in several ways.
    NotRead {
        /// `number`, `issuer`, `name`, `born`, `expires`.
        field: String,
    },
    /// No longer valid at the underwriting date.
    ExpiredOn {
        /// The last valid day.
        date: Date,
    },
    /// The name is no owner's.
    NameIsNoOwners,
    /// The name fits several owners, and nothing tells whose document it is.
    NameFitsSeveralOwners,
    /// Somebody looked for a photo and saw none.
    PhotoMissing,
}

impl Reason {
    /// The status that this reason alone would give.
    #[must_use]
    pub fn status(&self) -> VerificationStatus {
        match self {
            Self::CheckDigitFails { .. }
            | Self::Contradiction { .. }
            | Self::IssuedAfterExpiry
            | Self::BornAfterIssue
            | Self::BornAfterExpiry
            | Self::BornAfterUnderwriting
            | Self::IssuedAfterUnderwriting => VerificationStatus::Invalid,
            Self::NotRead { .. } => VerificationStatus::Unreadable,
            Self::ExpiredOn { .. } => VerificationStatus::Expired,
            Self::NameIsNoOwners | Self::NameFitsSeveralOwners => VerificationStatus::NameMismatch,
            Self::PhotoMissing => VerificationStatus::MissingPhoto,
        }
    }
}

/// Something that was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Open {
    /// Nobody said whether there is a photo.
    PhotoNotStated,
    /// The caller gave no owner to compare the name with.
    NoOwnersGiven,
    /// The day of issue is not stated, so it could not contradict anything.
    IssueNotStated,
    /// The issuer left the day of birth partly unknown.
    BirthPartlyUnknown,
}

/// An owner of the business, as the application names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The caller's id of this owner.
    pub id: String,
    /// The owner's name.
    pub name: PersonName,
}

/// Whose document it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "owner", rename_all = "snake_case")]
pub enum OwnerMatch {
    /// This owner's, by the name.
    One {
        /// The caller's id.
        id: String,
    },
    /// Several owners' names fit equally well.
    Several {
        /// The caller's ids.
        ids: Vec<String>,
    },
    /// No owner's.
    NoOwner,
    /// There was no name or no owner to compare.
    NotCompared,
}
