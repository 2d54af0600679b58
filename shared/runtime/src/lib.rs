//! The Lambda edge: what every function does around its own work.
//!
//! [`phase::handle`] is the envelope of one phase: claim, work, commit, send, acknowledge. [`lambda::start`] is all that a
//! function's `main` calls.

mod alerting;
pub mod backup;
mod batch;
pub mod environment;
pub mod invocation;
pub mod lambda;
pub mod metric;
pub mod phase;
pub mod pipeline;
pub mod rejection;
pub mod result;
mod settle;

pub use alerting::publish;
pub use batch::{Answer, Record, answer_batch};
pub use settle::{alert, backoff_secs, end_unit, fail_unit, repeat_owed};
