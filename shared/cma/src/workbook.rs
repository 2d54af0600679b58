//! Writes the CMA workbook: Forms II to VI with live formulas and their values, the lines behind every input, and the checks.
//!
//! The formulas are those of the row table, from which the values were calculated too; see [`crate::formula`]. Text from
//! documents is only ever written as text, so nothing in it can become a formula.

mod check_sheet;
mod form;
mod layout;
mod page;
mod provenance;
mod review;
mod seen;
mod style;
mod summary;

use domain::statement::Extraction;
use jiff::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::answer::Answered;
use crate::check::Check;
use crate::classification::Classification;
use crate::figure::Figures;
use crate::row::Overlay;
use crate::unused::UnusedEntry;

use layout::Layout;

/// The content of a workbook.
#[derive(Clone, Copy)]
pub struct WorkbookInput<'a> {
    /// The figures.
    pub figures: &'a Figures,
    /// The results of the checks.
    pub checks: &'a [Check],
    /// Everything that was seen in the documents and is in no figure.
    pub unused: &'a [UnusedEntry],
    /// What a reviewer answered.
    pub answers: &'a [Answered],
    /// How each line was classified.
    pub classification: &'a Classification,
    /// The statements read from the documents.
    pub extractions: &'a [Extraction],
    /// Name of the borrower, as printed in the workbook.
    pub borrower: &'a str,
    /// Id of the order.
    pub order_id: &'a str,
    /// The creation time stated in the workbook. It is the only date in it, so the same input gives the same bytes.
    pub generated_at: Timestamp,
    /// A bank's own numbers and labels, if any.
    pub overlay: Option<&'a Overlay>,
}

/// Why no workbook could be written: a bug or a limit of the format, never a transient error.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The workbook library refused something.
    #[error("the workbook cannot be written")]
    Write(#[from] XlsxError),
}

/// Writes the workbook; returns its bytes (XLSX).
///
/// # Errors
/// [`WorkbookError`] when the figures do not fit the format.
pub fn write(input: &WorkbookInput<'_>) -> Result<Vec<u8>, WorkbookError> {
    let layout = Layout::new(input);
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_timestamp(input.generated_at.as_second())?;
    let properties = DocProperties::new().set_title("CMA data").set_author("Docket").set_creation_datetime(&made);
    workbook.set_properties(&properties);
    summary::write(workbook.add_worksheet(), input, &layout)?;
    check_sheet::write(workbook.add_worksheet(), input, &layout)?;
    for sheet in layout::Sheet::FORMS {
        form::write(workbook.add_worksheet(), sheet, input, &layout)?;
    }
    provenance::write(workbook.add_worksheet(), input, &layout)?;
    review::write(&mut workbook, input)?;
    Ok(workbook.save_to_buffer()?)
}
