//! Classified lines of every document to one figure per row and year, each with the lines it came from.

mod adjust;
mod calculate;
mod column;
mod entry;
mod unit;
mod write_off;

use std::collections::BTreeMap;

use domain::statement::{ColumnKind, Extraction, Unit};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::classification::Classification;
use crate::row::RowCode;

pub(crate) use column::dotted;

/// The schema number that [`Figures`] values are written with.
pub const FIGURES_SCHEMA: u32 = 1;

/// How many columns a CMA may have.
pub const COLUMN_COUNT_MAX: usize = 24;

/// Every row's figure in every year, and how each came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Version of this layout.
    pub schema: u32,
    /// Unit of every amount.
    pub unit: Unit,
    /// Last day of each column's period, as `31.03.2024`, earliest first.
    pub years: Vec<String>,
    /// What the columns are called, beside `years`.
    pub kinds: Vec<ColumnKind>,
    /// Months each column covers, beside `years`.
    pub months: Vec<u8>,
    /// Figures by row, one per year; `None` is a blank: no statement of that year, or a quotient that has no meaning.
    /// Sums are exact, quotients are rounded to eight decimals.
    pub rows: BTreeMap<RowCode, Vec<Option<Decimal>>>,
    /// The lines behind the input rows, by row, then year, then document order.
    pub sources: Vec<Source>,
    /// What was worked out for input rows beside their lines.
    pub adjustments: Vec<Adjustment>,
    /// Figures of other documents that were not taken, where they differ.
    pub restatements: Vec<Restatement>,
    /// What was decided on the way and a reviewer should know.
    pub notes: Vec<Note>,
    /// Decimals of the finest printed amount, in the unit of the workbook.
    pub decimals: u32,
}

/// One line's part in an input row's figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
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
    /// Text of the cell as printed.
    pub text: String,
    /// Unit it is printed in.
    pub unit: Unit,
    /// How the printed amount enters the row: 1 as printed, -1 negated.
    pub sign: i8,
    /// The amount as it enters the row, in the unit of the workbook.
    pub amount: Decimal,
}

/// A formula that is added to an input row's lines, e.g. to split a change in inventories by kind of stock.
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

/// A row of a year that another document gives differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restatement {
    /// The row.
    pub row: RowCode,
    /// The year, an index into [`Figures::years`].
    pub year: usize,
    /// The figure taken: that of the latest document.
    pub taken: Decimal,
    /// The other document's figure.
    pub other: Decimal,
    /// Number of the other document within the order.
    pub document: u32,
}

/// A decision a reviewer should know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The rule it belongs to, e.g. `V14`.
    pub rule: String,
    /// The year it concerns, an index into [`Figures::years`]; none for the whole order.
    pub year: Option<usize>,
    /// What was found and what was done.
    pub detail: String,
}

/// Why no figures can be made. All are about what was uploaded: the order is rejected with the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FigureError {
    /// No line was classified into any row.
    #[error(
        "no line of the documents belongs to a balance sheet or a profit and loss statement; upload the statements"
    )]
    NothingClassified,
    /// No column tells its year.
    #[error("no figure column tells its year end; put the date, e.g. 31.03.2024, into each column's heading")]
    NoDatedColumn,
    /// There are more periods than a workbook holds.
    #[error("the documents have {count} periods, at most {COLUMN_COUNT_MAX} fit; upload fewer years")]
    TooManyColumns {
        /// How many there are.
        count: usize,
    },
    /// A sum is beyond what a decimal holds.
    #[error("an amount is too large to add up; check the unit and the scale of the statements")]
    TooLarge,
}

/// The figures of an order.
///
/// # Errors
/// [`FigureError`] when the documents hold nothing that figures can be made of.
pub fn assemble(extractions: &[Extraction], classification: &Classification) -> Result<Figures, FigureError> {
    let mut notes = Vec::new();
    let entries = entry::collect(extractions, classification, &mut notes);
    if entries.is_empty() {
        return Err(FigureError::NothingClassified);
    }
    let chosen = column::choose(entries, extractions, &mut notes)?;
    let unit = unit::agree(&chosen, &mut notes);
    let mut figures = calculate::sum_lines(&chosen, &unit, notes)?;
    adjust::adjust(&mut figures);
    calculate::calculate(&mut figures)?;
    Ok(figures)
}

impl Figures {
    /// The figure of the row written `code`; `None` when blank or unknown.
    #[must_use]
    pub fn get(&self, code: &str, year: usize) -> Option<Decimal> {
        RowCode::parse(code).ok().and_then(|row| self.at(row, year))
    }

    /// The figure of a row in a year; `None` when blank.
    #[must_use]
    pub fn at(&self, row: RowCode, year: usize) -> Option<Decimal> {
        self.rows.get(&row)?.get(year).copied().flatten()
    }

    /// The lines behind one figure.
    pub fn sources_of(&self, row: RowCode, year: usize) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(move |source| source.row == row && source.year == year)
    }

    /// How far apart two sums of `addends` printed amounts may be: half of the last printed digit for each, and never
    /// less than 0.01.
    #[must_use]
    pub fn tolerance(&self, addends: u32) -> Decimal {
        let last_digit = Decimal::new(1, self.decimals.min(Decimal::MAX_SCALE));
        (last_digit * Decimal::new(5, 1) * Decimal::from(addends)).max(Decimal::new(1, 2))
    }
}
