//! The parts of the `docket` command that tests and examples use too: the benchmark, and what a release is made of.

pub mod bench;
pub mod release;
