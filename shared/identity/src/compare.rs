//! Compares a name on a document with an owner's name.

use serde::{Deserialize, Serialize};

/// How two names compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameComparison {
    /// Whether they can be the name of one person.
    pub same: bool,
    /// What differs, whether or not it matters. Empty when the names are equal but for case and accents.
    pub differences: Vec<Difference>,
}

/// One way in which two names differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// The family names differ. The names are of two people.
    Family,
    /// The first given names differ. The names are of two people.
    Given,
    /// Both state a middle name, and these differ. The names are of two people.
    Middle,
    /// Both state a suffix, e.g. `JR` and `SR`, and these differ. The names are of two people.
    Suffix,
    /// One of the names is too short to be compared: a single word, or only initials. They are not taken for the same.
    TooLittle,
    /// The parts stand in another order.
    Order,
    /// One has middle names that the other lacks.
    MiddleMissing,
    /// One has an initial where the other has the name.
    Initial,
    /// One has a suffix that the other lacks.
    SuffixMissing,
    /// A name is cut off on the document, and what is left begins the owner's.
    Cut,
    /// Words are joined or separated differently.
    Joined,
}
