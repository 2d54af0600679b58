//! Verdicts about a deployed function.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::difference::Difference;
use crate::digest::CodeDigest;

/// A function that is behind for so many hours is stale.
pub const STALE_AFTER_HOURS: u32 = 24;

/// What is to be said of one function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verdict {
    /// It is what the manifest says.
    InStep,
    /// An earlier build of ours runs.
    Behind {
        /// How many commits that touch it are not deployed.
        commits: u32,
        /// Whether there are more than the manifest lists.
        or_more: bool,
        /// How long the oldest of them has been waiting.
        hours: u32,
    },
    /// It is configured otherwise than the template says.
    Misconfigured {
        /// Each setting that differs.
        settings: Vec<Difference>,
    },
    /// It could not be asked.
    Unreachable {
        /// The error's code.
        code: String,
    },
    /// It bears a name of ours, and the manifest does not know it.
    Unknown,
    /// Code runs that is of no build of ours.
    Tampered {
        /// Where: `$LATEST`, or an alias and its version.
        qualifier: String,
        /// The digest of that code.
        code_sha256: CodeDigest,
        /// The revision that the function's tag claims.
        claims: Option<String>,
    },
    /// It should be deployed and is not there.
    Missing,
}

/// How bad a verdict is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// All is well.
    Fine,
    /// It will have to be deployed.
    Warning,
    /// Somebody has to act.
    Critical,
}

impl Verdict {
    /// How bad it is.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::InStep => Severity::Fine,
            Self::Behind { hours, .. } if *hours < STALE_AFTER_HOURS => Severity::Warning,
            Self::Behind { .. }
            | Self::Misconfigured { .. }
            | Self::Unreachable { .. }
            | Self::Unknown
            | Self::Tampered { .. }
            | Self::Missing => Severity::Critical,
        }
    }

    /// Its name in figures and logs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::InStep => "in_step",
            Self::Behind { hours, .. } if *hours < STALE_AFTER_HOURS => "behind",
            Self::Behind { .. } => "stale",
            Self::Misconfigured { .. } => "misconfigured",
            Self::Unreachable { .. } => "unreachable",
            Self::Unknown => "unknown",
            Self::Tampered { .. } => "tampered",
            Self::Missing => "missing",
        }
    }

    /// Whether nobody has to be told that `self` became `other`: a function that falls behind by one more hour or commit has
    /// not changed its verdict, one with another foreign digest or another wrong setting has.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Misconfigured { settings: a }, Self::Misconfigured { settings: b }) => {
                a.iter().map(|one| &one.setting).eq(b.iter().map(|one| &one.setting))
            }
            (Self::Tampered { code_sha256: a, .. }, Self::Tampered { code_sha256: b, .. }) => a == b,
            _ => self.name() == other.name(),
        }
    }

    /// Its place among several verdicts about one function: the one to act on first is the highest.
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
                let stale = if *hours < STALE_AFTER_HOURS { "" } else { "stale: " };
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
                write!(f, "tampered: {qualifier} runs {code_sha256}, which is of no build of ours")?;
                match claims {
                    Some(revision) => write!(f, ", and its tag claims {revision}"),
                    None => Ok(()),
                }
            }
            Self::Missing => f.write_str("missing"),
        }
    }
}

/// A number of things, with their word in the singular or the plural.
pub(crate) fn count(number: u32, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}
