//! Reads the file that training writes.
//!
//! All numbers are little-endian. In order: `DKTM`, format version, counts (keys, width, rows) as `u32`; the rows' codes, each with its
//! length in one byte; the keys as `u32`; the vectors as `i8`; units, hidden bias, output weights row after row, and output bias as
//! `f32`; the mixture's numbers as `f32` after their count.

use super::{KINDS, Mixture, Model};
use crate::row::RowCode;

const MAGIC: &[u8] = b"DKTM";
const VERSION: u32 = 1;
/// Numbers of the mixture before the signs of certainty.
const MIXTURE_NUMBERS: usize = 10;

/// Why a model cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FileError {
    /// It is not a model of this format.
    #[error("the file is not a model of format {VERSION}")]
    NotAModel,
    /// It ends too early, or something follows.
    #[error("the model is not as long as it says")]
    Length,
    /// It names a row that the form does not have.
    #[error("the model names a row that the form does not have")]
    UnknownRow,
}

impl Model {
    /// Reads a model.
    ///
    /// # Errors
    /// When the bytes are not a whole model of this format.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        let mut rest = Rest(bytes);
        if rest.take(MAGIC.len())? != MAGIC || rest.number()? != VERSION {
            return Err(FileError::NotAModel);
        }
        let (keys, width, rows) = (rest.count()?, rest.count()?, rest.count()?);
        let rows = (0..rows).map(|_| rest.row()).collect::<Result<Vec<RowCode>, FileError>>()?;
        let keys = (0..keys).map(|_| rest.number()).collect::<Result<Vec<u32>, FileError>>()?;
        let size = keys.len().checked_mul(width).ok_or(FileError::Length)?;
        let vectors = rest.take(size)?.iter().map(|byte| byte.cast_signed()).collect();
        let units = rest.floats(KINDS)?.try_into().map_err(|_| FileError::Length)?;
        let hidden_bias = rest.floats(width)?;
        let output = rest.floats(rows.len().checked_mul(width).ok_or(FileError::Length)?)?;
        let output_bias = rest.floats(rows.len())?;
        let count = rest.count()?;
        let mixture = Mixture::of(&rest.floats(count)?)?;
        if !rest.0.is_empty() {
            return Err(FileError::Length);
        }
        Ok(Self { rows, keys, vectors, units, width, hidden_bias, output, output_bias, mixture })
    }
}

impl Mixture {
    fn of(numbers: &[f32]) -> Result<Self, FileError> {
        let (fixed, certainty) = numbers.split_at_checked(MIXTURE_NUMBERS).ok_or(FileError::Length)?;
        let [model, off_side, rule @ .., second_rule, caption, ambiguous, pass] = fixed else {
            return Err(FileError::Length);
        };
        Ok(Self {
            model: *model,
            off_side: *off_side,
            rule: rule.try_into().map_err(|_| FileError::Length)?,
            second_rule: *second_rule,
            caption: [*caption, *ambiguous],
            certainty: certainty.to_vec(),
            pass: *pass,
        })
    }
}

/// The bytes that are not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], FileError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(FileError::Length)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array(&mut self) -> Result<[u8; 4], FileError> {
        self.take(4)?.try_into().map_err(|_| FileError::Length)
    }

    fn number(&mut self) -> Result<u32, FileError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn count(&mut self) -> Result<usize, FileError> {
        // Nothing is reserved for a count: each item is taken from the bytes that are there.
        usize::try_from(self.number()?).map_err(|_| FileError::Length)
    }

    fn floats(&mut self, count: usize) -> Result<Vec<f32>, FileError> {
        let bytes = self.take(count.checked_mul(4).ok_or(FileError::Length)?)?;
        Ok(bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
    }

    fn row(&mut self) -> Result<RowCode, FileError> {
        let length = self.take(1)?.first().copied().unwrap_or_default();
        let code = std::str::from_utf8(self.take(usize::from(length))?).map_err(|_| FileError::UnknownRow)?;
        RowCode::parse(code).map_err(|_| FileError::UnknownRow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_model_is_refused() {
        assert_eq!(Model::parse(b"").unwrap_err(), FileError::Length);
        assert_eq!(Model::parse(b"DKTX\x01\0\0\0").unwrap_err(), FileError::NotAModel);
        assert_eq!(
            Model::parse(b"DKTM\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0").unwrap_err(),
            FileError::Length
        );
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_model_or_refused(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let with_head: Vec<u8> = MAGIC.iter().copied().chain(VERSION.to_le_bytes()).chain(bytes.iter().copied()).collect();
            let _ = Model::parse(&bytes);
            let _ = Model::parse(&with_head);
        }
    }
}
