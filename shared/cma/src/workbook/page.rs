//! Helps to write any sheet: headings, print set-up, protection, and text that cannot become a formula.

use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, Format, ProtectionOptions, Worksheet, XlsxError,
};

use super::WorkbookInput;
use super::layout::{FIRST_ROW, FIRST_YEAR, year_column};
use super::style;
use crate::check::{is_unchecked, is_unusable};
use domain::statement::{ColumnKind, Unit};

/// How many characters of a text are shown; the rest is in the document.
const TEXT_CHARS_MAX: usize = 2_000;
/// Height of a line of text.
const LINE_HEIGHT: f64 = 13.5;
/// The most lines that a row shows: Excel allows a height of 409.
const LINES_MAX: u32 = 30;
/// Excel's number for A4.
const PAPER_A4: u8 = 9;

/// Writes title, borrower and unit at the top of a sheet.
pub(super) fn write_titles(sheet: &mut Worksheet, title: &str, input: &WorkbookInput<'_>) -> Result<(), XlsxError> {
    // The value of a formula whose figure is blank is an empty text, not the library's default of 0.
    sheet.set_formula_result_default("");
    text(sheet, 0, 0, title, &style::title())?;
    text(sheet, 1, 0, input.borrower, &style::subtitle().set_bold().set_font_size(11))?;
    let line = format!("{}   |   Order {}", unit(input.figures.unit), input.order_id);
    text(sheet, 2, 0, &line, &style::subtitle())
}

/// Writes the three heading rows with a column per year: date, kind, and whether the column can be used.
pub(super) fn write_years(sheet: &mut Worksheet, input: &WorkbookInput<'_>) -> Result<(), XlsxError> {
    let first = FIRST_ROW - 3;
    for (row, label) in [(first, "Year ended / as at"), (first + 1, "Figures are"), (first + 2, "Column")] {
        text(sheet, row, 0, "", &style::head())?;
        text(sheet, row, 1, label, &style::head_left())?;
    }
    for (year, heading) in input.figures.years.iter().enumerate() {
        let column = year_column(year);
        text(sheet, first, column, heading, &style::head())?;
        text(sheet, first + 1, column, kind(input.figures.kinds.get(year).copied()), &style::head())?;
        let unusable = is_unusable(input.checks, heading);
        let (status, format) = if unusable {
            ("UNUSABLE", style::alarm().set_align(rust_xlsxwriter::FormatAlign::Center))
        } else if is_unchecked(input.checks, heading) {
            ("not all checked", style::head())
        } else {
            ("no errors", style::head())
        };
        text(sheet, first + 2, column, status, &format)?;
    }
    sheet.set_column_width(0, 9)?.set_column_width(1, 58)?;
    for year in 0..input.figures.years.len() {
        sheet.set_column_width(year_column(year), 15)?;
    }
    sheet.set_freeze_panes(FIRST_ROW, FIRST_YEAR)?;
    sheet.set_repeat_rows(first, FIRST_ROW - 1)?;
    Ok(())
}

/// Shows amounts below nil in brackets, from row `first` to row `last`.
pub(super) fn format_negatives(sheet: &mut Worksheet, first: u32, last: u32, columns: u16) -> Result<(), XlsxError> {
    for (limit, format) in style::NEGATIVES {
        let rule = ConditionalFormatCell::new()
            .set_rule(ConditionalFormatCellRule::LessThan(limit))
            .set_format(Format::new().set_num_format(format))
            .set_stop_if_true(true);
        sheet.add_conditional_format(first, FIRST_YEAR, last, columns, &rule)?;
    }
    Ok(())
}

/// Sets up the sheet for A4 landscape, one page wide, and locks all but its inputs, without a password.
pub(super) fn finish(sheet: &mut Worksheet, last_row: u32, last_column: u16) -> Result<(), XlsxError> {
    sheet.set_paper_size(PAPER_A4).set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_footer("&L&A&RPage &P of &N");
    sheet.set_print_area(0, 0, last_row, last_column)?;
    sheet.set_screen_gridlines(false);
    let options = ProtectionOptions { format_columns: true, format_rows: true, ..ProtectionOptions::new() };
    sheet.protect_with_options(&options);
    Ok(())
}

/// How many lines a text takes in a column of about so many characters, if words are not broken. The library does not fit a
/// row to wrapped text as Excel does.
pub(super) fn lines(text: &str, chars: usize) -> u32 {
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > chars {
            lines += 1;
            used = 0;
        }
        // A word that is longer than a line is broken.
        let broken = length.saturating_sub(1) / chars.max(1);
        lines += broken;
        used += length - broken * chars + usize::from(used > 0);
    }
    u32::try_from(lines).unwrap_or(u32::MAX)
}

/// Makes a row high enough for some lines of text.
pub(super) fn set_lines(sheet: &mut Worksheet, row: u32, lines: u32) -> Result<(), XlsxError> {
    sheet.set_row_height(row, LINE_HEIGHT * f64::from(lines.clamp(1, LINES_MAX)))?;
    Ok(())
}

/// Writes a text as text, whatever it begins with.
pub(super) fn text(sheet: &mut Worksheet, row: u32, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
    if text.is_empty() {
        sheet.write_blank(row, column, format)?;
    } else {
        sheet.write_string_with_format(row, column, clean(text), format)?;
    }
    Ok(())
}

/// The text without control characters, at most [`TEXT_CHARS_MAX`] long.
fn clean(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(TEXT_CHARS_MAX).collect()
}

/// The unit as a heading states it.
pub(super) fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Rupee => "Amounts in rupees",
        Unit::Hundred => "Amounts in hundreds of rupees",
        Unit::Thousand => "Amounts in thousands of rupees",
        Unit::Lakh => "Rs. in lakh",
        Unit::Million => "Rs. in million",
        Unit::Crore => "Rs. in crore",
        Unit::Unstated => "Unit not stated in the documents",
    }
}

fn kind(kind: Option<ColumnKind>) -> &'static str {
    match kind {
        Some(ColumnKind::Audited) => "Audited",
        Some(ColumnKind::Provisional) => "Provisional",
        Some(ColumnKind::Estimated) => "Estimated",
        Some(ColumnKind::Projected) => "Projected",
        Some(ColumnKind::Unstated) | None => "Not stated",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_not_broken_unless_they_are_longer_than_a_line() {
        assert_eq!([lines("", 5), lines("ab cd", 5), lines("ab cde", 5), lines("abcdefghijk", 5)], [1, 1, 2, 3]);
        assert_eq!(lines("ab abcdefgh c", 5), 3, "the rest of a long word shares its line");
    }

    proptest! {
        #[test]
        fn a_text_has_room_in_its_lines(text in "\\PC{0,200}", chars in 1_usize..90) {
            let letters = text.split_whitespace().map(|word| word.chars().count()).sum::<usize>();
            let room = usize::try_from(lines(&text, chars)).unwrap() * chars;
            prop_assert!(room >= letters, "{room} for {letters}");
        }
    }
}
