//! Receipts of commands: what a command did, so that whoever repeats it, because its answer was lost, is answered the same.

use serde::{Deserialize, Serialize};

use crate::id::{FirmId, OrderId, RunNumber};
use crate::order::Order;

/// The layout that receipts are written with.
pub const RECEIPT_SCHEMA: u32 = 1;

/// What one command did to an order. It is stored in the write that carries the command out, so there is no receipt without an
/// effect and no effect without a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Layout of this value.
    pub schema: u32,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// SHA-256 of the person and the key that they gave the command, lower-case hexadecimal.
    pub key: String,
    /// SHA-256 of what was asked for, lower-case hexadecimal.
    pub fingerprint: String,
    /// The order's run after the command.
    pub run: RunNumber,
    /// The order's revision after the command.
    pub revision: u64,
    /// How many documents the order had before the command.
    pub documents_before: u32,
    /// How many documents the order has after the command.
    pub documents: u32,
}

impl Receipt {
    /// The receipt of a command that leaves an order as `after`. `before` is the order it was carried out on, if there was one.
    #[must_use]
    pub fn of(before: Option<&Order>, after: &Order, key: String, fingerprint: String) -> Self {
        Self {
            schema: RECEIPT_SCHEMA,
            order_id: after.order_id(),
            firm_id: after.firm_id().clone(),
            key,
            fingerprint,
            run: after.run(),
            revision: after.revision(),
            documents_before: before.map_or(0, Order::documents),
            documents: after.documents(),
        }
    }
}
