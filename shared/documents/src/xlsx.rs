//! Reads Office Open XML workbooks cell by cell, never as a dense table of a size that the file declares.

mod calculate;
mod outline;
mod package;

use crate::archive;
use crate::error::{Counted, ReadError, within};
use crate::format::Format;
use crate::grid::{Collector, Grid, Look, Value};
use crate::limit::Limits;
use crate::{number, unused};
use calamine::{
    CellErrorType, DataRef, ExcelDateTime, ExcelDateTimeType, Reader, SheetType, SheetVisible, Style, Xlsx,
};
use calculate::{Calculator, Held};
use domain::statement::Unused;
use jiff::civil::Date;
use outline::{Budget, Outline};
use package::Package;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::io::Cursor;

/// Longest text that formulas may refer to, in bytes.
const HELD_BYTES_MAX: usize = 100;

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
    let worksheets: Vec<&calamine::Sheet> = sheets.iter().filter(|s| s.typ == SheetType::WorkSheet).collect();
    let mut outlined = outlines(&mut package, &worksheets, limits)?;
    let calculable = hold(&mut workbook, &mut outlined, &worksheets, limits)?;
    let mut calculator = Calculator::new(if calculable { &outlined } else { &[] });
    let mut collector = Collector::new(limits);
    let mut looks = HashMap::new();
    let mut grids = Vec::new();
    for (place, sheet) in worksheets.iter().enumerate() {
        if sheet.visible != SheetVisible::Visible {
            unused.push(unused::hidden_sheet(&sheet.name));
            continue;
        }
        let Some(outlined) = outlined.get(place) else { continue };
        collector.begin(outlined.outline.hidden.clone());
        read_sheet(
            &mut workbook,
            &sheet.name,
            (place, &outlined.outline),
            &mut calculator,
            &mut looks,
            &mut collector,
        )?;
        let outline = &outlined.outline;
        let stale = outline.valued.keys().filter(|(row, column)| !outline.hidden.hides(*row, *column));
        let stale: Vec<(u32, u32)> =
            stale.copied().filter(|(row, column)| calculator.contradicts(place, *row, *column)).collect();
        unused.extend(stale.into_iter().map(|at| unused::stale_value(&sheet.name, at)));
        grids.push(collector.finish(&sheet.name, outlined.outline.merges.clone()));
    }
    unused.append(&mut collector.unused);
    Ok(grids)
}

/// What each sheet says beside the values of its cells. Hidden sheets count only for formulas that refer to them.
fn outlines(
    package: &mut Package<'_>,
    sheets: &[&calamine::Sheet],
    limits: &Limits,
) -> Result<Vec<calculate::Sheet>, ReadError> {
    let mut budget = Budget::new(limits);
    let read = sheets.iter().map(|sheet| {
        let outline = match outline::read(package, &sheet.name, &mut budget) {
            Err(_) if sheet.visible != SheetVisible::Visible => Outline::default(),
            outline => outline?,
        };
        if budget.is_spent {
            let limit = u64::try_from(4 * limits.statement_cells_max).unwrap_or(u64::MAX);
            return Err(ReadError::Limit { what: Counted::Cells, limit });
        }
        Ok(calculate::Sheet { name: sheet.name.to_lowercase(), outline, ..calculate::Sheet::default() })
    });
    read.collect()
}

/// Holds the values of all cells, if any visible sheet has a formula; returns whether formulas can be
/// calculated. In a workbook with more cells than its statements can have, none is.
fn hold(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    outlined: &mut [calculate::Sheet],
    sheets: &[&calamine::Sheet],
    limits: &Limits,
) -> Result<bool, ReadError> {
    let visible = |place: usize| sheets.get(place).is_some_and(|s| s.visible == SheetVisible::Visible);
    let has_formula = |outline: &Outline| !outline.uncalculated.is_empty() || !outline.valued.is_empty();
    if !outlined.iter().enumerate().any(|(place, sheet)| visible(place) && has_formula(&sheet.outline)) {
        return Ok(false);
    }
    let mut left = 4 * limits.statement_cells_max;
    for (place, (sheet, cells)) in sheets.iter().zip(outlined.iter_mut()).enumerate() {
        let reader = workbook.worksheet_cells_reader(&sheet.name);
        let mut reader = match reader {
            Err(_) if !visible(place) => continue,
            reader => reader.map_err(|_| ReadError::Broken)?,
        };
        while let Some(cell) = reader.next_cell().map_err(|_| ReadError::Broken)? {
            let held = match cell.get_value() {
                DataRef::Empty | DataRef::Bool(_) | DataRef::DurationIso(_) | DataRef::DateTimeIso(_) => continue,
                DataRef::String(text) => held_text(text),
                DataRef::SharedString(text) => held_text(text),
                DataRef::Int(int) => Held::Number((*int).into()),
                DataRef::Float(float) => number::from_float(*float).map_or(Held::Error, Held::Number),
                DataRef::DateTime(time) => number::from_float(time.as_f64()).map_or(Held::Error, Held::Number),
                DataRef::Error(_) => Held::Error,
            };
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            cells.held.insert(cell.get_position(), held);
        }
    }
    Ok(true)
}

/// A text that formulas may join. A long one is no heading, and no formula that refers to it is calculated.
fn held_text(text: &str) -> Held {
    if text.len() > HELD_BYTES_MAX { Held::Error } else { Held::Text(text.to_owned()) }
}

fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    name: &str,
    (place, outline): (usize, &Outline),
    calculator: &mut Calculator<'_>,
    looks: &mut HashMap<usize, Look>,
    collector: &mut Collector<'_>,
) -> Result<(), ReadError> {
    let is_1904 = workbook.has_1904_epoch();
    let mut cells = workbook.worksheet_cells_reader(name).map_err(|_| ReadError::Broken)?;
    while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(|_| ReadError::Broken)? {
        let (row, column) = cell.get_position();
        let look = looks.entry(style).or_insert_with(|| look_of(cells.styles().get(style)));
        if outline.uncalculated.contains_key(&(row, column)) {
            match calculator.value(place, row, column) {
                Some(Held::Number(number)) => match look.format.is_date().then(|| day_of(number, is_1904)).flatten() {
                    Some(date) => collector.push_date(row, column, date, look)?,
                    None => collector.push_number(row, column, number, look)?,
                },
                Some(Held::Text(text)) => collector.push_text(row, column, &text, look)?,
                _ => collector.push(row, column, Value::Uncalculated, look)?,
            }
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

/// The day that a calculated number stands for.
fn day_of(number: Decimal, is_1904: bool) -> Option<Date> {
    date(&ExcelDateTime::new(f64::try_from(number).ok()?, ExcelDateTimeType::DateTime, is_1904))
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
