//! The Checks sheet: arithmetic checks as live formulas, then what failed and what could not be checked when the workbook was
//! made, and what was seen in the documents and is in no figure.

use domain::statement::UnusedReason;
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::WorkbookInput;
use super::layout::{FIRST_ROW, FIRST_YEAR, Layout, Sheet, year_column};
use super::{form, page, style};
use crate::check::{Check, Outcome, Severity};
use crate::unused::UnusedEntry;

/// Columns that the list of checks needs, whatever the number of years.
const LIST_COLUMNS: u16 = 5;
/// About how many characters a line of the texts and of the columns beside them holds.
const WIDE_CHARS: usize = 68;
const NARROW_CHARS: usize = 17;
/// Height of a line.
const LINE_HEIGHT: f64 = 13.5;

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
    at += 1;
    let holding = with(Outcome::Holds).len();
    page::text(sheet, at, 1, &format!("{holding} other checks hold."), &style::text())?;
    let at = unused(sheet, at + 2, input)?;
    page::finish(sheet, at, last_column)
}

/// Writes what was seen in the documents and is in no figure, from row `from`; returns the row after it.
fn unused(sheet: &mut Worksheet, from: u32, input: &WorkbookInput<'_>) -> Result<u32, XlsxError> {
    let mut at = from;
    page::text(sheet, at, 0, "File", &style::head_left())?;
    let title = format!("Seen in the documents and in no figure: {}", input.unused.len());
    page::text(sheet, at, 1, &title, &style::head_left())?;
    for (heading, column) in ["Sheet", "Cell", "Why"].into_iter().zip(FIRST_YEAR..) {
        page::text(sheet, at, column, heading, &style::head())?;
    }
    let mut document = 0;
    for UnusedEntry { document: of, file, unused } in input.unused {
        at += 1;
        if *of != document {
            document = *of;
            page::text(sheet, at, 0, "", &style::section())?;
            page::text(sheet, at, 1, &format!("Document {of}: {file}"), &style::section())?;
            at += 1;
        }
        let label = unused.label.as_deref().filter(|label| !label.is_empty());
        let text = label.map_or_else(|| unused.detail.clone(), |label| format!("{label}: {}", unused.detail));
        page::text(sheet, at, 0, &of.to_string(), &style::text())?;
        page::text(sheet, at, 1, &text, &style::wrapped())?;
        page::text(sheet, at, FIRST_YEAR, &unused.sheet, &style::wrapped())?;
        page::text(sheet, at, FIRST_YEAR + 1, unused.cell.as_deref().unwrap_or(""), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 2, reason(unused.reason), &style::wrapped())?;
        // `Why` is narrow, so it may need more lines than the text.
        let lines = lines(&text, WIDE_CHARS).max(lines(reason(unused.reason), NARROW_CHARS));
        sheet.set_row_height(at, LINE_HEIGHT * f64::from(lines.max(self::lines(&unused.sheet, NARROW_CHARS))))?;
    }
    Ok(at + 1)
}

/// How many lines a text takes in a column of about so many characters. The library does not fit a row to wrapped text as
/// Excel does.
fn lines(text: &str, chars: usize) -> u32 {
    u32::try_from(text.chars().count().div_ceil(chars)).unwrap_or(1).max(1)
}

fn reason(reason: UnusedReason) -> &'static str {
    match reason {
        UnusedReason::HiddenSheet => "hidden sheet",
        UnusedReason::HiddenRow => "hidden row",
        UnusedReason::HiddenColumn => "hidden column",
        UnusedReason::HiddenCell => "hidden by format",
        UnusedReason::OversizedSheet => "too large",
        UnusedReason::UnrecognisedSheet => "not recognised",
        UnusedReason::ErrorCell => "error cell",
        UnusedReason::FormulaWithoutValue => "formula without value",
        UnusedReason::DoubtfulAmount => "doubtful amount",
        UnusedReason::TextForAmount => "text for an amount",
        UnusedReason::UndatedColumn => "no year",
        UnusedReason::SecondColumn => "second column",
        UnusedReason::RepeatedStatement => "there twice",
        UnusedReason::OtherDocument => "other document",
        UnusedReason::OtherBasis => "group or company",
        UnusedReason::PartYear => "part of a year",
        UnusedReason::FaceUsed => "note not used",
        UnusedReason::Unanswered => "not answered",
        UnusedReason::OtherName => "other name",
        UnusedReason::NoRow => "no row",
    }
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
        let alarming = check.outcome == Outcome::Fails && check.severity == Severity::Error;
        let format = if alarming { style::alarm() } else { style::text() };
        page::text(sheet, at, 0, &check.rule, &format)?;
        page::text(sheet, at, 1, &check.detail, &format.clone().set_text_wrap())?;
        page::text(sheet, at, FIRST_YEAR, severity(check.severity), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 1, check.year.as_deref().unwrap_or("all"), &style::centred())?;
        page::text(sheet, at, FIRST_YEAR + 2, outcome(check.outcome), &style::centred())?;
        sheet.set_row_height(at, LINE_HEIGHT * f64::from(lines(&check.detail, WIDE_CHARS)))?;
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
