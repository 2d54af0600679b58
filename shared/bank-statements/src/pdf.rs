//! Reads PDF files with a text layer: words to lines, lines to the columns of the heading above them, then as any table.
//!
//! The built-in table finders of PDF libraries go by ruled lines and gaps, which statements mostly lack. Here the heading says
//! what columns there are and where, and amounts belong to the heading whose right edge they share.

mod check;
mod column;
mod line;

use crate::draft::Context;
use crate::error::{Counted, ReadError, exceeded, within};
use crate::money::{self, Side};
use crate::place::{Area, Place, UnusedKind};
use crate::read::Drafts;
use crate::table::{self, Columns, Label, Manner, Record, Role};
use column::{Grid, ROLES};
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
    let (records, columns) = records(&lines, context).ok_or(ReadError::ColumnsNotFound)?;
    within(Counted::Rows, records.len(), context.limits.rows_max.saturating_add(10_000))?;
    table::read(records, Some(columns), &Manner { inherits_dates: true }, context)
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
        _ => Area {
            left: edge(|w| w.left, false),
            top: edge(|w| w.top, false),
            right: edge(|w| w.right, true),
            bottom: edge(|w| w.bottom, true),
        },
    };
    Place::Page { page, area }
}

/// The lines as records, and their columns; `None` if no line names any.
fn records(lines: &[Line], context: &mut Context<'_>) -> Option<(Vec<Record>, Columns)> {
    let mut columns = Columns::of_roles(&ROLES);
    let mut grid: Option<Grid> = None;
    let mut section = None;
    let mut records: Vec<Record> = Vec::new();
    let mut skip = 0;
    for (number, line) in lines.iter().enumerate() {
        let at = || place(line.page, &line.words);
        if skip > 0 {
            skip -= 1;
            continue;
        }
        if number > 0 && is_apart(&lines[number - 1], line) {
            // An empty line ends a narration.
            records.push(Record { cells: Vec::new(), at: at(), malformed: false });
        }
        if let Some((next, height)) = Grid::of(line, lines.get(number + 1)) {
            if grid.is_none() {
                columns.heading = Some(records.len());
                records.push(Record { cells: Vec::new(), at: at(), malformed: false });
            }
            next.unknown().for_each(|name| context.unused(at(), UnusedKind::Column, name));
            columns.currency = columns.currency.or_else(|| next.currency.clone());
            grid = Some(next);
            skip = height - 1;
            continue;
        }
        section = section_title(line).or(section);
        match &grid {
            Some(grid) if !prints_labels(line) => {
                for mut cells in grid.records(line) {
                    mark_by_section(&mut cells, grid, section);
                    records.push(Record { cells, at: at(), malformed: false });
                }
            }
            _ => records.push(Record { cells: line.segments(), at: at(), malformed: false }),
        }
    }
    grid.map(|_| (records, columns))
}

/// Amounts of one column without a mark are told apart by the title of their section, e.g. `Deposits` and `Withdrawals`.
fn mark_by_section(cells: &mut [String], grid: &Grid, section: Option<Side>) {
    let position = |role: Role| ROLES.iter().position(|own| *own == role);
    let (Some(amount), Some(direction)) = (position(Role::Amount), position(Role::Direction)) else { return };
    let is_unmarked = money::parse(&cells[amount]).is_some_and(|amount| !amount.is_marked());
    if grid.is_undirected() && is_unmarked {
        cells[direction] = match section {
            Some(Side::Credit) => "Cr".to_owned(),
            Some(Side::Debit) => "Dr".to_owned(),
            None => String::new(),
        };
    }
}

/// Whether a line is further from the one before than the lines of one row are.
fn is_apart(before: &Line, line: &Line) -> bool {
    let size = line.words.first().map_or(1.0, line::Word::size);
    before.page != line.page || line.top() - before.top() > 2.2 * size
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
            !rest.is_empty() && (!matches!(label, Label::Total) || money::parse(rest).is_some())
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
