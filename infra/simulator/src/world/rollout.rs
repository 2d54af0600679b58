//! Imitates the previous version of the functions on the wire: it writes orders in the previous layout, and refuses orders
//! and messages in the current one.

use bytes::Bytes;
use domain::message::MESSAGE_SCHEMA;
use domain::order::ORDER_SCHEMA;
use serde_json::Value;

use engine::wire::Reply;

/// Changes an event to what the previous version sees: messages of a newer layout.
pub(crate) fn change_event(event: &mut Value) {
    let layout = |number: u32| format!("\"schema\":{number},");
    for record in event["Records"].as_array_mut().into_iter().flatten() {
        if let Some(body) = record["body"].as_str() {
            record["body"] = body.replacen(&layout(MESSAGE_SCHEMA), &layout(MESSAGE_SCHEMA + 1), 1).into();
        }
    }
}

/// The request as the previous version writes it.
pub(crate) fn rewrite_request(body: &Bytes) -> Option<Bytes> {
    replace(body, ORDER_SCHEMA, ORDER_SCHEMA - 1)
}

/// The reply as the previous version sees it: with an order of a newer layout.
pub(crate) fn rewrite_reply(reply: Reply) -> Reply {
    match replace(&reply.body, ORDER_SCHEMA, ORDER_SCHEMA + 1) {
        Some(body) => Reply { body, ..reply },
        None => reply,
    }
}

fn replace(body: &Bytes, from: u32, to: u32) -> Option<Bytes> {
    let text = std::str::from_utf8(body).ok()?;
    let layout = |number: u32| format!("\"schema\":{{\"N\":\"{number}\"}}");
    text.contains(&layout(from)).then(|| Bytes::from(text.replace(&layout(from), &layout(to))))
}
