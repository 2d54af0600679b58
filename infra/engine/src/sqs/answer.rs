//! Answers the actions of the SQS API.

use bytes::Bytes;
use rusqlite::Connection;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::attribute;
use super::batch;
use super::error::{CONTENT_TYPE, Error};
use super::message::{self, Outgoing};
use super::queue::{self, StoredQueue};
use super::receive::receive;
use super::request::{
    Batch, ChangeMessageVisibility, DeleteMessage, ListQueues, Message, NamedQueue, OfQueue, SendMessage,
};
use crate::account::name_of;
use crate::aws::Aws;
use crate::wire::Reply;

/// The largest message, and the largest batch in total, in bytes: 1 MiB since August 2025.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// The longest delay of a message, in seconds.
const DELAY_S_MAX: u32 = 900;
/// The longest visibility timeout, in seconds: twelve hours.
const VISIBILITY_S_MAX: u32 = 43_200;

/// Answers one API action.
pub(crate) async fn answer(aws: &Aws, operation: &str, body: &Bytes) -> Reply {
    let outcome = match operation {
        "ReceiveMessage" => receive(aws, body).await,
        _ => act(aws, operation, body),
    };
    match outcome {
        Ok(answer) => Reply::new(200, CONTENT_TYPE, answer.to_string()),
        Err(error) => error.reply(),
    }
}

/// Answers a batch as if SQS had failed to accept its first entry; anything that is not a batch as [`answer`] does.
pub(crate) async fn answer_rejecting_first(aws: &Aws, operation: &str, body: &Bytes) -> Reply {
    let Some((first, rest)) = batch::split_first(body) else { return answer(aws, operation, body).await };
    let taken = match rest {
        Some(rest) => answer(aws, operation, &rest).await,
        None => Reply::new(200, CONTENT_TYPE, json!({ "Successful": [], "Failed": [] }).to_string()),
    };
    batch::with_rejected(taken, &first)
}

/// The queue that a request names.
pub(crate) fn resource(body: &Bytes) -> String {
    parse::<OfQueue>(body).map_or_else(|_| String::new(), |request| name_of(&request.queue_url).to_owned())
}

fn act(aws: &Aws, operation: &str, body: &Bytes) -> Result<Value, Error> {
    let now_ms = aws.clock().now_ms();
    match operation {
        "SendMessage" => {
            let request: SendMessage = parse(body)?;
            let answer =
                on_queue(aws, &request.queue_url, |store, queue| send(aws, store, queue, &request.message, now_ms))?;
            aws.wake(name_of(&request.queue_url));
            Ok(answer)
        }
        "SendMessageBatch" => send_batch(aws, body, now_ms),
        "DeleteMessage" => {
            let request: DeleteMessage = parse(body)?;
            on_queue(aws, &request.queue_url, |store, queue| message::delete(store, queue, &request.receipt_handle))?;
            Ok(json!({}))
        }
        "DeleteMessageBatch" => {
            on_batch(aws, body, |store, queue, entry| message::delete(store, queue, text(entry, "ReceiptHandle")?))
        }
        "ChangeMessageVisibility" => {
            let request: ChangeMessageVisibility = parse(body)?;
            on_queue(aws, &request.queue_url, |store, queue| {
                let visibility_s = request.visibility_timeout.ok_or(Error::MissingParameter("VisibilityTimeout"))?;
                change_visibility(store, queue, &request.receipt_handle, visibility_s, now_ms)
            })?;
            aws.wake(name_of(&request.queue_url));
            Ok(json!({}))
        }
        "ChangeMessageVisibilityBatch" => {
            let answer = on_batch(aws, body, |store, queue, entry| {
                let timeout = entry["VisibilityTimeout"].as_u64().and_then(|timeout| u32::try_from(timeout).ok());
                change_visibility(store, queue, text(entry, "ReceiptHandle")?, timeout.unwrap_or(u32::MAX), now_ms)
            });
            aws.wake(&resource(body));
            answer
        }
        "PurgeQueue" => {
            let request: OfQueue = parse(body)?;
            on_queue(aws, &request.queue_url, |store, queue| Ok(message::purge(store, queue)?))?;
            Ok(json!({}))
        }
        "GetQueueAttributes" => queue_attributes(aws, body, now_ms),
        "GetQueueUrl" => {
            let request: NamedQueue = parse(body)?;
            let queue = find(aws, &request.queue_name)?;
            Ok(json!({ "QueueUrl": aws.account().queue_url(&queue.name) }))
        }
        "ListQueues" => {
            let request: ListQueues = parse(body)?;
            let names = aws.inner().store.read(|store| queue::names(store, &request.queue_name_prefix))?;
            let urls: Vec<String> = names.iter().map(|name| aws.account().queue_url(name)).collect();
            Ok(json!({ "QueueUrls": urls }))
        }
        other => Err(Error::Unsupported(other.to_owned())),
    }
}

fn send(aws: &Aws, store: &Connection, queue: &StoredQueue, message: &Message, now_ms: i64) -> Result<Value, Error> {
    check(message)?;
    let id = aws.inner().identities.next();
    let md5 = attribute::body_digest(&message.message_body);
    let attributes = &message.message_attributes;
    let attributes_json = if attributes.is_empty() { None } else { Some(serde_json::to_string(attributes)?) };
    let outgoing = Outgoing {
        id: &id,
        body: &message.message_body,
        md5: &md5,
        attributes: attributes_json,
        delay_s: message.delay_seconds.unwrap_or(queue.delay_s),
    };
    message::send(store, queue, &outgoing, now_ms)?;
    let mut answer = json!({ "MessageId": id, "MD5OfMessageBody": md5 });
    if !attributes.is_empty() {
        answer["MD5OfMessageAttributes"] = json!(attribute::digest(attributes));
    }
    Ok(answer)
}

fn check(message: &Message) -> Result<(), Error> {
    let body = &message.message_body;
    if body.is_empty() {
        return Err(Error::MissingParameter("MessageBody"));
    }
    attribute::check(&message.message_attributes)?;
    if size(message) > MESSAGE_BYTES_MAX {
        return Err(Error::InvalidParameterValue(
            "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
        ));
    }
    if message.delay_seconds.is_some_and(|delay| delay > DELAY_S_MAX) {
        return Err(Error::InvalidParameterValue("Value for parameter DelaySeconds is invalid: it must be 0 to 900."));
    }
    let allowed =
        |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if body.chars().all(allowed) { Ok(()) } else { Err(Error::InvalidMessageContents) }
}

fn size(message: &Message) -> usize {
    message.message_body.len() + attribute::size(&message.message_attributes)
}

fn send_batch(aws: &Aws, body: &Bytes, now_ms: i64) -> Result<Value, Error> {
    let request: Batch = parse(body)?;
    batch::check(&request.entries)?;
    let messages: Vec<Message> =
        request.entries.iter().map(Message::deserialize_entry).collect::<Result<_, serde_json::Error>>()?;
    if messages.iter().map(size).sum::<usize>() > MESSAGE_BYTES_MAX {
        return Err(Error::BatchRequestTooLong);
    }
    let mut next = messages.iter();
    let answer = on_queue(aws, &request.queue_url, |store, queue| {
        batch::each(&request.entries, |_| {
            let message = next.next().ok_or(Error::EmptyBatchRequest)?;
            send(aws, store, queue, message, now_ms)
        })
    })?;
    aws.wake(&resource(body));
    Ok(answer)
}

impl Message {
    fn deserialize_entry(entry: &Value) -> Result<Self, serde_json::Error> {
        serde::Deserialize::deserialize(entry)
    }
}

fn on_batch(
    aws: &Aws,
    body: &Bytes,
    act: impl Fn(&Connection, &StoredQueue, &Value) -> Result<(), Error>,
) -> Result<Value, Error> {
    let request: Batch = parse(body)?;
    batch::check(&request.entries)?;
    on_queue(aws, &request.queue_url, |store, queue| {
        batch::each(&request.entries, |entry| act(store, queue, entry).map(|()| json!({})))
    })
}

fn change_visibility(
    store: &Connection,
    queue: &StoredQueue,
    handle: &str,
    visibility_s: u32,
    now_ms: i64,
) -> Result<(), Error> {
    check_visibility(visibility_s)?;
    message::change_visibility(store, queue, handle, visibility_s, now_ms)
}

/// Checks a visibility timeout against SQS's limit.
pub(super) fn check_visibility(visibility_s: u32) -> Result<(), Error> {
    if visibility_s <= VISIBILITY_S_MAX {
        return Ok(());
    }
    Err(Error::InvalidParameterValue("Value for parameter VisibilityTimeout is invalid: it must be 0 to 43200."))
}

fn queue_attributes(aws: &Aws, body: &Bytes, now_ms: i64) -> Result<Value, Error> {
    let request: OfQueue = parse(body)?;
    let queue = find(aws, name_of(&request.queue_url))?;
    let depth = aws.inner().store.read(|store| queue::depth(store, &queue.name, now_ms))?.unwrap_or_default();
    let mut all = Map::new();
    let mut set = |name: &str, value: String| all.insert(name.to_owned(), Value::String(value));
    set("ApproximateNumberOfMessages", depth.visible.to_string());
    set("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string());
    set("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string());
    set("QueueArn", aws.account().arn("sqs", &queue.name));
    set("VisibilityTimeout", queue.visibility_s.to_string());
    set("DelaySeconds", queue.delay_s.to_string());
    set("MessageRetentionPeriod", queue.retention_s.to_string());
    set("MaximumMessageSize", MESSAGE_BYTES_MAX.to_string());
    set("CreatedTimestamp", (queue.created_ms / 1000).to_string());
    if let Some(target) = &queue.target {
        let policy = json!({
            "deadLetterTargetArn": aws.account().arn("sqs", target), "maxReceiveCount": queue.receives_max,
        });
        set("RedrivePolicy", policy.to_string());
    }
    let wanted = |name: &String| request.attribute_names.iter().any(|wanted| wanted == name || wanted == "All");
    let chosen: Map<String, Value> = all.into_iter().filter(|(name, _)| wanted(name)).collect();
    Ok(json!({ "Attributes": chosen }))
}

fn find(aws: &Aws, name: &str) -> Result<StoredQueue, Error> {
    aws.inner().store.read(|store| queue::find(store, name))
}

/// Runs `act` on the queue at `url` as one atomic change.
pub(super) fn on_queue<T>(
    aws: &Aws,
    url: &str,
    act: impl FnOnce(&Connection, &StoredQueue) -> Result<T, Error>,
) -> Result<T, Error> {
    aws.inner().store.write(|store| act(store, &queue::find(store, name_of(url))?))
}

fn text<'a>(entry: &'a Value, name: &'static str) -> Result<&'a str, Error> {
    entry[name].as_str().ok_or(Error::MissingParameter(name))
}

/// Parses a request.
pub(super) fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Error> {
    Ok(serde_json::from_slice(body)?)
}
