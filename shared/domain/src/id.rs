//! Typed ids. They are only made by parsing, so code behind the edge need not check them again.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::limit::{DOCUMENT_COUNT_MAX, FIRM_ID_CHARS_MAX, GROUP_NAME_CHARS_MAX};

/// An id that could not be parsed. Names the rule, never the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not a ULID.
    #[error("an order id is a ULID: 26 characters of Crockford's base 32")]
    Order,
    /// Not a firm id.
    #[error("a firm id has 1 to {FIRM_ID_CHARS_MAX} characters out of a-z, 0-9 and '-'")]
    Firm,
    /// Not a document number.
    #[error("a document number is between 1 and {DOCUMENT_COUNT_MAX}")]
    Document,
    /// Not a run number.
    #[error("a run number is 1 or more")]
    Run,
    /// Not a subject of an execution.
    #[error(
        "a subject is document-NNNN, group-NAME or application; a name has 1 to {GROUP_NAME_CHARS_MAX} characters out of a-z, 0-9 and '_'"
    )]
    Subject,
}

/// Id of an order. A ULID, so that ids sort by creation time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderId(Ulid);

impl OrderId {
    /// The id made of a creation time in milliseconds since 1970 and 80 random bits.
    #[must_use]
    pub fn from_parts(created_ms: u64, random: u128) -> Self {
        Self(Ulid::from_parts(created_ms, random))
    }

    /// When the id was made, by its maker's clock.
    #[must_use]
    pub fn made_at(self) -> Timestamp {
        i64::try_from(self.0.timestamp_ms())
            .ok()
            .and_then(|ms| Timestamp::from_millisecond(ms).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl FromStr for OrderId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Ulid::from_string(text).map(Self).map_err(|_| InvalidId::Order)
    }
}

/// The firm (tenant) an order belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FirmId(String);

impl FirmId {
    /// Stands in for the firm in a record that belongs to no firm.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FirmId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if text.is_empty() || text.len() > FIRM_ID_CHARS_MAX || !text.chars().all(allowed) {
            return Err(InvalidId::Firm);
        }
        Ok(Self(text.to_owned()))
    }
}

/// One attempt at an order, counted from 1. Messages with an earlier number are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct RunNumber(u32);

impl RunNumber {
    /// The first attempt.
    pub const FIRST: Self = Self(1);

    /// The number as an integer.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The attempt after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl TryFrom<u32> for RunNumber {
    type Error = InvalidId;

    fn try_from(number: u32) -> Result<Self, InvalidId> {
        if number == 0 { Err(InvalidId::Run) } else { Ok(Self(number)) }
    }
}

impl From<RunNumber> for u32 {
    fn from(run: RunNumber) -> Self {
        run.0
    }
}

impl fmt::Display for RunNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One document of an order, numbered from 1 in the order of upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct DocumentNumber(u32);

impl DocumentNumber {
    /// The number as an integer.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The numbers of an order's documents.
    pub fn all(count: u32) -> impl Iterator<Item = Self> {
        (1..=count.min(DOCUMENT_COUNT_MAX)).map(Self)
    }
}

impl TryFrom<u32> for DocumentNumber {
    type Error = InvalidId;

    fn try_from(number: u32) -> Result<Self, InvalidId> {
        if (1..=DOCUMENT_COUNT_MAX).contains(&number) { Ok(Self(number)) } else { Err(InvalidId::Document) }
    }
}

impl From<DocumentNumber> for u32 {
    fn from(document: DocumentNumber) -> Self {
        document.0
    }
}

impl fmt::Display for DocumentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What an execution works on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// One document.
    Document(DocumentNumber),
    /// A group of documents, by the name of the stipulation that they meet: 1 to [`GROUP_NAME_CHARS_MAX`] characters out of
    /// `a-z`, `0-9` and `_`.
    Group(String),
    /// The application, without a document.
    Application,
}

impl Subject {
    /// A group of documents.
    ///
    /// # Errors
    /// [`InvalidId::Subject`] when the name is empty, too long, or has other characters.
    pub fn group(name: &str) -> Result<Self, InvalidId> {
        let is_plain =
            |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
        let fits = (1..=GROUP_NAME_CHARS_MAX).contains(&name.len()) && name.chars().all(is_plain);
        if fits { Ok(Self::Group(name.to_owned())) } else { Err(InvalidId::Subject) }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document(number) => write!(f, "document-{:04}", number.get()),
            Self::Group(name) => write!(f, "group-{name}"),
            Self::Application => f.write_str("application"),
        }
    }
}

impl FromStr for Subject {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if let Some(number) = text.strip_prefix("document-") {
            let number: u32 = number.parse().map_err(|_| InvalidId::Subject)?;
            return DocumentNumber::try_from(number).map(Self::Document);
        }
        match text.strip_prefix("group-") {
            Some(name) => Self::group(name),
            None if text == "application" => Ok(Self::Application),
            None => Err(InvalidId::Subject),
        }
    }
}

impl TryFrom<String> for Subject {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

macro_rules! text_id {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}
text_id!(OrderId);
text_id!(FirmId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_id_cannot_smuggle_a_key_separator() {
        for text in ["", "a#b", "A", "a/b", "a b", &"a".repeat(FIRM_ID_CHARS_MAX + 1)] {
            assert_eq!(text.parse::<FirmId>(), Err(InvalidId::Firm), "{text:?}");
        }
        assert!("ca-firm-7".parse::<FirmId>().is_ok());
    }

    #[test]
    fn an_order_id_round_trips_as_text() {
        let id = OrderId::from_parts(1_795_300_000_000, 42);
        assert_eq!(id.to_string().parse::<OrderId>(), Ok(id));
        assert_eq!("nonsense".parse::<OrderId>(), Err(InvalidId::Order));
    }

    #[test]
    fn runs_and_documents_start_at_one() {
        assert_eq!(RunNumber::try_from(0), Err(InvalidId::Run));
        assert_eq!(DocumentNumber::try_from(0), Err(InvalidId::Document));
        assert_eq!(DocumentNumber::try_from(DOCUMENT_COUNT_MAX + 1), Err(InvalidId::Document));
    }
}
