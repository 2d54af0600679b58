//! The parts of the `docket` command that tests and examples use too: the benchmark and the making of releases.

pub mod bench;
pub mod release;
