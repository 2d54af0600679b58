//! Verdicts about a deployed function.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoStaticStr};

use super::difference::Difference;
use super::digest::CodeDigest;

/// A function that has been behind for this many hours counts as stale.
pub const STALE_AFTER_HOURS: u32 = 24;

/// What the state of a deployed function means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verdict {
    /// It matches the manifest.
    InStep,
    /// It runs one of our earlier builds.
    Behind {
        /// How many undeployed commits touch it.
        commits: u32,
        /// Whether there are more than the manifest lists.
        or_more: bool,
        /// How long the oldest of them has been waiting.
        hours: u32,
    },
    /// Its configuration is not the template's.
    Misconfigured {
        /// Each setting that differs.
        settings: Vec<Difference>,
    },
    /// Its state could not be read.
    Unreachable {
        /// The error's code.
        code: String,
    },
    /// Its name has our prefix, but the manifest does not list it.
    Unknown,
    /// It runs code that is none of our builds.
    Tampered {
        /// Where: `$LATEST`, or an alias and its version.
        qualifier: String,
        /// The digest of that code.
        code_sha256: CodeDigest,
        /// The revision that the function's tag claims.
        claims: Option<String>,
    },
    /// It should be deployed but does not exist.
    Missing,
}

/// The kinds of verdict, by which verdicts are counted and named. [`Behind`](Verdict::Behind) becomes stale with time, so
/// it has two kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum VerdictKind {
    /// [`Verdict::InStep`].
    InStep,
    /// [`Verdict::Behind`] for less than [`STALE_AFTER_HOURS`].
    Behind,
    /// [`Verdict::Behind`] for [`STALE_AFTER_HOURS`] or longer.
    Stale,
    /// [`Verdict::Misconfigured`].
    Misconfigured,
    /// [`Verdict::Unreachable`].
    Unreachable,
    /// [`Verdict::Unknown`].
    Unknown,
    /// [`Verdict::Tampered`].
    Tampered,
    /// [`Verdict::Missing`].
    Missing,
}

impl VerdictKind {
    /// Its name in answers and logs, e.g. `in_step`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Its name in a sentence, e.g. `in step`.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::InStep => "in step",
            other => other.name(),
        }
    }
}

/// How bad a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing is wrong.
    Fine,
    /// A deployment will be needed.
    Warning,
    /// Somebody has to act.
    Critical,
}

impl Verdict {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> VerdictKind {
        match self {
            Self::InStep => VerdictKind::InStep,
            Self::Behind { hours, .. } if *hours < STALE_AFTER_HOURS => VerdictKind::Behind,
            Self::Behind { .. } => VerdictKind::Stale,
            Self::Misconfigured { .. } => VerdictKind::Misconfigured,
            Self::Unreachable { .. } => VerdictKind::Unreachable,
            Self::Unknown => VerdictKind::Unknown,
            Self::Tampered { .. } => VerdictKind::Tampered,
            Self::Missing => VerdictKind::Missing,
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.kind() {
            VerdictKind::InStep => Severity::Fine,
            VerdictKind::Behind => Severity::Warning,
            VerdictKind::Stale
            | VerdictKind::Misconfigured
            | VerdictKind::Unreachable
            | VerdictKind::Unknown
            | VerdictKind::Tampered
            | VerdictKind::Missing => Severity::Critical,
        }
    }

    /// Whether a change from `self` to `other` need not be reported. One more hour or commit behind is the same verdict;
    /// another foreign digest or another wrong setting is a new one.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Misconfigured { settings: a }, Self::Misconfigured { settings: b }) => {
                a.iter().map(|difference| &difference.setting).eq(b.iter().map(|difference| &difference.setting))
            }
            (Self::Tampered { code_sha256: a, .. }, Self::Tampered { code_sha256: b, .. }) => a == b,
            _ => self.kind() == other.kind(),
        }
    }

    /// Ranks verdicts about one function: the highest is the one to act on first.
    pub(crate) fn rank(&self) -> u8 {
        match self {
            Self::InStep => 0,
            Self::Behind { .. } => 1,
            Self::Misconfigured { .. } => 2,
            Self::Unreachable { .. } => 3,
            Self::Unknown => 4,
            Self::Tampered { .. } => 5,
            Self::Missing => 6,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InStep => f.write_str("in step"),
            Self::Behind { commits, or_more, hours } => {
                let stale = if self.kind() == VerdictKind::Stale { "stale: " } else { "" };
                let at_least = if *or_more { "at least " } else { "" };
                write!(f, "{stale}behind by {at_least}{} and {}", count(*commits, "commit"), count(*hours, "hour"))
            }
            Self::Misconfigured { settings } => {
                f.write_str("misconfigured: ")?;
                let texts: Vec<_> = settings.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join(", "))
            }
            Self::Unreachable { code } => write!(f, "unreachable ({code})"),
            Self::Unknown => f.write_str("unknown to the manifest"),
            Self::Tampered { qualifier, code_sha256, claims } => {
                write!(f, "tampered: {qualifier} runs {code_sha256}, which no build of ours made")?;
                match claims {
                    Some(revision) => write!(f, ", and its tag claims {revision}"),
                    None => Ok(()),
                }
            }
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// A number with its noun in the singular or plural.
fn count(number: u32, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
