//! Stores orders and documents, sends messages and publishes alerts, in terms of the domain and over the AWS SDK.
//!
//! The only SDK type that leaves this crate is the clients' shared configuration. There is no storage trait: on a laptop
//! and in tests the SDK's HTTP connector is answered inside the process, so this code runs everywhere.

pub mod alert;
pub mod backup;
pub mod breaker;
pub mod bucket;
mod error;
mod item;
pub mod key;
pub mod queue;
pub mod sdk;
pub mod store;

pub use error::{Error, sort};
