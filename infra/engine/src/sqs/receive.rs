//! Answers `ReceiveMessage`, with long polling.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{check_visibility, on_queue, parse};
use super::attribute::{self, Attributes};
use super::error::Error;
use super::message::{self, Delivered, RECEIVE_COUNT_MAX};
use super::request::ReceiveMessage;
use crate::aws::Aws;
use crate::clock::{from_ms, later};

/// The sender id of every message.
const SENDER_ID: &str = "AIDALOCAL";
/// The longest wait of a receive, in seconds.
const WAIT_S_MAX: u32 = 20;

/// Answers `ReceiveMessage`, waiting for a message for as long as the request says.
pub(super) async fn receive(aws: &Aws, body: &Bytes) -> Result<Value, Error> {
    let request: ReceiveMessage = parse(body)?;
    let count = request.max_number_of_messages.unwrap_or(1) as usize;
    if !(1..=RECEIVE_COUNT_MAX).contains(&count) {
        return Err(Error::InvalidParameterValue(
            "Value for parameter MaxNumberOfMessages is invalid: it must be 1 to 10.",
        ));
    }
    let wait_s = request.wait_time_seconds.unwrap_or(0);
    if wait_s > WAIT_S_MAX {
        return Err(Error::InvalidParameterValue(
            "Value for parameter WaitTimeSeconds is invalid: it must be 0 to 20.",
        ));
    }
    request.visibility_timeout.map_or(Ok(()), check_visibility)?;
    let until = later(aws.clock().now(), Duration::from_secs(wait_s.into()));
    let mut activity = aws.inner().activity.subscribe();
    loop {
        let now_ms = aws.clock().now_ms();
        let (received, next_ms) = on_queue(aws, &request.queue_url, |store, queue| {
            let received = message::receive(store, queue, count, request.visibility_timeout, now_ms)?;
            Ok((received, message::next_visible_ms(store, queue)?))
        })?;
        if let Some(target) = &received.moved_to {
            aws.wake(target);
            activity.mark_unchanged();
        }
        let messages = received.messages;
        if !messages.is_empty() || aws.clock().now() >= until {
            let messages: Vec<Value> = messages.into_iter().map(|message| shown(aws, &request, message)).collect();
            return Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) });
        }
        let due = next_ms.map_or(until, |ms| from_ms(ms).min(until));
        tokio::select! {
            biased;
            _ = activity.changed() => {}
            () = aws.clock().sleep_until(due) => {}
        }
    }
}

fn shown(aws: &Aws, request: &ReceiveMessage, message: Delivered) -> Value {
    let mut answer = json!({
        "MessageId": message.id, "ReceiptHandle": message.receipt_handle,
        "Body": message.body, "MD5OfBody": message.md5,
    });
    let wanted = |name: &str| {
        let names = || request.attribute_names.iter().chain(&request.message_system_attribute_names);
        names().any(|wanted| wanted == name || wanted == "All")
    };
    let system: Map<String, Value> =
        system_attributes(aws, &message).into_iter().filter(|(name, _)| wanted(name)).collect();
    if !system.is_empty() {
        answer["Attributes"] = Value::Object(system);
    }
    let attributes: Attributes =
        message.attributes.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let chosen: Attributes =
        attributes.into_iter().filter(|(name, _)| named(&request.message_attribute_names, name)).collect();
    if !chosen.is_empty() {
        answer["MD5OfMessageAttributes"] = json!(attribute::digest(&chosen));
        answer["MessageAttributes"] = json!(chosen);
    }
    answer
}

/// Whether a list of message attribute names includes `name`: itself, by a prefix ending in `.*`, or `All`.
fn named(names: &[String], name: &str) -> bool {
    names.iter().any(|wanted| {
        wanted == name || wanted == "All" || wanted.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix))
    })
}

/// The system attributes of a message, all of them text.
pub(crate) fn system_attributes(aws: &Aws, message: &Delivered) -> Map<String, Value> {
    let mut attributes = Map::new();
    let mut set = |name: &str, value: String| attributes.insert(name.to_owned(), Value::String(value));
    set("ApproximateReceiveCount", message.receive_count.to_string());
    set("SentTimestamp", message.sent_ms.to_string());
    set("SenderId", SENDER_ID.to_owned());
    set("ApproximateFirstReceiveTimestamp", message.first_received_ms.to_string());
    if let Some(source) = &message.source {
        set("DeadLetterQueueSourceArn", aws.account().arn("sqs", source));
    }
    attributes
}
