//! The `docket` command: the same functions on this machine, over AWS answered in the same process.

pub mod bench;
pub mod release;
