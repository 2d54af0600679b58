//! Converts orders, failure records, notices and audit entries to items of the table and back.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::AuditEntry;
use domain::execution::{EXECUTION_SCHEMA, Execution};
use domain::failure::FailureRecord;
use domain::id::DocumentNumber;
use domain::limit::PHASE_SECS_MAX;
use domain::notice::Notice;
use domain::order::{ORDER_SCHEMA, Order};
use domain::run::{RUN_SCHEMA, Run};
use domain::status::Status;
use domain::version::{VERSION_SCHEMA, Version};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{Error, key};

/// An item in the SDK's representation.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Text attribute.
pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Number attribute.
pub(crate) fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

/// The sets of an order. In an item they are number sets, which `ADD` can grow.
const SETS: [&str; 2] = ["terminal", "failed"];

/// An order as an item. `working_status` holds the status that a claim sets.
pub(crate) fn from_order(order: &Order) -> Result<Item, Error> {
    let mut item: Item = serialize(order)?;
    for (name, set) in SETS.into_iter().zip([order.terminal(), order.failed()]) {
        item.remove(name);
        if !set.is_empty() {
            item.insert(name.to_owned(), numbers(set));
        }
    }
    let working = if order.has_version() { Status::Regenerating } else { Status::InProgress };
    item.insert("working_status".to_owned(), text(working.as_str()));
    item.insert("pk".to_owned(), text(key::partition(order.firm_id(), order.order_id())));
    item.insert("sk".to_owned(), text(key::ORDER));
    // Listed in the index until reconciliation has found it idle and in the backup. Nothing happens to a draft.
    if order.status() != Status::Draft {
        watch(&mut item, &key::watched_order(order.order_id()), order.watched_since());
    }
    Ok(item)
}

/// The order that an item holds.
pub(crate) fn to_order(operation: &'static str, mut item: Item) -> Result<Order, Error> {
    for name in SETS {
        if let Some(AttributeValue::Ns(numbers)) = item.remove(name) {
            let list = numbers.into_iter().map(AttributeValue::N).collect();
            item.insert(name.to_owned(), AttributeValue::L(list));
        }
    }
    let order: Order = serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })?;
    // An item of a newer layout is not interpreted: the message is retried until newer code handles it.
    if order.schema() > ORDER_SCHEMA { Err(Error::Damaged { operation }) } else { Ok(order) }
}

/// Numbers of executions as a number set.
pub(crate) fn numbers(set: &BTreeSet<DocumentNumber>) -> AttributeValue {
    AttributeValue::Ns(set.iter().map(|number| number.get().to_string()).collect())
}

/// An execution as an item.
pub(crate) fn from_execution(execution: &Execution) -> Result<Item, Error> {
    let mut item: Item = serialize(execution)?;
    item.insert("pk".to_owned(), text(key::partition(execution.firm_id(), execution.order_id())));
    item.insert(
        "sk".to_owned(),
        text(key::execution_item(execution.run(), execution.processor(), execution.subject())),
    );
    Ok(item)
}

/// The execution that an item holds.
pub(crate) fn to_execution(operation: &'static str, item: Item) -> Result<Execution, Error> {
    let execution: Execution = serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })?;
    if execution.schema() > EXECUTION_SCHEMA { Err(Error::Damaged { operation }) } else { Ok(execution) }
}

/// A failure record as it is stored in the table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StoredFailure {
    /// The record.
    #[serde(flatten)]
    pub record: FailureRecord,
    /// Whether its alert was published.
    pub alert: AlertState,
    /// Id of the publication that announced it; its own alert, or one that announced several failures.
    #[serde(default, rename = "alert_sent_as")]
    pub sent_as: Option<String>,
    /// Whether its alert counts towards the rate of its cause.
    #[serde(default, rename = "alert_rated")]
    pub rated: Rated,
}

/// Whether an alert counts towards the rate of its cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rated {
    /// It was counted and may be published by itself.
    Counted,
    /// It is over the rate: a digest announces it.
    LeftForDigest,
    /// It has not been counted, as far as its item says.
    #[default]
    #[serde(other)]
    No,
}

/// An alert that was counted, as its item says so.
pub(crate) const COUNTED: &str = "counted";
/// An alert that is left for a digest.
pub(crate) const LEFT_FOR_DIGEST: &str = "left_for_digest";

/// Whether SNS accepted the alert about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// It has not been sent yet.
    Pending,
    /// SNS accepted it.
    Sent,
}

/// An alert that has not been sent yet, as its item says so.
pub(crate) const PENDING: &str = "pending";
/// An alert that SNS accepted.
pub(crate) const SENT: &str = "sent";
/// A notice that no longer held before it was sent.
pub(crate) const WITHDRAWN: &str = "withdrawn";

/// Whether the alert that an item stands for is owed. This can be told even of an item that cannot be read otherwise.
pub(crate) fn is_pending(item: &Item) -> bool {
    item.get("alert").and_then(|value| value.as_s().ok()).is_some_and(|state| state == PENDING)
}

/// When the claim to an alert ends; 1970 if there is none.
pub(crate) fn alert_until(item: &Item) -> Timestamp {
    let until = item.get("alert_until").and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok());
    until.and_then(|ms| Timestamp::from_millisecond(ms).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// The failure record of a document as an item. The end of the document's phase announces it with the others, so it is listed
/// only from a time on at which the phase is over: whatever became of the order, its alert is found.
pub(crate) fn from_document_failure(record: &FailureRecord) -> Result<Item, Error> {
    let mut item = from_failure(record)?;
    let over = SignedDuration::from_secs(i64::from(PHASE_SECS_MAX));
    let from = record.occurred_at.saturating_add(over).unwrap_or(record.occurred_at);
    watch(&mut item, &key::watched_alert(record.order_id), from);
    Ok(item)
}

/// A failure record as an item, with its alert owed.
pub(crate) fn from_failure(record: &FailureRecord) -> Result<Item, Error> {
    let mut item: Item = serialize(record)?;
    item.insert("alert".to_owned(), text(PENDING));
    item.insert("pk".to_owned(), text(key::partition(&record.firm_id, record.order_id)));
    item.insert("sk".to_owned(), text(key::failure(record.failure_id.as_str())));
    watch(&mut item, &key::watched_alert(record.order_id), record.occurred_at);
    Ok(item)
}

/// A notice as an item, owed.
pub(crate) fn from_notice(notice: &Notice) -> Result<Item, Error> {
    let mut item: Item = serialize(notice)?;
    item.insert("alert".to_owned(), text(PENDING));
    item.insert("pk".to_owned(), text(key::partition(&notice.firm_id, notice.order_id)));
    item.insert("sk".to_owned(), text(key::alert(&notice.notice_id.clone().into())));
    watch(&mut item, &key::watched_alert(notice.order_id), notice.occurred_at);
    Ok(item)
}

/// A version of an order's final documents as an item.
pub(crate) fn from_version(version: &Version) -> Result<Item, Error> {
    let mut item: Item = serialize(version)?;
    item.insert("pk".to_owned(), text(key::partition(version.firm_id(), version.order_id())));
    item.insert("sk".to_owned(), text(key::version(version.number())));
    Ok(item)
}

/// The version that an item holds.
pub(crate) fn to_version(operation: &'static str, item: Item) -> Result<Version, Error> {
    let version: Version = serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })?;
    if version.schema() > VERSION_SCHEMA { Err(Error::Damaged { operation }) } else { Ok(version) }
}

/// A run that another one has followed, as an item.
pub(crate) fn from_run(run: &Run) -> Result<Item, Error> {
    let mut item: Item = serialize(run)?;
    item.insert("pk".to_owned(), text(key::partition(run.firm_id(), run.order_id())));
    item.insert("sk".to_owned(), text(key::run(run.number())));
    Ok(item)
}

/// The run that an item holds.
pub(crate) fn to_run(operation: &'static str, item: Item) -> Result<Run, Error> {
    let run: Run = serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })?;
    if run.schema() > RUN_SCHEMA { Err(Error::Damaged { operation }) } else { Ok(run) }
}

/// An audit entry as an item.
pub(crate) fn from_audit(entry: &AuditEntry) -> Result<Item, Error> {
    let mut item: Item = serialize(entry)?;
    item.insert("pk".to_owned(), text(key::partition(&entry.firm_id, entry.order_id)));
    item.insert("sk".to_owned(), text(key::audit(entry.at, entry.action.as_str(), entry.revision)));
    Ok(item)
}

/// Lists an item in the sparse index. Both attributes stay the same from write to write, so the index itself is only written
/// when an item enters or leaves it.
fn watch(item: &mut Item, shard: &str, since: Timestamp) {
    item.insert("watch".to_owned(), text(shard));
    item.insert("watch_since".to_owned(), number(since.as_millisecond()));
}

/// The failure record that an item holds.
pub(crate) fn to_failure(operation: &'static str, item: Item) -> Result<StoredFailure, Error> {
    serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })
}

/// The notice that an item holds.
pub(crate) fn to_notice(operation: &'static str, item: Item) -> Result<Notice, Error> {
    serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })
}

/// Converts any value of the domain to attributes.
pub(crate) fn serialize(value: &impl serde::Serialize) -> Result<Item, Error> {
    serde_dynamo::to_item(value).map_err(|_| Error::Damaged { operation: "serialization" })
}
