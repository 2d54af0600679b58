//! The manifest: what should be deployed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::commit::{Commit, Revision};
use super::digest::CodeDigest;
use super::settings::Settings;

/// The layout version that is written. A reader refuses a newer one.
pub const MANIFEST_SCHEMA: u32 = 1;
/// The prefix of the manifests' keys in their bucket.
pub const PREFIX: &str = "manifests/";

/// What should be deployed in one stage. It is made from a commit and a build of it. It depends on neither time nor
/// machine, so making it twice gives the same manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its layout version.
    pub schema: u32,
    /// The common prefix of the stage's function names, e.g. `docket-dev-`.
    pub prefix: String,
    /// The commit it was made from.
    pub revision: Revision,
    /// When that was committed, UTC.
    pub committed_at: Timestamp,
    /// Its functions, by their deployed names.
    pub functions: BTreeMap<String, Entry>,
}

/// What should be deployed for one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The crate it is built from.
    pub package: String,
    /// The folders and files that its build depends on.
    pub built_from: Vec<String>,
    /// The last commits that touch them, newest first.
    pub commits: Vec<Commit>,
    /// The digest of its package; `None` in a manifest made without a build.
    pub code_sha256: Option<CodeDigest>,
    /// The SHA-256 of its settings in hexadecimal.
    pub settings_sha256: String,
    /// Its settings.
    pub settings: Settings,
}

/// Why a manifest was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not a manifest.
    #[error("not a manifest; make one with `docket manifest`")]
    Unreadable,
    /// It was written by a newer version.
    #[error(
        "the manifest has layout {0}, but this version reads layouts up to {MANIFEST_SCHEMA}; deploy the newer drift check"
    )]
    Newer(u32),
    /// Its settings were changed after it was made.
    #[error("the settings of {0} do not match their digest; make the manifest again")]
    Altered(String),
}

/// The layout version alone, which is read first.
#[derive(Deserialize)]
struct Layout {
    schema: u32,
}

impl Manifest {
    /// Parses a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] says why it is refused.
    pub fn parse(text: &[u8]) -> Result<Self, ManifestError> {
        let layout: Layout = serde_json::from_slice(text).map_err(|_| ManifestError::Unreadable)?;
        if layout.schema > MANIFEST_SCHEMA {
            return Err(ManifestError::Newer(layout.schema));
        }
        let manifest: Self = serde_json::from_slice(text).map_err(|_| ManifestError::Unreadable)?;
        match manifest.functions.iter().find(|(_, entry)| entry.settings.digest() != entry.settings_sha256) {
            Some((name, _)) => Err(ManifestError::Altered(name.clone())),
            None => Ok(manifest),
        }
    }

    /// The manifest as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Serialising it cannot fail.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The key it is published under at `now`. Keys sort by the time of publication, so the last one is what should be
    /// deployed, even if it is an older revision that was published again.
    #[must_use]
    pub fn key(&self, now: Timestamp) -> String {
        format!("{PREFIX}{}/{:015}-{}.json", self.prefix.trim_end_matches('-'), now.as_millisecond(), self.revision)
    }
}

impl Entry {
    /// The revision it is built from.
    #[must_use]
    pub fn revision(&self) -> Option<&Revision> {
        self.commits.first().map(|commit| &commit.revision)
    }
}
