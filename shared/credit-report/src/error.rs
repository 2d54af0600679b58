//! The reasons why a report cannot be read, each with its place in the file and what to do about it.

use domain::failure::Vetted;
use thiserror::Error;

/// Why a report could not be read. All are permanent: the same bytes would fail again. Texts hold only fixed words, counts,
/// and places made of the schema's own names and numbers of rows; nothing of the file's content.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The file has no characters, or only blank ones.
    #[error("the report is empty; upload the whole report")]
    Empty,
    /// The bytes are not UTF-8.
    #[error("the report is not text in UTF-8; save it as UTF-8 and upload it again")]
    NotText,
    /// Neither JSON nor XML, or not well formed.
    #[error("the report is not well-formed {format} (at byte {at}); export it again and upload the whole file")]
    NotWellFormed {
        /// What it begins like.
        format: &'static str,
        /// How far it could be read.
        at: u64,
    },
    /// A document type declaration or an entity that XML itself does not define.
    #[error(
        "the report declares a document type or uses entities of its own; export it without them and upload it again"
    )]
    Doctype,
    /// The schema's name is missing or another one.
    #[error(
        "this is not a report in the schema `docket.credit-report/1`; convert it as docs/reference/CREDIT_REPORT.md says"
    )]
    SchemaUnknown,
    /// A published limit is exceeded.
    #[error("the report exceeds the limit of {limit} {what}; upload the report of one subject only")]
    Limit {
        /// What was counted.
        what: Counted,
        /// The limit.
        limit: usize,
    },
    /// A field cannot be taken as it is.
    #[error("{path}: {problem}")]
    Field {
        /// Its place: a JSON Pointer or an XPath.
        path: String,
        /// What is wrong, and what to do.
        problem: Problem,
    },
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of the file.
    Bytes,
    /// Fields, lists and values.
    Nodes,
    /// Levels of nesting.
    Depth,
    /// Characters of one value.
    ValueChars,
    /// Accounts.
    Accounts,
    /// Months of one account.
    Months,
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Nodes => "fields and values",
            Self::Depth => "levels of nesting",
            Self::ValueChars => "characters in one value",
            Self::Accounts => "accounts",
            Self::Months => "months of one account",
        })
    }
}

/// What is wrong with a field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// A required field is absent or empty.
    #[error("this field is required; state it")]
    Required,
    /// The field occurs twice.
    #[error("this field occurs more than once; state it once")]
    Repeated,
    /// A field with fields of its own was expected.
    #[error("this must have fields of its own; see the schema")]
    NotFields,
    /// A list was expected.
    #[error("this must be a list; see the schema")]
    NotList,
    /// A text was expected.
    #[error("this must be a text; put it in quotes")]
    NotText,
    /// `true` or `false` was expected.
    #[error("this must be true or false")]
    NotFlag,
    /// A value that the schema does not list.
    #[error("this value is not in the schema; use one of: {allowed}")]
    UnknownValue {
        /// The schema's values.
        allowed: String,
    },
    /// A day was expected.
    #[error("this must be a day as YYYY-MM-DD")]
    NotDate,
    /// A month was expected.
    #[error("this must be a month as YYYY-MM")]
    NotMonth,
    /// A whole number was expected.
    #[error("this must be a whole number from {from} to {to}")]
    NotNumber {
        /// The smallest.
        from: u32,
        /// The largest.
        to: u32,
    },
    /// An amount without its currency.
    #[error("this amount has no currency; state it with `currency`, three letters of ISO 4217, and `amount`")]
    NoCurrency,
    /// Something else than an amount.
    #[error(
        "this is not an amount; write digits with a point, at most 28 digits, without grouping, in quotes: \"1240.60\""
    )]
    NotAmount,
    /// A negative amount where none can be.
    #[error("this amount cannot be negative; correct it")]
    Negative,
    /// A number without a letter or digit.
    #[error("this has no letter or digit; state the number as the bureau shows it")]
    NoNumber,
    /// Two statements that cannot both be right.
    #[error("{0}; correct one of them")]
    Contradiction(Contradiction),
}

/// Two statements that cannot both be right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Contradiction {
    /// Closed before opened.
    #[error("the account was closed before it was opened")]
    ClosedBeforeOpened,
    /// Written off before opened.
    #[error("the account was written off before it was opened")]
    WrittenOffBeforeOpened,
    /// Active with a closing day.
    #[error("the account is active and has a day of closing")]
    ActiveAndClosed,
    /// Later than the report.
    #[error("this is later than the report's own date")]
    AfterReport,
    /// A month before the account was opened.
    #[error("this month is before the account was opened")]
    MonthBeforeOpened,
    /// A month is listed twice.
    #[error("this month is listed twice")]
    MonthTwice,
    /// No history, and something that only a history gives.
    #[error("the report says that there is no history, and has accounts or a score")]
    NoHistoryWithContent,
    /// A scale whose ends are swapped.
    #[error("the scale's lowest value is above its highest")]
    ScaleSwapped,
    /// A rank on another scale than the rank has.
    #[error("the model CMR has a scale from 1 to 10, and another is stated")]
    NotRankScale,
    /// One account with amounts in several currencies.
    #[error("the account's amounts are in several currencies")]
    Currencies,
}

impl ReadError {
    /// The stable code that failure records and messages carry.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "credit_report.empty",
            Self::NotText => "credit_report.not_text",
            Self::NotWellFormed { .. } => "credit_report.not_well_formed",
            Self::Doctype => "credit_report.doctype",
            Self::SchemaUnknown => "credit_report.schema_unknown",
            Self::Limit { what, .. } => match what {
                Counted::Bytes => "credit_report.limit.bytes",
                Counted::Nodes => "credit_report.limit.nodes",
                Counted::Depth => "credit_report.limit.depth",
                Counted::ValueChars => "credit_report.limit.value",
                Counted::Accounts => "credit_report.limit.accounts",
                Counted::Months => "credit_report.limit.months",
            },
            Self::Field { problem, .. } => match problem {
                Problem::Required => "credit_report.field.required",
                Problem::Repeated => "credit_report.field.repeated",
                Problem::UnknownValue { .. } => "credit_report.field.unknown_value",
                Problem::NoCurrency => "credit_report.field.no_currency",
                Problem::Contradiction(_) => "credit_report.field.contradiction",
                _ => "credit_report.field.not_read",
            },
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
