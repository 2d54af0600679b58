//! The reasons why a file cannot be read, each with what the client can do about it.

use thiserror::Error;

/// Why a file could not be read. All are permanent: the same bytes would fail again. Variants hold only counts, limits and
/// line numbers, never anything from the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The file has no bytes, or only blanks.
    #[error("the file is empty; upload the file with the statement")]
    Empty,
    /// The content is in no known format, whatever the file's name.
    #[error(
        "the content is not a bank statement in a known format; download it from the bank as OFX, MT940, CAMT, CSV or PDF \
         and upload it again"
    )]
    TypeUnknown,
    /// The content is a known kind of file that holds no account statement, e.g. an investment statement.
    #[error("the file holds no bank account statement; upload the statement of the account")]
    NoStatement,
    /// A PDF or archive that is protected by a password.
    #[error("the file is protected by a password; remove the password and upload it again")]
    Encrypted,
    /// A PDF without text, e.g. a scan.
    #[error("the pages are images without text; upload the PDF that the bank issues, not a scan or photograph of it")]
    ImageOnly,
    /// The content ends before it is complete, or is damaged.
    #[error("the file is damaged or incomplete; download it from the bank again and upload the new file")]
    Broken,
    /// The XML has a document type declaration, or refers to an entity of its own.
    #[error("the file has a document type declaration; download it from the bank again, without changing it")]
    Doctype,
    /// No row could be read, though there are some.
    #[error(
        "none of the {count} rows could be read, the first is at line or element {first}; check its date and amount, or \
         download the statement in another format"
    )]
    NoRowRead {
        /// How many rows there are.
        count: usize,
        /// Line, element or page of the first.
        first: usize,
    },
    /// No line names the columns, and their content does not tell what they are.
    #[error("the columns for date and amount were not found; upload the file with the line that names its columns")]
    ColumnsNotFound,
    /// A column of amounts without signs, and nothing that says whether money came in or went out.
    #[error(
        "nothing says whether amounts are money in or out; upload a file with signs, or with debit and credit columns"
    )]
    DirectionNotStated,
    /// A published limit is exceeded.
    #[error(
        "the file exceeds the limit of {limit} {what}; upload the statements in smaller files, e.g. one for each month"
    )]
    Limit {
        /// What was counted.
        what: Counted,
        /// The limit.
        limit: u64,
    },
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Bytes of the file.
    Bytes,
    /// Rows.
    Rows,
    /// Statements.
    Statements,
    /// Bytes of one line or text.
    LineBytes,
    /// Fields of one record.
    Fields,
    /// Nested elements.
    Depth,
    /// Elements.
    Elements,
    /// Pages.
    Pages,
    /// Characters on one page.
    PageChars,
    /// Bytes of a PDF's streams after unpacking.
    StreamBytes,
    /// Objects of a PDF.
    Objects,
}

impl Counted {
    /// What is counted, in words, and its part of the error's code.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Bytes => ("bytes", "file.limit.bytes"),
            Self::Rows => ("rows", "file.limit.rows"),
            Self::Statements => ("statements", "file.limit.statements"),
            Self::LineBytes => ("bytes in one line", "file.limit.line_bytes"),
            Self::Fields => ("fields in one line", "file.limit.fields"),
            Self::Depth => ("nested elements", "file.limit.depth"),
            Self::Elements => ("elements", "file.limit.elements"),
            Self::Pages => ("pages", "file.limit.pages"),
            Self::PageChars => ("characters on a page", "file.limit.page_chars"),
            Self::StreamBytes => ("bytes after unpacking", "file.limit.stream_bytes"),
            Self::Objects => ("objects", "file.limit.objects"),
        }
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words().0)
    }
}

impl ReadError {
    /// The stable code that failure records and messages carry.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file.empty",
            Self::TypeUnknown => "file.type_unknown",
            Self::NoStatement => "file.no_statement",
            Self::Encrypted => "file.encrypted",
            Self::ImageOnly => "file.image_only",
            Self::Broken => "file.broken",
            Self::Doctype => "file.doctype",
            Self::NoRowRead { .. } => "file.no_row_read",
            Self::ColumnsNotFound => "file.columns_not_found",
            Self::DirectionNotStated => "file.direction_not_stated",
            Self::Limit { what, .. } => what.words().1,
        }
    }
}

/// Fails when `count` exceeds `limit`.
pub(crate) fn within(what: Counted, count: usize, limit: usize) -> Result<(), ReadError> {
    if count > limit { Err(exceeded(what, limit)) } else { Ok(()) }
}

/// The error of an exceeded limit.
pub(crate) fn exceeded(what: Counted, limit: usize) -> ReadError {
    ReadError::Limit { what, limit: u64::try_from(limit).unwrap_or(u64::MAX) }
}
