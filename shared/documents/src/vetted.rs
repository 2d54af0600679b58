//! Lets read errors be recorded as failures of an order: their text consists of fixed words, counts and limits.

use domain::failure::Vetted;

use crate::error::ReadError;

impl Vetted for ReadError {
    fn code(&self) -> &'static str {
        ReadError::code(self)
    }
}
