//! Decides what the difference between the deployed functions and the manifest means.
//!
//! A [`Manifest`] is made from the source. It holds each function's last commits, the digest of its deployment package and
//! its settings. [`compare`](compare::compare) compares it with [what was found](deployed::Found) and gives a [`Verdict`]
//! for each function. A [`Ledger`] keeps the latest verdicts, so that each change is reported once. Time and findings are
//! arguments.

pub mod assessment;
mod code;
mod commit;
pub mod compare;
pub mod deployed;
mod difference;
mod digest;
mod history;
pub mod ledger;
mod manifest;
mod settings;
mod verdict;

pub use assessment::Assessment;
pub use commit::{Commit, Revision, RevisionError};
pub use difference::Difference;
pub use digest::{CodeDigest, DigestError};
pub use history::History;
pub use ledger::Ledger;
pub use manifest::{Entry, MANIFEST_SCHEMA, Manifest, ManifestError, PREFIX};
pub use settings::{EventSource, Location, Settings};
pub use verdict::{STALE_AFTER_HOURS, Severity, Verdict, VerdictKind};
