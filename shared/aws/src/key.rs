//! Where everything of an order is stored. Every key begins with the firm, so that rights can be cut by firm.

use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::order::Order;
use domain::phase::Phase;

/// Partition key of an order's items in the table.
pub(crate) fn partition(firm: &FirmId, order: OrderId) -> String {
    format!("FIRM#{firm}#ORDER#{order}")
}

/// Sort key of the order itself.
pub(crate) const ORDER: &str = "ORDER";

/// Sort key of a failure record.
pub(crate) fn failure(id: &str) -> String {
    format!("FAILURE#{id}")
}

fn prefix(firm: &FirmId, order: OrderId) -> String {
    format!("firms/{firm}/orders/{order}")
}

/// Object key of an uploaded document.
#[must_use]
pub fn document(firm: &FirmId, order: OrderId, number: DocumentNumber) -> String {
    format!("{}/documents/{:04}", prefix(firm, order), number.get())
}

/// Object key of the result of one document's execution.
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

/// Object key of a final document.
#[must_use]
pub fn artifact(order: &Order, run: RunNumber, name: &str) -> String {
    format!("{}/artifacts/{name}", run_prefix(order, run))
}

fn run_prefix(order: &Order, run: RunNumber) -> String {
    format!("{}/runs/{:04}", prefix(&order.firm_id, order.order_id), run.get())
}
