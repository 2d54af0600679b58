//! A borrower's financial statements as phases pass them on: columns, lines, and where each is printed.
//!
//! `documents` produces these values from files; `cma` uses them. They are stored as JSON in the document bucket and
//! nowhere else, because labels and amounts are the client's data.

mod unread;

pub use unread::{Question, Subject, Unused, UnusedReason};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Everything that was read from one document of an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extraction {
    /// Version of this layout; readers accept this one and the one before.
    pub schema: u32,
    /// The document's number within its order, from 1.
    pub document: u32,
    /// The file that was read.
    pub file: FileFacts,
    /// Name of the borrower as printed, when the file names one.
    pub entity: Option<String>,
    /// The statements found, in the order of the file.
    pub statements: Vec<Statement>,
    /// Everything that was seen and is in no statement, e.g. a hidden sheet or a cell with an error.
    #[serde(default)]
    pub unused: Vec<Unused>,
}

/// The schema number that [`Extraction`] values are written with.
pub const EXTRACTION_SCHEMA: u32 = 2;

/// The file that the statements were read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// File name as uploaded.
    pub name: String,
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// Format detected from the content, never from the name.
    pub format: Format,
}

/// File formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Office Open XML workbook.
    Xlsx,
    /// Legacy binary Excel workbook.
    Xls,
    /// OpenDocument spreadsheet.
    Ods,
    /// Delimited text.
    Csv,
    /// Portable Document Format.
    Pdf,
}

/// One statement (or note) as printed: its columns and its lines, top to bottom.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The kind of statement.
    pub kind: StatementKind,
    /// Title as printed, e.g. `Balance Sheet as at 31 March 2024`.
    pub title: Option<String>,
    /// Sheet or page it is on.
    pub sheet: String,
    /// Unit of every amount in it.
    pub unit: Unit,
    /// Its figure columns, left to right.
    pub columns: Vec<Column>,
    /// Its lines, top to bottom; every line has one figure slot per column.
    pub lines: Vec<LineItem>,
    /// What it prints about all its amounts that was not understood, e.g. its unit. The field concerned is unstated.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// The kinds of statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementKind {
    /// Balance sheet.
    BalanceSheet,
    /// Statement of profit and loss.
    ProfitAndLoss,
    /// Cash-flow statement; read, never classified.
    CashFlow,
    /// A note, schedule or grouping that breaks up lines of the statements above.
    Note,
    /// Other information about the borrower, e.g. repayments made during the year or contingent liabilities.
    Additional,
    /// Not recognised.
    Unknown,
}

/// Unit that the amounts of a statement are printed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Rupees.
    Rupee,
    /// Hundreds, which Schedule III allows below a total income of 100 crore.
    Hundred,
    /// Thousands (`'000`).
    Thousand,
    /// Lakhs, 1,00,000.
    Lakh,
    /// Millions.
    Million,
    /// Crores, 1,00,00,000.
    Crore,
    /// No unit is printed.
    Unstated,
}

impl Unit {
    /// How many rupees one unit is; `None` if the unit is not printed.
    #[must_use]
    pub fn rupees(self) -> Option<Decimal> {
        match self {
            Self::Rupee => Some(Decimal::ONE),
            Self::Hundred => Some(Decimal::ONE_HUNDRED),
            Self::Thousand => Some(Decimal::from(1_000)),
            Self::Lakh => Some(Decimal::from(100_000)),
            Self::Million => Some(Decimal::from(1_000_000)),
            Self::Crore => Some(Decimal::from(10_000_000)),
            Self::Unstated => None,
        }
    }
}

/// One figure column of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Heading as printed, lines joined by a space, e.g. `As at 31.03.2024 (Audited)`.
    pub heading: String,
    /// Last day of the period, if the heading gives it. A bare year `2024` is the year that ends on 31 March 2024.
    pub period_end: Option<Date>,
    /// Months the column covers; 12 unless the heading says otherwise.
    pub months: u8,
    /// The kind of figures, by the heading.
    pub kind: ColumnKind,
    /// Whether they are the company's or its group's.
    pub basis: Basis,
}

/// The kind of figures in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Audited.
    Audited,
    /// Provisional or unaudited.
    Provisional,
    /// Estimated: the current year.
    Estimated,
    /// Projected: a future year.
    Projected,
    /// The heading does not say.
    Unstated,
}

/// Whether figures are of the company alone or of its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The borrower alone.
    Standalone,
    /// The borrower with its subsidiaries.
    Consolidated,
    /// The heading does not say; taken as standalone.
    Unstated,
}

/// One printed line: its label, its amounts, and where it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineItem {
    /// Stable identity within the order: `d<document>-s<statement>-r<row>`, all from 1, row as printed in the sheet.
    pub id: String,
    /// Label as printed, with white space collapsed.
    pub label: String,
    /// The headings it is under, outermost first, e.g. `["Equity and liabilities", "Current liabilities"]`.
    pub section: Vec<String>,
    /// Note or schedule reference as printed next to the line, e.g. `12`.
    pub note: Option<String>,
    /// What the line is within its statement.
    pub role: LineRole,
    /// One slot per column of the statement, in the same order; `None` where the cell is empty.
    pub figures: Vec<Option<Figure>>,
    /// Cell of the label, e.g. `B12`.
    pub cell: String,
    /// The lines that a sub-total or total adds up, by its place; other sums among them stand for their own lines. Whether
    /// the amounts agree is for a check to say. Empty for other lines, and for a sum whose lines were not found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addends: Vec<Addend>,
}

/// A line that a printed sum counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addend {
    /// Id of the line. It may belong to another statement of the document, e.g. to the other side of an account.
    pub line: String,
    /// 1 if the sum adds the amounts as printed, -1 if it subtracts them.
    pub sign: i8,
}

/// What a line is within its statement, inferred from labels and arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineRole {
    /// An amount that is not made up of other lines.
    Item,
    /// A sum of lines above it, or of the `of which` lines below it.
    Subtotal,
    /// A grand total: total assets, total equity and liabilities, profit for the year.
    Total,
    /// Repeats part of another line (`of which …`), so it is never added up.
    Memo,
}

/// One printed amount, as text and as a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The amount in the statement's unit. Brackets or a minus sign make it negative; `Dr` and `Cr` do not, see `side`.
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// The text of the cell as printed, or the number as the workbook stores it.
    pub text: String,
    /// The side printed next to the amount, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// Its cell, e.g. `D12`.
    pub cell: String,
}

/// Debit or credit, if printed next to an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Debit.
    Dr,
    /// Credit.
    Cr,
}
