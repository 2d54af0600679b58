//! The version before this one, as far as it can be told at the wire: it writes orders of the layout before, and takes
//! neither orders nor messages of this version's.

use bytes::Bytes;
use domain::message::MESSAGE_SCHEMA;
use domain::order::ORDER_SCHEMA;
use serde_json::Value;

use engine::wire::Reply;

/// What the older version is given: messages of a layout that is newer than it knows.
pub(crate) fn given(event: &mut Value) {
    let layout = |number: u32| format!("\"schema\":{number},");
    for record in event["Records"].as_array_mut().into_iter().flatten() {
        if let Some(body) = record["body"].as_str() {
            record["body"] = body.replacen(&layout(MESSAGE_SCHEMA), &layout(MESSAGE_SCHEMA + 1), 1).into();
        }
    }
}

/// What the older version writes in place of this one.
pub(crate) fn written(body: &Bytes) -> Option<Bytes> {
    replace(body, ORDER_SCHEMA, ORDER_SCHEMA - 1)
}

/// What the older version reads: an order of a layout that is newer than it knows.
pub(crate) fn read(reply: Reply) -> Reply {
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
