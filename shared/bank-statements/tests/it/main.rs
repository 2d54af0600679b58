//! Bank statements of every format, with the traps that real ones set.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of a test fail it by panicking")]

mod support;

mod camt;
mod cases;
mod csv;
mod json;
mod merge;
mod mt940;
mod mutated;
mod ofx;
mod pdf;
