//! The order and the rules that govern it, as pure values and functions.
//!
//! Nothing here uses AWS, a clock, the environment or an async runtime: the time is an argument, and what is to be written
//! or sent is returned as a value.

pub mod audit;
pub mod claim;
pub mod completion;
pub mod event;
pub mod failure;
pub mod history;
pub mod id;
pub mod lifecycle;
pub mod limit;
pub mod masked;
pub mod message;
pub mod notice;
pub mod option;
pub mod overdue;
pub mod person;
pub mod phase;
mod ranges;
pub mod receipt;
pub mod reviewing;
pub mod service;
pub mod statement;
pub mod status;
pub mod trail;

pub use lifecycle::{execution, order, review, run, version};
