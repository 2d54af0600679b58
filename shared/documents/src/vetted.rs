//! Reading errors as failures of an order: their text is made of static words, numbers and limits.

use domain::failure::Vetted;

use crate::error::ReadError;

impl Vetted for ReadError {
    fn code(&self) -> &'static str {
        ReadError::code(self)
    }
}
