//! Audits the end of a run, after everything has had time to settle.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use domain::completion::Completion;
use domain::execution::Execution;
use domain::id::OrderId;
use domain::order::Order;
use domain::status::Status;

use crate::judge::attempts::{CLAIM_COUNT, DEAD_LETTERED};
use crate::judge::client_view;
use crate::judge::item::{self, Key};
use crate::judge::model::{Model, unrecorded, unrecorded_execution};
use crate::judge::violation::{Kind, Violation};
use pipeline::LocalPipeline;

/// Partitions of the orders that were accepted.
pub(crate) type Accepted = Rc<RefCell<BTreeSet<String>>>;

/// The content of the table at the end, read afresh rather than taken from the model.
pub(crate) struct Table {
    name: String,
    orders: BTreeMap<String, Order>,
    executions: BTreeMap<Key, Execution>,
    failures: BTreeMap<Key, String>,
    /// The codes of failures.
    codes: BTreeMap<Key, String>,
    notices: BTreeMap<Key, String>,
    /// How many earlier versions are stored, by the partition of their order.
    versions: BTreeMap<String, u32>,
    /// The publication that announced each failure.
    sent_as: BTreeMap<Key, String>,
    /// Partitions of the orders that reconciliation watches.
    watched: BTreeSet<String>,
}

impl Table {
    /// Reads the table of the pipeline.
    pub(crate) fn read(local: &LocalPipeline) -> Self {
        let name = local.stack.tables.values().next().map(|table| table.name.clone()).unwrap_or_default();
        let mut table = Self {
            name,
            orders: BTreeMap::new(),
            executions: BTreeMap::new(),
            failures: BTreeMap::new(),
            codes: BTreeMap::new(),
            notices: BTreeMap::new(),
            versions: BTreeMap::new(),
            sent_as: BTreeMap::new(),
            watched: BTreeSet::new(),
        };
        for found in item::all(&local.aws, &table.name) {
            let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
            let key = Key { pk: text("pk"), sk: text("sk") };
            if key.sk == item::ORDER {
                // One that waits for a reviewer is listed for its deadlines once it is in the backup.
                if found["watch"].as_str().is_some_and(|list| list.starts_with("order-")) {
                    table.watched.insert(key.pk.clone());
                }
                if let Some(order) = item::order(&found) {
                    table.orders.insert(key.pk, order);
                }
            } else if key.sk.starts_with(item::EXECUTION) {
                if let Some(execution) = item::execution(&found) {
                    table.executions.insert(key, execution);
                }
            } else if key.sk.starts_with(item::FAILURE) {
                table.codes.insert(key.clone(), text("code"));
                table.sent_as.extend(found["alert_sent_as"].as_str().map(|id| (key.clone(), id.to_owned())));
                table.failures.insert(key, text("alert"));
            } else if key.sk.starts_with(item::NOTICE) {
                table.notices.insert(key, text("alert"));
            } else if key.sk.starts_with(item::VERSION) {
                *table.versions.entry(key.pk).or_default() += 1;
            }
        }
        table
    }

    /// The failures of orders that exist, each with the key of its record and its code.
    pub(crate) fn failures_of_orders(&self) -> impl Iterator<Item = (&Order, &Key, &str)> {
        self.codes.iter().filter_map(|(key, code)| Some((self.orders.get(&key.pk)?, key, code.as_str())))
    }

    /// The codes of the failures of an order's documents in the run in which the order itself failed with the record `key`.
    pub(crate) fn codes_of_documents(&self, key: &Key) -> Vec<&str> {
        let is_document = |other: &Key| other.pk == key.pk && other.sk.starts_with(&format!("{}-d", key.sk));
        self.codes.iter().filter(|(other, _)| is_document(other)).map(|(_, code)| code.as_str()).collect()
    }

    /// The status of each order.
    pub(crate) fn ended(&self) -> BTreeMap<OrderId, Status> {
        self.orders.values().map(|order| (order.order_id(), order.status())).collect()
    }

    /// How many orders have each status, without the order `but`.
    pub(crate) fn endings(&self, but: OrderId) -> BTreeMap<String, u64> {
        let mut endings = BTreeMap::new();
        for order in self.orders.values().filter(|order| order.order_id() != but) {
            *endings.entry(order.status().to_string()).or_default() += 1;
        }
        endings
    }
}

/// Finds what is wrong at the end.
pub(crate) fn audit(local: &LocalPipeline, table: &Table, model: &Model, accepted: &Accepted) -> Vec<Violation> {
    let mut found = lost(table, model, accepted);
    for (pk, order) in &table.orders {
        found.extend(unsettled(pk, order));
        let earlier = table.versions.get(pk).copied().unwrap_or(0);
        if !model.removed.contains(pk) && earlier != order.artifact_version().saturating_sub(1) {
            let text =
                format!("{pk} has made version {}, and {earlier} earlier ones are stored", order.artifact_version());
            found.push(Violation::new(Kind::Lost, "I4", text));
        }
        let seen = client_view::wrong_state(order);
        found.extend(seen.iter().map(|why| Violation::new(Kind::Broken, "client", format!("{pk}: {why}"))));
        found.extend(unnoticed(table, pk, order));
        let key = Key { pk: pk.clone(), sk: item::ORDER.to_owned() };
        found.extend(unrecorded(&local.aws, &table.name, &key, order));
        if !table.watched.contains(pk) && !is_backed_up(table, model, pk, order) {
            let text = format!("{pk} is no longer watched, and the backup does not hold its last state");
            found.push(Violation::new(Kind::Lost, "two stores", text));
        }
        if model.orders.get(pk) != Some(order) {
            found.push(Violation::new(
                Kind::Broken,
                "I4",
                format!("{pk} differs from what was last seen to be written"),
            ));
        }
    }
    for (key, execution) in &table.executions {
        if execution.error_code() == Some(DEAD_LETTERED) && execution.attempts() < CLAIM_COUNT {
            let text = format!("a dead letter failed {} {} after {} claims", key.pk, key.sk, execution.attempts());
            found.push(Violation::new(Kind::Undeserved, "I1", text));
        }
        found.extend(unrecorded_execution(&local.aws, &table.name, key, execution));
        if model.executions.get(key) != Some(execution) {
            let text = format!("{} {} differs from what was last seen to be written", key.pk, key.sk);
            found.push(Violation::new(Kind::Broken, "I4", text));
        }
    }
    let owed = table.failures.iter().filter(|(_, alert)| *alert != "sent");
    let owed = owed.chain(table.notices.iter().filter(|(_, notice)| *notice == "pending"));
    found.extend(owed.map(|(key, _)| {
        Violation::new(Kind::Silent, "I3", format!("the alert of {} {} was never marked as sent", key.pk, key.sk))
    }));
    found.extend(left_messages(local));
    found
}

/// Whether the backup holds the order and its executions as the table does.
fn is_backed_up(table: &Table, model: &Model, pk: &str, order: &Order) -> bool {
    let same = |kept: &Order| {
        (kept.run(), kept.revision(), kept.status(), kept.orchestration_status(), &kept.writer())
            == (order.run(), order.revision(), order.status(), order.orchestration_status(), &order.writer())
    };
    let ended = || {
        table
            .executions
            .iter()
            .filter(|(key, one)| key.pk == *pk && one.is_of(order) && one.has_ended())
            .map(|(_, one)| one)
    };
    let full = |line: &Completion| line.has_all_executions && ended().all(|one| line.executions.contains(one));
    let of_order = model.backup.get(pk);
    // An execution of a cancelled order may end after the order did.
    let is_full = |line: &Completion| order.status() == Status::Cancelled || full(line);
    of_order.is_some_and(|kept| kept.iter().any(|line| same(&line.order) && is_full(line)))
}

/// Orders that reconciliation still watches.
pub(crate) fn still_watched(table: &Table) -> Vec<Violation> {
    let still = |pk: &String| Violation::new(Kind::Stuck, "two stores", format!("{pk} is still watched"));
    table.watched.iter().map(still).collect()
}

/// Accepted orders missing from the table that were neither refused with a record nor removed.
fn lost(table: &Table, model: &Model, accepted: &Accepted) -> Vec<Violation> {
    let has_failure = |pk: &String| table.failures.keys().any(|key| key.pk == *pk) || model.removed.contains(pk);
    let accepted = accepted.borrow();
    let lost = accepted.iter().filter(|pk| !table.orders.contains_key(*pk) && !has_failure(pk));
    lost.map(|pk| Violation::new(Kind::Lost, "I1", format!("{pk} was accepted and is gone"))).collect()
}

fn unsettled(pk: &str, order: &Order) -> Option<Violation> {
    let state = || format!("{pk} is {}/{} in {}", order.status(), order.orchestration_status(), order.phase());
    if order.is_active() {
        return Some(Violation::new(Kind::Stuck, "I2", state()));
    }
    if order.lease().is_some() || order.hand_off_owed_since().is_some() {
        return Some(Violation::new(Kind::Stuck, "I2", format!("{}, with a lease or a hand-off left", state())));
    }
    None
}

/// A review of which nobody was told, although the order's client wants a notice. One that is still pending counts as one that
/// was never sent.
fn unnoticed(table: &Table, pk: &str, order: &Order) -> Option<Violation> {
    let is_wanted = order.is_paused() && order.options().notify_on_review;
    let key = Key { pk: pk.to_owned(), sk: format!("{}r{}-review-needed", item::NOTICE, order.run()) };
    let notice = table.notices.get(&key).map(String::as_str);
    let is_noticed = matches!(notice, Some("sent" | "pending"));
    let text = || format!("{pk} waits for a reviewer, and its notice is {notice:?}");
    (is_wanted && !is_noticed).then(|| Violation::new(Kind::Silent, "I3", text()))
}

fn left_messages(local: &LocalPipeline) -> Vec<Violation> {
    let depths = local.stack.queues.values().filter_map(|queue| {
        let depth = local.aws.queue_depth(&queue.name)?.total();
        (depth > 0).then(|| format!("{depth} messages are left in {}", queue.name))
    });
    depths.map(|text| Violation::new(Kind::Stuck, "I2", text)).collect()
}

/// Alerts that were recorded as sent but never published.
pub(crate) fn unpublished(table: &Table, published: &BTreeMap<String, u64>) -> Vec<Violation> {
    let notices = table.notices.iter().filter(|(_, notice)| *notice == "sent").map(|(key, _)| key);
    let publication = |key: &Key| table.sent_as.get(key).cloned().or_else(|| item::alert(key));
    let sent = table.failures.keys().chain(notices).filter_map(publication);
    let missing = sent.filter(|id| !published.contains_key(id));
    missing.map(|id| Violation::new(Kind::Silent, "I3", format!("the alert {id} was never published"))).collect()
}
