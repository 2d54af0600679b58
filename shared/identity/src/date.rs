//! Dates as documents write them, and the ways in which they can be read.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What a date field holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reading", rename_all = "snake_case")]
pub enum DateReading {
    /// It can be read in one way.
    Known {
        /// The day.
        date: Date,
    },
    /// It can be read in several ways, and nothing on the document decides between them.
    Undecided {
        /// The ways, earliest first.
        candidates: Vec<Date>,
    },
    /// The issuer leaves the day or the month unknown, as ICAO 9303-3 permits for a day of birth.
    PartlyUnknown,
    /// Something is written and it is no date.
    NotUnderstood,
    /// Nothing is written.
    NotStated,
}

impl DateReading {
    /// The day, if it can be read in one way.
    #[must_use]
    pub fn known(&self) -> Option<Date> {
        match self {
            Self::Known { date } => Some(*date),
            _ => None,
        }
    }

    /// A reading of what can be read in these ways.
    #[must_use]
    pub(crate) fn among(mut candidates: Vec<Date>) -> Self {
        candidates.sort_unstable();
        candidates.dedup();
        match candidates.as_slice() {
            [] => Self::NotUnderstood,
            [date] => Self::Known { date: *date },
            _ => Self::Undecided { candidates },
        }
    }
}
