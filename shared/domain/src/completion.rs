//! Completions: records that a document, a phase or an order ended. Each is written to two stores.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::execution::Execution;
use crate::id::{FirmId, OrderId, RunNumber};
use crate::order::Order;
use crate::phase::Phase;
use crate::service::ServiceCode;
use crate::status::{OrchestrationStatus, Status};

/// The layout that completions are written with. Readers take this one and the one before.
pub const COMPLETION_SCHEMA: u32 = 2;

/// One line of the backup: what ended, and the order afterwards. Neither holds a payload, so neither does this.
///
/// The line of an order that has ended or waits holds all its executions, so it is enough to restore it. The lines before
/// hold the executions that ended with them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// Layout of this value.
    pub schema: u32,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// The run.
    pub run: RunNumber,
    /// The order's revision afterwards. Of two completions of an order, the one with the later run and revision applies.
    pub revision: u64,
    /// The phase it is about.
    pub phase: Phase,
    /// Executions that ended with it; all that the order has, if it has ended or waits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub executions: Vec<Execution>,
    /// Whether these are all executions of the order.
    #[serde(default)]
    pub has_all_executions: bool,
    /// The order's status afterwards.
    pub status: Status,
    /// The order's orchestration status afterwards.
    pub orchestration_status: OrchestrationStatus,
    /// Code of the failure, if one was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// When.
    pub at: Timestamp,
    /// The outcome of the write to the table.
    pub primary: Primary,
    /// Follows the order from its first message to the alert.
    pub correlation_id: String,
    /// The order afterwards.
    pub order: Order,
}

/// The outcome of a completion's write to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Primary {
    /// It is stored.
    Written,
    /// No answer confirmed the write; the message will be delivered again.
    Lost,
}

impl Completion {
    /// The completion that records a decision, with the executions that ended with it.
    #[must_use]
    pub fn of(
        order: &Order,
        phase: Phase,
        executions: Vec<Execution>,
        error_code: Option<&str>,
        primary: Primary,
    ) -> Self {
        Self {
            schema: COMPLETION_SCHEMA,
            order_id: order.order_id(),
            firm_id: order.firm_id().clone(),
            service_code: order.service_code(),
            run: order.run(),
            revision: order.revision(),
            phase,
            executions,
            has_all_executions: order.documents() == 0,
            status: order.status(),
            orchestration_status: order.orchestration_status(),
            error_code: error_code.map(str::to_owned),
            at: order.updated_at(),
            primary,
            correlation_id: order.correlation_id().to_owned(),
            order: order.clone(),
        }
    }

    /// Whether it must hold all executions of its order and does not yet.
    #[must_use]
    pub fn lacks_executions(&self) -> bool {
        !self.has_all_executions && !self.order.is_active()
    }

    /// Orders the completions of one order: a later run is newer, and within a run a later revision.
    #[must_use]
    pub fn rank(&self) -> (RunNumber, u64) {
        (self.run, self.revision)
    }

    /// Combines the outcomes of the two writes.
    pub fn durability(&self, backup: Backup) -> Durability {
        match (self.primary, backup) {
            (Primary::Written, Backup::Written) => Durability::Both,
            (Primary::Written, Backup::Lost) => Durability::PrimaryOnly,
            (Primary::Lost, Backup::Written) => Durability::BackupOnly,
            (Primary::Lost, Backup::Lost) => Durability::Neither,
        }
    }
}

/// The outcome of a completion's write to the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    /// It is stored.
    Written,
    /// No answer confirmed the write; reconciliation repeats it.
    Lost,
}

/// Where a completion is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use = "a completion that one store lacks must be counted, and one that both lack must be alerted"]
pub enum Durability {
    /// In both stores.
    Both,
    /// In the table only.
    PrimaryOnly,
    /// In the backup only.
    BackupOnly,
    /// In neither.
    Neither,
}
