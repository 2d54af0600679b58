//! The Lambda edge: everything that functions do around their own work.
//!
//! A function's `main` only calls [`lambda::start`]. [`phase::handle`] takes the messages of one phase through parse,
//! claim, work, settle and answer. [`documents`] does the same for
//! documents, several of one order at a time. [`batch`] is the part of it that every function fed by SQS uses. The
//! modules import one another in only one direction, from `phase` downwards.

pub mod alerting;
pub mod answer;
pub mod backup;
pub mod batch;
mod commit;
pub mod completions;
pub mod delivery;
pub mod documents;
pub mod environment;
pub mod failure;
pub mod invocation;
pub mod job;
pub mod lambda;
pub mod message;
pub mod metric;
pub mod owed;
pub mod panics;
pub mod phase;
pub mod pipeline;
pub mod rejection;
mod release;
pub mod result;
pub mod service;
pub mod settle;
#[cfg(test)]
mod testing;
mod work;
