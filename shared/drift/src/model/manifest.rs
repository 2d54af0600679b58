//! The manifest: what should be deployed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::commit::{Commit, Revision};
use crate::digest::CodeDigest;
use crate::settings::Settings;

/// Layout of a manifest. A reader takes this one and refuses a newer one.
pub const MANIFEST_SCHEMA: u32 = 1;
/// Where manifests are kept in their bucket.
pub const PREFIX: &str = "manifests/";

/// What should be deployed of one stage. Made from a commit and a build of it, it holds nothing of the moment or the machine:
/// made twice, it is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its layout.
    pub schema: u32,
    /// What the names of the stage's functions begin with, e.g. `docket-dev-`.
    pub prefix: String,
    /// The commit it was made from.
    pub revision: Revision,
    /// When that was committed, UTC.
    pub committed_at: Timestamp,
    /// Its functions, by the name under which they are deployed.
    pub functions: BTreeMap<String, Entry>,
}

/// What should be deployed of one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The crate that it is built from.
    pub package: String,
    /// The folders and files that decide its build.
    pub built_from: Vec<String>,
    /// The last commits that touch them, newest first.
    pub commits: Vec<Commit>,
    /// The digest of its package; none in a manifest that was made without a build.
    pub code_sha256: Option<CodeDigest>,
    /// SHA-256 of its settings, hexadecimal.
    pub settings_sha256: String,
    /// Its settings.
    pub settings: Settings,
}

/// A text that is no manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not one at all.
    #[error("this is no manifest; make one with `docket manifest`")]
    Unreadable,
    /// It was written by a newer version.
    #[error(
        "the manifest has layout {0}, and layout {MANIFEST_SCHEMA} is the newest that is read here; deploy the newer drift check"
    )]
    Newer(u32),
    /// Its settings were changed after it was made.
    #[error("the settings of {0} are not those of the digest beside them; make the manifest again")]
    Altered(String),
}

/// What is read first, whatever else the layout holds.
#[derive(Deserialize)]
struct Layout {
    schema: u32,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// [`ManifestError`] says what is wrong with it.
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

    /// Its text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The key under which it is kept when published at `now`. Keys sort by the time of publication, so the last one is what
    /// should be deployed, also after an older revision was published again.
    #[must_use]
    pub fn key(&self, now: Timestamp) -> String {
        format!("{PREFIX}{}/{:015}-{}.json", self.prefix.trim_end_matches('-'), now.as_millisecond(), self.revision)
    }
}

impl Entry {
    /// The commit it is built from.
    #[must_use]
    pub fn revision(&self) -> Option<&Revision> {
        self.commits.first().map(|commit| &commit.revision)
    }
}
