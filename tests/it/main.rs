//! Integration tests, in one binary so that they link once.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "the helpers of a test fail it by panicking"
)]

mod api;
mod cma;
mod cost;
mod counts;
mod crash;
mod docs;
mod documents;
mod drift;
mod durability;
mod events;
mod failure_path;
mod fidelity;
mod kill;
mod layout;
mod lifecycle;
mod logs;
mod mistakes;
mod operations;
mod operator;
mod outage;
mod payload;
mod previous_layout;
mod ready;
mod reconcile;
mod repeat;
mod restart;
mod runtime_api;
mod simulate;
mod start_over;
mod store;
mod stored_figures;
mod superseded_run;
mod template;
mod transient;
mod wire;
