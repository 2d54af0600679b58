//! Tests of the `docket` command as a process: its exit code, what it prints and what it leaves behind.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the helpers of a test fail it by panicking"
)]

mod bad_input;
mod bench;
mod beside;
mod drift;
mod folder;
mod interrupted;
mod loopback;
mod manifest;
mod order;
mod stage;
mod unused;
mod usage;
mod workspace;
