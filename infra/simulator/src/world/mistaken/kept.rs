//! Mistakes in the rules of an order: it is written with something of what it was before.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use serde_json::{Value, json};

use super::MistakenCode;
use super::call::Call;
use crate::plan::mistake::Mistake;

/// The last writes of orders, by partition.
pub(super) type Kept = BTreeMap<String, Order>;

/// What an order was when it was last written whole.
#[derive(Debug, Default)]
pub(super) struct Order {
    run: u32,
    reached_percent: Value,
    /// Why it failed, and when.
    failure: Option<(Value, Value)>,
}

impl MistakenCode {
    /// Changes the order that a call writes as a mistake in its rules would.
    pub(super) fn keep(&self, call: &mut Call) {
        let mistake = self.mistake;
        let regenerated = self.with(call.invocation, |invocation| invocation.regenerated.clone());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        call.change_order(|order| {
            let Some(pk) = order["pk"]["S"].as_str().map(str::to_owned) else { return };
            let run = order["run"]["N"].as_str().and_then(|run| run.parse().ok()).unwrap_or(0);
            let last = kept.entry(pk).or_default();
            let is_new_run = last.run > 0 && run > last.run;
            match mistake {
                Mistake::KeepFailureReason if order["orchestration_status"]["S"] == "COMPLETED" => {
                    if let Some((reason, at)) = &last.failure {
                        order["failure_reason"] = reason.clone();
                        order["failed_at"] = at.clone();
                    }
                }
                Mistake::KeepProgress if is_new_run => order["reached_percent"] = last.reached_percent.clone(),
                Mistake::SkipUndonePhases if is_new_run => {
                    let is_asked = order["order_id"]["S"].as_str().is_some_and(|id| regenerated.contains(id));
                    if is_asked {
                        order["phase"] = json!({ "S": "generate" });
                        order["orchestration_status"] = json!({ "S": "VALIDATED" });
                    }
                }
                _ => {}
            }
            last.run = run;
            last.reached_percent = order["reached_percent"].clone();
            if order["failure_reason"]["S"].is_string() {
                last.failure = Some((order["failure_reason"].clone(), order["failed_at"].clone()));
            }
        });
    }
}
