//! Every line behind every input figure: where it stands, what it says, and why it went where it did.

use std::collections::HashMap;

use rust_xlsxwriter::{Url, Worksheet, XlsxError};

use super::WorkbookInput;
use super::form::{formula, number};
use super::layout::{FIRST_SOURCE, Layout, PROVENANCE, cell_name};
use super::{page, style};
use crate::classification::ClassifiedLine;
use crate::figure::Source;
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
    page::titles(sheet, "PROVENANCE: the lines behind every input figure", input)?;
    for ((heading, width), column) in HEADINGS.into_iter().zip(0..) {
        page::text(sheet, FIRST_SOURCE - 1, column, heading, &style::head_left())?;
        sheet.set_column_width(column, f64::from(width))?;
    }
    let classified: HashMap<&str, &ClassifiedLine> =
        input.classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let mut first_use: HashMap<(&str, usize), (u32, &Source)> = HashMap::new();
    let mut at = FIRST_SOURCE;
    for source in &input.figures.sources {
        let earlier = first_use.get(&(source.line.as_str(), source.year)).copied();
        first_use.entry((source.line.as_str(), source.year)).or_insert((at, source));
        line(sheet, at, source, classified.get(source.line.as_str()).copied(), input, layout)?;
        amount(sheet, at, source, earlier)?;
        at += 1;
    }
    let last = adjustments(sheet, at, input)?;
    sheet.set_freeze_panes(FIRST_SOURCE, 0)?;
    sheet.set_repeat_rows(FIRST_SOURCE - 1, FIRST_SOURCE - 1)?;
    page::finish(sheet, last, LAST_COLUMN)
}

fn line(
    sheet: &mut Worksheet,
    at: u32,
    source: &Source,
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
    page::text(sheet, at, 1, source.row.row().map_or("", |row| row.label.as_str()), &text)?;
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
        // The columns after a number begin a little to the right, so that the two do not touch.
        let format = if matches!(column, 4 | 13) { text.clone().set_indent(1) } else { text.clone() };
        page::text(sheet, at, column, value, &format)?;
    }
    if let Some(classified) = classified {
        sheet.write_number_with_format(at, 12, classified.confidence, &text.set_num_format("0.00"))?;
    }
    Ok(())
}

/// The amount, to be changed by hand when it is wrong. A line that feeds a second row is written once and linked.
fn amount(sheet: &mut Worksheet, at: u32, source: &Source, earlier: Option<(u32, &Source)>) -> Result<(), XlsxError> {
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

fn adjustments(sheet: &mut Worksheet, from: u32, input: &WorkbookInput<'_>) -> Result<u32, XlsxError> {
    if input.figures.adjustments.is_empty() {
        return Ok(from.saturating_sub(1).max(FIRST_SOURCE));
    }
    let mut at = from + 1;
    page::text(sheet, at, 0, "Worked out beside the lines", &style::section())?;
    for one in &input.figures.adjustments {
        at += 1;
        let year = input.figures.years.get(one.year).map_or("", String::as_str);
        let label = one.row.row().map_or("", |row| row.label.as_str());
        let texts = [(0, one.row.as_str()), (1, label), (2, year), (7, &one.formula), (13, &one.reason)];
        for (column, value) in texts {
            page::text(sheet, at, column, value, &style::text())?;
        }
    }
    Ok(at)
}

fn unit(source: &Source) -> &'static str {
    use domain::statement::Unit;
    match source.unit {
        Unit::Rupee => "rupee",
        Unit::Thousand => "thousand",
        Unit::Lakh => "lakh",
        Unit::Million => "million",
        Unit::Crore => "crore",
        Unit::Unstated => "not stated",
    }
}
