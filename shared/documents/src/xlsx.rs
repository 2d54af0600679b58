//! Reads Office Open XML workbooks cell by cell, never as a dense table of a size that the file declares.

mod outline;
mod package;

use crate::archive;
use crate::error::{Counted, ReadError, within};
use crate::format::Format;
use crate::grid::{Collector, Grid, Look, Value};
use crate::limit::Limits;
use crate::unused;
use calamine::{CellErrorType, DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Style, Xlsx};
use domain::statement::Unused;
use jiff::civil::Date;
use outline::Outline;
use package::Package;
use std::collections::HashMap;
use std::io::Cursor;

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
    let mut package = Package::open(bytes, &contents.names)?;
    let mut collector = Collector::new(limits);
    let mut looks = HashMap::new();
    let mut grids = Vec::new();
    for sheet in &sheets {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            unused.push(unused::hidden_sheet(&sheet.name));
            continue;
        }
        let mut outline = outline::read(&mut package, &sheet.name, limits)?;
        collector.begin(std::mem::take(&mut outline.hidden));
        read_sheet(&mut workbook, &sheet.name, &outline, &mut looks, &mut collector)?;
        grids.push(collector.finish(&sheet.name, outline.merges));
    }
    unused.append(&mut collector.unused);
    Ok(grids)
}

fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    outline: &Outline,
    looks: &mut HashMap<usize, Look>,
    collector: &mut Collector<'_>,
) -> Result<(), ReadError> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| ReadError::Broken)?;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|_| ReadError::Broken)? {
        let (row, column) = cell.get_position();
        let look = looks.entry(style).or_insert_with(|| look_of(cells.styles().get(style)));
        if outline.uncalculated.contains_key(&(row, column)) {
            collector.push(row, column, Value::Uncalculated, look)?;
            continue;
        }
        match cell.get_value() {
            DataRef::Empty | DataRef::Bool(_) | DataRef::DurationIso(_) => {}
            DataRef::String(text) => collector.push_text(row, column, text, look)?,
            DataRef::SharedString(text) => collector.push_text(row, column, text, look)?,
            DataRef::DateTimeIso(text) => match iso_date(text) {
                Some(date) => collector.push_date(row, column, date, look)?,
                None => collector.push_text(row, column, text, look)?,
            },
            DataRef::Int(int) => collector.push_number(row, column, (*int).into(), look)?,
            DataRef::Float(float) => collector.push_float(row, column, *float, look)?,
            DataRef::DateTime(time) => match date(time) {
                Some(date) => collector.push_date(row, column, date, look)?,
                None => collector.push_float(row, column, time.as_f64(), look)?,
            },
            DataRef::Error(error) => collector.push(row, column, Value::Error(error_name(error)), look)?,
        }
    }
    Ok(())
}

fn look_of(style: Option<&Style>) -> Look {
    let Some(style) = style else { return Look::default() };
    let format = style.number_format.as_ref().map(|f| Format::parse(&f.format_code, f.format_id)).unwrap_or_default();
    let bold = style.font.as_ref().is_some_and(calamine::Font::is_bold);
    let indent = style.alignment.as_ref().and_then(|a| a.indent).unwrap_or(0);
    Look { format, bold, indent }
}

/// The name that a cell with an error shows.
pub fn error_name(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        _ => "an error",
    }
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
