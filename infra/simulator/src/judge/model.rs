//! The reference: what every order is known to be, held against each write as it happens.

use std::collections::{BTreeMap, BTreeSet};

use domain::completion::Completion;
use domain::message::{CommandMessage, PhaseMessage};
use domain::order::{ExecutionStatus, Order};
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};
use serde_json::Value;

use crate::judge::item::{self, Key};
use crate::judge::transition;
use crate::judge::violation::{Kind, Violation};
use engine::Aws;

/// Partition under which failures are recorded that name no order.
pub(crate) const NO_ORDER: &str = "FIRM#unknown#ORDER#00000000000000000000000000";

/// An invocation that is under way, and what it was given.
#[derive(Debug, Default)]
pub(crate) struct Invoked {
    pub(crate) function: String,
    /// Messages of phases, with the partition of their orders.
    pub(crate) units: Vec<(String, PhaseMessage)>,
    /// Ids of these messages, in the same order.
    pub(crate) ids: Vec<String>,
    /// Commands: the message's id and the partition of the order.
    pub(crate) commands: Vec<(String, String)>,
    /// Ids of messages that are none of the pipeline's.
    pub(crate) strangers: Vec<String>,
    /// Partitions of the orders that its messages name; `None` when it was started by a schedule.
    pub(crate) orders: Option<BTreeSet<String>>,
}

impl Invoked {
    /// What `function` was given with `event`.
    pub(crate) fn with(function: &str, event: &Value) -> Self {
        let Some(records) = event["Records"].as_array() else {
            return Self { function: function.to_owned(), ..Self::default() };
        };
        let mut orders = BTreeSet::from([NO_ORDER.to_owned()]);
        let (mut units, mut ids) = (Vec::new(), Vec::new());
        let (mut commands, mut strangers) = (Vec::new(), Vec::new());
        for record in records {
            let Some(body) = record["body"].as_str() else { continue };
            let id = record["messageId"].as_str().unwrap_or_default().to_owned();
            if let Ok(message) = serde_json::from_str::<PhaseMessage>(body) {
                let pk = format!("FIRM#{}#ORDER#{}", message.firm_id, message.order_id);
                orders.insert(pk.clone());
                units.push((pk, message));
                ids.push(id);
            } else if let Ok(message) = serde_json::from_str::<CommandMessage>(body) {
                let pk = format!("FIRM#{}#ORDER#{}", message.firm_id, message.order_id);
                orders.insert(pk.clone());
                commands.push((id, pk));
            } else {
                strangers.push(id);
            }
        }
        Self { function: function.to_owned(), units, ids, commands, strangers, orders: Some(orders) }
    }

    /// Whether all that it was given about an order belongs to runs before the order's own.
    fn is_stale_for(&self, pk: &str, order: &Order) -> bool {
        let mut runs = self.units.iter().filter(|(of, _)| of == pk).map(|(_, message)| message.run).peekable();
        runs.peek().is_some() && runs.all(|run| run < order.run)
    }
}

/// All that was written, by key.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Orders by partition.
    pub(crate) orders: BTreeMap<String, Order>,
    /// What the backup holds of each order.
    pub(crate) backup: BTreeMap<String, Vec<Order>>,
    /// The state of each failure's alert.
    pub(crate) alerts: BTreeMap<Key, String>,
    /// Partitions of the orders that an administrator removed.
    pub(crate) removed: BTreeSet<String>,
}

impl Model {
    /// Looks at what a write may have changed under `key`.
    pub(crate) fn wrote(&mut self, aws: &Aws, table: &str, key: &Key, by: Option<&Invoked>) -> Vec<Violation> {
        let Some(found) = item::read(aws, table, key) else { return self.vanished(key) };
        if key.sk == item::ORDER {
            return match item::order(&found) {
                Some(order) => self.wrote_order(aws, table, key, order, by),
                None => vec![broken("I4", &key.pk, "the item under ORDER is no order")],
            };
        }
        if key.sk.starts_with(item::FAILURE) { self.wrote_failure(key, &found) } else { Vec::new() }
    }

    /// An administrator removed what is under `key`.
    pub(crate) fn remove(&mut self, key: &Key) {
        self.orders.remove(&key.pk);
        self.removed.insert(key.pk.clone());
    }

    /// An object of completions was stored.
    pub(crate) fn backed_up(&mut self, body: &[u8]) {
        for line in body.split(|byte| *byte == b'\n') {
            if let Ok(kept) = serde_json::from_slice::<Completion>(line) {
                let pk = format!("FIRM#{}#ORDER#{}", kept.firm_id, kept.order_id);
                self.backup.entry(pk).or_default().push(kept.order);
            }
        }
    }

    /// Whether nothing is under way or owed any more, as far as the tables tell.
    pub(crate) fn is_at_rest(&self) -> bool {
        let rests = |order: &Order| !order.is_active() && order.leases.is_empty();
        self.orders.values().all(rests) && self.alerts.values().all(|alert| alert == "sent")
    }

    fn vanished(&mut self, key: &Key) -> Vec<Violation> {
        let known = key.sk == item::ORDER && self.orders.contains_key(&key.pk) || self.alerts.contains_key(key);
        if known {
            vec![Violation::new(Kind::Lost, "I1", format!("{} {} was deleted", key.pk, key.sk))]
        } else {
            Vec::new()
        }
    }

    fn wrote_order(&mut self, aws: &Aws, table: &str, key: &Key, order: Order, by: Option<&Invoked>) -> Vec<Violation> {
        let mut found = Vec::new();
        match self.orders.get(&key.pk) {
            Some(before) if *before == order => return found,
            Some(before) => {
                let restored = || self.backup.get(&key.pk).is_some_and(|kept| kept.contains(&order));
                if let Some(why) = transition::forbidden(before, &order).filter(|_| !restored()) {
                    found.push(broken("I4", &key.pk, &why));
                }
                if before.status == Status::Cancelled {
                    found.push(broken("I4", &key.pk, "a cancelled order was changed"));
                }
                if by.is_some_and(|by| by.is_stale_for(&key.pk, before)) {
                    found.push(broken("I5", &key.pk, "a message of an older run changed the order"));
                }
            }
            None if order.revision != 1 || order.run.get() != 1 => {
                found.push(broken("I4", &key.pk, "the order did not begin at its beginning"));
            }
            None => {}
        }
        if order.status == Status::Failed && order.artifact_version > 0 {
            found.push(broken("I4", &key.pk, "an order with a version that stands has failed as a whole"));
        }
        if order.phase > Phase::Extract && order.executions.len() as u64 != u64::from(order.documents) {
            found.push(broken("I1", &key.pk, "the order went on without one of its documents"));
        }
        found.extend(unrecorded(aws, table, key, &order));
        self.orders.insert(key.pk.clone(), order);
        found
    }

    fn wrote_failure(&mut self, key: &Key, failure: &Value) -> Vec<Violation> {
        let state = failure["alert"].as_str().unwrap_or_default().to_owned();
        let before = self.alerts.insert(key.clone(), state.clone());
        if before.as_deref() == Some("sent") && state != "sent" && !self.removed.contains(&key.pk) {
            let text = format!("the alert of {} {} is owed once more", key.pk, key.sk);
            return vec![Violation::new(Kind::Duplicate, "I4", text)];
        }
        Vec::new()
    }
}

/// Failures that an order shows and that are not recorded at this very moment.
pub(crate) fn unrecorded(aws: &Aws, table: &str, key: &Key, order: &Order) -> Vec<Violation> {
    let mut ids = Vec::new();
    if order.orchestration_status == OrchestrationStatus::Failed {
        match &order.last_orchestration_error {
            Some(error) => ids.push(error.failure_id.clone()),
            None => return vec![Violation::new(Kind::Silent, "I3", format!("{} failed and does not say why", key.pk))],
        }
    }
    let failed = order.executions.iter().filter(|(_, execution)| execution.status == ExecutionStatus::Failed);
    ids.extend(failed.map(|(document, execution)| {
        domain::failure::FailureId::of(execution.run, domain::phase::Phase::Extract, Some(*document))
    }));
    let missing = ids.into_iter().filter(|id| {
        let key = Key { pk: key.pk.clone(), sk: format!("{}{id}", item::FAILURE) };
        item::read(aws, table, &key).is_none()
    });
    missing.map(|id| Violation::new(Kind::Silent, "I3", format!("{} has no record of {id}", key.pk))).collect()
}

fn broken(invariant: &'static str, pk: &str, why: &str) -> Violation {
    Violation::new(Kind::Broken, invariant, format!("{pk}: {why}"))
}
