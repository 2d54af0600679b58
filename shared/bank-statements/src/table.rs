//! Reads a statement from records of cells, whether they come from delimited text or from a page.
//!
//! The records before the heading are read for labels (`preamble`), the heading names the columns (`column`), and every record
//! after it is a row, a label, the continuation of a narration, or is listed as not used (`record`). The order of day and month
//! and the decimal mark are settled once for the whole file (`order`), then rows get their amounts (`amount`).

mod amount;
mod build;
mod column;
mod heading;
mod label;
mod order;
mod preamble;
mod record;

use crate::draft::Context;
use crate::error::ReadError;
use crate::place::Place;
use crate::read::Drafts;

pub(crate) use column::Columns;
pub(crate) use heading::{Role, role};
pub(crate) use label::{Label, leading as leading_label};

/// One record: a line of delimited text, or the words of a page's line by column.
pub(crate) struct Record {
    pub cells: Vec<String>,
    pub at: Place,
    /// Whether its cells cannot be told apart, e.g. at a quote that is never closed.
    pub malformed: bool,
}

/// How records are to be read.
pub(crate) struct Manner {
    /// Whether a row without a date has that of the row above it, as statements on paper print it.
    pub inherits_dates: bool,
}

/// Reads the statements of some records, whose columns are known or are found by their heading.
pub(crate) fn read(
    records: Vec<Record>,
    columns: Option<Columns>,
    manner: &Manner,
    context: &mut Context<'_>,
) -> Result<Drafts, ReadError> {
    let columns = columns
        .or_else(|| column::find(&records))
        .or_else(|| column::infer(&records))
        .ok_or(ReadError::ColumnsNotFound)?;
    let parts = record::parts(&records, &columns, manner, context)?;
    // Rows hold what they need; a large file must not be in memory twice.
    drop(records);
    build::drafts(parts, &columns, context)
}
