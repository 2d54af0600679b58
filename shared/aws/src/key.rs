//! The keys that an order's data is stored under. Each begins with the firm, so that access can be granted by firm.

use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber, Subject};
use domain::notice::AlertId;
use domain::order::Order;
use domain::phase::Phase;
use jiff::Timestamp;

/// Partition key of an order's items in the table.
pub(crate) fn partition(firm: &FirmId, order: OrderId) -> String {
    format!("FIRM#{firm}{ORDER_SEPARATOR}{order}")
}

/// What separates the firm from the order in a partition key. No firm's id contains it.
pub(crate) const ORDER_SEPARATOR: &str = "#ORDER#";

/// Sort key of the order itself.
pub(crate) const ORDER: &str = "ORDER";

/// Sort key of a failure record.
pub(crate) fn failure(id: &str) -> String {
    format!("FAILURE#{id}")
}

/// Prefix of the sort keys of notices.
pub(crate) const NOTICE: &str = "NOTICE#";

/// Sort key of what an alert is about: a failure record or a notice.
pub(crate) fn alert(id: &AlertId) -> String {
    match id {
        AlertId::Failure(id) => failure(id.as_str()),
        AlertId::Notice(id) => format!("{NOTICE}{id}"),
    }
}

/// Prefix of the sort keys of executions.
pub(crate) const EXECUTION: &str = "EXEC#";

/// Sort key of an execution.
pub(crate) fn execution_item(run: RunNumber, processor: &str, subject: &Subject) -> String {
    format!("{EXECUTION}{:04}#{processor}#{subject}", run.get())
}

/// Prefix of the sort keys of versions that a later one has replaced.
pub(crate) const VERSION: &str = "VERSION#";

/// Sort key of such a version.
pub(crate) fn version(number: u32) -> String {
    format!("{VERSION}{number:05}")
}

/// Prefix of the sort keys of runs that a later one has followed.
pub(crate) const RUN: &str = "RUN#";

/// Sort key of such a run.
pub(crate) fn run(number: RunNumber) -> String {
    format!("{RUN}{:05}", number.get())
}

/// Sort key of the receipt of a command.
pub(crate) fn receipt(key: &str) -> String {
    format!("COMMAND#{key}")
}

/// Sort key of the claim to an order's review.
pub(crate) const REVIEW_CLAIM: &str = "REVIEW_CLAIM";

/// Prefix of the sort keys of audit entries.
pub(crate) const AUDIT: &str = "AUDIT#";

/// Sort key of an audit entry: by time, and by the order's revision for what happened in the same moment.
pub(crate) fn audit(at: Timestamp, action: &str, revision: u64) -> String {
    format!("{AUDIT}{}#{revision:010}#{action}", at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"))
}

/// Shards of the sparse index, so that writes do not all go to one key.
pub const WATCH_SHARD_COUNT: u32 = 4;

/// Where the sparse index lists an order.
pub(crate) fn watched_order(order: OrderId) -> String {
    watched(WatchList::Orders, shard(order))
}

/// Where the sparse index lists an order that waits for a reviewer.
pub(crate) fn watched_review(order: OrderId) -> String {
    watched(WatchList::Reviews, shard(order))
}

/// Where the sparse index lists a failure or a notice whose alert is owed.
pub(crate) fn watched_alert(order: OrderId) -> String {
    watched(WatchList::Alerts, shard(order))
}

/// A list of the sparse index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WatchList {
    /// Orders in progress, and idle ones that have not been found in the backup yet.
    Orders,
    /// Failures and notices whose alert is owed.
    Alerts,
    /// Orders that wait for a reviewer and were found in the backup, from the time at which something is due about them.
    Reviews,
}

/// The index key of one shard of a list.
pub(crate) fn watched(list: WatchList, shard: u32) -> String {
    match list {
        WatchList::Orders => format!("order-{shard}"),
        WatchList::Alerts => format!("alert-{shard}"),
        WatchList::Reviews => format!("review-{shard}"),
    }
}

fn shard(order: OrderId) -> u32 {
    order.to_string().bytes().fold(0, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)))
        % WATCH_SHARD_COUNT
}

/// Partition and sort key of the reconcile lock.
pub(crate) const RECONCILE: (&str, &str) = ("SYSTEM#RECONCILE", "TURN");

/// Partition and sort key of the count of published alerts of one cause.
pub(crate) fn alert_rate(code: &str) -> (String, &'static str) {
    (format!("SYSTEM#ALERT_RATE#{code}"), "WINDOW")
}

fn prefix(firm: &FirmId, order: OrderId) -> String {
    format!("firms/{firm}/orders/{order}")
}

/// Object key of an uploaded document.
#[must_use]
pub fn document(firm: &FirmId, order: OrderId, number: DocumentNumber) -> String {
    format!("{}/documents/{:04}", prefix(firm, order), number.get())
}

/// Object key of the result of one document's execution. Read it where the execution says; this is where it is written.
#[must_use]
pub fn execution(order: &Order, run: RunNumber, document: DocumentNumber) -> String {
    format!("{}/extract/{:04}.json", run_prefix(order, run), document.get())
}

/// Object key of a phase's result.
#[must_use]
pub fn result(order: &Order, run: RunNumber, phase: Phase) -> String {
    format!("{}/{phase}.json", run_prefix(order, run))
}

/// Object key of a reviewer's decisions on what the review of `run` found.
#[must_use]
pub fn decisions(order: &Order, run: RunNumber) -> String {
    format!("{}/decisions.json", run_prefix(order, run))
}

/// Object key of a reviewer's decisions on the review of `run` before they are submitted.
#[must_use]
pub fn draft_decisions(order: &Order, run: RunNumber) -> String {
    format!("{}/decisions-draft.json", run_prefix(order, run))
}

/// What the object keys of an order's documents begin with.
#[must_use]
pub fn documents(firm: &FirmId, order: OrderId) -> String {
    format!("{}/documents/", prefix(firm, order))
}

/// Object key of what a firm's operator has asked to be retried together.
#[must_use]
pub fn retries_plan(firm: &FirmId, id: &str) -> String {
    format!("firms/{firm}/retries/{id}/plan.json")
}

/// Object key of what became of it.
#[must_use]
pub fn retries(firm: &FirmId, id: &str) -> String {
    format!("firms/{firm}/retries/{id}/results.json")
}

/// Object key of a final document.
#[must_use]
pub fn artifact(order: &Order, run: RunNumber, name: &str) -> String {
    format!("{}/artifacts/{name}", run_prefix(order, run))
}

fn run_prefix(order: &Order, run: RunNumber) -> String {
    format!("{}/runs/{:04}", prefix(order.firm_id(), order.order_id()), run.get())
}
