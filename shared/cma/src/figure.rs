//! Sums the classified lines of all documents into one figure per row and year, and keeps the lines behind each.

mod adjust;
mod aside;
mod basis;
mod calculate;
mod column;
mod document;
mod drawings;
mod entry;
mod face;
mod inventory;
mod name;
mod net_block;
mod period;
mod precision;
mod reach;
mod restated;
mod standing;
mod total;
mod unit;
mod version;
mod write_off;

use std::collections::BTreeMap;

use domain::statement::{ColumnKind, Extraction, Unit};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::check::Severity;
use crate::classification::Classification;
use crate::row::RowCode;

pub(crate) use aside::Aside;
use aside::Log;
pub use aside::SetAside;
pub(crate) use column::dotted;
pub(crate) use precision::{column_decimals, rounding};
pub(crate) use reach::{Reach, reach};

/// The schema number that [`Figures`] values are written with.
pub const FIGURES_SCHEMA: u32 = 1;

/// How many columns a CMA may have.
pub const COLUMN_COUNT_MAX: usize = 24;

/// Every row's figure in every year, and where each comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Version of this layout.
    pub schema: u32,
    /// Unit of every amount.
    pub unit: Unit,
    /// Last day of each column's period, as `31.03.2024`, earliest first.
    pub years: Vec<String>,
    /// Kind of each column: audited, estimated, …; in the order of `years`.
    pub kinds: Vec<ColumnKind>,
    /// Months that each column covers, in the order of `years`.
    pub months: Vec<u8>,
    /// Figures by row, one per year. `None` is a blank: that year has no statement, or a quotient has no meaning. Sums are
    /// exact, quotients are rounded to eight decimals.
    pub rows: BTreeMap<RowCode, Vec<Option<Decimal>>>,
    /// The lines behind the input rows, by row, then year, then document order.
    pub sources: Vec<SourceLine>,
    /// Formulas that were added to the lines of input rows.
    pub adjustments: Vec<Adjustment>,
    /// Figures of unused documents that differ from the figures used.
    pub restatements: Vec<Restatement>,
    /// Choices made along the way that a reviewer should know about.
    #[serde(rename = "notes")]
    pub remarks: Vec<Remark>,
    /// Columns whose lines are classified and in no figure.
    #[serde(default)]
    pub set_aside: Vec<SetAside>,
}

/// One of the printed amounts that add up to an input row's figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceLine {
    /// The row it feeds.
    pub row: RowCode,
    /// The year, an index into [`Figures::years`].
    pub year: usize,
    /// [`domain::statement::LineItem::id`] of the line.
    pub line: String,
    /// File name as uploaded.
    pub file: String,
    /// Sheet or page.
    pub sheet: String,
    /// Cell of the amount.
    pub cell: String,
    /// Label as printed.
    pub label: String,
    /// Headings above the line, outermost first.
    pub section: Vec<String>,
    /// The amount as printed.
    pub text: String,
    /// Unit it is printed in.
    pub unit: Unit,
    /// 1 if the row uses the amount as printed, -1 if negated.
    pub sign: i8,
    /// The amount as it enters the row, in the unit of the workbook.
    pub amount: Decimal,
    /// How far the true amount may be from the printed one: half of its last printed digit, in the unit of the workbook.
    #[serde(default)]
    pub rounding: Decimal,
}

/// A formula that is added to an input row's lines, e.g. to split the change in inventories by kind of stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The row it feeds.
    pub row: RowCode,
    /// The year, an index into [`Figures::years`].
    pub year: usize,
    /// The formula, in the language of [`crate::formula`], over input rows.
    pub formula: String,
    /// Why, in words for a reviewer.
    pub reason: String,
}

/// A row for which another document gives a different figure for the same year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restatement {
    /// The row.
    pub row: RowCode,
    /// The year, an index into [`Figures::years`].
    pub year: usize,
    /// The figure used.
    pub taken: Decimal,
    /// The other document's figure.
    pub other: Decimal,
    /// Number of the other document within the order.
    pub document: u32,
    /// Number of the document whose figure is used; 0 if not known.
    #[serde(default)]
    pub taken_from: u32,
}

/// A choice that a reviewer should know about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The rule it belongs to, e.g. `V14`.
    pub rule: String,
    /// The year it concerns, an index into [`Figures::years`]; none for the whole order.
    pub year: Option<usize>,
    /// How serious it is, if the rule alone does not say.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// What was found and what was done.
    pub detail: String,
}

/// Why no figures can be calculated. The cause is in the uploaded files, and the message says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// No line was classified into any row.
    #[error(
        "no line in the documents belongs to a balance sheet or a profit and loss statement; upload the statements"
    )]
    NothingClassified,
    /// No column heading gives a year end.
    #[error("no column heading gives a year end; put the date, e.g. 31.03.2024, into each column's heading")]
    NoDatedColumn,
    /// There are more periods than a workbook holds.
    #[error("the documents cover {count} periods; a workbook holds at most {COLUMN_COUNT_MAX}; upload fewer years")]
    TooManyColumns {
        /// How many there are.
        count: usize,
    },
    /// Questions are open about every statement.
    #[error(
        "what the documents print about their amounts (unit, currency or period) was not understood; answer the order's questions"
    )]
    Unanswered,
    /// A sum does not fit into a decimal.
    #[error("an amount is too large to add up; check the unit and the scale of the statements")]
    TooLarge,
}

/// Sums the lines of an order and calculates every row.
///
/// # Errors
/// [`FigureError`] when no figures can be calculated from the documents.
pub fn assemble(extractions: &[Extraction], classification: &Classification) -> Result<Figures, FigureError> {
    let (mut remarks, mut log) = (Vec::new(), Log::default());
    let entries = entry::collect(extractions, classification, &mut remarks, &mut log);
    if entries.is_empty() {
        return Err(FigureError::NothingClassified);
    }
    let entries = entry::answered(entries, &mut log);
    if entries.is_empty() {
        return Err(FigureError::Unanswered);
    }
    let mut chosen = column::choose(entries, extractions, &mut remarks, &mut log)?;
    chosen.entries = drawings::distribute(net_block::split(chosen.entries, extractions, classification));
    let unit = unit::agree(&chosen, &mut remarks);
    let mut figures = calculate::sum_lines(&chosen, &unit, remarks)?;
    figures.set_aside = log.into_list(&chosen.entries);
    // The second adjustments build on the inventories by kind that the first give.
    inventory::split(&mut figures)?;
    calculate::apply_adjustments(&mut figures, 0)?;
    let applied = figures.adjustments.len();
    adjust::adjust(&mut figures);
    calculate::apply_adjustments(&mut figures, applied)?;
    calculate::calculate(&mut figures);
    Ok(figures)
}

impl Figures {
    /// The figure of a row in a year; `None` when blank.
    #[must_use]
    pub fn at(&self, row: RowCode, year: usize) -> Option<Decimal> {
        self.rows.get(&row)?.get(year).copied().flatten()
    }

    /// The lines that one figure is summed from.
    pub fn sources_of(&self, row: RowCode, year: usize) -> impl Iterator<Item = &SourceLine> {
        self.sources.iter().filter(move |source| source.row == row && source.year == year)
    }

    /// How far the sum of the rows' lines in a year may be from the true sum, because each is printed rounded.
    pub(crate) fn rounding(&self, rows: impl Fn(RowCode) -> bool, year: usize) -> Decimal {
        let lines = self.sources.iter().filter(|source| source.year == year && rows(source.row));
        lines.fold(Decimal::ZERO, |sum, source| sum.saturating_add(source.rounding))
    }
}
