//! Reads what a legacy workbook says about its rows, columns and styles beside the values of its cells.

use super::{u16_at, u32_at};
use crate::format::Format;
use crate::grid::{Hidden, Look};
use std::collections::HashMap;

const FORMULA: u16 = 0x0006;
const FONT: u16 = 0x0031;
const COLUMNS: u16 = 0x007D;
const SHEET: u16 = 0x0085;
const MULTIPLE_NUMBERS: u16 = 0x00BD;
const STYLE: u16 = 0x00E0;
const ROW: u16 = 0x0208;
const START: u16 = 0x0809;
const FORMAT: u16 = 0x041E;
/// The version of the format since Excel 97. Styles of older versions are not read.
const VERSION: u16 = 0x0600;
const BOLD_MIN: u16 = 600;
const ROW_HIDDEN: u16 = 0x20;
/// Formats that every program knows by their number, so that files leave them out.
const BUILT_IN: &[(u16, &str)] = &[
    (1, "0"),
    (2, "0.00"),
    (3, "#,##0"),
    (4, "#,##0.00"),
    (9, "0%"),
    (10, "0.00%"),
    (11, "0.00E+00"),
    (14, "mm-dd-yy"),
    (15, "d-mmm-yy"),
    (16, "d-mmm"),
    (17, "mmm-yy"),
    (37, "#,##0 ;(#,##0)"),
    (38, "#,##0 ;[Red](#,##0)"),
    (39, "#,##0.00;(#,##0.00)"),
    (40, "#,##0.00;[Red](#,##0.00)"),
];

/// What one sheet says.
#[derive(Debug, Default)]
pub struct Sheet {
    rows: Vec<(u32, u32)>,
    columns: Vec<(u32, u32)>,
    /// The style of each cell that has a value, by row and column.
    styles: HashMap<(u16, u16), u16>,
}

/// What a workbook says.
#[derive(Debug, Default)]
pub struct Outline {
    sheets: Vec<Sheet>,
    looks: Vec<Look>,
}

impl Outline {
    /// Reads the records of a workbook. The styles of at most `cells_max` cells are kept.
    #[must_use]
    pub fn read(records: &[u8], cells_max: usize) -> Self {
        let mut scan = Scan { cells_max, ..Scan::default() };
        let mut at = 0;
        while let (Some(kind), Some(length)) = (u16_at(records, at), u16_at(records, at + 2)) {
            let Some(body) = records.get(at + 4..at + 4 + usize::from(length)) else { break };
            scan.record(kind, body, at);
            at += 4 + usize::from(length);
        }
        scan.finish()
    }

    /// The rows and columns that a sheet hides, by its place in the workbook.
    #[must_use]
    pub fn hidden(&self, sheet: usize) -> Hidden {
        self.sheets.get(sheet).map(|s| Hidden::new(s.rows.clone(), s.columns.clone())).unwrap_or_default()
    }

    /// The look of a cell.
    #[must_use]
    pub fn look(&self, sheet: usize, row: u32, column: u32) -> Option<&Look> {
        let at = (u16::try_from(row).ok()?, u16::try_from(column).ok()?);
        let style = self.sheets.get(sheet)?.styles.get(&at)?;
        self.looks.get(usize::from(*style))
    }
}

#[derive(Default)]
struct Scan {
    /// Where the records of each sheet begin.
    starts: Vec<u64>,
    sheets: Vec<Sheet>,
    current: Option<usize>,
    is_current_version: bool,
    formats: HashMap<u16, String>,
    fonts: Vec<bool>,
    styles: Vec<(u16, u16, u8)>,
    cells: usize,
    cells_max: usize,
}

impl Scan {
    fn record(&mut self, kind: u16, body: &[u8], at: usize) {
        match kind {
            START => {
                self.is_current_version = u16_at(body, 0) == Some(VERSION);
                let at = u64::try_from(at).unwrap_or(u64::MAX);
                self.current = self.starts.iter().position(|start| *start == at);
            }
            SHEET => {
                self.starts.push(u32_at(body, 0));
                self.sheets.push(Sheet::default());
            }
            FONT => self.fonts.push(u16_at(body, 6).is_some_and(|weight| weight >= BOLD_MIN)),
            FORMAT if self.is_current_version => {
                if let (Some(number), Some(code)) = (u16_at(body, 0), text(body)) {
                    self.formats.insert(number, code);
                }
            }
            STYLE if self.is_current_version => {
                let indent = body.get(8).map_or(0, |b| b & 0x0F);
                self.styles.push((u16_at(body, 0).unwrap_or(0), u16_at(body, 2).unwrap_or(0), indent));
            }
            _ => {
                if let Some(sheet) = self.current.and_then(|at| self.sheets.get_mut(at)) {
                    self.cells += sheet.record(kind, body, self.cells < self.cells_max);
                }
            }
        }
    }

    fn finish(self) -> Outline {
        let look = |(font, format, indent): &(u16, u16, u8)| {
            // No font has the number 4.
            let font = usize::from(*font) - usize::from(*font > 4);
            let code = self.formats.get(format).map(String::as_str);
            let code = code.or_else(|| BUILT_IN.iter().find(|(n, _)| n == format).map(|(_, code)| *code));
            let format = code.map(|code| Format::parse(code, Some(u32::from(*format)))).unwrap_or_default();
            Look { format, bold: self.fonts.get(font).copied().unwrap_or(false), indent: *indent }
        };
        let looks = self.styles.iter().map(look).collect();
        Outline { sheets: self.sheets, looks }
    }
}

impl Sheet {
    /// Reads a record, and returns how many cells' styles it added.
    fn record(&mut self, kind: u16, body: &[u8], keep: bool) -> usize {
        let (Some(first), Some(second)) = (u16_at(body, 0), u16_at(body, 2)) else { return 0 };
        match kind {
            ROW if u16_at(body, 12).is_some_and(|flags| flags & ROW_HIDDEN != 0) => {
                self.rows.push((first.into(), first.into()));
            }
            COLUMNS => {
                let hidden = u16_at(body, 8).is_some_and(|flags| flags & 1 != 0) || u16_at(body, 4) == Some(0);
                if hidden && first <= second {
                    self.columns.push((first.into(), second.into()));
                }
            }
            FORMULA | 0x00D6 | 0x00FD | 0x0203..=0x0205 | 0x027E if keep => {
                if let Some(style) = u16_at(body, 4) {
                    self.styles.insert((first, second), style);
                    return 1;
                }
            }
            MULTIPLE_NUMBERS if keep => {
                let styles = (4..body.len().saturating_sub(2)).step_by(6).map_while(|at| u16_at(body, at));
                let columns = second..=u16::MAX;
                let before = self.styles.len();
                self.styles.extend(columns.zip(styles).map(|(column, style)| ((first, column), style)));
                return self.styles.len() - before;
            }
            _ => {}
        }
        0
    }
}

/// The text of a format: its length, a flag for two bytes a character, and the characters.
fn text(body: &[u8]) -> Option<String> {
    let length = usize::from(u16_at(body, 2)?);
    let wide = body.get(4)? & 1 != 0;
    if wide {
        let units: Vec<u16> = (0..length).map_while(|i| u16_at(body, 5 + 2 * i)).collect();
        return Some(String::from_utf16_lossy(&units));
    }
    Some(body.get(5..)?.iter().take(length).map(|b| char::from(*b)).collect())
}
