//! A commit and its revision.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Hexadecimal digits of a revision.
const REVISION_LENGTH: usize = 40;
/// Characters of a revision that are shown to people.
const SHORT_LENGTH: usize = 10;

/// The id of a commit: 40 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Revision(String);

/// A text that is not a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a revision is 40 hexadecimal digits")]
pub struct RevisionError;

impl Revision {
    /// Its first digits, to show to people.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..SHORT_LENGTH).unwrap_or(&self.0)
    }
}

impl TryFrom<String> for Revision {
    type Error = RevisionError;

    fn try_from(text: String) -> Result<Self, RevisionError> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == REVISION_LENGTH && text.bytes().all(is_digit) { Ok(Self(text)) } else { Err(RevisionError) }
    }
}

impl From<Revision> for String {
    fn from(revision: Revision) -> Self {
        revision.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commit {
    /// Its id.
    pub revision: Revision,
    /// When it was committed, UTC.
    pub committed_at: Timestamp,
    /// The first line of its message.
    pub subject: String,
}
