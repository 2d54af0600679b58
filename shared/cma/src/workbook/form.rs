//! The sheets of the forms: their rows, with a column per year.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Formula, Worksheet, XlsxError};

use super::WorkbookInput;
use super::layout::{FIRST_ROW, Layout, PROVENANCE, Sheet, cell_name, year_column};
use super::{page, style};
use crate::row::{Overlay, Row};

/// Writes a form's sheet.
pub(super) fn write(
    sheet: &mut Worksheet,
    which: Sheet,
    input: &WorkbookInput<'_>,
    layout: &Layout,
) -> Result<(), XlsxError> {
    sheet.set_name(which.name())?;
    page::write_titles(sheet, which.title(), input)?;
    page::write_years(sheet, input)?;
    let last = write_rows(sheet, which, input, layout)?;
    let last_column = year_column(input.figures.years.len().saturating_sub(1));
    page::format_negatives(sheet, FIRST_ROW, last, last_column)?;
    page::finish(sheet, last, last_column)
}

/// Writes the rows of a sheet; returns where the last one is.
pub(super) fn write_rows(
    sheet: &mut Worksheet,
    which: Sheet,
    input: &WorkbookInput<'_>,
    layout: &Layout,
) -> Result<u32, XlsxError> {
    let common = Overlay::default();
    let overlay = input.overlay.unwrap_or(&common);
    let mut last = FIRST_ROW;
    for (row, at) in layout.rows(which) {
        last = at;
        let entry = row.row();
        if !entry.heading.is_empty() {
            let heading = at.saturating_sub(1);
            page::text(sheet, heading, 0, "", &style::section())?;
            page::text(sheet, heading, 1, &entry.heading, &style::section())?;
            for year in 0..input.figures.years.len() {
                page::text(sheet, heading, year_column(year), "", &style::section())?;
            }
        }
        page::text(sheet, at, 0, overlay.number(row), &style::label(entry.style).set_indent(0))?;
        page::text(sheet, at, 1, overlay.label(row), &style::label(entry.style))?;
        for year in 0..input.figures.years.len() {
            write_cell(sheet, entry, at, year, input, layout)?;
        }
    }
    Ok(last)
}

fn write_cell(
    sheet: &mut Worksheet,
    row: &Row,
    at: u32,
    year: usize,
    input: &WorkbookInput<'_>,
    layout: &Layout,
) -> Result<(), XlsxError> {
    let column = year_column(year);
    let format = style::figure(row.is_input(), row.measure, row.style);
    let value = input.figures.at(row.code, year);
    if let Some((first, last)) = layout.source_lines(row.code, year) {
        let (first, last) = (cell_name(first, 0), cell_name(last, 0));
        let target = if first == last { first } else { format!("{first}:{last}") };
        let tip = if row.is_input() { "the lines behind this figure" } else { "" };
        let link = rust_xlsxwriter::Url::new(format!("internal:{PROVENANCE}!{target}")).set_tip(tip);
        sheet.write_url_with_format(at, column, link, &format)?;
    }
    match (layout.formula(row.code, year), value) {
        (Some(text), value) => {
            sheet.write_formula_with_format(at, column, formula(text, value), &format)?;
        }
        (None, Some(value)) => {
            sheet.write_number_with_format(at, column, number(value), &format)?;
        }
        (None, None) => {
            sheet.write_blank(at, column, &format)?;
        }
    }
    Ok(())
}

/// A formula with its value, for programs that do not calculate.
pub(super) fn formula(text: &str, value: Option<Decimal>) -> Formula {
    Formula::new(text).set_result(value.map_or_else(String::new, |value| value.normalize().to_string()))
}

/// The nearest number that a cell can hold: figures are exact to 28 digits, cells to about 15.
pub(super) fn number(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}
