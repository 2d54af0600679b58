//! Messages in queues: ids, the run, the phase and a schema number, never content.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::limit::COMMAND_ID_CHARS_MAX;
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
    /// Id of the command: sending the same command twice has one effect. It appears in logs, records and alerts, so it may
    /// only have 1 to [`COMMAND_ID_CHARS_MAX`] characters out of `A-Z`, `a-z`, `0-9` and `-_.:/`.
    #[serde(deserialize_with = "command_id")]
    pub command_id: String,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// How often it was sent again after an outage made it a dead letter.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub resends: u32,
    /// What to do.
    #[serde(flatten)]
    pub command: Command,
}

fn command_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let id = String::deserialize(deserializer)?;
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_.:/".contains(character);
    if (1..=COMMAND_ID_CHARS_MAX).contains(&id.len()) && id.chars().all(is_plain) {
        Ok(id)
    } else {
        Err(D::Error::custom("a command's id is too long, empty, or has other characters than A-Z, a-z, 0-9 and -_.:/"))
    }
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
        /// What else the client asked for.
        #[serde(default)]
        options: Options,
    },
    /// Retry a failed order, or start one that waits for a reviewer over from a phase that is named.
    Retry {
        /// The run that failed.
        run: RunNumber,
        /// Phase to start at, the one that failed or an earlier one; the one that failed when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_from: Option<Phase>,
    },
    /// Continue with the proposal for every item that no reviewer decided.
    Resume {
        /// The run that waits.
        run: RunNumber,
    },
    /// Continue with a reviewer's decisions, which are stored next to the review's result.
    ReviewDecided {
        /// The run that waits.
        run: RunNumber,
    },
    /// Make another version of a completed order's documents.
    Regenerate {
        /// The run that made the current documents.
        run: RunNumber,
        /// Phase to start at; `generate` when absent.
        #[serde(default)]
        start_from: Option<Phase>,
    },
    /// End the order.
    Cancel {
        /// The run to cancel, so that a late or repeated command cannot end a later one. Any run if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<RunNumber>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_names_its_phase_only_if_one_is_asked_for() {
        let run = crate::id::RunNumber::FIRST;
        for (start_from, expected) in [
            (None, serde_json::json!({ "command": "retry", "run": 1 })),
            (Some(Phase::Extract), serde_json::json!({ "command": "retry", "run": 1, "start_from": "extract" })),
        ] {
            let command = Command::Retry { run, start_from };
            // Without a phase it is what the previous version sends and takes.
            assert_eq!(serde_json::to_value(&command).ok(), Some(expected.clone()));
            assert_eq!(serde_json::from_value::<Command>(expected).ok(), Some(command));
        }
    }

    #[test]
    fn a_commands_id_is_short_and_holds_no_text_of_anybody() {
        let parsed = |id: &str| {
            let order = OrderId::from_parts(1, 1);
            let message = serde_json::json!({
                "schema": 1, "command_id": id, "order_id": order, "firm_id": "a", "command": "cancel"
            });
            serde_json::from_value::<CommandMessage>(message).map(|message| message.command)
        };
        let longest = "x".repeat(COMMAND_ID_CHARS_MAX);
        for id in ["01KE6P4YM00000000000000007", "look-0", "a/b_c.d:e", &longest] {
            assert_eq!(parsed(id).ok(), Some(Command::Cancel { run: None }), "{id}");
        }
        for id in ["", "Ms Rao's loan", "a\nb", "ü", &format!("{longest}x")] {
            let refused = parsed(id).map_err(|error| error.to_string());
            assert!(refused.is_err_and(|why| id.is_empty() || !why.contains(id)), "{id}");
        }
    }
}
