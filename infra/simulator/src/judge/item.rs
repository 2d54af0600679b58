//! Reads items of the table without passing through the interceptor.

use bytes::Bytes;
use domain::execution::Execution;
use domain::order::Order;
use domain::phase::Phase;
use serde_json::{Map, Value, json};

use engine::Aws;

/// The key of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

/// Sort key of the order itself.
pub(crate) const ORDER: &str = "ORDER";
/// Start of the sort keys of executions.
pub(crate) const EXECUTION: &str = "EXEC#";
/// Start of the sort keys of failure records.
pub(crate) const FAILURE: &str = "FAILURE#";
/// Start of the sort keys of notices.
pub(crate) const NOTICE: &str = "NOTICE#";
/// Prefix of the sort keys of versions that a later one has replaced.
pub(crate) const VERSION: &str = "VERSION#";

/// The alert that the item under `key` stands for, as `order/id`.
pub(crate) fn alert(key: &Key) -> Option<String> {
    let order = key.pk.rsplit('#').next()?;
    let id = key.sk.strip_prefix(FAILURE).or_else(|| key.sk.strip_prefix(NOTICE))?;
    Some(format!("{order}/{id}"))
}

/// The item under `key`, as plain JSON.
pub(crate) fn read(aws: &Aws, table: &str, key: &Key) -> Option<Value> {
    let request = json!({
        "TableName": table, "ConsistentRead": true, "Key": { "pk": { "S": key.pk }, "sk": { "S": key.sk } },
    });
    let reply = aws.peek_tables("GetItem", &Bytes::from(request.to_string()));
    let answer: Value = serde_json::from_slice(&reply.body).ok()?;
    answer.get("Item").map(plain_item)
}

/// Every item of `table`, as plain JSON.
pub(crate) fn all(aws: &Aws, table: &str) -> Vec<Value> {
    let mut items = Vec::new();
    let mut from = Value::Null;
    loop {
        let mut request = json!({ "TableName": table, "ConsistentRead": true });
        if !from.is_null() {
            request["ExclusiveStartKey"] = from;
        }
        let reply = aws.peek_tables("Scan", &Bytes::from(request.to_string()));
        let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        items.extend(answer["Items"].as_array().into_iter().flatten().map(plain_item));
        from = answer["LastEvaluatedKey"].clone();
        if from.is_null() {
            return items;
        }
    }
}

/// The order that a plain item holds.
pub(crate) fn order(item: &Value) -> Option<Order> {
    serde_json::from_value(item.clone()).ok()
}

/// The execution that a plain item holds.
pub(crate) fn execution(item: &Value) -> Option<Execution> {
    serde_json::from_value(item.clone()).ok()
}

/// The keys that a DynamoDB request names, each with whether the request may write it.
pub(crate) fn keys(operation: &str, request: &Value) -> Vec<(Key, bool)> {
    match operation {
        "PutItem" => key(&request["Item"]).map(|key| (key, true)).into_iter().collect(),
        "UpdateItem" | "DeleteItem" => key(&request["Key"]).map(|key| (key, true)).into_iter().collect(),
        "GetItem" => key(&request["Key"]).map(|key| (key, false)).into_iter().collect(),
        "TransactWriteItems" => {
            request["TransactItems"].as_array().into_iter().flatten().filter_map(transacted).collect()
        }
        "Query" => queried(request).map(|key| (key, false)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a DynamoDB request writes the order of partition `pk` as no longer working on `phase`.
pub(crate) fn ends_phase(operation: &str, request: &Value, pk: &str, phase: Phase) -> bool {
    let together = request["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
    let alone = (operation == "PutItem").then_some(&request["Item"]);
    let is_end = |item: &Value| {
        let text = |name: &str| item[name]["S"].as_str();
        let is_at_work = text("phase") == Some(phase.as_str())
            && text("orchestration_status")
                .is_some_and(|step| step == phase.working().to_string() || step == "RENDERING");
        text("pk") == Some(pk) && text("sk") == Some(ORDER) && !is_at_work
    };
    alone.into_iter().chain(together).any(is_end)
}

fn transacted(item: &Value) -> Option<(Key, bool)> {
    let part = |name: &str, field: &str| key(&item[name][field]);
    part("Put", "Item")
        .or_else(|| part("Update", "Key"))
        .or_else(|| part("Delete", "Key"))
        .map(|key| (key, true))
        .or_else(|| part("ConditionCheck", "Key").map(|key| (key, false)))
}

fn queried(request: &Value) -> Option<Key> {
    let pk = request["ExpressionAttributeValues"][":pk"]["S"].as_str()?.to_owned();
    Some(Key { pk, sk: String::new() })
}

fn key(attributes: &Value) -> Option<Key> {
    let text = |name: &str| attributes[name]["S"].as_str().map(str::to_owned);
    Some(Key { pk: text("pk")?, sk: text("sk")? })
}

/// An item as plain JSON.
pub(crate) fn plain_item(item: &Value) -> Value {
    let attributes = item.as_object().into_iter().flatten();
    Value::Object(attributes.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
}

/// An attribute without its DynamoDB type.
fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|typed| typed.iter().next()) else { return Value::Null };
    match (kind.as_str(), value) {
        ("N", Value::String(text)) => number(text),
        ("NS", Value::Array(texts)) => texts.iter().filter_map(Value::as_str).map(number).collect(),
        ("L", Value::Array(values)) => values.iter().map(plain).collect(),
        ("M", item) => plain_item(item),
        ("NULL", _) => Value::Null,
        (_, value) => value.clone(),
    }
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}
