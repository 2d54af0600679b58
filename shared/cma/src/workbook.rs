//! The CMA workbook: Forms II to VI with live formulas and their values, the lines behind every input, and the checks.
//!
//! Every formula comes from the row table through [`crate::formula`], the same that calculated the values beside it.
//! Text from documents is only ever written as text, so nothing in it can become a formula.

mod check_sheet;
mod form;
mod layout;
mod page;
mod provenance;
mod review;
mod style;
mod summary;

use domain::statement::Extraction;
use jiff::Timestamp;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use crate::check::Check;
use crate::classification::Classification;
use crate::figure::Figures;
use crate::row::Overlay;

use layout::Layout;

/// What a workbook is made of.
#[derive(Clone, Copy)]
pub struct WorkbookInput<'a> {
    /// The figures.
    pub figures: &'a Figures,
    /// The checks of these figures.
    pub checks: &'a [Check],
    /// How each line was classified.
    pub classification: &'a Classification,
    /// The documents.
    pub extractions: &'a [Extraction],
    /// Name of the borrower, as it is to be printed.
    pub borrower: &'a str,
    /// Id of the order.
    pub order_id: &'a str,
    /// The moment the workbook is said to be made; the same input gives the same bytes.
    pub generated_at: Timestamp,
    /// A bank's own numbering and labels, if it has them.
    pub overlay: Option<&'a Overlay>,
}

/// Why no workbook could be written: a bug or a limit of the format, never the moment.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// The writer refused something.
    #[error("the workbook cannot be written")]
    Write(#[from] XlsxError),
}

/// The bytes of the workbook (XLSX).
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
    if !review::is_empty(input) {
        review::write(workbook.add_worksheet(), input)?;
    }
    Ok(workbook.save_to_buffer()?)
}
