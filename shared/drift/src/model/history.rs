//! The manifests that were published, which say which digests are builds of ours.

use crate::commit::Revision;
use crate::deployed::{Found, Functions};
use crate::digest::CodeDigest;
use crate::manifest::{Entry, Manifest};

/// The manifest of what should be deployed, and earlier ones, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What should be deployed.
    pub target: Manifest,
    /// What should have been before.
    pub earlier: Vec<Manifest>,
}

impl History {
    /// The history that begins with `target`.
    #[must_use]
    pub fn new(target: Manifest) -> Self {
        Self { target, earlier: Vec::new() }
    }

    /// Whether some code that was found is of no manifest yet, so that an earlier one has to be looked at.
    #[must_use]
    pub fn is_short_of(&self, found: &Functions) -> bool {
        found.iter().any(|(name, found)| match found {
            Found::Function(function) if self.target.functions.contains_key(name) => {
                function.running.iter().any(|running| self.builds(name, &running.code_sha256).next().is_none())
            }
            Found::Function(_) | Found::Unreachable { .. } => false,
        })
    }

    /// What the manifests say of the builds with a digest, newest first.
    pub(crate) fn builds<'a>(&'a self, name: &'a str, code: &'a CodeDigest) -> impl Iterator<Item = &'a Entry> {
        let all = std::iter::once(&self.target).chain(&self.earlier);
        all.filter_map(move |manifest| manifest.functions.get(name))
            .filter(move |entry| entry.code_sha256.as_ref() == Some(code))
    }

    /// The revision from which the code with a digest was built.
    #[must_use]
    pub fn revision_of(&self, name: &str, code: &CodeDigest) -> Option<Revision> {
        self.builds(name, code).next().and_then(Entry::revision).cloned()
    }
}
