//! Collects the cells of a workbook's sheets, as they are shown and within the limits.

use super::hidden::{Hidden, Left};
use super::{Cell, Grid, Look, Merge, NARROW_SPACE, Row, Value};
use crate::error::{Counted, ReadError, within};
use crate::format::{self, Shown};
use crate::limit::Limits;
use crate::number::{self, Printed};
use crate::unused;
use domain::statement::{Side, Unused};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Leading spaces that one step of indentation stands for.
const INDENT_SPACES: u8 = 2;

/// Collects cells, sheet by sheet.
pub struct Collector<'a> {
    limits: &'a Limits,
    cells: u64,
    kept: usize,
    oversized: bool,
    pending: Vec<(u32, Cell)>,
    hidden: Hidden,
    left: Left,
    /// What the sheets hold and do not show, or store without a value.
    pub unused: Vec<Unused>,
}

impl<'a> Collector<'a> {
    /// An empty collector.
    pub fn new(limits: &'a Limits) -> Self {
        Self {
            limits,
            cells: 0,
            kept: 0,
            oversized: false,
            pending: Vec::new(),
            hidden: Hidden::default(),
            left: Left::default(),
            unused: Vec::new(),
        }
    }

    /// Begins a sheet that hides these rows and columns.
    pub fn begin(&mut self, hidden: Hidden) {
        self.hidden = hidden;
    }

    /// Hides rows of the sheet, which must be below those hidden before.
    pub fn hide_rows(&mut self, first: u32, last: u32) {
        self.hidden.add_rows(first, last);
    }

    /// Hides columns of the sheet, which must be right of those hidden before.
    pub fn hide_columns(&mut self, first: u32, last: u32) {
        self.hidden.add_columns(first, last);
    }

    /// Adds a cell that is not empty; `row` and `column` from 0.
    ///
    /// # Errors
    /// When the cell is outside the limits, or there are too many.
    pub fn push(&mut self, row: u32, column: u32, value: Value, look: &Look) -> Result<(), ReadError> {
        self.count(row, column)?;
        self.keep(row, column, value, look, None);
        Ok(())
    }

    /// Adds a text as a cell, cleaned and cut to the limit. White space alone adds nothing.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_text(&mut self, row: u32, column: u32, raw: &str, look: &Look) -> Result<(), ReadError> {
        let formatted = format::text(&look.format, raw);
        let (text, indent) = clean(formatted.as_deref().unwrap_or(raw), self.limits.cell_chars_max);
        if text.is_empty() {
            if formatted.is_some() && !raw.trim().is_empty() {
                self.count(row, column)?;
                self.left.unshown(row, column);
            }
            return Ok(());
        }
        self.count(row, column)?;
        if let Some(error) = error_name(&text) {
            self.keep(row, column, Value::Error(error), look, None);
            return Ok(());
        }
        self.keep(
            row,
            column,
            Value::Text(text),
            &Look { indent: indent.saturating_add(look.indent.saturating_mul(INDENT_SPACES)), ..look.clone() },
            None,
        );
        Ok(())
    }

    /// Adds a number as the file stores it. One that cannot be an amount (not finite, more than 28 digits) becomes an error
    /// cell.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_float(&mut self, row: u32, column: u32, float: f64, look: &Look) -> Result<(), ReadError> {
        match number::from_float(float) {
            Some(value) => self.push_number(row, column, value, look),
            None => self.push(row, column, Value::Error("a number out of range"), look),
        }
    }

    /// Adds a number as its format shows it.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_number(&mut self, row: u32, column: u32, value: Decimal, look: &Look) -> Result<(), ReadError> {
        self.count(row, column)?;
        if self.oversized || look.format.is_general() {
            self.keep(row, column, Value::Number(value), look, None);
            return Ok(());
        }
        match format::number(&look.format, value) {
            Shown::Stored => self.keep(row, column, Value::Number(value), look, None),
            Shown::Nothing if value.is_zero() => self.keep(row, column, Value::Number(value), look, None),
            Shown::Nothing => self.left.unshown(row, column),
            Shown::Text(text, divisor) => self.keep_shown(row, column, value, &text, divisor, look),
        }
        Ok(())
    }

    /// Adds a number that the file stores with the text that it shows.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_shown(
        &mut self,
        row: u32,
        column: u32,
        value: Decimal,
        text: &str,
        look: &Look,
    ) -> Result<(), ReadError> {
        self.count(row, column)?;
        let (text, _) = clean(text, self.limits.cell_chars_max);
        if text.is_empty() && !value.is_zero() {
            self.left.unshown(row, column);
        } else if text.is_empty() || self.oversized {
            self.keep(row, column, Value::Number(value), look, None);
        } else {
            let divisor = match number::parse(&text) {
                Printed::Amount(amount, _) => divisor(value, amount),
                _ => Decimal::ONE,
            };
            self.keep_shown(row, column, value, &text, divisor, look);
        }
        Ok(())
    }

    /// Adds a day, or the month or year that its format shows of it.
    ///
    /// # Errors
    /// As [`Collector::push`].
    pub fn push_date(&mut self, row: u32, column: u32, date: Date, look: &Look) -> Result<(), ReadError> {
        let value = format::date(&look.format, date).map_or(Value::Date(date), Value::Text);
        self.push(row, column, value, look)
    }

    fn keep_shown(&mut self, row: u32, column: u32, value: Decimal, text: &str, divisor: Decimal, look: &Look) {
        let text = unit_of_scale(text, divisor);
        match number::parse(&text) {
            Printed::Amount(amount, side) => {
                let exact = exact(value, divisor, amount);
                self.keep(row, column, Value::Number(exact), look, Some((text, side)));
            }
            Printed::Nil if value.is_zero() => self.keep(row, column, Value::Number(value), look, Some((text, None))),
            Printed::Nil => self.left.unshown(row, column),
            _ => self.keep(row, column, Value::Text(text), look, None),
        }
    }

    fn count(&mut self, row: u32, column: u32) -> Result<(), ReadError> {
        within(Counted::Rows, u64::from(row) + 1, u64::from(self.limits.rows_max))?;
        within(Counted::Columns, u64::from(column) + 1, u64::from(self.limits.columns_max))?;
        self.cells += 1;
        within(Counted::Cells, self.cells, self.limits.cells_max)
    }

    fn keep(&mut self, row: u32, column: u32, value: Value, look: &Look, shown: Option<(String, Option<Side>)>) {
        if self.oversized {
            return;
        }
        let amount = matches!(value, Value::Number(_) | Value::Error(_) | Value::Uncalculated)
            || matches!(&value, Value::Text(text) if matches!(number::parse(text), Printed::Amount(..)));
        if self.hidden.has_column(column) {
            self.left.in_column(row, column, amount);
            return;
        }
        if self.hidden.has_row(row) {
            self.left.in_row(row, column, amount);
            return;
        }
        let (shown, side) = shown.map_or((None, None), |(text, side)| (Some(text.into_boxed_str()), side));
        self.pending.push((row + 1, Cell { column, value, indent: look.indent, bold: look.bold, shown, side }));
        // Each sheet is limited, and all sheets together to four times that, so that many large sheets cannot add up.
        if self.pending.len() > self.limits.statement_cells_max
            || self.kept + self.pending.len() > 4 * self.limits.statement_cells_max
        {
            self.pending = Vec::new();
            self.oversized = true;
        }
    }

    /// Ends a sheet and returns its grid.
    pub fn finish(&mut self, sheet: &str, merges: Vec<Merge>) -> Grid {
        let mut grid =
            Grid { sheet: clean(sheet, 100).0, oversized: std::mem::take(&mut self.oversized), ..Grid::default() };
        let mut pending = std::mem::take(&mut self.pending);
        pending.sort_by_key(|(row, cell)| (*row, cell.column));
        let mut covers = Covers::new(&merges);
        for (number, cell) in pending {
            if covers.hide(number, cell.column) {
                self.left.unshown(number - 1, cell.column);
                continue;
            }
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
        grid.merges = merges.into_iter().filter(|m| m.last > m.first).collect();
        let left = std::mem::take(&mut self.left);
        self.hidden = Hidden::default();
        if !grid.oversized {
            self.unused.extend(left.list(&grid.sheet));
            self.unused.extend(unused::uncalculated(&grid));
        }
        grid
    }
}

/// The cells that merged ranges hide: all but the first of each.
struct Covers<'m> {
    merges: &'m [Merge],
    row: u32,
    of_row: Vec<&'m Merge>,
}

impl<'m> Covers<'m> {
    fn new(merges: &'m [Merge]) -> Self {
        Self { merges, row: 0, of_row: Vec::new() }
    }

    /// Whether a cell is hidden; rows come in order.
    fn hide(&mut self, row: u32, column: u32) -> bool {
        if row != self.row {
            self.row = row;
            self.of_row = self.merges.iter().filter(|m| (m.row..=m.last_row).contains(&row)).collect();
        }
        let inside = |m: &&&Merge| (m.first..=m.last).contains(&column);
        self.of_row.iter().find(inside).is_some_and(|m| (m.row, m.first) != (row, column))
    }
}

/// The amount as exact as it is stored, where what is shown is that amount rounded; otherwise what is shown.
fn exact(value: Decimal, divisor: Decimal, shown: Decimal) -> Decimal {
    let Some(stored) = value.abs().checked_div(divisor) else { return shown };
    let half = Decimal::new(5, (shown.scale() + 1).min(28));
    let rounds = stored.checked_sub(shown.abs()).is_some_and(|d| d.abs() <= half);
    let negative = if shown.is_zero() { value.is_sign_negative() } else { shown.is_sign_negative() };
    match (rounds, negative) {
        (false, _) => shown,
        (true, true) => -stored.normalize(),
        (true, false) => stored.normalize(),
    }
}

/// The error that a text names, e.g. in delimited text that a spreadsheet program wrote.
pub fn error_name(text: &str) -> Option<&'static str> {
    const NAMES: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
    let error = text.trim();
    let number = error.strip_prefix("Err:").is_some_and(|n| n.len() <= 4 && n.bytes().all(|b| b.is_ascii_digit()));
    if number { Some("an error") } else { NAMES.into_iter().find(|name| error == *name) }
}

/// The power of ten by which a stored number was divided to show this amount; 1 if none fits.
fn divisor(value: Decimal, shown: Decimal) -> Decimal {
    let half = Decimal::new(5, (shown.scale() + 1).min(28));
    let fits = |by: &Decimal| {
        let scaled = value.abs().checked_div(*by);
        scaled.and_then(|v| v.checked_sub(shown.abs())).is_some_and(|d| d.abs() <= half)
    };
    let mut by = Decimal::ONE;
    for _ in 0..10 {
        if fits(&by) {
            return by;
        }
        by *= Decimal::TEN;
    }
    Decimal::ONE
}

/// A scaled amount with the name of its unit, where its format shows an abbreviation behind it, e.g. `12.41 Cr`.
fn unit_of_scale(text: &str, divisor: Decimal) -> String {
    let end = text.rfind(|c: char| c.is_ascii_digit() || c == ')').map_or(0, |at| at + 1);
    let (amount, suffix) = text.split_at(end);
    let letters: String = suffix.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase();
    let unit = match (letters.as_str(), divisor.normalize().to_string().as_str()) {
        ("", _) | (_, "1") => return text.to_owned(),
        ("k" | "th" | "t", "1000") => "thousand",
        ("l" | "lk" | "lac" | "lacs" | "lakh" | "lakhs", "100000") => "lakh",
        ("m" | "mn", "1000000") => "million",
        ("cr" | "crs" | "c", "10000000") => "crore",
        // `Cr` behind an amount that is not in crores may be a side.
        ("cr", _) => return format!("{text} ?"),
        _ => return text.to_owned(),
    };
    format!("{amount} {unit}")
}

/// Trims a text, collapses its white space and cuts it to `chars_max`; also returns the indentation.
pub(super) fn clean(raw: &str, chars_max: usize) -> (String, u8) {
    let indent = raw.chars().take_while(|c| c.is_whitespace()).take(100).count();
    let mut text = String::with_capacity(raw.len().min(chars_max));
    let mut count = 0;
    let mut gap = false;
    let mut characters = raw.chars().peekable();
    while let Some(c) = characters.next() {
        let narrow = matches!(c, '\u{A0}' | '\u{2007}'..='\u{200A}' | '\u{202F}' | '\u{205F}');
        if narrow
            && !gap
            && text.ends_with(|c: char| c.is_numeric())
            && characters.peek().is_some_and(|c| c.is_numeric())
        {
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
