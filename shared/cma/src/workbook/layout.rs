//! The position of every row in the workbook, and the formula of every calculated cell.

use std::collections::{BTreeMap, BTreeSet};

use super::WorkbookInput;
use crate::figure::Figures;
use crate::formula::{CellAddresses, parse, render};
use crate::row::{Form, RowCode, table};

/// First row of figures on every form, from 0: title, borrower, unit, year, kind and status are above.
pub(super) const FIRST_ROW: u32 = 6;
/// Column of the first year, from 0.
pub(super) const FIRST_YEAR: u16 = 2;
/// First row of the lines on the provenance sheet, from 0.
pub(super) const FIRST_SOURCE: u32 = 4;
/// The provenance sheet's name.
pub(super) const PROVENANCE: &str = "Provenance";

/// The sheets that have rows of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sheet {
    Two,
    Three,
    Four,
    Five,
    Six,
    Ratios,
    Checks,
}

impl Sheet {
    pub const FORMS: [Self; 6] = [Self::Two, Self::Three, Self::Four, Self::Five, Self::Six, Self::Ratios];

    pub fn name(self) -> &'static str {
        match self {
            Self::Two => "Form II",
            Self::Three => "Form III",
            Self::Four => "Form IV",
            Self::Five => "Form V",
            Self::Six => "Form VI",
            Self::Ratios => "Ratios",
            Self::Checks => "Checks",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Two => "FORM II: OPERATING STATEMENT",
            Self::Three => "FORM III: ANALYSIS OF BALANCE SHEET",
            Self::Four => "FORM IV: COMPARATIVE STATEMENT OF CURRENT ASSETS AND CURRENT LIABILITIES",
            Self::Five => "FORM V: COMPUTATION OF MAXIMUM PERMISSIBLE BANK FINANCE",
            Self::Six => "FORM VI: FUNDS FLOW STATEMENT",
            Self::Ratios => "RATIOS",
            Self::Checks => "CHECKS",
        }
    }

    fn of(form: Form) -> Option<Self> {
        Some(match form {
            Form::Two | Form::Supporting => Self::Two,
            Form::Three => Self::Three,
            Form::Four => Self::Four,
            Form::Five => Self::Five,
            Form::Six => Self::Six,
            Form::Ratio => Self::Ratios,
            Form::Check => Self::Checks,
            Form::Ignored => return None,
        })
    }
}

/// The positions and formulas of one workbook.
pub(super) struct Layout {
    positions: BTreeMap<RowCode, (Sheet, u32)>,
    /// First and last line, from 0, of each input figure on the provenance sheet.
    sources: BTreeMap<(RowCode, usize), (u32, u32)>,
    formulas: BTreeMap<(RowCode, usize), String>,
    /// Cells that hold a number or may be given one.
    filled: BTreeSet<(RowCode, usize)>,
}

impl Layout {
    pub fn new(input: &WorkbookInput<'_>) -> Self {
        let figures = input.figures;
        let mut layout = Self {
            positions: positions(figures),
            sources: source_ranges(figures),
            formulas: BTreeMap::new(),
            filled: BTreeSet::new(),
        };
        layout.add_inputs(figures);
        layout.add_formulas(figures);
        layout.add_input_formulas(figures);
        layout
    }

    /// The rows of a sheet with their positions from 0, top to bottom.
    pub fn rows(&self, sheet: Sheet) -> Vec<(RowCode, u32)> {
        let mut rows: Vec<_> =
            self.positions.iter().filter(|(_, (on, _))| *on == sheet).map(|(row, (_, at))| (*row, *at)).collect();
        rows.sort_by_key(|(_, at)| *at);
        rows
    }

    /// The formula of a cell, with its `=`; none for a plain number or an empty cell.
    pub fn formula(&self, row: RowCode, year: usize) -> Option<&str> {
        self.formulas.get(&(row, year)).map(String::as_str)
    }

    /// The address of a row's cell in a year as written on sheet `from` (any other sheet when none), if the cell holds a number
    /// or may be given one.
    pub fn cell(&self, row: RowCode, year: usize, from: Option<Sheet>) -> Option<String> {
        if self.filled.contains(&(row, year)) { self.address(row, year, from) } else { None }
    }

    /// The address of a row's cell in a year, filled or not.
    pub fn address(&self, row: RowCode, year: usize, from: Option<Sheet>) -> Option<String> {
        let (sheet, at) = self.positions.get(&row)?;
        let cell = cell_name(*at, year_column(year));
        Some(if from == Some(*sheet) { cell } else { format!("'{}'!{cell}", sheet.name()) })
    }

    /// First and last line of a figure on the provenance sheet, from 0.
    pub fn source_lines(&self, row: RowCode, year: usize) -> Option<(u32, u32)> {
        self.sources.get(&(row, year)).copied()
    }

    fn add_inputs(&mut self, figures: &Figures) {
        for row in table().rows().iter().filter(|row| row.is_input()).map(|row| row.code) {
            for year in 0..figures.years.len() {
                if figures.at(row, year).is_some() || is_optional(row) {
                    self.filled.insert((row, year));
                }
            }
        }
    }

    fn add_formulas(&mut self, figures: &Figures) {
        for row in table().rows() {
            let position = self.positions.get(&row.code).copied();
            let (Some(formula), Some((sheet, _))) = (row.formula(), position) else { continue };
            for year in 0..figures.years.len() {
                if row.later_only && year == 0 {
                    continue;
                }
                let address = |row: RowCode, year: usize| self.cell(row, year, Some(sheet));
                let cells = CellAddresses { address: &address, may_be_empty: &is_optional };
                if let Some(text) = render(formula, year, &cells) {
                    self.formulas.insert((row.code, year), text);
                    self.filled.insert((row.code, year));
                }
            }
        }
    }

    /// An input row is the sum of its lines' amounts on the provenance sheet and of its adjustments, so changing an amount there
    /// recalculates every form.
    fn add_input_formulas(&mut self, figures: &Figures) {
        for row in table().rows().iter().filter(|row| row.is_input()).map(|row| row.code) {
            let Some((sheet, _)) = self.positions.get(&row).copied() else { continue };
            for year in 0..figures.years.len() {
                let mut parts: Vec<String> = self.source_lines(row, year).into_iter().map(source_sum).collect();
                let own =
                    figures.adjustments.iter().filter(|adjustment| adjustment.row == row && adjustment.year == year);
                let address = |row: RowCode, year: usize| self.cell(row, year, Some(sheet));
                let cells = CellAddresses { address: &address, may_be_empty: &is_optional };
                let adjusted = own.filter_map(|adjustment| render(&parse(&adjustment.formula).ok()?, year, &cells));
                parts.extend(adjusted.map(|text| format!("({})", text.trim_start_matches('='))));
                if !parts.is_empty() {
                    self.formulas.insert((row, year), format!("={}", parts.join("+")));
                }
            }
        }
    }
}

/// The column of a year, from 0.
pub(super) fn year_column(year: usize) -> u16 {
    FIRST_YEAR.saturating_add(u16::try_from(year).unwrap_or(u16::MAX))
}

/// The name of a cell, e.g. `C12`.
pub(super) fn cell_name(row: u32, column: u16) -> String {
    let mut letters = String::new();
    let mut rest = u32::from(column) + 1;
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

fn source_sum((first, last): (u32, u32)) -> String {
    let amount = super::provenance::AMOUNT_COLUMN;
    let (first_cell, last_cell) = (cell_name(first, amount), cell_name(last, amount));
    if first == last {
        format!("{PROVENANCE}!{first_cell}")
    } else {
        format!("SUM({PROVENANCE}!{first_cell}:{last_cell})")
    }
}

/// Whether a row's cells may be empty and filled in later.
fn is_optional(row: RowCode) -> bool {
    row == row!("S.TL.paid")
}

/// Assigns every row its sheet and its position there.
fn positions(figures: &Figures) -> BTreeMap<RowCode, (Sheet, u32)> {
    let mut next: BTreeMap<Sheet, u32> = BTreeMap::new();
    let mut positions = BTreeMap::new();
    // Supporting rows are below Form II, and only those that are used.
    let rows: Vec<RowCode> = table().codes().collect();
    let (supporting, forms): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.form() == Form::Supporting);
    for row in forms.into_iter().chain(supporting) {
        let entry = row.row();
        let Some(sheet) = Sheet::of(entry.form) else { continue };
        let unused = figures.rows.get(&row).is_none_or(|values| values.iter().all(Option::is_none));
        if entry.form == Form::Supporting && unused && !is_optional(row) {
            continue;
        }
        let at = next.entry(sheet).or_insert(FIRST_ROW);
        if !entry.heading.is_empty() {
            *at += 1;
        }
        positions.insert(row, (sheet, *at));
        *at += 1;
    }
    positions
}

/// The lines of each figure on the provenance sheet.
fn source_ranges(figures: &Figures) -> BTreeMap<(RowCode, usize), (u32, u32)> {
    let mut found: BTreeMap<(RowCode, usize), (u32, u32)> = BTreeMap::new();
    for (source, at) in figures.sources.iter().zip(FIRST_SOURCE..) {
        found.entry((source.row, source.year)).or_insert((at, at)).1 = at;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_named_as_excel_names_them() {
        let names: Vec<_> = [0, 25, 26, 51, 702].map(|column| cell_name(0, column)).to_vec();
        assert_eq!(names, ["A1", "Z1", "AA1", "AZ1", "AAA1"]);
    }
}
