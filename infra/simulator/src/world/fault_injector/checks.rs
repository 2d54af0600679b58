//! Checks what functions send: calls, metrics, and what they append to the backup.

use engine::{Call, Scope, Service};
use serde_json::Value;

use super::{FaultInjector, State};
use crate::judge::item;
use crate::judge::model::Invoked;
use crate::judge::observed::RECONCILE;
use crate::judge::violation::{Kind, Violation};
use crate::plan::mark;
use crate::world::clients;

impl FaultInjector {
    /// Checks the metrics that a function wrote: they must not name an order or contain anything of a document.
    pub(crate) fn check_metrics(&self, line: &str) {
        let mut state = self.state();
        let metrics = serde_json::from_str::<Value>(line);
        if let (Some(scope), Ok(metrics)) = (Scope::current(), &metrics) {
            state.backup_losses.add_metrics(&scope.name(), metrics);
        }
        let named = state.model.orders.values().any(|order| line.contains(&order.order_id().to_string()));
        if let Some(mark) = mark::find(line.as_bytes()) {
            state.observed.violations.push(Violation::new(Kind::Leak, "I7", format!("{mark} in metrics")));
        }
        if named || metrics.is_err() {
            state.observed.violations.push(Violation::new(
                Kind::Broken,
                "metrics",
                "metrics that name an order or are not JSON",
            ));
        }
    }

    /// Records whether the backup accepted what a function appended. Reconciliation reports its own failures differently.
    pub(super) fn record_append(&self, state: &mut State, call: &Call, taken: bool) {
        let is_backup = call.service == Service::S3 && &*call.operation == "PutObject" && !self.is_of_documents(call);
        if is_backup && call.scope.ends_with("Function") && &*call.scope != RECONCILE {
            state.backup_losses.record_attempt(call, taken);
        }
    }

    /// Searches a call for marks, which must not leave the document bucket, and for orders it must not touch.
    pub(super) fn check_call(&self, state: &mut State, call: &Call, json: Option<&Value>) {
        if &*call.scope == clients::FOREIGN {
            return;
        }
        let of_documents = call.service == Service::S3 && self.is_of_documents(call);
        let mark = mark::find(call.resource.as_bytes());
        let mark = mark.or_else(|| if of_documents { None } else { mark::find(&call.body) });
        if let Some(mark) = mark {
            state.observed.violations.push(Violation::new(Kind::Leak, "I7", format!("{mark} in {call:?}")));
        }
        let foreign = foreign_order(state.invoked.get(&call.scope_order), call, json);
        if let Some(pk) = foreign.filter(|_| call.scope.ends_with("Function")) {
            state.observed.violations.push(Violation::new(Kind::Broken, "I8", format!("{call:?} touches {pk}")));
        }
    }
}

/// An order that a call touches although no message of its invocation names it.
fn foreign_order(invoked: Option<&Invoked>, call: &Call, json: Option<&Value>) -> Option<String> {
    let allowed = invoked?.orders.as_ref()?;
    let touched: Vec<String> = match (call.service, json) {
        (Service::DynamoDb, Some(json)) => {
            item::keys(&call.operation, json).into_iter().map(|(key, _)| key.pk).collect()
        }
        (Service::S3, _) => object_owner(&call.resource).into_iter().collect(),
        _ => Vec::new(),
    };
    touched.into_iter().find(|pk| pk.contains("#ORDER#") && !allowed.contains(pk))
}

/// The partition of the order in an object's key.
fn object_owner(resource: &str) -> Option<String> {
    let mut parts = resource.split('/').skip_while(|part| *part != "firms").skip(1);
    let firm = parts.next()?;
    let order = parts.nth(1)?;
    Some(format!("FIRM#{firm}#ORDER#{order}"))
}
