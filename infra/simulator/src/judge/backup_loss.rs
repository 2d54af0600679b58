//! Checks that functions count the completions that the backup refused. Reconciliation repairs those, so only the metrics
//! reveal a backup that refuses everything for days.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::judge::violation::{Kind, Violation};
use engine::Call;

/// The metrics that count completions without a backup.
const METRICS: [&str; 2] = ["CompletionsPrimaryOnly", "CompletionsNeither"];

/// Failed appends to the backup, and how many of them the functions counted.
#[derive(Debug, Default)]
pub(crate) struct BackupLosses {
    /// Running invocations whose last attempt to append failed.
    failed: BTreeSet<u64>,
    /// How many invocations gave up, by function.
    given_up: BTreeMap<String, u64>,
    /// How many completions without a backup each function counted. All instances of a function share one count.
    counted: BTreeMap<String, u64>,
}

impl BackupLosses {
    /// Records whether an attempt to append was `taken`.
    pub(crate) fn record_attempt(&mut self, call: &Call, taken: bool) {
        if taken {
            self.failed.remove(&call.scope_order);
        } else {
            self.failed.insert(call.scope_order);
        }
    }

    /// Adds the metrics that a function wrote.
    pub(crate) fn add_metrics(&mut self, function: &str, metrics: &Value) {
        let counted: u64 = METRICS.iter().filter_map(|name| metrics[*name].as_u64()).sum();
        *self.counted.entry(function.to_owned()).or_default() += counted;
    }

    /// Records the end of an invocation. One without an answer could not write its metrics.
    pub(crate) fn ended(&mut self, function: &str, invocation: u64, answered: bool) {
        if self.failed.remove(&invocation) && answered {
            *self.given_up.entry(function.to_owned()).or_default() += 1;
        }
    }

    /// Functions that gave up more often than they counted.
    pub(crate) fn uncounted(&self) -> Vec<Violation> {
        let counted_by = |function: &String| self.counted.get(function).copied().unwrap_or_default();
        let silent = self.given_up.iter().filter(|(function, count)| counted_by(function) < **count);
        let text = |(function, count): (&String, &u64)| {
            format!("{function} gave up {count} appends to the backup but counted {}", counted_by(function))
        };
        silent.map(|entry| Violation::new(Kind::Silent, "two stores", text(entry))).collect()
    }
}
