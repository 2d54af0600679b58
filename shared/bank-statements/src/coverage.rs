//! How much of each calendar month a ledger covers.

use crate::statement::Period;
use serde::{Deserialize, Serialize};

/// One calendar month of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// Year.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: i8,
    /// How much of it is covered.
    pub coverage: Coverage,
    /// Days of the month.
    pub days: u32,
    /// Days that the statements show to be complete.
    pub days_covered: u32,
    /// Days that they do not, as ranges within the month.
    pub uncovered: Vec<Period>,
    /// Why the month is not full; empty if it is.
    pub causes: Vec<Cause>,
}

/// How much of a month is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// Every day.
    Full,
    /// Some days, or there are rows and nothing shows that they are all.
    Partial,
    /// No day, and there is no row.
    Missing,
}

/// Why a month is not full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The statements begin within the month.
    BeginsWithin,
    /// The statements end within the month.
    EndsWithin,
    /// No statement covers days between two others, and their balances do not chain.
    Gap,
    /// There are rows, and neither a stated period nor balances show that they are all.
    PeriodNotStated,
    /// Rows of the month could not be read, or its statement does not foot.
    NotProven,
}
