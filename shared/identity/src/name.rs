//! A person's name in its parts.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A person's name as stated. Either its parts are known, or only the whole, in an order that is not known.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// Family name.
    pub family: Option<String>,
    /// First given name, or all given names where the source does not tell them apart.
    pub given: Option<String>,
    /// Middle names.
    pub middle: Option<String>,
    /// Suffix, e.g. `JR` or `III`.
    pub suffix: Option<String>,
    /// The whole name, where the source does not tell its parts.
    pub whole: Option<String>,
    /// The family name may continue beyond what is stated.
    pub family_cut: bool,
    /// The given names may continue beyond what is stated.
    pub given_cut: bool,
    /// The middle names may continue beyond what is stated.
    pub middle_cut: bool,
}

impl PersonName {
    /// A name whose parts are known.
    #[must_use]
    pub fn of_parts(family: &str, given: &str, middle: &str, suffix: &str) -> Self {
        Self {
            family: stated(family),
            given: stated(given),
            middle: stated(middle),
            suffix: stated(suffix),
            ..Self::default()
        }
    }

    /// A name as one text. With a comma, the family name is in front of it (`Talbot, Liam R.`); without one, the order of
    /// the parts is not known.
    #[must_use]
    pub fn of_whole(text: &str) -> Self {
        match text.split_once(',') {
            Some((family, rest)) if !family.trim().is_empty() => {
                let mut parts = rest.splitn(2, ',');
                let given = parts.next().unwrap_or_default();
                Self::of_parts(family, given, "", parts.next().unwrap_or_default())
            }
            _ => Self { whole: stated(text), ..Self::default() },
        }
    }

    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.family, &self.given, &self.middle, &self.whole].iter().all(|part| part.is_none())
    }
}

impl fmt::Debug for PersonName {
    /// Hides the parts: logs never hold a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.family, &self.given, &self.middle, &self.suffix, &self.whole];
        write!(f, "PersonName({} parts)", parts.iter().filter(|part| part.is_some()).count())
    }
}

fn stated(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(',').trim();
    (!text.is_empty()).then(|| text.to_owned())
}
