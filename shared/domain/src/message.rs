//! What travels through queues: ids, the run, the phase and a schema number. Never content.

use serde::{Deserialize, Serialize};

use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::option::Options;
use crate::phase::Phase;
use crate::service::ServiceCode;

/// The schema number that messages are written with. Readers take this one and the one before.
pub const MESSAGE_SCHEMA: u32 = 1;

/// Starts one phase of an order, or one document's execution in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseMessage {
    /// Layout of this message.
    pub schema: u32,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to: half of the order's key.
    pub firm_id: FirmId,
    /// The run this message belongs to; a message of an older run changes nothing.
    pub run: RunNumber,
    /// The phase to do.
    pub phase: Phase,
    /// The document to execute; absent for a phase that is one unit of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentNumber>,
    /// Follows the order from its first message to the alert.
    pub correlation_id: String,
}

/// Asks intake to do something with an order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommandMessage {
    /// Layout of this message.
    pub schema: u32,
    /// Identity of the command: the same command twice has one effect.
    pub command_id: String,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// How often it was sent again after it had died of an outage.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub resends: u32,
    /// What to do.
    #[serde(flatten)]
    pub command: Command,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// What intake can be asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Accept a new order whose documents are uploaded.
    Submit {
        /// What is ordered.
        service_code: ServiceCode,
        /// How many documents were uploaded, numbered from 1.
        documents: u32,
        /// What the client asked for beside.
        #[serde(default)]
        options: Options,
    },
    /// Start a further run of a failed order, at the phase that failed.
    Retry {
        /// The run that failed.
        run: RunNumber,
    },
    /// Go on with what is proposed for every item that no reviewer decided.
    Resume {
        /// The run that waits.
        run: RunNumber,
    },
    /// Go on with a reviewer's decisions, stored beside the review's result.
    ReviewDecided {
        /// The run that waits.
        run: RunNumber,
    },
    /// Make a further version of a completed order's documents.
    Regenerate {
        /// The run whose documents stand.
        run: RunNumber,
        /// Phase to start at; `generate` when absent.
        #[serde(default)]
        start_from: Option<Phase>,
    },
    /// End the order.
    Cancel {
        /// The run that is meant: a command that comes late, or again, ends no later one. Any run when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunNumber>,
    },
}
