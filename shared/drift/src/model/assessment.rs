//! What is said of one function, with what a person needs to see why.

use serde::{Deserialize, Serialize};

use crate::commit::{Commit, Revision};
use crate::verdict::Verdict;

/// What was found out about one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The name under which it is deployed.
    pub function: String,
    /// The verdict to act on first.
    pub verdict: Verdict,
    /// What else is wrong with it.
    pub further: Vec<Verdict>,
    /// The revision that the source is at.
    pub source: Option<Revision>,
    /// The revision that runs, as far as it is known.
    pub deployed: Option<Revision>,
    /// The commits that touch it and are not deployed, newest first.
    pub between: Vec<Commit>,
}

impl Assessment {
    /// A verdict and nothing more.
    #[must_use]
    pub fn new(function: &str, verdict: Verdict) -> Self {
        Self {
            function: function.to_owned(),
            verdict,
            further: Vec::new(),
            source: None,
            deployed: None,
            between: Vec::new(),
        }
    }

    /// Everything that is wrong with it, the worst first; in step when nothing is.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        std::iter::once(&self.verdict).chain(&self.further)
    }
}
