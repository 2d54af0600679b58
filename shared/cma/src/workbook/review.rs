//! The Review sheet: the lines that the classifier was unsure of, and those left out of every sum.

use std::collections::HashMap;

use domain::statement::{LineItem, LineRole, Statement};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::WorkbookInput;
use super::{page, style};
use crate::classification::ClassifiedLine;
use crate::figure::dotted;
use crate::row::RowCode;

/// Below this confidence, a line is listed as unsure.
const CONFIDENCE_MIN: f64 = 0.70;
const HEADINGS: [(&str, u16); 10] = [
    ("Why", 10),
    ("Label as printed", 38),
    ("Section", 34),
    ("Sheet", 18),
    ("Cell", 9),
    ("Amounts by year", 26),
    ("Row taken", 11),
    ("Confidence", 11),
    ("Next best", 18),
    ("Reason", 44),
];
const FIRST_LINE: u32 = 4;
/// Height of a line of text.
const LINE_HEIGHT: f64 = 13.5;

/// Whether there is no line to list.
pub(super) fn is_empty(input: &WorkbookInput<'_>) -> bool {
    items(input).is_empty()
}

/// Writes the review sheet.
pub(super) fn write(sheet: &mut Worksheet, input: &WorkbookInput<'_>) -> Result<(), XlsxError> {
    sheet.set_name("Review")?;
    page::write_titles(sheet, "REVIEW: lines left out, and lines the classification was unsure of", input)?;
    for ((heading, width), column) in HEADINGS.into_iter().zip(0..) {
        page::text(sheet, FIRST_LINE - 1, column, heading, &style::head_left())?;
        sheet.set_column_width(column, f64::from(width))?;
    }
    let mut at = FIRST_LINE;
    for item in items(input) {
        let section = item.line.section.join(" > ");
        let next: Vec<String> =
            item.classified.alternatives.iter().map(|other| format!("{} {:.2}", other.row_code, other.score)).collect();
        let next = next.join(", ");
        let (cell, amounts) = (cells(item.line), amounts(item.statement, item.line));
        let texts = [
            (0, item.why),
            (1, item.line.label.as_str()),
            (2, &section),
            (3, &item.statement.sheet),
            (4, &cell),
            (5, &amounts),
            (6, item.classified.row_code.as_str()),
            (8, &next),
            (9, item.classified.reason.as_str()),
        ];
        for (column, value) in texts {
            page::text(sheet, at, column, value, &style::wrapped())?;
        }
        let widths = texts.iter().map(|(column, value)| (value, HEADINGS[usize::from(*column)].1));
        let lines = widths.map(|(value, width)| value.chars().count().div_ceil(usize::from(width).max(1)));
        let lines = u32::try_from(lines.max().unwrap_or(1)).unwrap_or(1).max(1);
        sheet.set_row_height(at, LINE_HEIGHT * f64::from(lines))?;
        let format = style::text().set_num_format("0.00");
        sheet.write_number_with_format(at, 7, item.classified.confidence, &format)?;
        at += 1;
    }
    sheet.set_freeze_panes(FIRST_LINE, 0)?;
    page::finish(sheet, at.saturating_sub(1).max(FIRST_LINE), 9)
}

/// The first and last cell of a line's amounts.
fn cells(line: &LineItem) -> String {
    let cells: Vec<&str> = line.figures.iter().flatten().map(|figure| figure.cell.as_str()).collect();
    match cells.as_slice() {
        [] => line.cell.clone(),
        [only] => (*only).to_owned(),
        [first, .., last] => format!("{first}:{last}"),
    }
}

/// The amounts of a line as printed, each with the year of its column or else its heading.
fn amounts(statement: &Statement, line: &LineItem) -> String {
    let columns = statement.columns.iter().zip(&line.figures);
    let printed = columns.filter_map(|(column, figure)| {
        let figure = figure.as_ref()?;
        let heading = column.period_end.map_or_else(|| column.heading.clone(), dotted);
        Some(format!("{heading}: {}", figure.text))
    });
    printed.collect::<Vec<_>>().join("; ")
}

struct Item<'a> {
    why: &'static str,
    statement: &'a Statement,
    line: &'a LineItem,
    classified: &'a ClassifiedLine,
}

fn items<'a>(input: &WorkbookInput<'a>) -> Vec<Item<'a>> {
    let classified: HashMap<&str, &ClassifiedLine> =
        input.classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let statements = input.extractions.iter().flat_map(|extraction| &extraction.statements);
    let lines = statements.flat_map(|statement| statement.lines.iter().map(move |line| (statement, line)));
    lines
        .filter(|(_, line)| line.role == LineRole::Item && line.figures.iter().any(Option::is_some))
        .filter_map(|(statement, line)| {
            let classified = classified.get(line.id.as_str()).copied()?;
            Some(Item { why: why(classified)?, statement, line, classified })
        })
        .collect()
}

/// Why a line is listed; `None` when it is not.
fn why(classified: &ClassifiedLine) -> Option<&'static str> {
    if classified.row_code == RowCode::IGNORE {
        Some("left out")
    } else if classified.confidence < CONFIDENCE_MIN {
        Some("unsure")
    } else {
        None
    }
}
