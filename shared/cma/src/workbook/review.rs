//! The Review sheet: the lines that would explain a difference, the lines that the classifier was unsure of, and those left out
//! of every sum. Lines of columns that were set aside are not listed: the Checks sheet lists the columns.

use std::collections::HashMap;

use domain::statement::{LineItem, LineRole, Statement};
use rust_xlsxwriter::{Workbook, XlsxError};

use super::WorkbookInput;
use super::{page, style};
use crate::classification::ClassifiedLine;
use crate::figure::{Aside, dotted};
use crate::row::RowCode;
use crate::suspect::{self, Suspected};

/// Below this confidence, a line is listed as unsure.
const CONFIDENCE_MIN: f64 = 0.70;
const HEADINGS: [(&str, u16); 10] = [
    ("Why", 10),
    ("Label as printed", 32),
    ("Section", 24),
    ("Sheet", 16),
    ("Cell", 10),
    ("Amounts by year", 24),
    ("Row taken", 11),
    ("Confidence", 11),
    ("Next best", 17),
    ("Reason", 56),
];
const FIRST_LINE: u32 = 4;

/// Writes the review sheet, if there is a line to list.
pub(super) fn write(workbook: &mut Workbook, input: &WorkbookInput<'_>) -> Result<(), XlsxError> {
    let items = items(input);
    if items.is_empty() {
        return Ok(());
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name("Review")?;
    page::write_titles(
        sheet,
        "REVIEW: lines that would explain a difference, lines the classification was unsure of, and lines left out",
        input,
    )?;
    for ((heading, width), column) in HEADINGS.into_iter().zip(0..) {
        page::text(sheet, FIRST_LINE - 1, column, heading, &style::head_left())?;
        sheet.set_column_width(column, f64::from(width))?;
    }
    let mut at = FIRST_LINE;
    for item in items {
        let section = item.line.section.join(" > ");
        let next: Vec<String> =
            item.classified.alternatives.iter().map(|other| format!("{} {:.2}", other.row_code, other.score)).collect();
        let next = next.join(", ");
        let reason = item.reason();
        let (cell, amounts) = (cells(item.line), amounts(item.statement, item.line));
        let texts = [
            (0, item.why.word()),
            (1, item.line.label.as_str()),
            (2, &section),
            (3, &item.statement.sheet),
            (4, &cell),
            (5, &amounts),
            (6, item.classified.row_code.as_str()),
            (8, &next),
            (9, &reason),
        ];
        for (column, value) in texts {
            page::text(sheet, at, column, value, &style::wrapped())?;
        }
        // A width is in digits of a larger font, so a tenth more letters fit.
        let widths = texts.iter().map(|(column, value)| (value, HEADINGS[usize::from(*column)].1));
        let lines = widths.map(|(value, width)| page::lines(value, usize::from(width) * 11 / 10));
        page::set_lines(sheet, at, lines.max().unwrap_or(1))?;
        let format = style::centred().set_num_format("0.00");
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
        let heading = match (column.period_end, column.heading.trim()) {
            (Some(end), _) => dotted(end),
            (None, "") => "no year".to_owned(),
            (None, heading) => heading.to_owned(),
        };
        Some(format!("{heading}: {}", figure.text))
    });
    printed.collect::<Vec<_>>().join("; ")
}

/// Why a line is listed, in the order of the list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// The place in the list of suspects.
    Suspect(usize),
    Unsure,
    LeftOut,
}

impl Why {
    fn word(self) -> &'static str {
        match self {
            Self::Suspect(_) => "suspect",
            Self::Unsure => "unsure",
            Self::LeftOut => "left out",
        }
    }
}

struct Item<'a> {
    why: Why,
    statement: &'a Statement,
    line: &'a LineItem,
    classified: &'a ClassifiedLine,
    suspicion: Option<String>,
}

impl Item<'_> {
    fn reason(&self) -> String {
        let reason = &self.classified.reason;
        self.suspicion.as_ref().map_or_else(|| reason.clone(), |suspicion| format!("{suspicion}. Its row: {reason}"))
    }
}

fn items<'a>(input: &WorkbookInput<'a>) -> Vec<Item<'a>> {
    let classified: HashMap<&str, &ClassifiedLine> =
        input.classification.lines.iter().map(|line| (line.line.as_str(), line)).collect();
    let suspects = suspect::lines_of(input.extractions, input.classification, input.figures);
    let aside = Aside::of(&input.figures.set_aside);
    let mut items = Vec::new();
    for extraction in input.extractions {
        for (index, statement) in extraction.statements.iter().enumerate() {
            for line in &statement.lines {
                let Some(classified) = classified.get(line.id.as_str()).copied() else { continue };
                let place = suspects.iter().position(|suspect| suspect.line == line.id);
                let is_item = line.role == LineRole::Item && line.figures.iter().any(Option::is_some);
                let is_listed = is_item && !aside.holds(extraction.document, index, line);
                let Some(why) = place.map(Why::Suspect).or_else(|| why(classified).filter(|_| is_listed)) else {
                    continue;
                };
                let suspicion =
                    place.and_then(|place| suspects.get(place)).map(|Suspected { detail, .. }| detail.clone());
                items.push(Item { why, statement, line, classified, suspicion });
            }
        }
    }
    // A stable sort, so the lines of a kind stay in the order of the documents.
    items.sort_by_key(|item| item.why);
    items
}

/// Why a line is listed that is no suspect; `None` when it is not.
fn why(classified: &ClassifiedLine) -> Option<Why> {
    if classified.row_code == RowCode::IGNORE {
        Some(Why::LeftOut)
    } else if classified.confidence < CONFIDENCE_MIN {
        Some(Why::Unsure)
    } else {
        None
    }
}
