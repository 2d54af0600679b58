//! The order and the rules that govern it, as pure values and functions.
//!
//! Nothing here knows AWS, a clock, the environment or an async runtime: time comes in as an argument, and what is to
//! be written or sent goes out as a value.

pub mod statement;
