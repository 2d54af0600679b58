//! The SDK's clients against the engine.

mod driver;
mod durable;
mod dynamodb;
mod intercept;
mod lambda;
mod s3;
mod schedule;
mod sns;
mod sqs;
mod template;
mod units;

use jiff::Timestamp;

use super::{Account, Aws, Clock, Stack};

/// The time at which virtual time starts in tests.
fn start() -> Timestamp {
    "2026-04-01T00:00:00Z".parse().unwrap()
}

/// An AWS in memory under virtual time.
fn aws() -> Aws {
    Aws::memory(Clock::starting_at(start())).unwrap()
}

/// An AWS in memory with `template` deployed.
fn deployed(template: &str) -> (Aws, Stack) {
    let aws = aws();
    let stack = Stack::parse(template, &Account::default()).unwrap();
    aws.deploy(&stack).unwrap();
    (aws, stack)
}

async fn sleep_s(seconds: u64) {
    tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
}
