//! Sums the lines of input rows, and calculates all other rows.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::column::{Chosen, dotted};
use super::entry::{CONTINGENT_LIABILITIES, DEPRECIATION_ARREARS, Entry, Family, MONTHS, NON_CASH, family};
use super::precision::rounding;
use super::unit::Agreed;
use super::{FIGURES_SCHEMA, FigureError, Figures, Remark, SourceLine};
use super::{restated, write_off};
use crate::classify::signed_amount;
use crate::formula::{evaluate, parse};
use crate::row::{Form, RowCode, table};

/// Number of decimals to which a quotient is rounded.
const QUOTIENT_DECIMALS: u32 = 8;

/// Sums the lines of each input row.
pub(super) fn sum_lines(chosen: &Chosen<'_>, unit: &Agreed, remarks: Vec<Remark>) -> Result<Figures, FigureError> {
    let mut sources = Vec::with_capacity(chosen.entries.len());
    for (year, entry) in &chosen.entries {
        sources.push(source_line(*year, entry, unit)?);
    }
    let non_cash = chosen.entries.iter().zip(&sources).filter_map(|((_, entry), source)| non_cash(entry, source));
    let non_cash: Vec<SourceLine> = non_cash.collect();
    sources.extend(non_cash);
    sources.sort_by_key(|source| (source.row, source.year));
    let mut figures = Figures {
        schema: FIGURES_SCHEMA,
        unit: unit.unit,
        years: chosen.periods.iter().map(|period| dotted(period.end)).collect(),
        kinds: chosen.periods.iter().map(|period| period.kind).collect(),
        months: chosen.periods.iter().map(|period| period.months).collect(),
        rows: BTreeMap::new(),
        sources,
        adjustments: Vec::new(),
        restatements: Vec::new(),
        remarks,
        set_aside: Vec::new(),
    };
    figures.rows = input_rows(chosen, &figures)?;
    write_off::add_unmarked(&mut figures);
    restated::compare(chosen, unit, &mut figures)?;
    Ok(figures)
}

/// Calculates every row that has a formula.
pub(super) fn calculate(figures: &mut Figures) {
    for row in table().rows() {
        let Some(formula) = row.formula() else { continue };
        let values = (0..figures.years.len()).map(|year| {
            if row.later_only && year == 0 {
                return None;
            }
            let value = evaluate(formula, year, &|row, year| figures.at(row, year))?;
            Some(if formula.divides() { value.round_dp(QUOTIENT_DECIMALS) } else { value }.normalize())
        });
        let values = values.collect();
        figures.rows.insert(row.code, values);
    }
}

/// Adds the adjustments to their rows, from the one with index `first` on. They may not build on each other.
pub(super) fn apply_adjustments(figures: &mut Figures, first: usize) -> Result<(), FigureError> {
    let mut values = Vec::with_capacity(figures.adjustments.len());
    for adjustment in figures.adjustments.iter().skip(first) {
        let formula = parse(&adjustment.formula).ok();
        let value = formula.and_then(|formula| evaluate(&formula, adjustment.year, &|row, year| figures.at(row, year)));
        values.push((adjustment.row, adjustment.year, value));
    }
    for (row, year, value) in values {
        if let (Some(value), Some(slot)) = (value, figures.rows.get_mut(&row).and_then(|row| row.get_mut(year))) {
            let sum = slot.unwrap_or_default().checked_add(value).ok_or(FigureError::TooLarge)?;
            *slot = Some(sum.normalize());
        }
    }
    Ok(())
}

pub(super) fn source_line(year: usize, entry: &Entry<'_>, unit: &Agreed) -> Result<SourceLine, FigureError> {
    let signed = signed_amount(entry.figure, entry.row, entry.sign);
    let factor = unit.factor(entry);
    let amount = signed.checked_mul(factor).ok_or(FigureError::TooLarge)?;
    Ok(SourceLine {
        row: entry.row,
        year,
        line: entry.line.id.clone(),
        file: entry.extraction.file.name.clone(),
        sheet: entry.statement.sheet.clone(),
        cell: entry.figure.cell.clone(),
        label: entry.line.label.clone(),
        section: entry.line.section.clone(),
        text: entry.figure.text.clone(),
        unit: unit.printed(entry),
        sign: entry.sign,
        amount: amount.normalize(),
        rounding: rounding(entry.figure, entry.decimals).checked_mul(factor).unwrap_or_default().normalize(),
    })
}

/// The line as part of the non-cash charges, if it is one. Non-cash income is negative there. Depreciation is not included: it
/// has a row of its own.
fn non_cash(entry: &Entry<'_>, source: &SourceLine) -> Option<SourceLine> {
    if !entry.classified.non_cash || entry.row.form() != Form::Two || entry.row == row!("II.5.vi") {
        return None;
    }
    let is_income = rows!["II.1.i", "II.1.ii", "II.1.iii", "II.11.i"].contains(&entry.row);
    let amount = if is_income { -source.amount } else { source.amount };
    Some(SourceLine { row: NON_CASH, amount, ..source.clone() })
}

fn input_rows(chosen: &Chosen<'_>, figures: &Figures) -> Result<BTreeMap<RowCode, Vec<Option<Decimal>>>, FigureError> {
    let years = figures.years.len();
    let has =
        |family: Family, year: usize| chosen.entries.iter().any(|(of, entry)| *of == year && entry.family == family);
    let mut rows = BTreeMap::new();
    for row in table().rows().iter().filter(|row| row.is_input()).map(|row| row.code) {
        // A row without a line is nil if its statement exists, and blank otherwise. Rows that a statement need not
        // print stay blank.
        let start = |year: usize| match (row, family(row)) {
            (MONTHS, _) => figures.months.get(year).map(|months| Decimal::from(*months)),
            (NON_CASH, _) => has(Family::Operating, year).then_some(Decimal::ZERO),
            (DEPRECIATION_ARREARS | CONTINGENT_LIABILITIES, _) => has(Family::Position, year).then_some(Decimal::ZERO),
            (_, Some(family)) if row.form() != Form::Supporting => has(family, year).then_some(Decimal::ZERO),
            _ => None,
        };
        rows.insert(row, (0..years).map(start).collect::<Vec<_>>());
    }
    for source in &figures.sources {
        if let Some(slot) = rows.get_mut(&source.row).and_then(|row| row.get_mut(source.year)) {
            let sum = slot.unwrap_or_default().checked_add(source.amount).ok_or(FigureError::TooLarge)?;
            *slot = Some(sum.normalize());
        }
    }
    Ok(rows)
}
