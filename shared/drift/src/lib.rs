//! Compares what is deployed with what should be deployed, and keeps track of what was reported.
//!
//! - [`model`] decides: what a [`Manifest`] holds, how deployed functions differ from it, and which changes are not reported yet
//!   ([`Ledger`]). It is pure: no AWS, no clock. A test guards its imports.
//! - [`cloud`] reads and writes: deployed functions over the Lambda API, the published manifests, the state of the drift check.
//! - [`check`] uses both, for the `drift-check` function and for `docket drift`.
//!
//! `check` uses `cloud` and `model`, `cloud` uses `model`, and never the other way round.
//!
//! It is a separate crate rather than a part of `aws`, so that no phase is compiled or linked with the Lambda client.

pub mod check;
pub mod cloud;
pub mod model;

pub use check::{CheckOutcome, check_deployment, check_stage};
pub use cloud::{CheckState, Functions, ManifestStore};
pub use model::{
    Assessment, CodeDigest, Commit, Difference, Entry, EventSource, History, Ledger, Location, MANIFEST_SCHEMA,
    Manifest, ManifestError, Revision, Settings, Severity, Verdict, VerdictKind,
};
