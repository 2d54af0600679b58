//! A circuit breaker that opens and never closes.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::Duration;

use aws::breaker::{FAILURES_TO_OPEN, PROBE_AFTER_SECS};
use aws::sdk::ATTEMPT_COUNT_MAX;
use engine::clock::later;
use engine::wire::Reply;
use engine::{Aws, Reset};
use jiff::Timestamp;

use super::MistakenCode;
use super::call::Call;
use super::reply;

/// The circuit between each function and the table.
pub(super) type Circuits = BTreeMap<String, Circuit>;

/// A circuit: the requests that failed in a row, and when an open one lets a call through.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    failures: u32,
    open_until: Option<Timestamp>,
}

impl MistakenCode {
    /// Sends a call, unless the function's circuit is open.
    pub(super) async fn through_circuit(&self, aws: &Aws, call: Call) -> Result<Reply, Reset> {
        let now = aws.clock().now();
        let probe_at = later(now, Duration::from_secs(PROBE_AFTER_SECS.into()));
        let is_rejected = self.circuit(&call, |circuit| match &mut circuit.open_until {
            Some(until) if now < *until => true,
            Some(until) => {
                *until = probe_at;
                false
            }
            None => false,
        });
        if is_rejected {
            return Ok(reply::unavailable());
        }
        let result = call.send(aws).await;
        let has_failed = result.as_ref().map_or(true, |reply| reply.status >= 500);
        self.circuit(&call, |circuit| {
            circuit.failures = if has_failed { circuit.failures + 1 } else { 0 };
            if circuit.failures >= FAILURES_TO_OPEN * ATTEMPT_COUNT_MAX && circuit.open_until.is_none() {
                circuit.open_until = Some(probe_at);
            }
        });
        result
    }

    fn circuit<T>(&self, call: &Call, act: impl FnOnce(&mut Circuit) -> T) -> T {
        let mut circuits = self.circuits.lock().unwrap_or_else(PoisonError::into_inner);
        act(circuits.entry(call.function().to_owned()).or_default())
    }
}
