//! Orders, queues, alerts and documents as domain sentences over the AWS SDK.
//!
//! No SDK type leaves this crate but the clients' shared configuration. There is no storage trait: on a laptop and in
//! tests the SDK's HTTP connector is answered inside the process, so this code is the only one there is.

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
