//! The Review sheet: the lines that the classifier was unsure of, and those left out of every sum.

use std::collections::HashMap;

use domain::statement::{LineItem, LineRole, Statement};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::WorkbookInput;
use super::{page, style};
use crate::classification::ClassifiedLine;
use crate::row::RowCode;

/// Below this confidence, a line is listed as unsure.
const CONFIDENCE_MIN: f64 = 0.70;
const HEADINGS: [(&str, u16); 8] = [
    ("Why", 20),
    ("Label as printed", 42),
    ("Section", 38),
    ("Sheet", 18),
    ("Row taken", 12),
    ("Confidence", 11),
    ("Next best", 26),
    ("Reason", 50),
];
const FIRST_LINE: u32 = 4;

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
        let texts = [
            (0, item.why),
            (1, item.line.label.as_str()),
            (2, &section),
            (3, &item.statement.sheet),
            (4, item.classified.row_code.as_str()),
            (6, &next),
            (7, item.classified.reason.as_str()),
        ];
        for (column, value) in texts {
            page::text(sheet, at, column, value, &style::wrapped())?;
        }
        let format = style::text().set_num_format("0.00");
        sheet.write_number_with_format(at, 5, item.classified.confidence, &format)?;
        at += 1;
    }
    sheet.set_freeze_panes(FIRST_LINE, 0)?;
    page::finish(sheet, at.saturating_sub(1).max(FIRST_LINE), 7)
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
