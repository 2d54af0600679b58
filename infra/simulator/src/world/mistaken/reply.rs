//! Changes replies to how code with a mistake reads them.

use std::collections::BTreeSet;

use bytes::Bytes;
use engine::wire::Reply;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::call::Call;
use crate::judge::item::ORDER;

const DYNAMODB_JSON: &str = "application/x-amz-json-1.0";

/// DynamoDB's answer to a successful write.
pub(super) fn done() -> Reply {
    Reply::new(200, DYNAMODB_JSON, "{}")
}

/// DynamoDB's answer when a condition fails because the item does not exist.
pub(super) fn refused() -> Reply {
    let error = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
    });
    Reply::new(400, DYNAMODB_JSON, error.to_string())
}

/// DynamoDB's answer when it is unavailable.
pub(super) fn unavailable() -> Reply {
    let error = json!({ "__type": "com.amazonaws.dynamodb.v20120810#ServiceUnavailable", "message": "circuit open" });
    Reply::new(503, DYNAMODB_JSON, error.to_string())
}

/// DynamoDB's answer to a transaction whose first condition failed, made from `refused`, the answer to that write on its
/// own.
pub(super) fn cancelled(refused: &Reply) -> Reply {
    let found: Value = serde_json::from_slice(&refused.body).unwrap_or_default();
    let mut reason = json!({ "Code": "ConditionalCheckFailed", "Message": "The conditional request failed" });
    if found["Item"].is_object() {
        reason["Item"] = found["Item"].clone();
    }
    let error = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "message": "Transaction cancelled, please refer cancellation reasons for specific reasons [ConditionalCheckFailed, None]",
        "CancellationReasons": [reason, { "Code": "None" }],
    });
    Reply::new(400, DYNAMODB_JSON, error.to_string())
}

/// Whether a write's condition did not hold, alone or in a transaction.
pub(super) fn is_refusal(reply: &Reply) -> bool {
    reply.status == 400 && String::from_utf8_lossy(&reply.body).contains("ConditionalCheckFailed")
}

/// Whether the service did what it was asked.
pub(super) fn is_success(reply: &Reply) -> bool {
    reply.status < 300
}

/// The answer to a batch, with every entry taken.
pub(super) fn all_sent(call: &Call, reply: Reply) -> Reply {
    changed(reply, |json| {
        if json["Failed"].is_array() {
            let entries = call.json["Entries"].as_array().into_iter().flatten();
            let taken = |entry: &Value| json!({ "Id": entry["Id"], "MessageId": "unknown", "MD5OfMessageBody": "" });
            json["Successful"] = entries.map(taken).collect();
            json["Failed"] = json!([]);
        }
    })
}

/// A reviewer's decisions, read as if there were none.
pub(super) fn without_decisions(reply: Reply) -> Reply {
    if !is_success(&reply) {
        return reply;
    }
    let is_of_body = |name: &str| name.contains("checksum") || name.contains("sha256") || name == "content-length";
    let headers = reply.headers.into_iter().filter(|(name, _)| !is_of_body(name)).collect();
    let more = reply.more.into_iter().filter(|(name, _)| !is_of_body(name)).collect();
    Reply { headers, more, body: Bytes::from_static(b"[]"), ..reply }
}

/// A reply in which the order was claimed as often as a dead letter takes to fail it, if it was claimed at all. Also returns
/// how often it was.
pub(super) fn with_claims(reply: Reply, count: u32) -> (Reply, Option<Value>) {
    let mut was = None;
    let reply = changed(reply, |json| {
        if json["Item"]["phase_attempts"]["N"].as_str().is_some_and(|attempts| attempts != "0") {
            was = Some(json["Item"]["phase_attempts"].clone());
            json["Item"]["phase_attempts"] = json!({ "N": count.to_string() });
        }
    });
    (reply, was)
}

/// Ids of the entries that a batch took.
pub(super) fn sent(reply: &Reply) -> BTreeSet<String> {
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let entries = json["Successful"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["Id"].as_str().map(str::to_owned)).collect()
}

/// A refusal whose order has no unsent hand-off.
pub(super) fn without_hand_off(reply: Reply) -> Reply {
    if !is_refusal(&reply) {
        return reply;
    }
    changed(reply, |json| {
        if json["Item"].is_object() {
            json["Item"]["hand_off_owed_since"] = json!({ "NULL": true });
        }
    })
}

/// A refusal without the order in it, unless this very write made the order. Functions then assume the order is gone and
/// acknowledge the message.
pub(super) fn without_conflict(call: &Call, reply: Reply) -> Reply {
    if !is_refusal(&reply) {
        return reply;
    }
    let ours = call.written_order().map(|order| (order["writer"].clone(), order["revision"].clone()));
    changed(reply, |json| {
        let is_other =
            |item: &Value| item["sk"]["S"] == ORDER && ours != Some((item["writer"].clone(), item["revision"].clone()));
        let forget = |holder: &mut Value| {
            if is_other(&holder["Item"])
                && let Some(fields) = holder.as_object_mut()
            {
                fields.remove("Item");
            }
        };
        match json["CancellationReasons"].as_array_mut() {
            Some(reasons) => reasons.iter_mut().for_each(forget),
            None => forget(json),
        }
    })
}

/// The documents that had ended, according to the order that was read.
pub(super) fn ended_documents(reply: &Reply) -> BTreeSet<String> {
    let json: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let numbers = json["Item"]["terminal"]["NS"].as_array().into_iter().flatten();
    numbers.filter_map(|number| number.as_str().map(str::to_owned)).collect()
}

/// A reply whose order shows the end of these documents and of no others.
pub(super) fn with_documents(reply: Reply, seen: &BTreeSet<String>) -> Reply {
    changed(reply, |json| {
        for set in ["terminal", "failed"] {
            let order = json.get_mut("Attributes").and_then(Value::as_object_mut);
            let Some(order) = order else { continue };
            if let Some(numbers) = order.get_mut(set).and_then(|set| set["NS"].as_array_mut()) {
                numbers.retain(|number| number.as_str().is_some_and(|number| seen.contains(number)));
                if numbers.is_empty() {
                    order.remove(set);
                }
            }
        }
    })
}

/// The name of the file that was read.
pub(super) fn file_name(call: &Call, reply: &Reply) -> Option<String> {
    call.read_document().filter(|_| is_success(reply))?;
    let (_, name) = reply.more.iter().find(|(header, _)| header == "x-amz-meta-file-name")?;
    Some(percent_decode_str(name).decode_utf8_lossy().into_owned())
}

fn changed(reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    let Ok(mut json) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
    change(&mut json);
    Reply { body: Bytes::from(json.to_string()), ..reply }
}
