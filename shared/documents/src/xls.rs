//! Reads legacy binary workbooks. The library loads whole sheets, so the records are checked before it is called.

mod outline;

use crate::error::{Counted, ReadError, within};
use crate::grid::{Collector, Grid, Look, Merge, Value};
use crate::limit::Limits;
use crate::{unused, xlsx};
use calamine::{Data, Dimensions, Reader, SheetType, SheetVisible, Xls};
use cfb::CompoundFile;
use domain::statement::Unused;
use outline::Outline;
use std::io::{Cursor, Read};

/// How many merged ranges of a sheet are read.
const MERGES_MAX: usize = 2_000;

const FORMULA: u16 = 0x0006;
const FILEPASS: u16 = 0x002F;
const SHEET: u16 = 0x0085;
const MULTIPLE_NUMBERS: u16 = 0x00BD;
const MULTIPLE_BLANKS: u16 = 0x00BE;
const SHARED_STRINGS: u16 = 0x00FC;
const DIMENSIONS: u16 = 0x0200;
const START: u16 = 0x0809;

/// Reads every visible sheet.
///
/// # Errors
/// See [`ReadError`]; a container that holds an encrypted package of a newer workbook is refused as encrypted.
pub fn read(bytes: &[u8], limits: &Limits, unused: &mut Vec<Unused>) -> Result<Vec<Grid>, ReadError> {
    let outline = check(bytes, limits)?;
    let plain = Look::default();
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(|_| ReadError::Broken)?;
    let sheets = workbook.sheets_metadata().to_vec();
    let mut collector = Collector::new(limits);
    let mut grids = Vec::new();
    for (place, sheet) in sheets.iter().enumerate() {
        if sheet.typ != SheetType::WorkSheet {
            continue;
        }
        if sheet.visible != SheetVisible::Visible {
            unused.push(unused::hidden_sheet(&sheet.name));
            continue;
        }
        let range = workbook.worksheet_range(&sheet.name).map_err(|_| ReadError::Broken)?;
        collector.begin(outline.hidden(place));
        let (row_first, column_first) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let row = row_first + u32::try_from(row).unwrap_or(u32::MAX / 2);
            let column = column_first + u32::try_from(column).unwrap_or(u32::MAX / 2);
            let look = outline.look(place, row, column).unwrap_or(&plain);
            match value {
                Data::Empty | Data::Bool(_) | Data::DurationIso(_) => {}
                Data::String(text) | Data::DateTimeIso(text) => collector.push_text(row, column, text, look)?,
                Data::Int(int) => collector.push_number(row, column, (*int).into(), look)?,
                Data::Float(float) => collector.push_float(row, column, *float, look)?,
                Data::DateTime(time) => match xlsx::date(time) {
                    Some(date) => collector.push_date(row, column, date, look)?,
                    None => collector.push_float(row, column, time.as_f64(), look)?,
                },
                Data::Error(error) => collector.push(row, column, Value::Error(xlsx::error_name(error)), look)?,
            }
        }
        let ranges = workbook.merge_cells_by_sheet_name(&sheet.name).unwrap_or_default();
        grids.push(collector.finish(&sheet.name, merges(&ranges)));
    }
    unused.append(&mut collector.unused);
    Ok(grids)
}

fn merges(ranges: &[Dimensions]) -> Vec<Merge> {
    let merge = |d: &Dimensions| Merge { row: d.start.0 + 1, last_row: d.end.0 + 1, first: d.start.1, last: d.end.1 };
    ranges.iter().take(MERGES_MAX).map(merge).collect()
}

/// Checks the records before the library reads them, and reads from them what it does not.
fn check(bytes: &[u8], limits: &Limits) -> Result<Outline, ReadError> {
    let mut container = CompoundFile::open(Cursor::new(bytes)).map_err(|_| ReadError::Broken)?;
    if container.exists("EncryptedPackage") || container.exists("EncryptionInfo") {
        return Err(ReadError::Encrypted);
    }
    if container.exists("_VBA_PROJECT_CUR") {
        return Err(ReadError::Macros);
    }
    let name = ["Workbook", "Book"].into_iter().find(|name| container.is_stream(name)).ok_or(ReadError::TypeUnknown)?;
    let stream = container.open_stream(name).map_err(|_| ReadError::Broken)?;
    let mut records = Vec::new();
    stream.take(limits.file_bytes_max).read_to_end(&mut records).map_err(|_| ReadError::Broken)?;
    check_records(&records, limits)?;
    Ok(Outline::read(&records, 4 * limits.statement_cells_max))
}

/// The rectangle that the cells of one sheet span; the library allocates all of it.
#[derive(Default)]
struct Span {
    rows: Option<(u16, u16)>,
    columns: Option<(u16, u16)>,
}

impl Span {
    fn extend(&mut self, row: u16, first: u16, last: u16) {
        let (a, b) = self.rows.unwrap_or((row, row));
        self.rows = Some((a.min(row), b.max(row)));
        let (a, b) = self.columns.unwrap_or((first, last));
        self.columns = Some((a.min(first), b.max(last)));
    }

    fn cells(&self) -> u64 {
        let length = |range: Option<(u16, u16)>| range.map_or(0, |(a, b)| u64::from(b.saturating_sub(a)) + 1);
        length(self.rows) * length(self.columns)
    }
}

fn check_records(records: &[u8], limits: &Limits) -> Result<(), ReadError> {
    let mut at = 0;
    let mut span = Span::default();
    let mut cells = 0;
    let mut sheets = 0;
    while let (Some(kind), Some(length)) = (u16_at(records, at), u16_at(records, at + 2)) {
        let Some(body) = records.get(at + 4..at + 4 + usize::from(length)) else { break };
        match kind {
            START => {
                cells += span.cells();
                span = Span::default();
            }
            SHEET => sheets += 1,
            FILEPASS => return Err(ReadError::Encrypted),
            SHARED_STRINGS => within(Counted::Strings, u32_at(body, 4), limits.shared_strings_max)?,
            DIMENSIONS => check_dimensions(body, limits)?,
            FORMULA | 0x0001..=0x0005 | 0x0007 | 0x00D6 | 0x00FD | 0x0201..=0x0207 | 0x027E => {
                if let (Some(row), Some(column)) = (u16_at(body, 0), u16_at(body, 2)) {
                    span.extend(row, column, column);
                }
            }
            MULTIPLE_NUMBERS | MULTIPLE_BLANKS => {
                if let (Some(row), Some(first), Some(last)) =
                    (u16_at(body, 0), u16_at(body, 2), u16_at(body, body.len().saturating_sub(2)))
                {
                    span.extend(row, first, last);
                }
            }
            _ => {}
        }
        within(Counted::Cells, cells + span.cells(), limits.cells_max)?;
        within(Counted::Sheets, sheets, u64::try_from(limits.sheets_max).unwrap_or(0))?;
        at += 4 + usize::from(length);
    }
    Ok(())
}

fn check_dimensions(body: &[u8], limits: &Limits) -> Result<(), ReadError> {
    // BIFF8 has rows of four bytes, older versions of two.
    let short = |at| u16_at(body, at).map_or(0, u64::from);
    let (top, bottom, left, right) = if body.len() >= 14 {
        (u32_at(body, 0), u32_at(body, 4), short(8), short(10))
    } else {
        (short(0), short(2), short(4), short(6))
    };
    if top > bottom || left > right {
        return Err(ReadError::Broken);
    }
    within(Counted::Cells, (bottom - top + 1).saturating_mul(right - left + 1), limits.cells_max)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, |b| u64::from(u32::from_le_bytes(b)))
}
