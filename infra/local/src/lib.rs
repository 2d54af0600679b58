//! The local engine.

pub mod engine;
