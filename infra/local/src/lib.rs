//! The `docket` command: the same functions on this machine, over AWS answered in the same process.

pub mod bench;
pub mod client;
pub mod engine;
pub mod local;
pub mod release;
pub mod report;
pub mod simulate;
