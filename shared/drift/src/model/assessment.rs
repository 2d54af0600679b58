//! The verdicts about one function, with the evidence for them.

use serde::{Deserialize, Serialize};

use super::commit::{Commit, Revision};
use super::verdict::Verdict;

/// The result of comparing one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The function's deployed name.
    pub function: String,
    /// The verdict to act on first.
    pub verdict: Verdict,
    /// Everything else that is wrong with it, worst first.
    pub further: Vec<Verdict>,
    /// The revision that the source is at.
    pub source: Option<Revision>,
    /// The revision that runs, if known.
    pub deployed: Option<Revision>,
    /// The commits that touch it but are not deployed, newest first.
    pub between: Vec<Commit>,
}

impl Assessment {
    /// An assessment with a verdict and nothing else.
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

    /// All its verdicts, worst first; just [`Verdict::InStep`] if nothing is wrong.
    pub fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        std::iter::once(&self.verdict).chain(&self.further)
    }
}
