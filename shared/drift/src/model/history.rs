//! The published manifests, which tell our builds from foreign code.

use super::deployed::{Found, FoundFunctions};
use super::digest::CodeDigest;
use super::manifest::{Entry, Manifest};

/// The manifest of what should be deployed, and earlier ones, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What should be deployed.
    pub target: Manifest,
    /// What should have been deployed before.
    pub earlier: Vec<Manifest>,
}

impl History {
    /// A history that holds `target` only.
    #[must_use]
    pub fn new(target: Manifest) -> Self {
        Self { target, earlier: Vec::new() }
    }

    /// Whether some deployed code is in no manifest of this history, so that an earlier one has to be read.
    #[must_use]
    pub fn lacks_build_of(&self, found: &FoundFunctions) -> bool {
        found.iter().any(|(name, found)| match found {
            Found::Function(function) if self.target.functions.contains_key(name) => {
                function.running.iter().any(|running| self.builds(name, &running.code_sha256).next().is_none())
            }
            Found::Function(_) | Found::Unreachable { .. } => false,
        })
    }

    /// The entries of the builds with this digest, newest first.
    pub(crate) fn builds<'a>(&'a self, name: &'a str, code: &'a CodeDigest) -> impl Iterator<Item = &'a Entry> {
        let all = std::iter::once(&self.target).chain(&self.earlier);
        all.filter_map(move |manifest| manifest.functions.get(name))
            .filter(move |entry| entry.code_sha256.as_ref() == Some(code))
    }
}
