//! The reasons why a file cannot be read, each with what the client can do about it.

use thiserror::Error;

/// Why a file could not be read. All are permanent: the same bytes would fail again. Variants hold only counts and limits,
/// never anything from the file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The file has no bytes, or only empty cells.
    #[error("the file is empty; upload the file with its statements")]
    Empty,
    /// The file exceeds the upload limit.
    #[error("the file has {bytes} bytes, the limit is {limit}; remove sheets without a statement and upload it again")]
    TooLarge {
        /// Size of the file.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The workbook is protected by a password.
    #[error("the file is protected by a password; remove the password and upload it again")]
    Encrypted,
    /// The content is in no known format, whatever the file's name.
    #[error("the content is not a workbook or delimited text; save it as XLSX, XLS, ODS or CSV and upload again")]
    TypeUnknown,
    /// A PDF.
    #[error("PDF files are not supported yet; upload the statements as a workbook (XLSX, XLS, ODS or CSV)")]
    PdfNotYetRead,
    /// A workbook with macros.
    #[error("the workbook has macros; save it as a workbook without macros (XLSX) and upload it again")]
    Macros,
    /// A workbook format that is not supported, e.g. the binary XLSB.
    #[error("this kind of workbook is not supported; save it as XLSX and upload it again")]
    FormatNotRead,
    /// The content begins like a known format but cannot be read to its end.
    #[error("the file is damaged or incomplete; open it, save it again and upload the new file")]
    Broken,
    /// The container holds something that no genuine workbook does.
    #[error("the file's container holds {what}; save the workbook again from a spreadsheet program and upload it")]
    Hostile {
        /// What was found.
        what: Hostile,
    },
    /// A published limit is exceeded.
    #[error("the file exceeds the limit of {limit} {what}; upload only the sheets with the statements")]
    Limit {
        /// What was counted.
        what: Counted,
        /// The limit.
        limit: u64,
    },
    /// The file has amounts, and none of them could be read.
    #[error(
        "no amount could be read: {formulas} formulas without stored values, {doubtful} amounts with doubtful digits, \
         {errors} error cells, {hidden} hidden sheets, rows or columns; open the file in a spreadsheet program, show what is \
         hidden, save it as XLSX and upload it again"
    )]
    AmountsNotRead {
        /// Formulas that the file stores without their values.
        formulas: usize,
        /// Cells with digits that could be misread, or words in place of an amount.
        doubtful: usize,
        /// Cells that show an error.
        errors: usize,
        /// Hidden sheets, and ranges of hidden rows or columns.
        hidden: usize,
    },
    /// The file holds a trial balance and no statement.
    #[error(
        "this is a trial balance, which lists the balances of ledgers; upload the balance sheet and the profit and loss \
         account made from it"
    )]
    TrialBalance,
    /// The file was read, but no statement was found in it.
    #[error("no statement was found; check that the sheets have labels beside amounts, under year headings")]
    NoStatement,
}

/// What no genuine workbook's container holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostile {
    /// An absolute path or one with `..`.
    EntryName,
    /// Two entries with the same name.
    DuplicateEntry,
    /// An archive within the archive.
    NestedArchive,
    /// A document type declaration or entity.
    Doctype,
}

impl std::fmt::Display for Hostile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::EntryName => "an entry that points outside it",
            Self::DuplicateEntry => "two entries with the same name",
            Self::NestedArchive => "another archive",
            Self::Doctype => "a document type declaration",
        })
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// Entries of the container.
    Entries,
    /// Bytes after inflation.
    InflatedBytes,
    /// Inflated over stored size.
    Ratio,
    /// Shared strings.
    Strings,
    /// Sheets.
    Sheets,
    /// Rows.
    Rows,
    /// Columns.
    Columns,
    /// Cells.
    Cells,
    /// Bytes of one record of delimited text.
    RecordBytes,
    /// Fields of one record.
    Fields,
    /// Records.
    Records,
    /// Line items found.
    Lines,
    /// Figures found.
    Figures,
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Entries => "entries in its container",
            Self::InflatedBytes => "bytes after unpacking",
            Self::Ratio => "for its compression ratio",
            Self::Strings => "texts",
            Self::Sheets => "sheets",
            Self::Rows => "rows",
            Self::Columns => "columns",
            Self::Cells => "cells",
            Self::RecordBytes => "bytes in one record",
            Self::Fields => "fields in one record",
            Self::Records => "records",
            Self::Lines => "statement lines",
            Self::Figures => "figures",
        })
    }
}

impl ReadError {
    /// The stable code that failure records and messages carry.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file.empty",
            Self::TooLarge { .. } => "file.too_large",
            Self::Encrypted => "file.encrypted",
            Self::TypeUnknown => "file.type_unknown",
            Self::PdfNotYetRead => "file.pdf_not_yet_read",
            Self::Macros => "file.macros",
            Self::FormatNotRead => "file.format_not_read",
            Self::Broken => "file.broken",
            Self::Hostile { what } => match what {
                Hostile::EntryName => "file.archive.entry_name",
                Hostile::DuplicateEntry => "file.archive.duplicate_entry",
                Hostile::NestedArchive => "file.archive.nested",
                Hostile::Doctype => "file.archive.doctype",
            },
            Self::Limit { what, .. } => match what {
                Counted::Entries => "file.limit.entries",
                Counted::InflatedBytes => "file.limit.inflated_bytes",
                Counted::Ratio => "file.limit.ratio",
                Counted::Strings => "file.limit.strings",
                Counted::Sheets => "file.limit.sheets",
                Counted::Rows => "file.limit.rows",
                Counted::Columns => "file.limit.columns",
                Counted::Cells => "file.limit.cells",
                Counted::RecordBytes => "file.limit.record_bytes",
                Counted::Fields => "file.limit.fields",
                Counted::Records => "file.limit.records",
                Counted::Lines => "file.limit.lines",
                Counted::Figures => "file.limit.figures",
            },
            Self::AmountsNotRead { .. } => "file.amounts_not_read",
            Self::TrialBalance => "file.trial_balance",
            Self::NoStatement => "file.no_statement",
        }
    }
}

/// Fails when `count` exceeds `limit`.
pub(crate) fn within(what: Counted, count: u64, limit: u64) -> Result<(), ReadError> {
    if count > limit { Err(ReadError::Limit { what, limit }) } else { Ok(()) }
}
