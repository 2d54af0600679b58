//! Audit entries: what the pipeline did to an order by itself, and what a person did for a reason.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::id::{FirmId, OrderId, RunNumber};
use crate::order::Order;

/// The layout that entries are written with.
pub const AUDIT_SCHEMA: u32 = 1;

/// An entry: who repaired what, and when. Stored next to the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Layout of this value.
    pub schema: u32,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// The order's run at that time.
    pub run: RunNumber,
    /// The order's revision before the action.
    pub revision: u64,
    /// What was done.
    pub action: AuditAction,
    /// When.
    pub at: Timestamp,
    /// The invocation or the person that did it.
    pub actor: String,
    /// Why, in a person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Follows the order from its first message to the alert.
    pub correlation_id: String,
}

/// What was done to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum AuditAction {
    /// Sent an overdue hand-off again.
    HandOffResent,
    /// Ended a phase whose documents had all ended.
    PhaseEnded,
    /// Failed an order that had been in one phase for too long.
    OrderFailed,
    /// Reminded the reviewers of an order that waits for them.
    ReviewReminded,
    /// Told the operators of an order that has waited for a reviewer for long.
    ReviewEscalated,
    /// Failed an order whose review nobody ended.
    ReviewExpired,
    /// A person let the order wait for a reviewer for longer.
    ReviewExtended,
    /// A person created the order, as a draft.
    OrderCreated,
    /// A person added documents to a draft.
    DocumentsAdded,
    /// A person had the order processed.
    OrderProcessed,
    /// A person retried the order.
    OrderRetried,
    /// A person had another version made.
    OrderRegenerated,
    /// A person cancelled the order.
    OrderCancelled,
    /// A reviewer decided what the order waited for.
    ReviewDecided,
    /// A reviewer accepted every proposal that was left.
    ReviewResumed,
    /// A reviewer took a review over from another one.
    ReviewTakenOver,
    /// Copied to the backup what only the table held.
    BackupRepaired,
    /// Copied to the table what only the backup held.
    TableRepaired,
}

impl AuditAction {
    /// The word as it is stored and logged.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl AuditEntry {
    /// An entry about `order`, as it was before the action.
    #[must_use]
    pub fn about(order: &Order, action: AuditAction, at: Timestamp, actor: &str) -> Self {
        Self {
            schema: AUDIT_SCHEMA,
            order_id: order.order_id(),
            firm_id: order.firm_id().clone(),
            run: order.run(),
            revision: order.revision(),
            action,
            at,
            actor: actor.to_owned(),
            reason: None,
            correlation_id: order.correlation_id().to_owned(),
        }
    }
}
