//! Records what happens during a run: calls, publications, stored results and how invocations end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::judge::item::{self, Key};
use crate::judge::violation::{Kind, Violation};
use engine::wire::form_pairs;
use engine::{Call, InvokeError, Service};

/// Hits by function, API action and fault.
pub(crate) type Coverage = BTreeMap<(String, String, &'static str), u64>;

/// The function that a schedule starts.
pub(crate) const RECONCILE: &str = "ReconcileFunction";

/// A call of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) number: u64,
    pub(crate) function: Arc<str>,
    pub(crate) service: Service,
    pub(crate) operation: Arc<str>,
}

impl Point {
    /// The function and the API action, as coverage lists them.
    pub(crate) fn cell(&self) -> (String, String) {
        (self.function.to_string(), format!("{}:{}", self.service, self.operation))
    }
}

/// What was observed of a run so far.
#[derive(Debug, Default)]
pub(crate) struct Observations {
    pub(crate) violations: Vec<Violation>,
    pub(crate) coverage: Coverage,
    /// How often each alert was published.
    pub(crate) published: BTreeMap<String, u64>,
    /// How often each alert may be published once more, because an answer about it was lost.
    pub(crate) excused: BTreeMap<String, u64>,
    /// Alerts that each invocation published but has not marked as sent.
    unmarked: BTreeMap<u64, BTreeSet<String>>,
    /// Keys of results that are stored.
    results: BTreeSet<String>,
    /// The functions' calls, which a plan can hit one by one.
    pub(crate) points: Vec<Point>,
    /// How many calls functions made to work on orders. Those of reconciliation depend on time, so they are not counted.
    pub(crate) working_calls: u64,
    /// Calls that were hit.
    pub(crate) hits: u64,
    /// How often and how each function's invocations ended without an answer.
    pub(crate) ends: BTreeMap<String, u64>,
}

impl Observations {
    /// Records a call and the fault that hit it, if any.
    pub(crate) fn called(&mut self, call: &Call, fault: Option<&'static str>) {
        if !call.scope.ends_with("Function") {
            return;
        }
        if &*call.scope != RECONCILE {
            self.working_calls += 1;
        }
        self.points.push(Point {
            number: call.number,
            function: Arc::clone(&call.scope),
            service: call.service,
            operation: Arc::clone(&call.operation),
        });
        let action = format!("{}:{}", call.service, call.operation);
        *self.coverage.entry((call.scope.to_string(), action, fault.unwrap_or("none"))).or_default() += 1;
    }

    /// Records that a call or its answer was lost, so that what it published may be published again.
    pub(crate) fn lost(&mut self, call: &Call, json: Option<&Value>, after: bool) {
        self.hits += 1;
        let id = match call.service {
            Service::Sns if after => alert_id(call),
            Service::DynamoDb => json.and_then(marked_alert).map(|(_, sent_as)| sent_as),
            _ => None,
        };
        if let Some(id) = id {
            *self.excused.entry(id).or_default() += 1;
        }
    }

    /// Records that a call had its effect.
    pub(crate) fn done(&mut self, call: &Call, json: Option<&Value>, status: u16) {
        if status >= 300 {
            return;
        }
        match (call.service, &*call.operation) {
            (Service::Sns, "Publish") => {
                if let Some(id) = alert_id(call) {
                    self.unmarked.entry(call.scope_order).or_default().insert(id.clone());
                    *self.published.entry(id).or_default() += 1;
                }
            }
            (Service::DynamoDb, "UpdateItem") => {
                // An alert that announces several failures is marked itself last.
                if let Some((id, sent_as)) = json.and_then(marked_alert)
                    && (id == sent_as || sent_as.strip_prefix(DIGEST) == Some(&id))
                    && let Some(unmarked) = self.unmarked.get_mut(&call.scope_order)
                {
                    unmarked.remove(&id);
                }
            }
            // A reviewer's draft is saved again and again.
            (Service::S3, "PutObject")
                if call.resource.contains("/runs/") && !call.resource.ends_with("/decisions-draft.json") =>
            {
                self.stored(&call.resource);
            }
            _ => {}
        }
    }

    fn stored(&mut self, resource: &str) {
        if !self.results.insert(resource.to_owned()) {
            let text = format!("{resource} was stored twice");
            self.violations.push(Violation::new(Kind::Duplicate, "I4", text));
        }
    }

    /// Records the end of an invocation; `error` says why it gave no answer.
    pub(crate) fn ended(&mut self, function: &str, number: u64, error: Option<&InvokeError>) {
        let unmarked = self.unmarked.remove(&number).unwrap_or_default();
        let Some(error) = error else { return };
        let end = match error {
            InvokeError::TimedOut => "timed out",
            InvokeError::Killed => "killed",
            InvokeError::Panicked => "panicked",
            InvokeError::Failed(_) => "failed",
            InvokeError::Unregistered => "unregistered",
        };
        if *error == InvokeError::Panicked {
            self.violations.push(Violation::new(Kind::Broken, "I9", format!("{function} panicked")));
        }
        *self.ends.entry(format!("{function} {end}")).or_default() += 1;
        for id in unmarked {
            *self.excused.entry(id).or_default() += 1;
        }
    }

    /// Alerts published more often than lost answers explain. An order that was `removed` and submitted again counts as
    /// new.
    pub(crate) fn repeated(&self, removed: &BTreeSet<String>) -> Vec<Violation> {
        let excused = |id: &str| self.excused.get(id).copied().unwrap_or_default();
        let is_new = |id: &str| order_of(id).is_some_and(|order| removed.iter().any(|pk| pk.ends_with(order)));
        let repeated = self.published.iter().filter(|(id, count)| **count > 1 + excused(id) && !is_new(id));
        repeated
            .map(|(id, count)| {
                let text = format!("the alert {id} was published {count} times, {} answers were lost", excused(id));
                Violation::new(Kind::Duplicate, "I4", text)
            })
            .collect()
    }
}

/// What the id of a digest begins with; the id of the alert that is marked last follows.
const DIGEST: &str = "digest/";

/// The order in the id of an alert; that of a digest names the order of its oldest failure.
fn order_of(id: &str) -> Option<&str> {
    id.trim_start_matches(DIGEST).split_once('/').map(|(order, _)| order)
}

/// The id of the alert that is published: `order/failure`, or that of a digest.
fn alert_id(call: &Call) -> Option<String> {
    let form = form_pairs(&String::from_utf8_lossy(&call.body));
    let name = form.iter().find(|(_, value)| value == "id").map(|(key, _)| key.trim_end_matches(".Name").to_owned())?;
    let value = format!("{name}.Value.StringValue");
    form.iter().find(|(key, _)| *key == value).map(|(_, id)| id.clone())
}

/// The alert that an update marks as sent, and the publication that it was sent in.
fn marked_alert(json: &Value) -> Option<(String, String)> {
    let values = json["ExpressionAttributeValues"].as_object()?;
    values.values().find(|value| value["S"] == "sent")?;
    let text = |name: &str| json["Key"][name]["S"].as_str().map(str::to_owned);
    let key = Key { pk: text("pk")?, sk: text("sk")? };
    Some((item::alert(&key)?, json["ExpressionAttributeValues"][":as"]["S"].as_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_may_be_repeated_only_as_often_as_an_answer_was_lost() {
        let mut observed = Observations::default();
        observed.published.insert("order/r1-extract".to_owned(), 2);
        assert_eq!(observed.repeated(&BTreeSet::new()).len(), 1);
        assert!(observed.repeated(&BTreeSet::from(["FIRM#a#ORDER#order".to_owned()])).is_empty());
        observed.excused.insert("order/r1-extract".to_owned(), 1);
        assert!(observed.repeated(&BTreeSet::new()).is_empty());
    }

    #[test]
    fn a_result_that_is_stored_twice_is_found() {
        let mut observed = Observations::default();
        observed.stored("bucket/firms/a/orders/o/runs/0001/classify.json");
        assert!(observed.violations.is_empty());
        observed.stored("bucket/firms/a/orders/o/runs/0001/classify.json");
        assert_eq!(observed.violations.len(), 1);
    }

    #[test]
    fn a_function_that_dies_before_its_alert_is_marked_excuses_a_repetition() {
        let mut observed = Observations::default();
        observed.unmarked.entry(3).or_default().insert("order/r1".to_owned());
        observed.ended("ExtractFunction", 3, Some(&InvokeError::Killed));
        assert_eq!(observed.excused.get("order/r1"), Some(&1));
    }
}
