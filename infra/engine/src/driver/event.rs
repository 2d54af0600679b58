//! Builds the events that functions receive, as Lambda and EventBridge do.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::aws::Aws;
use crate::sqs::{self, Delivered};

/// The event with a batch of messages from the queue `queue`.
pub(super) fn batch(aws: &Aws, queue: &str, messages: &[Delivered]) -> Value {
    let arn = aws.account().arn("sqs", queue);
    let records: Vec<Value> = messages.iter().map(|message| record(aws, &arn, message)).collect();
    json!({ "Records": records })
}

/// The event of a schedule that has no input of its own.
pub(super) fn scheduled(aws: &Aws, name: &str, time: Timestamp) -> Value {
    json!({
        "version": "0",
        "id": aws.inner().identities.next(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": aws.account().id,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": aws.account().region,
        "resources": [aws.account().arn("events", &format!("rule/{name}"))],
        "detail": {},
    })
}

fn record(aws: &Aws, arn: &str, message: &Delivered) -> Value {
    json!({
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": sqs::system_attributes(aws, message),
        "messageAttributes": message_attributes(message),
        "md5OfBody": message.md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": aws.account().region,
    })
}

/// The message attributes in the spelling of events, which differs from the API's.
fn message_attributes(message: &Delivered) -> Map<String, Value> {
    let kept: Map<String, Value> =
        message.attributes.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    kept.into_iter().map(|(name, attribute)| (name, event_attribute(&attribute))).collect()
}

fn event_attribute(attribute: &Value) -> Value {
    let mut written = json!({ "stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"] });
    for (api, event) in [("StringValue", "stringValue"), ("BinaryValue", "binaryValue")] {
        if let Some(value) = attribute.get(api) {
            written[event] = value.clone();
        }
    }
    written
}
