//! Reads PDF files with a text layer: words to lines, lines to the columns of the heading above them, then as any table.
//!
//! The built-in table finders of PDF libraries go by ruled lines and gaps, which statements mostly lack. Here the heading says
//! what columns there are and where, and amounts belong to the heading whose right edge they share.

mod check;
mod column;
mod line;

use crate::draft::Context;
use crate::error::{Counted, ReadError, exceeded, within};
use crate::place::{Area, Place, UnusedKind};
use crate::read::Drafts;
use crate::table::{self, Label, Manner, Record, Role, Side};
use column::Grid;
use line::Line;
use pdfplumber::{DedupeOptions, ExtractOptions, Pdf, PdfErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Reads the statements of a PDF.
pub(crate) fn read(bytes: &[u8], context: &mut Context<'_>) -> Result<Drafts, ReadError> {
    // Whatever is known to make a parser panic was refused by then. If one panics all the same, the file counts as damaged.
    let lines = catch_unwind(AssertUnwindSafe(|| {
        check::document(bytes, context.limits)?;
        lines(bytes, context)
    }));
    let lines = lines.unwrap_or(Err(ReadError::Broken))?;
    let (records, columns) = records(&lines).ok_or(ReadError::ColumnsNotFound)?;
    within(Counted::Rows, records.len(), context.limits.rows_max.saturating_add(10_000))?;
    table::read(&records, Some(columns), &Manner { inherits_dates: true }, context)
}

/// The lines of all pages, from the top of the first to the bottom of the last.
fn lines(bytes: &[u8], context: &mut Context<'_>) -> Result<Vec<Line>, ReadError> {
    let limits = context.limits;
    let options = ExtractOptions {
        max_objects_per_page: limits.page_chars_max,
        max_stream_bytes: limits.stream_bytes_max,
        max_pages: Some(limits.pages_max),
        // Some programs print letters twice, a little apart, to make them bold.
        dedupe: Some(DedupeOptions::default()),
        ..ExtractOptions::default()
    };
    let failed = |error: &pdfplumber::PdfError| match error.kind() {
        PdfErrorKind::PasswordRequired | PdfErrorKind::InvalidPassword => ReadError::Encrypted,
        PdfErrorKind::ResourceLimit => exceeded(Counted::PageChars, limits.page_chars_max),
        _ => ReadError::Broken,
    };
    let pdf = Pdf::open_bytes(bytes, Some(options)).map_err(|error| failed(&error))?;
    let count = pdf.page_count();
    within(Counted::Pages, count, limits.pages_max)?;
    let mut lines = Vec::new();
    let mut images = 0;
    for index in 0..count {
        let page = pdf.page(index).map_err(|error| failed(&error))?;
        images += page.images().len();
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let own = line::lines(&page, number);
        if page.chars().iter().any(|char| !char.upright) {
            context.unused(place(number, &[]), UnusedKind::Line, "text that is not printed upright");
        }
        if own.is_empty() && !page.images().is_empty() {
            context.unused(place(number, &[]), UnusedKind::NotUnderstood, "a page that is an image without text");
        }
        lines.extend(own);
    }
    match (lines.is_empty(), images, count) {
        (false, ..) => Ok(lines),
        (true, _, 0) => Err(ReadError::Broken),
        (true, 0, _) => Err(ReadError::NoStatement),
        (true, ..) => Err(ReadError::ImageOnly),
    }
}

/// The area around some words.
fn place(page: u32, words: &[line::Word]) -> Place {
    let edge = |of: fn(&line::Word) -> f64, most: bool| {
        let edges = words.iter().map(of);
        let edge = if most { edges.fold(0.0, f64::max).ceil() } else { edges.fold(f64::MAX, f64::min).floor() };
        line::points(edge)
    };
    let area = match words {
        [] => Area { left: 0, top: 0, right: 0, bottom: 0 },
        words => Area {
            left: edge(|w| w.left, false),
            top: edge(|w| w.top, false),
            right: edge(|w| w.right, true),
            bottom: edge(|w| w.bottom, true),
        },
    };
    Place::Page { page, area }
}

/// The lines as records with a cell for each column, and the columns; `None` if no line names them.
fn records(lines: &[Line]) -> Option<(Vec<Record>, table::Columns)> {
    let first = lines.iter().position(|line| Grid::of(line).is_some())?;
    let mut grid = Grid::of(lines.get(first)?)?;
    let mut columns = grid.columns.clone();
    // Amounts of one column are told apart by the title of their section, e.g. `Deposits` and `Withdrawals`.
    let by_section = columns.position(Role::Debit).is_none()
        && columns.position(Role::Credit).is_none()
        && columns.position(Role::Direction).is_none();
    if by_section {
        columns.roles.push(Some(Role::Direction));
        columns.names.push(String::new());
    }
    columns.heading = Some(first);
    let mut section = lines[..first].iter().rev().take(2).find_map(|line| section_title(line));
    let mut records: Vec<Record> = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let mut cells = match Grid::of(line) {
            Some(next) if next.columns.roles == grid.columns.roles => {
                // The same table on the next page, perhaps a little to the side.
                grid = next;
                grid.columns.names.clone()
            }
            _ if number < first || prints_labels(line) => line.segments(),
            _ => {
                if let Some(side) = section_title(line) {
                    section = Some(side);
                }
                grid.cells(line)
            }
        };
        if by_section && number > first && !cells.iter().all(String::is_empty) {
            cells.resize(grid.columns.names.len(), String::new());
            let amount = columns.position(Role::Amount).and_then(|at| cells.get(at));
            let has_amount =
                amount.is_some_and(|cell| crate::money::parse(cell).is_some_and(|amount| !amount.is_marked()));
            let mark = match section {
                Some(Side::Credit) if has_amount => "Cr",
                Some(Side::Debit) if has_amount => "Dr",
                _ => "",
            };
            cells.push(mark.to_owned());
        }
        records.push(Record { cells, at: place(line.page, &line.words), malformed: false });
    }
    Some((records, columns))
}

/// Whether a line prints labels with their values beside each other, so that columns do not apply.
fn prints_labels(line: &Line) -> bool {
    let segments = line.segments();
    let is_dated = segments.first().is_some_and(|first| {
        let word = first.split_whitespace().next().unwrap_or_default();
        crate::date::parse(word).is_some() || crate::date::parse(first).is_some()
    });
    let begins = |segment: &String| {
        table::leading_label(segment).is_some_and(|(label, rest)| {
            !rest.is_empty() && !(matches!(label, Label::Total) && crate::money::parse(rest).is_none())
        })
    };
    !is_dated && segments.iter().any(begins)
}

/// The direction of the amounts below a title: a line of few words and no figures.
fn section_title(line: &Line) -> Option<Side> {
    let text = line.text();
    if line.words.len() > 8 || text.chars().any(|c| c.is_ascii_digit()) {
        return None;
    }
    let folded = crate::text::folded(&text);
    let has = |words: &[&str]| folded.split(' ').any(|word| words.contains(&word));
    let is_in = has(&[
        "deposits",
        "deposit",
        "credits",
        "additions",
        "receipts",
        "gutschriften",
        "abonos",
        "ingresos",
        "credit",
    ]);
    let is_out = has(&[
        "withdrawals",
        "withdrawal",
        "debits",
        "checks",
        "fees",
        "subtractions",
        "payments",
        "purchases",
        "lastschriften",
        "cargos",
        "debit",
    ]);
    match (is_in, is_out) {
        (true, false) => Some(Side::Credit),
        (false, true) => Some(Side::Debit),
        _ => None,
    }
}
