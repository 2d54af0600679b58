//! Runs the driver until a condition holds, a future completes, or there is nothing left to do.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;

use super::Driver;
use super::mapping::Mapping;
use crate::clock::later;

impl Driver {
    /// Runs until `done` returns true; it is called whenever something has happened. Returns `false` when nothing more can
    /// happen.
    pub async fn run_until(&mut self, mut done: impl FnMut() -> bool) -> bool {
        while !done() {
            if !self.step().await {
                let Some(due) = self.next_due() else { return done() };
                self.wait(due).await;
            }
        }
        true
    }

    /// Runs until `work` completes, and returns its output.
    pub async fn run_while<F: Future>(&mut self, work: F) -> F::Output {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                output = &mut work => return output,
                () = self.step_or_wait() => {}
            }
        }
    }

    /// Runs until no invocation is running and no queue with a handler has a message; schedules fire in the meantime.
    /// Returns `false` if that state is not reached after `within`.
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

    async fn step_or_wait(&mut self) {
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
