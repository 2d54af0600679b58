//! The calls to AWS: reads deployed functions, published manifests and the state of the drift check.

mod alias;
pub mod check_state;
pub mod functions;
pub mod manifest_store;
mod mapping;

pub use check_state::{CheckState, Saved, WriteOutcome};
pub use functions::Functions;
pub use manifest_store::ManifestStore;
