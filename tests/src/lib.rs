//! Harness of the integration tests: the whole pipeline in virtual time, faults on demand, and an order's outcome as
//! one value.

#![expect(clippy::expect_used, clippy::print_stderr, reason = "the helpers of a test fail it by panicking")]

pub mod deployment;
pub mod desk;
pub mod fault;
pub mod issuer;
pub mod log;
pub mod operator;
pub mod outcome;
pub mod pipeline;
pub mod previous_layout;
pub mod sandbox;
pub mod stage_desk;
