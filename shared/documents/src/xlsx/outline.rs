//! Reads what a sheet says about its rows, columns and formulas beside their values.

use super::package::Package;
use crate::error::ReadError;
use crate::grid::{Hidden, Merge};
use crate::limit::Limits;
use crate::markup::{attribute, is_true, number};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use std::collections::{BTreeMap, HashMap};
use std::io::BufRead;

/// How many merged ranges of a sheet are read.
const MERGES_MAX: usize = 2_000;
/// A narrower column, in characters, or a lower row, in points, cannot be seen.
const VISIBLE_MIN: f64 = 0.5;
/// Longest formula that spreadsheet programs allow, in bytes.
const FORMULA_BYTES_MAX: usize = 8_192;
/// Bytes of all formulas of a workbook that are kept to be calculated.
const FORMULAS_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Longest value that is compared with zero, in bytes.
const VALUE_BYTES_MAX: usize = 40;
/// How many formulas of a workbook are compared with their values.
const COMPARED_MAX: usize = 20_000;

/// A formula that is stored without its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Formula {
    /// Its own text.
    Own(String),
    /// The text of the formula with this number, which several cells share.
    Shared(u32),
    /// A text that was not kept.
    Unkept,
}

/// What a sheet says beside the values of its cells.
#[derive(Debug, Default)]
pub struct Outline {
    /// What it hides.
    pub hidden: Hidden,
    /// Ranges shown as one cell.
    pub merges: Vec<Merge>,
    /// Formulas without a value, by row and column from 0.
    pub uncalculated: HashMap<(u32, u32), Formula>,
    /// Formulas with a number as their value, by row and column from 0.
    pub valued: BTreeMap<(u32, u32), Formula>,
    /// Shared formulas by their numbers, with the cell that each is written for.
    pub shared: HashMap<u32, ((u32, u32), String)>,
}

/// How much may still be kept of the formulas of a workbook.
#[derive(Debug)]
pub struct Budget {
    formulas: usize,
    compared: usize,
    bytes: usize,
    /// Whether a formula was not kept.
    pub is_spent: bool,
}

impl Budget {
    /// As many formulas as the statements of a workbook can have cells.
    #[must_use]
    pub fn new(limits: &Limits) -> Self {
        Self {
            formulas: 4 * limits.statement_cells_max,
            compared: COMPARED_MAX,
            bytes: FORMULAS_BYTES_MAX,
            is_spent: false,
        }
    }

    fn take_formula(&mut self) -> bool {
        self.is_spent |= self.formulas == 0;
        self.formulas = self.formulas.saturating_sub(1);
        !self.is_spent
    }

    fn take_bytes(&mut self, count: usize) -> bool {
        let fits = count <= self.bytes;
        self.bytes = self.bytes.saturating_sub(if fits { count } else { 0 });
        fits
    }
}

/// Reads the outline of a sheet.
///
/// # Errors
/// When the sheet's part is missing or damaged.
pub fn read(package: &mut Package<'_>, sheet: &str, budget: &mut Budget) -> Result<Outline, ReadError> {
    let mut scan = Scan::new(package.calculates_on_load, budget);
    let mut reader = package.sheet(sheet)?;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)? {
            Event::Start(e) if e.local_name().as_ref() == "c" => {
                let e = e.into_owned();
                scan.cell(&e, &mut reader)?;
            }
            Event::Start(e) | Event::Empty(e) => scan.element(&e),
            Event::Eof => break,
            _ => {}
        }
    }
    let Scan { rows, columns, mut outline, .. } = scan;
    outline.hidden = Hidden::new(rows, columns);
    Ok(outline)
}

struct Scan<'b> {
    budget: &'b mut Budget,
    rows: Vec<(u32, u32)>,
    columns: Vec<(u32, u32)>,
    outline: Outline,
    /// Whether a stored zero may only stand for a value that was never calculated.
    unwritten_zeros: bool,
    next_row: u32,
    row: u32,
    column: u32,
}

impl<'b> Scan<'b> {
    fn new(unwritten_zeros: bool, budget: &'b mut Budget) -> Self {
        Self {
            budget,
            rows: Vec::new(),
            columns: Vec::new(),
            outline: Outline::default(),
            unwritten_zeros,
            next_row: 0,
            row: 0,
            column: 0,
        }
    }

    fn element(&mut self, e: &BytesStart<'_>) {
        match e.local_name().as_ref() {
            "row" => self.start_row(e),
            "c" => self.place(e),
            "col" => {
                if let (Some(first), Some(last)) = (number(e, "min"), number(e, "max"))
                    && (is_true(e, "hidden") || is_below_visible(e, "width"))
                {
                    self.columns.push((first.saturating_sub(1), last.saturating_sub(1)));
                }
            }
            "mergeCell" if self.outline.merges.len() < MERGES_MAX => {
                self.outline.merges.extend(attribute(e, "ref").as_deref().and_then(merge));
            }
            _ => {}
        }
    }

    fn start_row(&mut self, e: &BytesStart<'_>) {
        self.row = number(e, "r").map_or(self.next_row, |r| r.saturating_sub(1));
        self.next_row = self.row.saturating_add(1);
        self.column = 0;
        if is_true(e, "hidden") || is_below_visible(e, "ht") {
            self.rows.push((self.row, self.row));
        }
    }

    /// Moves to the place of a cell.
    fn place(&mut self, e: &BytesStart<'_>) {
        // Sheets have very many cells, so their attributes are read without copies.
        let mut attributes = e.attributes();
        attributes.with_checks(false);
        let name = attributes.flatten().find(|a| a.key.as_ref() == "r");
        if let Some((row, column)) = name.and_then(|a| place(&a.value)) {
            (self.row, self.column) = (row, column);
        }
        self.column = self.column.saturating_add(1);
    }

    fn cell(&mut self, e: &BytesStart<'_>, reader: &mut Reader<impl BufRead>) -> Result<(), ReadError> {
        self.place(e);
        let at = (self.row, self.column.saturating_sub(1));
        let (mut formula, mut value, mut buffer) = (None, String::new(), Vec::new());
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)? {
                Event::Start(e) if e.local_name().as_ref() == "f" => {
                    let e = e.into_owned();
                    let text = text(reader, "f", FORMULA_BYTES_MAX)?;
                    formula = Some(self.formula(&e, at, text));
                }
                Event::Empty(e) if e.local_name().as_ref() == "f" => {
                    let e = e.into_owned();
                    formula = Some(self.formula(&e, at, Some(String::new())));
                }
                // The value comes after the formula, and only that of a formula matters.
                Event::Start(e) if e.local_name().as_ref() == "v" && formula.is_some() => {
                    value = text(reader, "v", VALUE_BYTES_MAX)?.unwrap_or_else(|| "long".to_owned());
                }
                Event::Start(e) if e.local_name().as_ref() == "is" => "text".clone_into(&mut value),
                Event::End(e) if e.local_name().as_ref() == "c" => break,
                Event::Eof => return Err(ReadError::Broken),
                _ => {}
            }
        }
        let Some(formula) = formula else { return Ok(()) };
        let kind = attribute(e, "t");
        let number = matches!(kind.as_deref(), None | Some("n"));
        let missing = value.trim().is_empty() && kind.as_deref() != Some("str");
        let unwritten = self.unwritten_zeros && number && value.trim() == "0";
        if missing || unwritten {
            if self.budget.take_formula() {
                self.outline.uncalculated.insert(at, formula);
            }
        } else if number && self.budget.compared > 0 {
            self.budget.compared -= 1;
            self.outline.valued.insert(at, formula);
        }
        Ok(())
    }

    fn formula(&mut self, e: &BytesStart<'_>, at: (u32, u32), text: Option<String>) -> Formula {
        let Some(text) = text.filter(|t| self.budget.take_bytes(t.len())) else { return Formula::Unkept };
        let shared = number(e, "si").filter(|_| attribute(e, "t").as_deref() == Some("shared"));
        match shared {
            Some(index) => {
                if !text.is_empty() {
                    self.outline.shared.insert(index, (at, text));
                }
                Formula::Shared(index)
            }
            None if text.is_empty() => Formula::Unkept,
            None => Formula::Own(text),
        }
    }
}

/// The text of an element, up to its end; `None` if it is longer than `bytes_max`.
fn text(reader: &mut Reader<impl BufRead>, name: &str, bytes_max: usize) -> Result<Option<String>, ReadError> {
    let mut text = String::new();
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let keep = text.len() <= bytes_max;
        match reader.read_event_into(&mut buffer).map_err(|_| ReadError::Broken)? {
            Event::Text(t) if keep => text.push_str(&t.xml10_content()),
            Event::GeneralRef(e) if keep => match e.resolve_char_ref() {
                Ok(Some(c)) => text.push(c),
                _ => text.push_str(resolve_xml_entity(e.as_ref()).unwrap_or_default()),
            },
            Event::End(e) if e.local_name().as_ref() == name => return Ok((text.len() <= bytes_max).then_some(text)),
            Event::Eof => return Err(ReadError::Broken),
            _ => {}
        }
    }
}

fn is_below_visible(e: &BytesStart<'_>, key: &str) -> bool {
    attribute(e, key).and_then(|v| v.parse::<f64>().ok()).is_some_and(|size| size < VISIBLE_MIN)
}

/// A merged range of cells.
fn merge(range: &str) -> Option<Merge> {
    let (first, last) = range.split_once(':')?;
    let ((row, first), (last_row, last)) = (place(first)?, place(last)?);
    (last >= first && last_row >= row).then_some(Merge { row: row + 1, last_row: last_row + 1, first, last })
}

/// Row and column of a cell by its name, from 0.
pub fn place(name: &str) -> Option<(u32, u32)> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let (letters, row) = name.split_at(digits);
    let mut column: u32 = 0;
    for letter in letters.bytes() {
        let digit = letter.to_ascii_uppercase().checked_sub(b'A').filter(|d| *d < 26)?;
        column = column.checked_mul(26)?.checked_add(u32::from(digit) + 1)?;
    }
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::a1;

    #[test]
    fn a_place_is_read_from_its_name() {
        assert_eq!(place("A1"), Some((0, 0)));
        assert_eq!(place("XFD1048576"), Some((1_048_575, 16_383)));
        for text in ["", "A", "1", "A0", "$A$1", "AAAAAAAAAAAA1"] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_name_leads_back_to_its_place(row in 0_u32..2_000_000, column in 0_u32..20_000) {
            proptest::prop_assert_eq!(place(&a1(row + 1, column)), Some((row, column)));
        }

        #[test]
        fn any_name_is_read_without_a_panic(name in "[A-Z]{0,9}[0-9]{0,12}|\\PC{0,12}") {
            let _ = place(&name);
        }
    }
}
