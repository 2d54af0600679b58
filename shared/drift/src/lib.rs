//! What should be deployed, what is deployed, and what their difference means.
//!
//! A [`Manifest`] is made from the source: for every function its last commits, the digest of its deployment package and its
//! settings. [`compare`](compare::compare) holds it against what was [`deployed`](deployed::Found) and gives a
//! [`Verdict`] per function; a [`Ledger`] keeps the last ones, so that a change is told once. Everything here is pure: the
//! time and what was found are given.

pub mod assessment;
mod code;
mod commit;
pub mod compare;
pub mod deployed;
mod difference;
mod digest;
mod history;
pub mod issue;
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
pub use settings::{Place, Settings, Source};
pub use verdict::{STALE_AFTER_HOURS, Severity, Verdict};
