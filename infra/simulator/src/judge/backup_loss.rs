//! Whether functions tell of completions that the backup did not take. Reconciliation makes up for them, so nothing but the
//! figures shows a backup that takes nothing for days.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::judge::violation::{Kind, Violation};
use engine::Call;

/// The figures that count completions without a backup.
const FIGURES: [&str; 2] = ["CompletionsPrimaryOnly", "CompletionsNeither"];

/// What became of the appends of each function.
#[derive(Debug, Default)]
pub(crate) struct Appends {
    /// Invocations that are under way and whose last attempt to append failed.
    failed: BTreeSet<u64>,
    /// Invocations that gave up, by function.
    given_up: BTreeMap<String, u64>,
    /// Completions without a backup that each function counted. Instances of a function share their figures here.
    told: BTreeMap<String, u64>,
}

impl Appends {
    /// An attempt to append ended, as the function sees it.
    pub(crate) fn answered(&mut self, call: &Call, taken: bool) {
        if taken {
            self.failed.remove(&call.scope_order);
        } else {
            self.failed.insert(call.scope_order);
        }
    }

    /// A function wrote figures.
    pub(crate) fn figures(&mut self, function: &str, figures: &Value) {
        let counted: u64 = FIGURES.iter().filter_map(|name| figures[*name].as_u64()).sum();
        *self.told.entry(function.to_owned()).or_default() += counted;
    }

    /// An invocation ended. One that was killed tells nothing any more.
    pub(crate) fn ended(&mut self, function: &str, invocation: u64, answered: bool) {
        if self.failed.remove(&invocation) && answered {
            *self.given_up.entry(function.to_owned()).or_default() += 1;
        }
    }

    /// Functions that gave up more often than they told.
    pub(crate) fn untold(&self) -> Vec<Violation> {
        let told = |function: &String| self.told.get(function).copied().unwrap_or_default();
        let silent = self.given_up.iter().filter(|(function, count)| told(function) < **count);
        let text = |(function, count): (&String, &u64)| {
            format!("{function} gave up {count} appends to the backup and counted {}", told(function))
        };
        silent.map(|entry| Violation::new(Kind::Silent, "two stores", text(entry))).collect()
    }
}
