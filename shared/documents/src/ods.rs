//! Reads OpenDocument spreadsheets element by element. Rows and cells can declare that they repeat: empty ones are skipped
//! whatever the number, and each repetition of the others counts against the limits.

use crate::archive;
use crate::error::{Counted, ReadError, within};
use crate::grid::{Collector, Grid, Merge, Value};
use crate::limit::Limits;
use crate::{number, xlsx};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use std::io::{BufRead, BufReader};

/// Reads every sheet.
///
/// # Errors
/// See [`ReadError`]; encrypted parts are refused as encrypted.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Vec<Grid>, ReadError> {
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
            Event::Start(e) if name_is(&e, "table") => sheets.start(&e)?,
            Event::End(e) if e.name().as_ref() == "table:table" => sheets.finish(),
            Event::Start(e) if name_is(&e, "table-row") => {
                let repeated = repeated(&e, "table:number-rows-repeated");
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
    Ok(sheets.grids)
}

struct Sheets<'a> {
    limits: &'a Limits,
    collector: Collector<'a>,
    grids: Vec<Grid>,
    name: String,
    merges: Vec<Merge>,
    row: u32,
}

/// One cell of a row.
struct Found {
    column: u32,
    content: Content,
}

#[derive(Clone)]
enum Content {
    Text(String),
    Value(Value),
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
        }
    }

    fn start(&mut self, e: &BytesStart<'_>) -> Result<(), ReadError> {
        let count = u64::try_from(self.grids.len() + 1).unwrap_or(u64::MAX);
        within(Counted::Sheets, count, u64::try_from(self.limits.sheets_max).unwrap_or(0))?;
        self.name = attribute(e, "table:name").unwrap_or_default();
        self.row = 0;
        Ok(())
    }

    fn finish(&mut self) {
        let merges = std::mem::take(&mut self.merges);
        let grid = self.collector.finish(&self.name, merges);
        self.grids.push(grid);
    }

    fn push_row(&mut self, cells: &[Found], repeated: u32) -> Result<(), ReadError> {
        if cells.is_empty() {
            self.row = self.row.saturating_add(repeated);
            return Ok(());
        }
        for _ in 0..repeated {
            for cell in cells {
                match &cell.content {
                    Content::Text(text) => self.collector.push_text(self.row, cell.column, text)?,
                    Content::Value(value) => self.collector.push(self.row, cell.column, value.clone(), 0)?,
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
        let text = if empty { String::new() } else { text(reader, limits.cell_chars_max)? };
        let content = content(&start, text);
        if let Some(content) = content.filter(|_| !name_is(&start, "covered-table-cell")) {
            within(Counted::Columns, u64::from(column.saturating_add(times)), u64::from(limits.columns_max))?;
            cells.extend((0..times).map(|n| Found { column: column + n, content: content.clone() }));
        }
        let spanned = repeated(&start, "table:number-columns-spanned");
        if spanned > 1 && merges.len() < limits.columns_max as usize {
            merges.push(Merge { row: row.saturating_add(1), first: column, last: column.saturating_add(spanned - 1) });
        }
        column = column.saturating_add(times);
    }
}

/// The content of a cell: its typed value, or its text.
fn content(e: &BytesStart<'_>, text: String) -> Option<Content> {
    let value = match attribute(e, "office:value-type").as_deref() {
        Some("float" | "currency" | "percentage") => {
            let float = attribute(e, "office:value").and_then(|v| v.parse::<f64>().ok());
            Some(float.and_then(number::from_float).map_or(Value::Error, Value::Number))
        }
        Some("date") => attribute(e, "office:date-value").and_then(|d| xlsx::iso_date(&d)).map(Value::Date),
        Some("boolean" | "time") => return None,
        _ => None,
    };
    match value {
        // Spreadsheet programs store a formula's error as the number 0 with the text of the error.
        Some(_) if text.starts_with('#') || text.starts_with("Err:") => Some(Content::Value(Value::Error)),
        Some(value) => Some(Content::Value(value)),
        None if text.starts_with("#DIV/0!") || text.starts_with("Err:") => Some(Content::Value(Value::Error)),
        None => (!text.trim().is_empty()).then_some(Content::Text(text)),
    }
}

/// The paragraphs of a cell, joined by a space, without its annotations.
fn text(reader: &mut Reader<impl BufRead>, chars_max: usize) -> Result<String, ReadError> {
    let mut text = String::new();
    let mut buffer = Vec::new();
    let mut note_depth = 0_u32;
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)?;
        let keep = note_depth == 0 && text.len() < chars_max * 4;
        match event {
            Event::Start(e) if e.name().as_ref() == "office:annotation" => note_depth += 1,
            Event::End(e) if e.name().as_ref() == "office:annotation" => note_depth = note_depth.saturating_sub(1),
            Event::End(e) if e.local_name().as_ref().ends_with("table-cell") => return Ok(text),
            Event::Start(e) if keep && e.name().as_ref() == "text:p" && !text.is_empty() => text.push(' '),
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

fn name_is(e: &BytesStart<'_>, local: &str) -> bool {
    e.name().as_ref().strip_prefix("table:") == Some(local)
}

fn is_cell(e: &BytesStart<'_>) -> bool {
    name_is(e, "table-cell") || name_is(e, "covered-table-cell")
}

fn repeated(e: &BytesStart<'_>, key: &str) -> u32 {
    attribute(e, key).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}

fn attribute(e: &BytesStart<'_>, key: &str) -> Option<String> {
    // The check for duplicate attributes takes quadratic time, and a hostile element could have millions.
    let mut attributes = e.attributes();
    attributes.with_checks(false);
    let found = attributes.flatten().find(|a| a.key.as_ref() == key)?;
    found.normalized_value(quick_xml::XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
