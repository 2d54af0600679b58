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
        let value = match formula {
            Formula::Own(text) => formula::evaluate(self, text, sheet, (0, 0), depth),
            Formula::Shared(number) => cells.outline.shared.get(number).and_then(|((from_row, from_column), text)| {
                let shift = (i64::from(row) - i64::from(*from_row), i64::from(column) - i64::from(*from_column));
                formula::evaluate(self, text, sheet, shift, depth)
            }),
            Formula::Unkept => None,
        };
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

#[cfg(test)]
mod tests;
