//! What is deployed, as domain sentences over the Lambda API; the published manifests; and what the drift check remembers.
//!
//! A crate of its own and not a part of `aws`, so that no phase is compiled or linked with the Lambda client.

mod alias;
pub mod functions;
mod mapping;
pub mod memory;
pub mod shelf;

pub use functions::Functions;
pub use memory::{Memory, Remembered, Written};
pub use shelf::Shelf;
