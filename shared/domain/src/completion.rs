//! The record that something of an order ended, which is written to two stores, and what became of the two writes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::order::Order;
use crate::phase::Phase;
use crate::service::ServiceCode;
use crate::status::{OrchestrationStatus, Status};

/// The layout that completions are written with. Readers take this one and the one before.
pub const COMPLETION_SCHEMA: u32 = 1;

/// One line of the backup: what ended, and the order as it stands since. The order holds no payload, so neither does this.
///
/// Each line holds everything that earlier ones of the order held, so the latest one is enough to restore the order.
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
    /// The order's revision since. Of two completions of an order, the one of the later run and revision stands.
    pub revision: u64,
    /// The phase that it is about.
    pub phase: Phase,
    /// The document whose execution ended, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentNumber>,
    /// Where the order stands since for its client.
    pub status: Status,
    /// Where the pipeline stands with it since.
    pub orchestration_status: OrchestrationStatus,
    /// Code of the failure, if one was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Whether the table took it.
    pub primary: Primary,
    /// Follows the order from its first message to the alert.
    pub correlation_id: String,
    /// The order.
    pub order: Order,
}

/// What became of a completion's write to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Primary {
    /// It is there.
    Written,
    /// No answer said that it is there; the message comes again.
    Lost,
}

impl Completion {
    /// What is to be remembered of a decision.
    #[must_use]
    pub fn of(
        order: &Order,
        phase: Phase,
        document: Option<DocumentNumber>,
        error_code: Option<&str>,
        primary: Primary,
    ) -> Self {
        Self {
            schema: COMPLETION_SCHEMA,
            order_id: order.order_id,
            firm_id: order.firm_id.clone(),
            service_code: order.service_code,
            run: order.run,
            revision: order.revision,
            phase,
            document,
            status: order.status,
            orchestration_status: order.orchestration_status,
            error_code: error_code.map(str::to_owned),
            at: order.updated_at,
            primary,
            correlation_id: order.correlation_id.clone(),
            order: order.clone(),
        }
    }

    /// What ranks completions of one order: the later run, and within it the later revision.
    #[must_use]
    pub fn rank(&self) -> (RunNumber, u64) {
        (self.run, self.revision)
    }

    /// What became of the pair of writes.
    pub fn durability(&self, backup: Backup) -> Durability {
        match (self.primary, backup) {
            (Primary::Written, Backup::Written) => Durability::Both,
            (Primary::Written, Backup::Lost) => Durability::PrimaryOnly,
            (Primary::Lost, Backup::Written) => Durability::BackupOnly,
            (Primary::Lost, Backup::Lost) => Durability::Neither,
        }
    }
}

/// What became of a completion's write to the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backup {
    /// It is there.
    Written,
    /// No answer said that it is there; reconciliation writes it again.
    Lost,
}

/// Where a completion is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[must_use = "a completion that one store lacks has to be counted, and one that both lack has to be told"]
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

impl Durability {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Both, Self::PrimaryOnly, Self::BackupOnly, Self::Neither];
}
