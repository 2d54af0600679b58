//! The cells of one sheet, sparse. The readers of all formats produce this.

use crate::error::{Counted, ReadError, within};
use crate::limit::Limits;
use crate::number;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Stands for the narrow and fixed spaces that group the digits of a number. Every other white space is a plain space.
pub const NARROW_SPACE: char = '\u{202f}';

/// What a cell holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text, trimmed and with white space collapsed to single spaces; never empty.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A date.
    Date(Date),
    /// A formula with an error, e.g. a division by zero.
    Error,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Column, from 0.
    pub column: u32,
    /// Its value.
    pub value: Value,
    /// Leading spaces of its text.
    pub indent: u8,
}

/// One row that is not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Row number as printed, from 1.
    pub number: u32,
    /// Its cells, by column.
    pub cells: Vec<Cell>,
}

/// A heading cell that spans several columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Row number, from 1.
    pub row: u32,
    /// First column, from 0.
    pub first: u32,
    /// Last column, from 0.
    pub last: u32,
}

/// One sheet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    /// Name of the sheet.
    pub sheet: String,
    /// Rows that are not empty, top to bottom.
    pub rows: Vec<Row>,
    /// Cells that span columns.
    pub merges: Vec<Merge>,
    /// Whether the sheet is too large for a statement, so its cells were dropped.
    pub oversized: bool,
}

/// Collects the cells of a workbook's sheets within the limits.
pub struct Collector<'a> {
    limits: &'a Limits,
    cells: u64,
    kept: usize,
    grid: Grid,
    pending: Vec<(u32, Cell)>,
}

impl<'a> Collector<'a> {
    /// An empty collector.
    pub fn new(limits: &'a Limits) -> Self {
        Self { limits, cells: 0, kept: 0, grid: Grid::default(), pending: Vec::new() }
    }

    /// Adds a cell that is not empty; `row` and `column` from 0.
    ///
    /// # Errors
    /// When the cell is outside the limits, or there are too many.
    pub fn push(&mut self, row: u32, column: u32, value: Value, indent: u8) -> Result<(), ReadError> {
        within(Counted::Rows, u64::from(row) + 1, u64::from(self.limits.rows_max))?;
        within(Counted::Columns, u64::from(column) + 1, u64::from(self.limits.columns_max))?;
        self.cells += 1;
        within(Counted::Cells, self.cells, self.limits.cells_max)?;
        if self.grid.oversized {
            return Ok(());
        }
        self.pending.push((row + 1, Cell { column, value, indent }));
        // Each sheet is limited, and all sheets together to four times that, so that many large sheets cannot add up.
        if self.pending.len() > self.limits.statement_cells_max
            || self.kept + self.pending.len() > 4 * self.limits.statement_cells_max
        {
            self.pending = Vec::new();
            self.grid.oversized = true;
        }
        Ok(())
    }

    /// Adds a text as a cell, cleaned and cut to the limit. White space alone adds nothing.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_text(&mut self, row: u32, column: u32, raw: &str) -> Result<(), ReadError> {
        let (text, indent) = clean(raw, self.limits.cell_chars_max);
        if text.is_empty() {
            return Ok(());
        }
        self.push(row, column, Value::Text(text), indent)
    }

    /// Adds a number as the file stores it. One that cannot be an amount (not finite, more than 28 digits) becomes an error
    /// cell.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_float(&mut self, row: u32, column: u32, float: f64) -> Result<(), ReadError> {
        let value = number::from_float(float).map_or(Value::Error, Value::Number);
        self.push(row, column, value, 0)
    }

    /// Ends a sheet and returns its grid.
    pub fn finish(&mut self, sheet: &str, merges: Vec<Merge>) -> Grid {
        let mut grid = std::mem::take(&mut self.grid);
        grid.sheet = clean(sheet, 100).0;
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|(row, cell)| (*row, cell.column));
        for (number, cell) in pending {
            match grid.rows.last_mut() {
                Some(row) if row.number == number => match row.cells.last_mut() {
                    // If a file holds the same cell twice, the later one wins, as in spreadsheet programs.
                    Some(last) if last.column == cell.column => *last = cell,
                    _ => row.cells.push(cell),
                },
                _ => grid.rows.push(Row { number, cells: vec![cell] }),
            }
        }
        if grid.rows.len() > self.limits.statement_rows_max {
            grid.rows = Vec::new();
            grid.oversized = true;
        }
        self.kept += grid.rows.iter().map(|row| row.cells.len()).sum::<usize>();
        grid.merges = merges;
        grid
    }
}

/// The name of a cell, e.g. `B7`; `row` counts from 1, `column` from 0.
#[must_use]
pub fn a1(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.push(char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect::<String>() + &row.to_string()
}

/// Trims a text, collapses its white space and cuts it to `chars_max`; also returns the indentation.
fn clean(raw: &str, chars_max: usize) -> (String, u8) {
    let indent = raw.chars().take_while(|c| c.is_whitespace()).take(100).count();
    let mut text = String::with_capacity(raw.len().min(chars_max));
    let mut count = 0;
    let mut gap = false;
    let mut characters = raw.chars().peekable();
    while let Some(c) = characters.next() {
        let narrow = matches!(c, '\u{A0}' | '\u{2007}'..='\u{200A}' | '\u{202F}' | '\u{205F}');
        if narrow && !gap && text.ends_with(|c: char| c.is_numeric()) && characters.peek().is_some_and(|c| c.is_numeric()) {
            text.push(NARROW_SPACE);
            count += 1;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if c.is_whitespace() || c.is_control() {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push(' ');
            gap = false;
            count += 1;
        }
        if count >= chars_max {
            break;
        }
        text.push(c);
        count += 1;
    }
    (text, u8::try_from(indent).unwrap_or(u8::MAX))
}

/// Whether a character is never printed: marks for joining, breaking and direction.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_named_as_in_a_spreadsheet() {
        assert_eq!(a1(1, 0), "A1");
        assert_eq!(a1(12, 25), "Z12");
        assert_eq!(a1(1_048_576, 16_383), "XFD1048576");
    }

    #[test]
    fn white_space_is_one_space() {
        assert_eq!(clean("  Trade \n  payables\u{a0} ", 50), ("Trade payables".to_owned(), 2));
    }
}
