//! Allows read errors to be recorded as failures of an order, because their text holds only fixed words, counts and limits.

use domain::failure::Vetted;

use crate::error::ReadError;

impl Vetted for ReadError {
    fn code(&self) -> &'static str {
        ReadError::code(self)
    }
}
