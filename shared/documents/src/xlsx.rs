//! Reads Office Open XML workbooks cell by cell, never as a dense table of a size that the file declares.

use crate::archive;
use crate::error::{Counted, ReadError, within};
use crate::grid::{Collector, Grid, Merge, Value};
use crate::limit::Limits;
use crate::unused;
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use domain::statement::Unused;
use jiff::civil::Date;
use std::io::Cursor;

/// How many merged ranges of a sheet are read.
const MERGES_MAX: usize = 2_000;

/// Reads every visible sheet.
///
/// # Errors
/// See [`ReadError`]; macros, other Office documents and damaged parts are refused.
pub fn read(bytes: &[u8], limits: &Limits, unused: &mut Vec<Unused>) -> Result<Vec<Grid>, ReadError> {
    let contents = archive::check(bytes, limits)?;
    let has = |start: &str| contents.names.iter().any(|name| name.to_ascii_lowercase().starts_with(start));
    if has("xl/workbook.bin") {
        return Err(ReadError::FormatNotRead);
    }
    if !has("xl/") {
        return Err(ReadError::TypeUnknown);
    }
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_| ReadError::Broken)?;
    let sheets = workbook.sheets_metadata().to_vec();
    within(
        Counted::Sheets,
        u64::try_from(sheets.len()).unwrap_or(u64::MAX),
        u64::try_from(limits.sheets_max).unwrap_or(0),
    )?;
    let mut collector = Collector::new(limits);
    let mut grids = Vec::new();
    for sheet in &sheets {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            unused.push(unused::hidden_sheet(&sheet.name));
            continue;
        }
        read_sheet(&mut workbook, &sheet.name, &mut collector)?;
        let merges = merges(&mut workbook, &sheet.name);
        grids.push(collector.finish(&sheet.name, merges));
    }
    Ok(grids)
}

fn read_sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str, collector: &mut Collector<'_>) -> Result<(), ReadError> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| ReadError::Broken)?;
    while let Some(cell) = cells.next_cell().map_err(|_| ReadError::Broken)? {
        let (row, column) = cell.get_position();
        match cell.get_value() {
            DataRef::Empty | DataRef::Bool(_) | DataRef::DurationIso(_) => {}
            DataRef::String(text) => collector.push_text(row, column, text)?,
            DataRef::SharedString(text) => collector.push_text(row, column, text)?,
            DataRef::DateTimeIso(text) => match iso_date(text) {
                Some(date) => collector.push(row, column, Value::Date(date), 0)?,
                None => collector.push_text(row, column, text)?,
            },
            DataRef::Int(int) => collector.push(row, column, Value::Number((*int).into()), 0)?,
            DataRef::Float(float) => collector.push_float(row, column, *float)?,
            DataRef::DateTime(time) => match date(time) {
                Some(date) => collector.push(row, column, Value::Date(date), 0)?,
                None => collector.push_float(row, column, time.as_f64())?,
            },
            DataRef::Error(_) => collector.push(row, column, Value::Error, 0)?,
        }
    }
    Ok(())
}

fn merges(workbook: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Vec<Merge> {
    // If the merged ranges of a sheet cannot be read, headings are matched by position and order.
    let found = workbook.merge_cells_by_sheet_name(name).unwrap_or_default();
    let spans = found.iter().filter(|d| d.end.1 > d.start.1).take(MERGES_MAX);
    spans.map(|d| Merge { row: d.start.0 + 1, first: d.start.1, last: d.end.1 }).collect()
}

/// The day of a date cell; `None` for durations and for days outside 1950 to 2100.
pub fn date(time: &ExcelDateTime) -> Option<Date> {
    if !time.is_datetime() || time.as_f64() < 1.0 {
        return None;
    }
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    if !(1950..=2100).contains(&year) {
        return None;
    }
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

/// The day of an ISO 8601 date or date-time.
pub fn iso_date(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}
