//! The Provenance sheet: every line behind every input figure, where it is printed, and why it was assigned to its row.

use std::collections::HashMap;

use rust_xlsxwriter::{Url, Worksheet, XlsxError};

use super::WorkbookInput;
use super::form::{formula, number};
use super::layout::{FIRST_SOURCE, Layout, PROVENANCE, cell_name};
use super::{page, style};
use crate::classification::ClassifiedLine;
use crate::figure::SourceLine;
use crate::row::{Measure, Style};

/// Column of the amounts that the forms add up, from 0.
pub(super) const AMOUNT_COLUMN: u16 = 3;
const HEADINGS: [(&str, u16); 14] = [
    ("Row", 11),
    ("CMA row", 34),
    ("Year", 11),
    ("Amount", 14),
    ("File", 24),
    ("Sheet / page", 18),
    ("Cell", 7),
    ("Label as printed", 38),
    ("Section", 34),
    ("As printed", 13),
    ("Unit", 10),
    ("Sign", 6),
    ("Confidence", 11),
    ("Reason", 48),
];
const LAST_COLUMN: u16 = 13;

/// Writes the provenance sheet.
pub(super) fn write(sheet: &mut Worksheet, input: &WorkbookInput<'_>, layout: &Layout) -> Result<(), XlsxError> {
    sheet.set_name(PROVENANCE)?;
    page::write_titles(sheet, "PROVENANCE: the lines behind every input figure", input)?;
    for ((heading, width), column) in HEADINGS.into_iter().zip(0..) {
        page::text(sheet, FIRST_SOURCE - 1, column, heading, &style::head_left())?;
        sheet.set_column_width(column, f64::from(width))?;
    }
    let classified: HashMap<&str, &ClassifiedLine> =
        input.classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let mut first_use: HashMap<(&str, usize), (u32, &SourceLine)> = HashMap::new();
    let mut at = FIRST_SOURCE;
    for source in &input.figures.sources {
        let earlier = first_use.get(&(source.line.as_str(), source.year)).copied();
        first_use.entry((source.line.as_str(), source.year)).or_insert((at, source));
        write_line(sheet, at, source, classified.get(source.line.as_str()).copied(), input, layout)?;
        write_amount(sheet, at, source, earlier)?;
        at += 1;
    }
    let last = write_adjustments(sheet, at, input)?;
    sheet.set_freeze_panes(FIRST_SOURCE, 0)?;
    sheet.set_repeat_rows(FIRST_SOURCE - 1, FIRST_SOURCE - 1)?;
    page::finish(sheet, last, LAST_COLUMN)
}

fn write_line(
    sheet: &mut Worksheet,
    at: u32,
    source: &SourceLine,
    classified: Option<&ClassifiedLine>,
    input: &WorkbookInput<'_>,
    layout: &Layout,
) -> Result<(), XlsxError> {
    let text = style::label(Style::Plain);
    let code = source.row.as_str();
    match layout.address(source.row, source.year, None) {
        Some(cell) => {
            let link = Url::new(format!("internal:{cell}")).set_text(code).set_tip("the figure on its form");
            sheet.write_url_with_format(at, 0, link, &text)?;
        }
        None => page::text(sheet, at, 0, code, &text)?,
    }
    page::text(sheet, at, 1, source.row.label(), &text)?;
    page::text(sheet, at, 2, input.figures.years.get(source.year).map_or("", String::as_str), &text)?;
    let section = source.section.join(" > ");
    let reason = classified.map_or("", |line| line.reason.as_str());
    let texts = [
        (4, source.file.as_str()),
        (5, &source.sheet),
        (6, &source.cell),
        (7, &source.label),
        (8, &section),
        (9, &source.text),
        (10, unit(source)),
        (11, if source.sign < 0 { "-" } else { "+" }),
        (13, reason),
    ];
    for (column, value) in texts {
        // Text to the right of a number is indented, so the two do not touch.
        let format = if matches!(column, 4 | 13) { text.clone().set_indent(1) } else { text.clone() };
        page::text(sheet, at, column, value, &format)?;
    }
    if let Some(classified) = classified {
        sheet.write_number_with_format(at, 12, classified.confidence, &text.set_num_format("0.00"))?;
    }
    Ok(())
}

/// Writes the amount, which a user may correct. The amount of a line that feeds a second row is written once and linked to.
fn write_amount(
    sheet: &mut Worksheet,
    at: u32,
    source: &SourceLine,
    earlier: Option<(u32, &SourceLine)>,
) -> Result<(), XlsxError> {
    let format = style::figure(earlier.is_none(), Measure::Amount, Style::Plain);
    match earlier {
        Some((first, other)) if other.amount == source.amount || other.amount == -source.amount => {
            let sign = if other.amount == source.amount { "" } else { "-" };
            let text = format!("={sign}{}", cell_name(first, AMOUNT_COLUMN));
            sheet.write_formula_with_format(at, AMOUNT_COLUMN, formula(&text, Some(source.amount)), &format)?;
        }
        _ => {
            sheet.write_number_with_format(at, AMOUNT_COLUMN, number(source.amount), &format)?;
        }
    }
    Ok(())
}

fn write_adjustments(sheet: &mut Worksheet, from: u32, input: &WorkbookInput<'_>) -> Result<u32, XlsxError> {
    if input.figures.adjustments.is_empty() {
        return Ok(from.saturating_sub(1).max(FIRST_SOURCE));
    }
    let mut at = from + 1;
    page::text(sheet, at, 0, "Calculated in addition to the lines", &style::section())?;
    for adjustment in &input.figures.adjustments {
        at += 1;
        let year = input.figures.years.get(adjustment.year).map_or("", String::as_str);
        let row = adjustment.row;
        let texts =
            [(0, row.as_str()), (1, row.label()), (2, year), (7, &adjustment.formula), (13, &adjustment.reason)];
        for (column, value) in texts {
            page::text(sheet, at, column, value, &style::text())?;
        }
    }
    Ok(at)
}

fn unit(source: &SourceLine) -> &'static str {
    use domain::statement::Unit;
    match source.unit {
        Unit::Rupee => "rupee",
        Unit::Hundred => "hundred",
        Unit::Thousand => "thousand",
        Unit::Lakh => "lakh",
        Unit::Million => "million",
        Unit::Crore => "crore",
        Unit::Unstated => "not stated",
    }
}
