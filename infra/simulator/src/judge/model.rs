//! The model: the last known state of every order, against which each write is checked as it happens.

use std::collections::{BTreeMap, BTreeSet};

use domain::completion::Completion;
use domain::execution::{Execution, ExecutionStatus};
use domain::failure::FailureId;
use domain::id::DocumentNumber;
use domain::message::{Command, CommandMessage, PhaseMessage};
use domain::notice::Notice;
use domain::order::Order;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};
use serde_json::Value;

use crate::judge::attempts::{Attempts, CLAIM_COUNT, DEAD_LETTERED};
use crate::judge::contents::Contents;
use crate::judge::item::{self, Key};
use crate::judge::violation::{Kind, Violation};
use crate::judge::{client_view, transition};
use engine::Aws;

/// Partition of failures that name no order.
pub(crate) const NO_ORDER: &str = "FIRM#unknown#ORDER#00000000000000000000000000";

/// A running invocation and the messages it was given.
#[derive(Debug, Default)]
pub(crate) struct Invoked {
    pub(crate) function: String,
    /// Phase messages, each with the partition of its order.
    pub(crate) units: Vec<(String, PhaseMessage)>,
    /// Ids of the phase messages, in the same order.
    pub(crate) ids: Vec<String>,
    /// Commands: the id of the message and the partition of the order.
    pub(crate) commands: Vec<(String, String)>,
    /// What the commands ask for, each with the partition of its order.
    asked: Vec<(String, Command)>,
    /// Ids of messages that the pipeline did not send.
    pub(crate) foreign: Vec<String>,
    /// Partitions of the orders that its messages name; `None` when a schedule started it.
    pub(crate) orders: Option<BTreeSet<String>>,
}

impl Invoked {
    /// An invocation of `function` with `event`.
    pub(crate) fn with(function: &str, event: &Value) -> Self {
        let Some(records) = event["Records"].as_array() else {
            return Self { function: function.to_owned(), ..Self::default() };
        };
        let mut orders = BTreeSet::from([NO_ORDER.to_owned()]);
        let (mut units, mut ids) = (Vec::new(), Vec::new());
        let (mut commands, mut asked, mut foreign) = (Vec::new(), Vec::new(), Vec::new());
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
                asked.push((pk.clone(), message.command));
                commands.push((id, pk));
            } else {
                foreign.push(id);
            }
        }
        Self { function: function.to_owned(), units, ids, commands, asked, foreign, orders: Some(orders) }
    }

    /// An invocation of `function` for a request of a person about the order with partition `pk`.
    pub(crate) fn by_person(function: &str, pk: &str, command: Option<Command>) -> Self {
        let asked = command.into_iter().map(|command| (pk.to_owned(), command)).collect();
        let orders = Some(BTreeSet::from([pk.to_owned()]));
        Self { function: function.to_owned(), asked, orders, ..Self::default() }
    }

    /// What its commands about an order ask for.
    fn asked_of(&self, pk: &str) -> Vec<Command> {
        self.asked.iter().filter(|(of, _)| of == pk).map(|(_, command)| command.clone()).collect()
    }

    /// Whether all of its messages about an order belong to runs before the order's current one.
    fn is_stale_for(&self, pk: &str, order: &Order) -> bool {
        let mut runs = self.units.iter().filter(|(of, _)| of == pk).map(|(_, message)| message.run).peekable();
        runs.peek().is_some() && runs.all(|run| run < order.run())
    }
}

/// Everything that was written, by key.
#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Orders by partition.
    pub(crate) orders: BTreeMap<String, Order>,
    /// Executions by key.
    pub(crate) executions: BTreeMap<Key, Execution>,
    /// The lines about each order that the backup holds.
    pub(crate) backup: BTreeMap<String, Vec<Completion>>,
    /// The state of each alert, by the key of its failure or notice.
    pub(crate) alerts: BTreeMap<Key, String>,
    /// Alerts over the rate of their cause: reconciliation announces them together, without a message.
    pub(crate) left_for_digest: BTreeSet<Key>,
    /// Partitions of the orders that an administrator removed.
    pub(crate) removed: BTreeSet<String>,
    /// Partitions of the orders of which a message vanished: only reconciliation can take them on.
    pub(crate) bereft: BTreeSet<String>,
    /// How often each phase was claimed.
    pub(crate) attempts: Attempts,
    /// What is in the documents of orders.
    pub(crate) contents: Contents,
    /// Whether the functions have a mistake in the rules of `domain::lifecycle`. The judge compares writes with the same rules,
    /// so it would have the mistake as well and not notice.
    pub(crate) shares_mistake: bool,
}

impl Model {
    /// Checks what a write may have changed under `key`.
    pub(crate) fn check_write(&mut self, aws: &Aws, table: &str, key: &Key, by: Option<&Invoked>) -> Vec<Violation> {
        let Some(found) = item::read(aws, table, key) else { return self.vanished(key) };
        if key.sk == item::ORDER {
            return match item::order(&found) {
                Some(order) => self.check_order(aws, table, key, order, by),
                None => vec![broken("I4", &key.pk, "the item under ORDER cannot be read as an order")],
            };
        }
        if key.sk.starts_with(item::EXECUTION) {
            return match item::execution(&found) {
                Some(execution) => self.check_execution(aws, table, key, execution),
                None => vec![broken("I4", &key.pk, "the item under EXEC cannot be read as an execution")],
            };
        }
        if item::alert(key).is_some() { self.check_alert(key, &found) } else { Vec::new() }
    }

    /// Forgets the item that an administrator removed under `key`.
    pub(crate) fn remove(&mut self, key: &Key) {
        self.orders.remove(&key.pk);
        self.attempts.forget(&key.pk);
        self.contents.forget(&key.pk);
        self.removed.insert(key.pk.clone());
    }

    /// Records an object of completions that was stored in the backup.
    pub(crate) fn add_backup(&mut self, body: &[u8]) {
        for line in body.split(|byte| *byte == b'\n') {
            if let Ok(kept) = serde_json::from_slice::<Completion>(line) {
                let pk = format!("FIRM#{}#ORDER#{}", kept.firm_id, kept.order_id);
                self.backup.entry(pk).or_default().push(kept);
            }
        }
    }

    /// Whether no order is active or leased and no alert is owed.
    pub(crate) fn is_settled(&self) -> bool {
        let is_settled = |order: &Order| !order.is_active() && order.lease().is_none();
        self.orders.values().all(is_settled) && self.alerts.values().all(|alert| alert != "pending")
    }

    /// Whether an invocation holds a unit of the order's current phase.
    pub(crate) fn is_worked_on(&self, pk: &str, order: &Order) -> bool {
        let of_run = |(key, one): (&Key, &Execution)| {
            key.pk == pk && one.is_of(order) && one.run() == order.run() && one.lease().is_some()
        };
        order.lease().is_some() || order.fans_out() && self.executions.iter().any(of_run)
    }

    fn vanished(&mut self, key: &Key) -> Vec<Violation> {
        let known = key.sk == item::ORDER && self.orders.contains_key(&key.pk)
            || self.alerts.contains_key(key)
            || self.executions.contains_key(key);
        if known {
            vec![Violation::new(Kind::Lost, "I1", format!("{} {} was deleted", key.pk, key.sk))]
        } else {
            Vec::new()
        }
    }

    fn check_order(&mut self, aws: &Aws, table: &str, key: &Key, order: Order, by: Option<&Invoked>) -> Vec<Violation> {
        let mut found = Vec::new();
        match self.orders.get(&key.pk) {
            Some(before) if *before == order => return found,
            Some(before) => {
                let restored = self.is_restored(&key.pk, &order);
                if let Some(why) = transition::forbidden(before, &order).filter(|_| !restored && !self.shares_mistake) {
                    found.push(broken("I4", &key.pk, &why));
                }
                if before.status() == Status::Cancelled {
                    found.push(broken("I4", &key.pk, "a cancelled order was changed"));
                }
                if by.is_some_and(|by| by.is_stale_for(&key.pk, before)) {
                    found.push(broken("I5", &key.pk, "a message of an older run changed the order"));
                }
            }
            None if order.revision() != 1 || order.run().get() != 1 => {
                found.push(broken("I4", &key.pk, "a new order does not begin with revision 1 of run 1"));
            }
            None => {}
        }
        if order.status() == Status::Failed && order.artifact_version() > 0 {
            found.push(broken("I4", &key.pk, "an order with an earlier version failed as a whole"));
        }
        if order.phase() > Phase::Extract && order.terminal().len() as u64 != u64::from(order.documents()) {
            found.push(broken("I1", &key.pk, "the order went on without one of its documents"));
        }
        found.extend(unrecorded(aws, table, key, &order));
        found.extend(self.uncounted(&key.pk, &order));
        found.extend(self.check_view(&key.pk, &order, by));
        self.orders.insert(key.pk.clone(), order);
        found
    }

    /// Whether reconciliation brought the order to a state that the backup holds.
    fn is_restored(&self, pk: &str, next: &Order) -> bool {
        self.backup.get(pk).is_some_and(|kept| kept.iter().any(|line| line.order == *next))
    }

    /// Checks what the order's client may see now.
    fn check_view(&mut self, pk: &str, next: &Order, by: Option<&Invoked>) -> Vec<Violation> {
        let before = self.orders.get(pk);
        let asked = by.map(|by| by.asked_of(pk));
        let is_restored = before.is_some() && self.is_restored(pk, next);
        let seen = if is_restored {
            client_view::wrong_state(next)
        } else {
            client_view::wrong_step(before, next, asked.as_deref())
        };
        let mut found: Vec<_> = seen.iter().map(|why| broken("client", pk, why)).collect();
        let contents = self.contents.changed(pk, before, next, asked.as_deref().unwrap_or_default());
        found.extend(contents.iter().map(|why| broken("contents", pk, why)));
        let early = self.attempts.changed(pk, before, next).filter(|_| !is_restored);
        found.extend(early.map(|why| Violation::new(Kind::Undeserved, "I1", format!("{pk}: {why}"))));
        found
    }

    /// Executions that the order counts as ended although none is stored that ended so.
    fn uncounted(&self, pk: &str, order: &Order) -> Option<Violation> {
        let ended = |number: &DocumentNumber| {
            let status =
                if order.failed().contains(number) { ExecutionStatus::Failed } else { ExecutionStatus::Completed };
            let of_order = self.executions.iter().filter(|(key, one)| key.pk == pk && one.is_of(order));
            of_order.map(|(_, one)| one).any(|one| one.number() == *number && one.status() == status)
        };
        let missing = order.terminal().iter().find(|number| !ended(number))?;
        Some(broken("I4", pk, &format!("document {missing} counts as ended, and its execution does not say so")))
    }

    fn check_execution(&mut self, aws: &Aws, table: &str, key: &Key, next: Execution) -> Vec<Violation> {
        let before = self.executions.get(key);
        if before == Some(&next) {
            return Vec::new();
        }
        let restored = self.backup.get(&key.pk).is_some_and(|lines| lines.iter().any(|l| l.executions.contains(&next)));
        let mut found = Vec::new();
        // One of an order that was deleted says nothing about another order under its id.
        let before = before.filter(|before| self.orders.get(&key.pk).is_none_or(|order| before.is_of(order)));
        if let Some(why) = forbidden(before, &next).filter(|_| !restored) {
            found.push(broken("I4", &key.pk, &format!("{}: {why}", key.sk)));
        }
        if self.orders.get(&key.pk).is_none_or(|order| next.run() > order.run()) {
            found.push(broken("I5", &key.pk, &format!("{} belongs to a run that has not begun", key.sk)));
        }
        found.extend(unrecorded_execution(aws, table, key, &next));
        self.executions.insert(key.clone(), next);
        found
    }

    fn check_alert(&mut self, key: &Key, stored: &Value) -> Vec<Violation> {
        let state = stored["alert"].as_str().unwrap_or_default().to_owned();
        if stored["alert_rated"] == "left_for_digest" {
            self.left_for_digest.insert(key.clone());
        }
        let before = self.alerts.insert(key.clone(), state.clone());
        if before.as_deref() == Some("sent") && state != "sent" && !self.removed.contains(&key.pk) {
            let text = format!("the alert of {} {} was sent and is pending again", key.pk, key.sk);
            return vec![Violation::new(Kind::Duplicate, "I4", text)];
        }
        Vec::new()
    }
}

/// Failures that an order shows and that have no record at this moment, and a review that nobody is told of.
pub(crate) fn unrecorded(aws: &Aws, table: &str, key: &Key, order: &Order) -> Vec<Violation> {
    let mut ids = Vec::new();
    if order.orchestration_status() == OrchestrationStatus::Failed {
        match &order.last_orchestration_error() {
            Some(error) => ids.push(error.failure_id.clone()),
            None => return vec![Violation::new(Kind::Silent, "I3", format!("{} failed without an error", key.pk))],
        }
    }
    let stored = |sk: String| item::read(aws, table, &Key { pk: key.pk.clone(), sk }).is_some();
    if let Some(notice) = Notice::of_review(order)
        && !stored(format!("{}{}", item::NOTICE, notice.notice_id))
    {
        return vec![Violation::new(Kind::Silent, "I3", format!("{} owes no notice of its review", key.pk))];
    }
    let missing = ids.into_iter().filter(|id| !stored(format!("{}{id}", item::FAILURE)));
    missing.map(|id| Violation::new(Kind::Silent, "I3", format!("{} has no record of {id}", key.pk))).collect()
}

/// The failure of an execution, if it has no record at this moment.
pub(crate) fn unrecorded_execution(aws: &Aws, table: &str, key: &Key, execution: &Execution) -> Option<Violation> {
    if execution.status() != ExecutionStatus::Failed {
        return None;
    }
    let id = FailureId::of(execution.run(), Phase::Extract, Some(execution.number()));
    let record = Key { pk: key.pk.clone(), sk: format!("{}{id}", item::FAILURE) };
    let missing = item::read(aws, table, &record).is_none();
    missing.then(|| Violation::new(Kind::Silent, "I3", format!("{} has no record of {id}", key.pk)))
}

/// The reason why an execution must not be written as `next`, if there is one: it is claimed once for each delivery, it ends
/// once, and its end stands.
fn forbidden(before: Option<&Execution>, next: &Execution) -> Option<String> {
    let attempts = before.map_or(0, Execution::attempts);
    match before {
        Some(before) if before.has_ended() => Some("it had ended".to_owned()),
        Some(before) if before.writer() == next.writer() => Some("two writes have one name".to_owned()),
        _ if next.has_ended() && next.lease().is_some() => Some("it has ended and is held".to_owned()),
        _ if next.error_code() == Some(DEAD_LETTERED) && attempts < CLAIM_COUNT => {
            Some(format!("a dead letter failed it after {attempts} claims"))
        }
        _ if next.has_ended() && next.attempts() != attempts => Some("its end counts an attempt".to_owned()),
        None if next.status() == ExecutionStatus::Completed => Some("it was never claimed and completed".to_owned()),
        // A claim that was not begun is given back.
        Some(_) if !next.has_ended() && next.lease().is_none() && next.attempts() + 1 == attempts => None,
        _ if !next.has_ended() && next.lease().is_none() => Some("nobody holds it".to_owned()),
        _ if !next.has_ended() && next.attempts() != attempts + 1 => {
            Some(format!("attempt {} follows attempt {attempts}", next.attempts()))
        }
        _ => None,
    }
}

fn broken(invariant: &'static str, pk: &str, why: &str) -> Violation {
    Violation::new(Kind::Broken, invariant, format!("{pk}: {why}"))
}
