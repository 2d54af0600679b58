//! The reasons why a text cannot be read as an identity document, each with what to do about it.

use domain::failure::Vetted;
use thiserror::Error;

/// Why a text could not be read. All are permanent: the same bytes would fail again. Variants hold only counts and limits,
/// never anything from the text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The text has no characters, or only blank ones.
    #[error("the document's text is empty; scan the document again")]
    Empty,
    /// A published limit is exceeded.
    #[error("the document's text exceeds the limit of {limit} {what}; hand in the text of one document only")]
    Limit {
        /// What was counted.
        what: Counted,
        /// The limit.
        limit: usize,
    },
    /// The bytes are no text.
    #[error("this is not text; hand in the text that the scanner read from the barcode or the machine-readable zone")]
    NotText,
    /// No header of a licence's barcode was found.
    #[error(
        "no header of a licence's barcode was found (`ANSI` or `AAMVA` and the issuer's number); scan the PDF417 barcode on \
         the back of the card again and hand in its text unchanged"
    )]
    NoBarcodeHeader,
    /// The header was found, but no element after it.
    #[error(
        "the barcode's elements cannot be told apart: the scanner dropped the characters between them; set it to pass on \
         control characters and scan the card again"
    )]
    NoElements,
    /// No machine-readable zone was found.
    #[error(
        "no machine-readable zone was found: two lines of 44 or 36 characters, or three of 30; hand in all its lines, as \
         printed"
    )]
    NoZone,
    /// A zone was found in part.
    #[error(
        "the machine-readable zone has {got} characters, and none of its forms does (88, 72 or 90); hand in all its lines, \
         as printed"
    )]
    ZoneLength {
        /// Characters found.
        got: usize,
    },
    /// A zone of a kind that is not an identity document, e.g. a visa, or whose first characters are no document's code.
    #[error("the machine-readable zone is not that of a passport or an identity card; hand in one of these")]
    ZoneKind,
    /// A character that a zone cannot have, or a number that begins with a filler.
    #[error(
        "line {line} of the machine-readable zone has a character at position {position} that cannot stand there; scan the \
         document again"
    )]
    ZoneCharacter {
        /// The line, from 1.
        line: usize,
        /// The character's position in the line, from 1.
        position: usize,
    },
    /// The answer is not JSON, or not an answer of `AnalyzeID`.
    #[error("this is not an answer of Textract's AnalyzeID; store the whole answer as JSON and hand that in")]
    NotAnAnswer,
    /// The answer names no identity document.
    #[error("the answer holds no identity document; analyse a page that shows one")]
    NoDocument,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of the text.
    Bytes,
    /// Elements or fields of a document.
    Elements,
    /// Characters of one element.
    ValueChars,
    /// Documents in an answer.
    Documents,
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Elements => "elements",
            Self::ValueChars => "characters in one element",
            Self::Documents => "documents",
        })
    }
}

impl ReadError {
    /// The stable code that failure records and messages carry.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "identity.empty",
            Self::Limit { what, .. } => match what {
                Counted::Bytes => "identity.limit.bytes",
                Counted::Elements => "identity.limit.elements",
                Counted::ValueChars => "identity.limit.value",
                Counted::Documents => "identity.limit.documents",
            },
            Self::NotText => "identity.not_text",
            Self::NoBarcodeHeader => "identity.barcode.no_header",
            Self::NoElements => "identity.barcode.no_elements",
            Self::NoZone => "identity.zone.not_found",
            Self::ZoneLength { .. } => "identity.zone.length",
            Self::ZoneKind => "identity.zone.kind",
            Self::ZoneCharacter { .. } => "identity.zone.character",
            Self::NotAnAnswer => "identity.answer.not_read",
            Self::NoDocument => "identity.answer.no_document",
        }
    }
}

impl Vetted for ReadError {
    fn code(&self) -> &'static str {
        ReadError::code(self)
    }
}

/// Fails when `count` exceeds `limit`.
pub(crate) fn within(what: Counted, count: usize, limit: usize) -> Result<(), ReadError> {
    if count > limit { Err(ReadError::Limit { what, limit }) } else { Ok(()) }
}
