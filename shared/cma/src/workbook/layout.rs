//! Where every row stands in the workbook, and the formula in every calculated cell.

use std::collections::BTreeMap;

use super::WorkbookInput;
use crate::figure::Figures;
use crate::formula::{Place, parse, render};
use crate::row::{Form, Row, RowCode, table};

/// First row of figures on every form, from 0: title, borrower, unit, year, kind and status stand above.
pub(super) const FIRST_ROW: u32 = 6;
/// Column of the first year, from 0.
pub(super) const FIRST_YEAR: u16 = 2;
/// First row of the lines on the provenance sheet, from 0.
pub(super) const FIRST_SOURCE: u32 = 4;
/// The provenance sheet's name.
pub(super) const PROVENANCE: &str = "Provenance";

/// The sheets that rows stand on.
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

/// The places and formulas of one workbook.
pub(super) struct Layout {
    places: BTreeMap<RowCode, (Sheet, u32)>,
    /// First and last line, from 0, of each input figure on the provenance sheet.
    sources: BTreeMap<(RowCode, usize), (u32, u32)>,
    formulas: BTreeMap<(RowCode, usize), String>,
    /// Cells that hold or may be given a number.
    filled: BTreeMap<(RowCode, usize), ()>,
}

impl Layout {
    pub fn new(input: &WorkbookInput<'_>) -> Self {
        let figures = input.figures;
        let mut layout = Self {
            places: places(figures),
            sources: sources(figures),
            formulas: BTreeMap::new(),
            filled: BTreeMap::new(),
        };
        layout.place_inputs(figures);
        layout.place_formulas(figures);
        layout.place_input_formulas(figures);
        layout
    }

    /// The rows of a sheet with their place from 0, top to bottom.
    pub fn rows(&self, sheet: Sheet) -> Vec<(RowCode, u32)> {
        let mut rows: Vec<_> =
            self.places.iter().filter(|(_, (on, _))| *on == sheet).map(|(row, (_, at))| (*row, *at)).collect();
        rows.sort_by_key(|(_, at)| *at);
        rows
    }

    /// The formula of a cell, with its `=`; none for a plain number or an empty cell.
    pub fn formula(&self, row: RowCode, year: usize) -> Option<&str> {
        self.formulas.get(&(row, year)).map(String::as_str)
    }

    /// The cell of a row in a year as written on `from` (any other sheet when none), if it holds or may hold a number.
    pub fn cell(&self, row: RowCode, year: usize, from: Option<Sheet>) -> Option<String> {
        self.filled.get(&(row, year))?;
        self.address(row, year, from)
    }

    /// The address of a row in a year, filled or not.
    pub fn address(&self, row: RowCode, year: usize, from: Option<Sheet>) -> Option<String> {
        let (sheet, at) = self.places.get(&row)?;
        let cell = cell_name(*at, year_column(year));
        Some(if from == Some(*sheet) { cell } else { format!("'{}'!{cell}", sheet.name()) })
    }

    /// First and last line of a figure on the provenance sheet, from 0.
    pub fn source_lines(&self, row: RowCode, year: usize) -> Option<(u32, u32)> {
        self.sources.get(&(row, year)).copied()
    }

    fn place_inputs(&mut self, figures: &Figures) {
        for row in table().codes() {
            let input = row.row().is_some_and(Row::is_input);
            for year in 0..figures.years.len() {
                if input && (figures.at(row, year).is_some() || is_optional(row)) {
                    self.filled.insert((row, year), ());
                }
            }
        }
    }

    fn place_formulas(&mut self, figures: &Figures) {
        for row in table().codes() {
            let Some(entry) = row.row() else { continue };
            let (Some(formula), Some((sheet, _))) = (entry.formula(), self.places.get(&row).copied()) else { continue };
            for year in 0..figures.years.len() {
                if entry.later_only && year == 0 {
                    continue;
                }
                let cell = |row: RowCode, year: usize| self.cell(row, year, Some(sheet));
                if let Some(text) = render(formula, year, &Place { cell: &cell, optional: &is_optional }) {
                    self.formulas.insert((row, year), text);
                    self.filled.insert((row, year), ());
                }
            }
        }
    }

    /// An input with lines behind it is the sum of their amounts on the provenance sheet and of what was worked out, so
    /// that a changed amount goes through every form.
    fn place_input_formulas(&mut self, figures: &Figures) {
        for row in table().codes().filter(|row| row.row().is_some_and(Row::is_input)) {
            let Some((sheet, _)) = self.places.get(&row).copied() else { continue };
            for year in 0..figures.years.len() {
                let mut parts: Vec<String> = self.source_lines(row, year).into_iter().map(source_sum).collect();
                let mine = figures.adjustments.iter().filter(|one| one.row == row && one.year == year);
                let cell = |row: RowCode, year: usize| self.cell(row, year, Some(sheet));
                let place = Place { cell: &cell, optional: &is_optional };
                let adjusted = mine.filter_map(|one| render(&parse(&one.formula).ok()?, year, &place));
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

/// A cell that may stand empty and be filled later.
fn is_optional(row: RowCode) -> bool {
    row.as_str() == "S.TL.paid"
}

fn places(figures: &Figures) -> BTreeMap<RowCode, (Sheet, u32)> {
    let mut next: BTreeMap<Sheet, u32> = BTreeMap::new();
    let mut places = BTreeMap::new();
    // Supporting rows stand below Form II, and those for statements of another form only when they are used.
    let rows: Vec<RowCode> = table().codes().collect();
    let (supporting, forms): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.form() == Form::Supporting);
    for row in forms.into_iter().chain(supporting) {
        let Some(entry) = row.row() else { continue };
        let Some(sheet) = Sheet::of(entry.form) else { continue };
        let unused = figures.rows.get(&row).is_none_or(|values| values.iter().all(Option::is_none));
        if entry.form == Form::Supporting && unused && !is_optional(row) {
            continue;
        }
        let at = next.entry(sheet).or_insert(FIRST_ROW);
        if !entry.heading.is_empty() {
            *at += 1;
        }
        places.insert(row, (sheet, *at));
        *at += 1;
    }
    places
}

fn sources(figures: &Figures) -> BTreeMap<(RowCode, usize), (u32, u32)> {
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
