//! The Checks sheet: arithmetic checks as live formulas, the other checks with their results when the workbook was made.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::WorkbookInput;
use super::layout::{FIRST_ROW, FIRST_YEAR, Layout, Sheet, year_column};
use super::{form, page, style};
use crate::check::{Check, Severity};

/// Columns that the list of checks needs, whatever the number of years.
const LIST_COLUMNS: u16 = 5;

/// Writes the checks sheet.
pub(super) fn write(sheet: &mut Worksheet, input: &WorkbookInput<'_>, layout: &Layout) -> Result<(), XlsxError> {
    sheet.set_name(Sheet::Checks.name())?;
    page::write_titles(sheet, Sheet::Checks.title(), input)?;
    page::write_years(sheet, input)?;
    let last = form::write_rows(sheet, Sheet::Checks, input, layout)?;
    let last_column = year_column(input.figures.years.len().saturating_sub(1)).max(LIST_COLUMNS - 1);
    page::format_negatives(sheet, FIRST_ROW, last, last_column)?;
    // The check rows are above, as live formulas.
    let rules = input.checks.iter().filter(|check| check.rule.starts_with('V'));
    let (failed, passed): (Vec<&Check>, Vec<&Check>) = rules.partition(|check| !check.passed);
    let at = list(sheet, last + 2, "Checks that failed when this workbook was made", &failed)?;
    let at = list(sheet, at + 1, "Checks that passed", &passed)?;
    page::finish(sheet, at, last_column)
}

/// Writes a list of checks from row `from`; returns the row after it.
pub(super) fn list(sheet: &mut Worksheet, from: u32, title: &str, checks: &[&Check]) -> Result<u32, XlsxError> {
    let mut at = from;
    page::text(sheet, at, 0, "Rule", &style::head_left())?;
    page::text(sheet, at, 1, &format!("{title}: {}", checks.len()), &style::head_left())?;
    for (heading, column) in ["Severity", "Year", "Result"].into_iter().zip(FIRST_YEAR..) {
        page::text(sheet, at, column, heading, &style::head())?;
    }
    for check in checks {
        at += 1;
        let alarming = !check.passed && check.severity == Severity::Error;
        let format = if alarming { style::alarm() } else { style::text() };
        page::text(sheet, at, 0, &check.rule, &format)?;
        page::text(sheet, at, 1, &check.detail, &format.clone().set_text_wrap())?;
        page::text(sheet, at, FIRST_YEAR, severity(check.severity), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 1, check.year.as_deref().unwrap_or("all"), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 2, if check.passed { "passed" } else { "FAILED" }, &style::centred())?;
        // The library does not fit a row to wrapped text as Excel does, so the height is set for about 70 characters a line.
        let lines = u32::try_from(check.detail.chars().count() / 70).unwrap_or(0) + 1;
        sheet.set_row_height(at, 13.5 * f64::from(lines))?;
    }
    Ok(at + 1)
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "E error",
        Severity::Warning => "W warning",
        Severity::Note => "I note",
    }
}
