//! The embedded row table and its reader.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Form, Kind, Measure, Row, RowCode, Style};
use crate::formula::{self, FormulaError};

const ROWS_CSV: &str = include_str!("../../data/rows.csv");

// A test reads the embedded table, so the empty default is never met in a released build.
static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(ROWS_CSV).unwrap_or_default());

/// The project's own row table.
#[must_use]
pub fn table() -> &'static Table {
    &TABLE
}

/// Every row, in printing order.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Row>,
    codes: HashMap<String, RowCode>,
}

/// Why a row table cannot be read. The table is the project's own data, so every variant is a mistake in it.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file is not well-formed CSV.
    #[error("the row table is not well-formed CSV")]
    Csv(#[from] csv::Error),
    /// A field holds a word that is not known.
    #[error("row {row} of the row table: unknown word in column {column}")]
    Word {
        /// Data row, from 1.
        row: usize,
        /// Name of the column.
        column: &'static str,
    },
    /// A formula is not well-formed or refers to a row that does not stand above it.
    #[error("row {row} of the row table: formula cannot be read")]
    Formula {
        /// Data row, from 1.
        row: usize,
        /// What is wrong with it.
        source: FormulaError,
    },
    /// Two rows have the same code, or there are too many rows.
    #[error("row {row} of the row table: its code is taken")]
    Code {
        /// Data row, from 1.
        row: usize,
    },
}

#[derive(serde::Deserialize)]
struct Record {
    form: String,
    row_code: String,
    label: String,
    kind: String,
    formula: String,
    number: String,
    heading: String,
    measure: String,
    style: String,
    first_year: String,
}

impl Table {
    /// Reads a row table. Formulas may refer to rows above and, for the same year, to nothing below, so that one pass
    /// from top to bottom calculates every row.
    ///
    /// # Errors
    /// [`TableError`] names the row and what is wrong with it.
    pub fn read(text: &str) -> Result<Self, TableError> {
        let mut table = Self::default();
        for (index, record) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
            table.push(index + 1, record?)?;
        }
        Ok(table)
    }

    /// The rows, in printing order.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Every code, in printing order.
    pub fn codes(&self) -> impl Iterator<Item = RowCode> + '_ {
        self.rows.iter().filter_map(|row| self.code(&row.code))
    }

    /// The code written `text`, if there is one.
    #[must_use]
    pub fn code(&self, text: &str) -> Option<RowCode> {
        self.codes.get(text).copied()
    }

    /// The codes from `first` to `last`, both included.
    #[must_use]
    pub fn between(&self, first: RowCode, last: RowCode) -> Vec<RowCode> {
        (first.0..=last.0).map(RowCode).collect()
    }

    fn push(&mut self, row: usize, record: Record) -> Result<(), TableError> {
        let index = u16::try_from(self.rows.len()).map_err(|_| TableError::Code { row })?;
        let word = |column| TableError::Word { row, column };
        let kind = match record.kind.as_str() {
            "input" => Kind::Input,
            "calc" => {
                let parsed = formula::parse_with(&record.formula, self);
                Kind::Calc(parsed.map_err(|source| TableError::Formula { row, source })?)
            }
            "none" => Kind::Ignored,
            _ => return Err(word("kind")),
        };
        let entry = Row {
            form: form(&record.form).ok_or_else(|| word("form"))?,
            label: record.label,
            number: record.number,
            heading: record.heading,
            kind,
            measure: measure(&record.measure).ok_or_else(|| word("measure"))?,
            style: style(&record.style).ok_or_else(|| word("style"))?,
            later_only: record.first_year == "later",
            code: record.row_code,
        };
        if self.codes.insert(entry.code.clone(), RowCode(index)).is_some() {
            return Err(TableError::Code { row });
        }
        self.rows.push(entry);
        Ok(())
    }
}

fn form(word: &str) -> Option<Form> {
    Some(match word {
        "II" => Form::Two,
        "III" => Form::Three,
        "S" => Form::Supporting,
        "IV" => Form::Four,
        "V" => Form::Five,
        "VI" => Form::Six,
        "R" => Form::Ratio,
        "C" => Form::Check,
        "X" => Form::Ignored,
        _ => return None,
    })
}

fn measure(word: &str) -> Option<Measure> {
    Some(match word {
        "amount" => Measure::Amount,
        "percent" => Measure::Percent,
        "ratio" => Measure::Ratio,
        "months" => Measure::Months,
        "days" => Measure::Days,
        _ => return None,
    })
}

fn style(word: &str) -> Option<Style> {
    Some(match word {
        "" => Style::Plain,
        "total" => Style::Total,
        "memo" => Style::Memo,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_table_is_well_formed() {
        let table = Table::read(ROWS_CSV).expect("rows.csv reads");
        assert!(table.rows().len() > 200);
        assert_eq!(table.codes().count(), table.rows().len());
    }

    #[test]
    fn no_summed_range_holds_a_row_and_its_own_total() {
        for row in table().rows() {
            let Some(formula) = row.formula() else { continue };
            for range in formula.ranges() {
                for code in &range {
                    let inner = code.row().and_then(Row::formula).map(crate::formula::Expr::references);
                    for reference in inner.unwrap_or_default() {
                        assert!(!range.contains(&reference.row), "{} counts {} twice", row.code, reference.row);
                    }
                }
            }
        }
    }

    #[test]
    fn a_formula_that_refers_to_a_row_below_it_is_refused() {
        let text = "form,row_code,label,kind,formula,number,heading,measure,style,first_year\n\
                    II,A.1,a,calc,A.2,,,amount,,\nII,A.2,b,input,,,,amount,,\n";
        assert!(matches!(Table::read(text), Err(TableError::Formula { row: 1, .. })));
    }
}
