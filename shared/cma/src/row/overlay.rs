//! A bank's own numbering and wording of the common rows.

use std::collections::HashMap;

use super::RowCode;

/// Printed numbers and labels of one bank's form. Rows it does not name keep those of the row table.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    printed: HashMap<RowCode, Printed>,
}

#[derive(Clone, Debug)]
struct Printed {
    number: String,
    label: String,
}

#[derive(serde::Deserialize)]
struct Record {
    row_code: String,
    number: String,
    label: String,
}

/// Why an overlay cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// The text is not CSV with the columns `row_code,number,label`.
    #[error("the overlay is not CSV with the columns row_code, number and label")]
    Csv(#[from] csv::Error),
    /// A row names a code that does not exist.
    #[error("row {row} of the overlay names a code that the row table does not have")]
    Code {
        /// Data row, from 1.
        row: usize,
    },
}

impl Overlay {
    /// Reads an overlay from CSV with the columns `row_code,number,label`; an empty label keeps the common one.
    ///
    /// # Errors
    /// [`OverlayError`] when the text is not such CSV or names a code that does not exist.
    pub fn read(text: &str) -> Result<Self, OverlayError> {
        let mut printed = HashMap::new();
        for (index, record) in csv::Reader::from_reader(text.as_bytes()).deserialize().enumerate() {
            let Record { row_code, number, label } = record?;
            let code = RowCode::parse(&row_code).map_err(|_| OverlayError::Code { row: index + 1 })?;
            printed.insert(code, Printed { number, label });
        }
        Ok(Self { printed })
    }

    /// The number printed before the row.
    #[must_use]
    pub fn number(&self, code: RowCode) -> &str {
        match self.printed.get(&code) {
            Some(printed) => &printed.number,
            None => &code.row().number,
        }
    }

    /// The label printed for the row.
    #[must_use]
    pub fn label(&self, code: RowCode) -> &str {
        match self.printed.get(&code) {
            Some(printed) if !printed.label.is_empty() => &printed.label,
            _ => code.label(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_s_own_number_and_label_are_printed() {
        let overlay = Overlay::read("row_code,number,label\nIII.24,27,Capital fund\n").expect("reads");
        let (worth, other) = (row!("III.24"), row!("III.25"));
        assert_eq!((overlay.number(worth), overlay.label(worth)), ("27", "Capital fund"));
        assert_eq!((overlay.number(other), overlay.label(other)), ("25", "TOTAL LIABILITIES (18+24)"));
    }

    #[test]
    fn an_overlay_for_a_row_that_does_not_exist_is_refused() {
        let read = Overlay::read("row_code,number,label\nIII.99,1,x\n");
        assert!(matches!(read, Err(OverlayError::Code { row: 1 })));
    }
}
