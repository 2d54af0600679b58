//! What should be deployed, what is deployed, and what their difference means.
//!
//! A [`Manifest`] is made from the source: for every function its last commits, the digest of its deployment package and its
//! settings. [`compare`](compare::compare) compares it with [what was found](deployed::Found) and gives a [`Verdict`] per
//! function; a [`Ledger`] keeps the last ones, so that each change is reported once. The time, and what was found, are arguments.

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
