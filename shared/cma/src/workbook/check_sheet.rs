//! The Checks sheet: arithmetic checks as live formulas, then what was found when the workbook was made: what failed, what
//! could not be checked, what was seen in the documents and is in no figure, what a reviewer answered, and how many checks hold.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::WorkbookInput;
use super::layout::{FIRST_ROW, FIRST_YEAR, Layout, Sheet, year_column};
use super::seen::{self, WIDE_CHARS};
use super::{form, page, style};
use crate::check::{Check, Outcome, Severity};

/// Columns that the list of checks needs, whatever the number of years.
const LIST_COLUMNS: u16 = 5;
/// About how many characters a line of bold text holds.
const BOLD_CHARS: usize = 64;
/// Width of a column beside the texts, as wide as that of a year.
const NARROW_WIDTH: u16 = 15;

/// Writes the checks sheet.
pub(super) fn write(sheet: &mut Worksheet, input: &WorkbookInput<'_>, layout: &Layout) -> Result<(), XlsxError> {
    sheet.set_name(Sheet::Checks.name())?;
    page::write_titles(sheet, Sheet::Checks.title(), input)?;
    page::write_years(sheet, input)?;
    let last = form::write_rows(sheet, Sheet::Checks, input, layout)?;
    let last_column = year_column(input.figures.years.len().saturating_sub(1)).max(LIST_COLUMNS - 1);
    page::format_negatives(sheet, FIRST_ROW, last, last_column)?;
    // The check rows are above, as live formulas.
    let rules = || input.checks.iter().filter(|check| check.rule.starts_with('V'));
    let with = |outcome: Outcome| rules().filter(|check| check.outcome == outcome).collect::<Vec<&Check>>();
    let mut failed = with(Outcome::Fails);
    let mut not_made = with(Outcome::NotMade);
    // The most serious first; the order of the rules otherwise.
    failed.sort_by_key(|check| check.severity);
    not_made.sort_by_key(|check| check.severity);
    let mut at = list(sheet, last + 2, "Checks that failed when this workbook was made", &failed)?;
    if !not_made.is_empty() {
        at = list(sheet, at + 1, "Checks that could not be made", &not_made)?;
    }
    at = seen::unused(sheet, at + 1, input)?;
    if !input.answers.is_empty() {
        at = seen::answers(sheet, at + 1, input)?;
    }
    let holding = with(Outcome::Holds).len();
    let others = if failed.is_empty() && not_made.is_empty() { "" } else { " other" };
    page::text(sheet, at + 1, 1, &format!("{holding}{others} checks hold."), &style::text())?;
    page::finish(sheet, at + 1, last_column)
}

/// Writes a list of checks from row `from`; returns the row after it.
pub(super) fn list(sheet: &mut Worksheet, from: u32, title: &str, checks: &[&Check]) -> Result<u32, XlsxError> {
    let mut at = from;
    page::text(sheet, at, 0, "Rule", &style::head_left())?;
    page::text(sheet, at, 1, &format!("{title}: {}", checks.len()), &style::head_left())?;
    for (heading, column) in ["Severity", "Year", "Result"].into_iter().zip(FIRST_YEAR..) {
        page::text(sheet, at, column, heading, &style::head())?;
    }
    for column in FIRST_YEAR..LIST_COLUMNS {
        sheet.set_column_width(column, NARROW_WIDTH)?;
    }
    for check in checks {
        at += 1;
        let alarming = check.outcome == Outcome::Fails && check.severity == Severity::Error;
        let format = if alarming { style::alarm() } else { style::text() };
        page::text(sheet, at, 0, &check.rule, &format)?;
        page::text(sheet, at, 1, &check.detail, &format.clone().set_text_wrap())?;
        page::text(sheet, at, FIRST_YEAR, severity(check.severity), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 1, check.year.as_deref().unwrap_or("all"), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 2, outcome(check.outcome), &style::centred())?;
        page::set_lines(sheet, at, page::lines(&check.detail, if alarming { BOLD_CHARS } else { WIDE_CHARS }))?;
    }
    Ok(at + 1)
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::Fails => "FAILED",
        Outcome::NotMade => "not made",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "E error",
        Severity::Warning => "W warning",
        Severity::Note => "I note",
    }
}
