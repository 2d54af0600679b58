//! Running until something is so.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;

use super::Driver;
use super::mapping::Mapping;
use crate::clock::later;

impl Driver {
    /// Runs until `done` says so, which is asked whenever something happened. `false` when nothing is left that could
    /// still happen.
    pub async fn run_until(&mut self, mut done: impl FnMut() -> bool) -> bool {
        while !done() {
            if !self.step().await {
                let Some(due) = self.next_due() else { return done() };
                self.wait(due).await;
            }
        }
        true
    }

    /// Runs while `work` does, and gives what it gives.
    pub async fn run_while<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                output = &mut work => return output,
                () = self.turn() => {}
            }
        }
    }

    /// Runs until no invocation runs and no queue with a handler holds a message; schedules fire meanwhile. `false`
    /// when that is not so after `within`.
    pub async fn run_until_idle(&mut self, within: Duration) -> bool {
        let end = later(self.aws.clock().now(), within);
        while self.aws.clock().now() < end {
            if self.step().await {
                continue;
            }
            if self.is_idle() {
                return true;
            }
            self.wait(self.next_due().unwrap_or(end).min(end)).await;
        }
        self.is_idle()
    }

    fn is_idle(&self) -> bool {
        let holds = |mapping: &Mapping| self.serves(mapping) && mapping.holds_messages(&self.aws);
        self.running.is_empty() && !self.mappings.iter().any(holds)
    }

    async fn turn(&mut self) {
        if !self.step().await {
            let due = self.next_due().unwrap_or(Timestamp::MAX);
            self.wait(due).await;
        }
    }

    async fn wait(&mut self, due: Timestamp) {
        let clock = self.aws.clock().clone();
        tokio::select! {
            biased;
            _ = self.activity.changed() => {}
            () = clock.sleep_until(due) => {}
        }
    }
}
