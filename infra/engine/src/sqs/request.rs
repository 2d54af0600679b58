//! The requests of the SQS API.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::attribute::Attributes;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessage {
    pub(super) queue_url: String,
    #[serde(flatten)]
    pub(super) message: Message,
}

/// A message to send, alone or as an entry of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    pub(super) message_body: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) delay_seconds: Option<u32>,
    #[serde(default)]
    pub(super) message_attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveMessage {
    pub(super) queue_url: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) max_number_of_messages: Option<u32>,
    #[serde(default, deserialize_with = "number")]
    pub(super) visibility_timeout: Option<u32>,
    #[serde(default, deserialize_with = "number")]
    pub(super) wait_time_seconds: Option<u32>,
    #[serde(default)]
    pub(super) attribute_names: Vec<String>,
    #[serde(default)]
    pub(super) message_system_attribute_names: Vec<String>,
    #[serde(default)]
    pub(super) message_attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessage {
    pub(super) queue_url: String,
    pub(super) receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibility {
    pub(super) queue_url: String,
    pub(super) receipt_handle: String,
    #[serde(default, deserialize_with = "number")]
    pub(super) visibility_timeout: Option<u32>,
}

/// A batch request. Each entry is parsed separately, so that a bad one does not fail the others.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch {
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) entries: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfQueue {
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct NamedQueue {
    pub(super) queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    #[serde(default)]
    pub(super) queue_name_prefix: String,
}

/// A number with limits. A negative one becomes one that is above every limit.
fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    let number: Option<i64> = Deserialize::deserialize(from)?;
    Ok(number.map(|number| u32::try_from(number).unwrap_or(u32::MAX)))
}
