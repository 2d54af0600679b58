//! What an identity document states.

use domain::masked::{Masked, NumberKey};
use domain::option::Confidence;
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::date::DateReading;
use crate::finding::Finding;
use crate::name::PersonName;

/// One identity document, as one source states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IdentityDocument {
    /// Where this was read.
    pub source: Source,
    /// What kind of document it is.
    pub kind: Stated<DocumentKind>,
    /// Who issued it.
    pub issuer: Option<Stated<Issuer>>,
    /// Its number, of which only the last four characters are kept.
    pub number: Option<Stated<Masked>>,
    /// Says whether two readings are of the same document. `None` without an issuer or a number.
    ///
    /// Not written with the document, whose serialised form may be shown; [`crate::AssessedDocument`] stores it.
    #[serde(skip)]
    pub key: Option<DocumentKey>,
    /// The holder's name.
    pub name: Option<Stated<PersonName>>,
    /// The holder's day of birth.
    pub born: Stated<DateReading>,
    /// The day of issue.
    pub issued: Stated<DateReading>,
    /// The last day on which it is valid.
    pub expires: Stated<DateReading>,
    /// The holder's sex.
    pub sex: Option<Stated<Sex>>,
    /// The holder's address.
    pub address: Option<Address>,
    /// Whether it shows a photo. No source states it; see [`IdentityDocument::with_photo`].
    pub photo: Photo,
    /// The check digits of its machine-readable zone, if one was read.
    pub checks: Vec<CheckDigit>,
    /// Everything else that is stated, by its code, in the source's order.
    pub elements: Vec<Element>,
    /// What was noticed while reading.
    pub findings: Vec<Finding>,
}

impl IdentityDocument {
    /// The same document, with what somebody who saw it says about its photo.
    #[must_use]
    pub fn with_photo(mut self, photo: Photo) -> Self {
        self.photo = photo;
        self
    }

    /// Whether the reading noticed a contradiction about the element or field `at`.
    #[must_use]
    pub fn contradicts(&self, at: &str) -> bool {
        self.findings.iter().any(|finding| matches!(finding, Finding::Contradiction { at: found } if found == at))
    }
}

/// Where a document was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The PDF417 barcode of a North American licence or identity card.
    Barcode,
    /// A machine-readable zone.
    Zone,
    /// Textract's `AnalyzeID`.
    AnalyzeId,
}

/// A value with the place where it is stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// Where: an element's code (`DBB`), a field's name (`DATE_OF_BIRTH`) or a line of the zone (`line 2`). Empty where
    /// nothing is stated.
    pub at: String,
    /// How sure the source was, between 0 and 1, where it says so. Never raised, and never hidden.
    pub confidence: Option<Confidence>,
}

impl<T> Stated<T> {
    /// A value of a source that does not say how sure it is.
    pub fn new(value: T, at: impl Into<String>) -> Self {
        Self { value, at: at.into(), confidence: None }
    }
}

impl Stated<DateReading> {
    /// A date that the source does not state.
    #[must_use]
    pub fn not_stated() -> Self {
        Self::new(DateReading::NotStated, "")
    }
}

/// Kinds of identity documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// A licence to drive.
    DrivingLicence,
    /// An identity card.
    IdentityCard,
    /// A passport.
    Passport,
    /// Another kind, by the source's word for it.
    Other(String),
    /// The source does not say.
    NotStated,
}

/// Who issued a document: a state or province of North America (`US-MA`, `CA-ON`, `MX-COA`), another country by the three
/// letters of ICAO 9303 (`UTO`, `D`), or an issuer that is not in the list, by its number (`IIN 360040`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Issuer(pub String);

/// Says whether two readings are of the same document: same issuer, same number.
pub type DocumentKey = NumberKey;

/// Whether a document shows the holder's photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Photo {
    /// Somebody or something saw a photo.
    Present,
    /// Somebody or something looked for a photo and saw none.
    Missing,
    /// Nobody looked. This is neither of the others.
    NotStated,
}

/// The holder's sex, as stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// The issuer does not specify it, or states neither.
    Unspecified,
    /// Something else, which is not understood.
    NotUnderstood,
}

/// One check digit of a machine-readable zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDigit {
    /// What it covers.
    pub field: CheckedField,
    /// Whether it agrees.
    pub verdict: Verdict,
}

/// What a check digit covers (ICAO 9303).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckedField {
    /// The document's number.
    Number,
    /// The day of birth.
    Born,
    /// The day of expiry.
    Expires,
    /// The personal number or other optional data of a passport.
    PersonalNumber,
    /// Several fields together.
    Composite,
}

/// What a check digit says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It agrees with its field.
    Agrees,
    /// It does not.
    Fails,
    /// This form of the zone has none.
    NotPrinted,
}

/// An element that has no field of its own here, or that nobody knows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// The subfile (`DL`, `ID`, `ZV`), or empty.
    pub part: String,
    /// The element's code or the field's name.
    pub code: String,
    /// Its value, as printed. A value that may be a number of the person or the card is masked.
    pub value: String,
}

impl std::fmt::Debug for Element {
    /// Hides the value: logs never hold one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Element({} {})", self.part, self.code)
    }
}
