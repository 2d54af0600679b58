//! Checks that the AWS in this process answers like a second, independent implementation of AWS.
//!
//! Random sequences of calls go through the SDK's clients to both; their answers, with ids and dates removed, must be
//! the same. `docs/evidence/FIDELITY.md` says how to run more calls and which differences are known.

mod attribute;
mod condition;
mod dynamodb;
mod emulator;
mod known_differences;
mod object;
mod query;
mod queue;
mod random;
mod side;
mod table;
mod topic;
mod transaction;
mod update;

use emulator::Emulator;

/// Calls in a run, unless `FIDELITY_OPERATIONS` says otherwise.
const CALL_COUNT_DEFAULT: usize = 2_000;

/// The number of calls in `percent` of a run.
fn calls(percent: usize) -> usize {
    let total = std::env::var("FIDELITY_OPERATIONS")
        .ok()
        .map_or(CALL_COUNT_DEFAULT, |text| text.parse().expect("FIDELITY_OPERATIONS is a number of calls"));
    total * percent / 100
}

#[tokio::test]
async fn tables_answer_like_an_independent_implementation() {
    let Some(emulator) = Emulator::start() else { return };
    random::compare::<dynamodb::Table>(&emulator, calls(50)).await;
}

#[tokio::test]
async fn buckets_answer_like_an_independent_implementation() {
    let Some(emulator) = Emulator::start() else { return };
    random::compare::<object::Buckets>(&emulator, calls(25)).await;
}

#[tokio::test]
async fn queues_answer_like_an_independent_implementation() {
    let Some(emulator) = Emulator::start() else { return };
    random::compare::<queue::Queues>(&emulator, calls(20)).await;
}

#[tokio::test]
async fn topics_answer_like_an_independent_implementation() {
    let Some(emulator) = Emulator::start() else { return };
    random::compare::<topic::Topic>(&emulator, calls(5)).await;
}
