//! The embedded row table and its reader.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::code::ROWS_CSV;
use super::{Form, Kind, Measure, Row, RowCode, Style};
use crate::formula::{self, FormulaError};

// A test reads the embedded table, so a released build never falls back to the empty default.
static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read(ROWS_CSV).unwrap_or_default());

/// The embedded row table, read once.
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

/// Why the row table cannot be read. It is the project's own data, so every variant means a mistake in it.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file is not well-formed CSV, or a field holds an unknown word.
    #[error("the row table is not well-formed CSV")]
    Csv(#[from] csv::Error),
    /// A formula is not well-formed or refers to a row that is not above it.
    #[error("row {row} of the row table: its formula cannot be read")]
    Formula {
        /// Data row, from 1.
        row: usize,
        /// What is wrong with it.
        source: FormulaError,
    },
    /// Two rows have the same code, or there are too many rows.
    #[error("row {row} of the row table: another row has its code, or there are too many rows")]
    Code {
        /// Data row, from 1.
        row: usize,
    },
}

#[derive(serde::Deserialize)]
struct Record {
    form: Form,
    row_code: String,
    label: String,
    kind: KindWord,
    formula: String,
    number: String,
    heading: String,
    measure: Measure,
    style: Style,
    first_year: FirstYear,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindWord {
    Input,
    Calc,
    None,
}

#[derive(PartialEq, serde::Deserialize)]
enum FirstYear {
    #[serde(rename = "")]
    Printed,
    #[serde(rename = "later")]
    Blank,
}

impl Table {
    /// Reads a row table. Formulas may refer only to rows above them, so one pass from top to bottom calculates every row.
    ///
    /// # Errors
    /// [`TableError`] names the row and what is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, TableError> {
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
        self.rows.iter().map(|row| row.code)
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
        let kind = match record.kind {
            KindWord::Input => Kind::Input,
            KindWord::Calc => {
                let parsed = formula::parse_with(&record.formula, self);
                Kind::Calc(parsed.map_err(|source| TableError::Formula { row, source })?)
            }
            KindWord::None => Kind::Ignored,
        };
        let code = RowCode(index);
        if self.codes.insert(record.row_code, code).is_some() {
            return Err(TableError::Code { row });
        }
        self.rows.push(Row {
            form: record.form,
            code,
            label: record.label,
            number: record.number,
            heading: record.heading,
            kind,
            measure: record.measure,
            style: record.style,
            later_only: record.first_year == FirstYear::Blank,
        });
        Ok(())
    }
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
    fn an_unknown_word_is_refused() {
        let table = |fields: &str| {
            Table::read(&format!(
                "form,row_code,label,kind,formula,number,heading,measure,style,first_year\n{fields}\n"
            ))
        };
        assert!(table("II,A.1,a,input,,,,amount,,").is_ok());
        for fields in ["VII,A.1,a,input,,,,amount,,", "II,A.1,a,inputs,,,,amount,,", "II,A.1,a,input,,,,amount,,first"]
        {
            assert!(matches!(table(fields), Err(TableError::Csv(_))), "{fields}");
        }
    }

    #[test]
    fn no_summed_range_holds_a_row_and_its_own_total() {
        for row in table().rows() {
            let Some(formula) = row.formula() else { continue };
            for range in formula.ranges() {
                for code in &range {
                    let inner = code.row().formula().map(crate::formula::Expr::references);
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
