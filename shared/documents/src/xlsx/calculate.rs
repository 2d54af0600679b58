//! Calculates formulas that a workbook stores without their values: sums and arithmetic over its own cells.
//!
//! Programs that write workbooks leave the values out, and a spreadsheet program would calculate them when it opens the
//! file. Whatever is not simple arithmetic stays without a value, and is listed.

mod formula;

use super::outline::{Formula, Outline};
use rust_decimal::Decimal;
use std::collections::{HashMap, HashSet};

/// Longest chain of formulas that refer to each other.
const DEPTH_MAX: u32 = 64;
/// Cells that all formulas of a workbook may refer to in all.
const STEPS_MAX: u32 = 2_000_000;
/// Digits that spreadsheet programs calculate with.
const DIGITS: u32 = 15;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// Nothing, or what counts as nothing in a sum.
    Blank,
    /// A number, or a date by its number.
    Number(Decimal),
    /// A text.
    Text(String),
    /// An error.
    Error,
}

/// A value and a sum that differ by this, or by one part in so many, differ by the noise of binary fractions.
const NOISE_MIN: Decimal = Decimal::from_parts(5, 0, 0, false, 4);
const NOISE_PER: i64 = 1_000_000_000_000;

/// Sheet, row and column of a cell, from 0.
type Place = (usize, u32, u32);

/// The cells of one sheet.
#[derive(Debug, Default)]
pub struct Sheet {
    /// Its name, in lower case.
    pub name: String,
    /// The cells that have a value.
    pub held: HashMap<(u32, u32), Held>,
    /// Its formulas without a value.
    pub outline: Outline,
}

/// Calculates the formulas of a workbook, each of them once.
pub struct Calculator<'a> {
    sheets: &'a [Sheet],
    done: HashMap<Place, Option<Held>>,
    open: HashSet<Place>,
    steps: u32,
}

impl<'a> Calculator<'a> {
    /// For the sheets of a workbook.
    #[must_use]
    pub fn new(sheets: &'a [Sheet]) -> Self {
        Self { sheets, done: HashMap::new(), open: HashSet::new(), steps: 0 }
    }

    /// The value of a cell; `None` if it cannot be calculated here.
    pub fn value(&mut self, sheet: usize, row: u32, column: u32) -> Option<Held> {
        self.cell((sheet, row, column), 0)
    }

    /// Whether a cell's formula is a plain sum of other cells that differs from the value stored with it.
    pub fn contradicts(&mut self, sheet: usize, row: u32, column: u32) -> bool {
        let sheets = self.sheets;
        let Some(cells) = sheets.get(sheet) else { return false };
        let formula = cells.outline.valued.get(&(row, column));
        let Some((text, shift)) = formula.and_then(|formula| written(cells, formula, (row, column))) else {
            return false;
        };
        let Some(Held::Number(stored)) = cells.held.get(&(row, column)) else { return false };
        if !formula::is_plain_sum(text) || self.steps > STEPS_MAX {
            return false;
        }
        let sum = formula::evaluate(self, text, sheet, shift, 0);
        let differs = |sum: Decimal| {
            let noise = stored.abs().checked_div(NOISE_PER.into()).unwrap_or_default().max(NOISE_MIN);
            stored.checked_sub(sum).is_some_and(|difference| difference.abs() > noise)
        };
        matches!(sum, Some(Held::Number(sum)) if differs(sum))
    }

    fn cell(&mut self, place: Place, depth: u32) -> Option<Held> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return None;
        }
        let (sheet, row, column) = place;
        let sheets = self.sheets;
        let cells = sheets.get(sheet)?;
        let Some(formula) = cells.outline.uncalculated.get(&(row, column)) else {
            return match cells.held.get(&(row, column)) {
                Some(Held::Error) => None,
                held => Some(held.cloned().unwrap_or(Held::Blank)),
            };
        };
        if let Some(done) = self.done.get(&place) {
            return done.clone();
        }
        if depth >= DEPTH_MAX || !self.open.insert(place) {
            return None;
        }
        let value = written(cells, formula, (row, column))
            .and_then(|(text, shift)| formula::evaluate(self, text, sheet, shift, depth));
        self.open.remove(&place);
        let value = value.map(|held| match held {
            Held::Number(number) => Held::Number(number.round_sf(DIGITS).unwrap_or(number).normalize()),
            other => other,
        });
        self.done.insert(place, value.clone());
        value
    }

    fn sheet_named(&self, name: &str) -> Option<usize> {
        let name = name.to_lowercase();
        self.sheets.iter().position(|sheet| sheet.name == name)
    }
}

/// The text of a cell's formula, and by how many rows and columns its references move.
fn written<'s>(sheet: &'s Sheet, formula: &'s Formula, (row, column): (u32, u32)) -> Option<(&'s str, (i64, i64))> {
    match formula {
        Formula::Own(text) => Some((text, (0, 0))),
        Formula::Shared(number) => sheet.outline.shared.get(number).map(|((from_row, from_column), text)| {
            let shift = (i64::from(row) - i64::from(*from_row), i64::from(column) - i64::from(*from_column));
            (text.as_str(), shift)
        }),
        Formula::Unkept => None,
    }
}

#[cfg(test)]
mod tests;
