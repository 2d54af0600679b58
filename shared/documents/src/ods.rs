//! Reads OpenDocument spreadsheets element by element. Rows and cells can declare that they repeat: empty ones are skipped
//! whatever the number, and each repetition of the others counts against the limits.

use crate::archive;
use crate::error::{Counted, ReadError, within};
use crate::grid::{self, Collector, Grid, Look, Merge, Value};
use crate::heading::When;
use crate::limit::Limits;
use crate::markup::attribute;
use crate::{heading, number, unused, xlsx};
use domain::statement::Unused;
use jiff::civil::Date;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use rust_decimal::Decimal;
use std::collections::HashSet;
use std::io::{BufRead, BufReader};

/// Reads every visible sheet.
///
/// # Errors
/// See [`ReadError`]; encrypted parts are refused as encrypted.
pub fn read(bytes: &[u8], limits: &Limits, unused: &mut Vec<Unused>) -> Result<Vec<Grid>, ReadError> {
    let contents = archive::check(bytes, limits)?;
    if contents.manifest_encrypted {
        return Err(ReadError::Encrypted);
    }
    let mut zip = archive::open(bytes)?;
    let content = zip.by_name("content.xml").map_err(|_| ReadError::Broken)?;
    let mut reader = Reader::from_reader(BufReader::new(content));
    let mut sheets = Sheets::new(limits);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)? {
            Event::Start(e) if e.name().as_ref() == "style:style" => sheets.style = attribute(&e, "style:name"),
            Event::Start(e) | Event::Empty(e) if e.name().as_ref().starts_with("style:") => sheets.property(&e),
            Event::Start(e) if name_is(&e, "table") => sheets.start(&e)?,
            Event::End(e) if e.name().as_ref() == "table:table" => sheets.finish(unused),
            Event::Start(e) | Event::Empty(e) if name_is(&e, "table-column") => sheets.column(&e),
            Event::Start(e) if name_is(&e, "table-row") => {
                let repeated = repeated(&e, "table:number-rows-repeated");
                sheets.hide_rows(&e, repeated);
                let cells = row(&mut reader, limits, &mut sheets.merges, sheets.row)?;
                sheets.push_row(&cells, repeated)?;
            }
            Event::Empty(e) if name_is(&e, "table-row") => {
                sheets.row = sheets.row.saturating_add(repeated(&e, "table:number-rows-repeated"));
            }
            Event::DocType(_) => return Err(ReadError::Broken),
            Event::Eof => break,
            _ => {}
        }
    }
    unused.append(&mut sheets.collector.unused);
    Ok(sheets.grids)
}

struct Sheets<'a> {
    limits: &'a Limits,
    collector: Collector<'a>,
    grids: Vec<Grid>,
    name: String,
    merges: Vec<Merge>,
    row: u32,
    next_column: u32,
    /// The style that is being read, and the styles that hide sheets or print in bold.
    style: Option<String>,
    hiding: HashSet<String>,
    bold: HashSet<String>,
    is_hidden: bool,
}

/// One cell of a row.
struct Found {
    column: u32,
    content: Content,
    style: Option<String>,
}

#[derive(Clone)]
enum Content {
    Text(String),
    Value(Value),
    /// A number with the text that it is shown as, if the file has one.
    Number(Decimal, Option<String>),
}

impl<'a> Sheets<'a> {
    fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            collector: Collector::new(limits),
            grids: Vec::new(),
            name: String::new(),
            merges: Vec::new(),
            row: 0,
            next_column: 0,
            style: None,
            hiding: HashSet::new(),
            bold: HashSet::new(),
            is_hidden: false,
        }
    }

    fn start(&mut self, e: &BytesStart<'_>) -> Result<(), ReadError> {
        let count = u64::try_from(self.grids.len() + 1).unwrap_or(u64::MAX);
        within(Counted::Sheets, count, u64::try_from(self.limits.sheets_max).unwrap_or(0))?;
        self.name = attribute(e, "table:name").unwrap_or_default();
        self.row = 0;
        self.next_column = 0;
        self.is_hidden = attribute(e, "table:style-name").is_some_and(|style| self.hiding.contains(&style));
        Ok(())
    }

    fn finish(&mut self, unused: &mut Vec<Unused>) {
        let merges = std::mem::take(&mut self.merges);
        if self.is_hidden {
            unused.push(unused::hidden_sheet(&self.name));
            return;
        }
        let grid = self.collector.finish(&self.name, merges);
        self.grids.push(grid);
    }

    /// A property of the style that is being read.
    fn property(&mut self, e: &BytesStart<'_>) {
        let Some(style) = &self.style else { return };
        if attribute(e, "table:display").as_deref() == Some("false") {
            self.hiding.insert(style.clone());
        }
        if attribute(e, "fo:font-weight").as_deref() == Some("bold") {
            self.bold.insert(style.clone());
        }
    }

    fn column(&mut self, e: &BytesStart<'_>) {
        let repeated = repeated(e, "table:number-columns-repeated");
        let last = self.next_column.saturating_add(repeated - 1);
        if is_collapsed(e) {
            self.collector.hide_columns(self.next_column, last);
        }
        self.next_column = last.saturating_add(1);
    }

    fn hide_rows(&mut self, e: &BytesStart<'_>, repeated: u32) {
        if is_collapsed(e) {
            self.collector.hide_rows(self.row, self.row.saturating_add(repeated - 1));
        }
    }

    fn push_row(&mut self, cells: &[Found], repeated: u32) -> Result<(), ReadError> {
        if cells.is_empty() || self.is_hidden {
            self.row = self.row.saturating_add(repeated);
            return Ok(());
        }
        for _ in 0..repeated {
            for cell in cells {
                let bold = cell.style.as_ref().is_some_and(|style| self.bold.contains(style));
                let look = Look { bold, ..Look::default() };
                match &cell.content {
                    Content::Text(text) => self.collector.push_text(self.row, cell.column, text, &look)?,
                    Content::Value(value) => self.collector.push(self.row, cell.column, value.clone(), &look)?,
                    Content::Number(number, Some(text)) => {
                        self.collector.push_shown(self.row, cell.column, *number, text, &look)?;
                    }
                    Content::Number(number, None) => {
                        self.collector.push_number(self.row, cell.column, *number, &look)?
                    }
                }
            }
            self.row = self.row.saturating_add(1);
        }
        Ok(())
    }
}

fn row(
    reader: &mut Reader<impl BufRead>,
    limits: &Limits,
    merges: &mut Vec<Merge>,
    row: u32,
) -> Result<Vec<Found>, ReadError> {
    let mut cells = Vec::new();
    let mut column: u32 = 0;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let (start, empty) = match reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)? {
            Event::Start(e) if is_cell(&e) => (e.into_owned(), false),
            Event::Empty(e) if is_cell(&e) => (e.into_owned(), true),
            Event::End(e) if e.name().as_ref() == "table:table-row" => return Ok(cells),
            Event::Eof => return Err(ReadError::Broken),
            _ => continue,
        };
        let times = repeated(&start, "table:number-columns-repeated");
        let text = if empty { None } else { text(reader, limits.cell_chars_max)? };
        let content = content(&start, text);
        let style = attribute(&start, "table:style-name");
        if let Some(content) = content.filter(|_| !name_is(&start, "covered-table-cell")) {
            within(Counted::Columns, u64::from(column.saturating_add(times)), u64::from(limits.columns_max))?;
            cells.extend((0..times).map(|n| Found {
                column: column + n,
                content: content.clone(),
                style: style.clone(),
            }));
        }
        let spanned = repeated(&start, "table:number-columns-spanned");
        if spanned > 1 && merges.len() < limits.columns_max as usize {
            let row = row.saturating_add(1);
            merges.push(Merge { row, last_row: row, first: column, last: column.saturating_add(spanned - 1) });
        }
        column = column.saturating_add(times);
    }
}

/// The content of a cell: its typed value, or its text. `None` for the text if the cell has no paragraph.
fn content(e: &BytesStart<'_>, text: Option<String>) -> Option<Content> {
    // Spreadsheet programs store a formula's error as the number 0 with the text of the error.
    if let Some(error) = text.as_deref().and_then(grid::error_name) {
        return Some(Content::Value(Value::Error(error)));
    }
    let is_formula = attribute(e, "table:formula").is_some();
    let kind = attribute(e, "office:value-type");
    match kind.as_deref() {
        Some("float" | "currency" | "percentage") => match attribute(e, "office:value") {
            None if is_formula => Some(Content::Value(Value::Uncalculated)),
            value => {
                let number = value.and_then(|v| v.parse::<f64>().ok()).and_then(number::from_float);
                Some(match number {
                    Some(number) => Content::Number(number, text),
                    None => Content::Value(Value::Error("a number out of range")),
                })
            }
        },
        Some("date") => match attribute(e, "office:date-value").and_then(|d| xlsx::iso_date(&d)) {
            Some(date) => Some(shown_date(date, text)),
            None => text.filter(|t| !t.trim().is_empty()).map(Content::Text),
        },
        Some("boolean" | "time") => None,
        None if is_formula && text.as_deref().is_none_or(|t| t.trim().is_empty()) => {
            Some(Content::Value(Value::Uncalculated))
        }
        _ => text.filter(|t| !t.trim().is_empty()).map(Content::Text),
    }
}

/// A day, or the month or year that the cell shows of it.
fn shown_date(date: Date, text: Option<String>) -> Content {
    let Some(text) = text else { return Content::Value(Value::Date(date)) };
    match heading::parse(&text).periods.as_slice() {
        [When::Day(day)] if *day != date && day.first_of_month() == date.first_of_month() => Content::Text(text),
        [When::Year(_)] if date != date.last_of_month() => Content::Text(text),
        _ => Content::Value(Value::Date(date)),
    }
}

/// The paragraphs of a cell, joined by a space, without its annotations; `None` if it has none.
fn text(reader: &mut Reader<impl BufRead>, chars_max: usize) -> Result<Option<String>, ReadError> {
    let mut text = String::new();
    let mut paragraphs = 0_u32;
    let mut buffer = Vec::new();
    let mut note_depth = 0_u32;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)?;
        let keep = note_depth == 0 && text.len() < chars_max * 4;
        match event {
            Event::Start(e) if e.name().as_ref() == "office:annotation" => note_depth += 1,
            Event::End(e) if e.name().as_ref() == "office:annotation" => note_depth = note_depth.saturating_sub(1),
            Event::End(e) if e.local_name().as_ref().ends_with("table-cell") => {
                return Ok((paragraphs > 0).then_some(text));
            }
            Event::Start(e) | Event::Empty(e) if keep && e.name().as_ref() == "text:p" => {
                paragraphs += 1;
                if !text.is_empty() {
                    text.push(' ');
                }
            }
            Event::Empty(e) if keep && e.name().as_ref() == "text:s" => text.push(' '),
            Event::Text(t) if keep => text.push_str(&t.xml10_content()),
            Event::GeneralRef(e) if keep => match e.resolve_char_ref() {
                Ok(Some(c)) => text.push(c),
                _ => text.push_str(resolve_xml_entity(e.as_ref()).ok_or(ReadError::Broken)?),
            },
            Event::Eof => return Err(ReadError::Broken),
            _ => {}
        }
    }
}

/// Whether a row or column is hidden, by hand or by a filter.
fn is_collapsed(e: &BytesStart<'_>) -> bool {
    matches!(attribute(e, "table:visibility").as_deref(), Some("collapse" | "filter"))
}

fn name_is(e: &BytesStart<'_>, local: &str) -> bool {
    e.name().as_ref().strip_prefix("table:") == Some(local)
}

fn is_cell(e: &BytesStart<'_>) -> bool {
    name_is(e, "table-cell") || name_is(e, "covered-table-cell")
}

fn repeated(e: &BytesStart<'_>, key: &str) -> u32 {
    attribute(e, key).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}
