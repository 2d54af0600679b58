//! Harness of the integration tests: the whole pipeline in virtual time, faults on demand, and the outcome as one value.

pub mod fault;
pub mod outcome;
pub mod pipeline;
