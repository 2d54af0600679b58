//! A holder's address as a document states it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An address, its parts as printed. A part that is not stated is `None`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// First line of the street.
    pub street: Option<String>,
    /// Second line of the street.
    pub street_2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or province, as printed; usually its code of two letters.
    pub state: Option<String>,
    /// Postal code, without the blanks that fill it up.
    pub postal_code: Option<String>,
}

impl fmt::Debug for Address {
    /// Hides the parts: logs never hold an address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.street, &self.street_2, &self.city, &self.state, &self.postal_code];
        write!(f, "Address({} parts)", parts.iter().filter(|part| part.is_some()).count())
    }
}
