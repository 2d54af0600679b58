//! Recognises the purpose of a function's request.
//!
//! The functions' requests are recognised by their expressions and keys. If one changes so much that it is no longer
//! recognised, its mistake is not made, nothing is caught, and the mistake's test fails.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use engine::wire::{Reply, Request};
use engine::{Aws, Reset};
use serde_json::Value;

use crate::judge::item::{EXECUTION, FAILURE, NOTICE, ORDER};

/// A request of a function.
pub(super) struct Call {
    /// The driver's number of the invocation.
    pub(super) invocation: u64,
    /// The body, where it is JSON.
    pub(super) json: Value,
    function: Arc<str>,
    request: Request,
}

impl Call {
    /// A request that an invocation of `function` sends.
    pub(super) fn read(function: Arc<str>, invocation: u64, request: Request) -> Self {
        let json = match request.header("x-amz-target") {
            Some(_) => serde_json::from_slice(&request.body).unwrap_or_default(),
            None => Value::Null,
        };
        Self { invocation, json, function, request }
    }

    /// Sends it in its current state.
    pub(super) async fn send(&self, aws: &Aws) -> Result<Reply, Reset> {
        aws.answer(self.request.clone()).await
    }

    /// Changes the body.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut Value)) {
        change(&mut self.json);
        self.request.body = Bytes::from(self.json.to_string());
    }

    /// Leaves a header out.
    pub(super) fn remove_header(&mut self, name: &str) {
        self.request.headers.retain(|(key, _)| key != name);
    }

    /// Another request of the same invocation to the same service.
    pub(super) fn another(&self, operation: &str, body: &Value) -> Self {
        let mut request = self.request.clone();
        for (name, value) in &mut request.headers {
            if name == "x-amz-target" {
                *value = format!("DynamoDB_20120810.{operation}");
            }
        }
        request.body = Bytes::from(body.to_string());
        Self { invocation: self.invocation, json: body.clone(), function: Arc::clone(&self.function), request }
    }

    /// The function that sends it.
    pub(super) fn function(&self) -> &str {
        &self.function
    }

    /// Whether `function` sends it.
    pub(super) fn is_by(&self, function: &str) -> bool {
        &*self.function == function
    }

    /// Whether it stores an object under a key that holds `part`.
    pub(super) fn puts_object(&self, part: &str) -> bool {
        self.request.method == "PUT" && self.request.path.contains(part)
    }

    /// The path of the uploaded document that it reads.
    pub(super) fn read_document(&self) -> Option<&str> {
        let path = self.request.path.as_str();
        (self.request.method == "GET" && path.contains("/documents/")).then_some(path)
    }

    /// Whether it reads an object under a key that ends with `end`.
    pub(super) fn reads_object(&self, end: &str) -> bool {
        self.request.method == "GET" && self.request.path.ends_with(end)
    }

    /// Names the first run in the key of an object that is kept by run.
    pub(super) fn forget_run(&mut self) {
        if let Some((start, rest)) = self.request.path.split_once("/runs/")
            && let Some((_, end)) = rest.split_once('/')
        {
            self.request.path = format!("{start}/runs/0001/{end}");
        }
    }

    /// Whether it goes to the table.
    pub(super) fn is_of_table(&self) -> bool {
        !self.operation().is_empty()
    }

    /// Changes the order that it writes whole, if it writes one.
    pub(super) fn change_order(&mut self, change: impl FnOnce(&mut Value)) {
        if self.written_order().is_none() {
            return;
        }
        self.change(|json| {
            let is_order = |item: &Value| item["sk"]["S"] == ORDER;
            if is_order(&json["Item"]) {
                return change(&mut json["Item"]);
            }
            let mut items = json["TransactItems"].as_array_mut().into_iter().flatten();
            if let Some(item) = items.find(|item| is_order(&item["Put"]["Item"])) {
                change(&mut item["Put"]["Item"]);
            }
        });
    }

    /// Whether it sends a batch of messages.
    pub(super) fn is_batch(&self) -> bool {
        self.target() == "AmazonSQS.SendMessageBatch"
    }

    /// Whether it claims a phase that is one unit of work.
    pub(super) fn is_claim(&self) -> bool {
        self.updates("SET #lease = :lease")
    }

    /// The messages for which it claims units of work.
    pub(super) fn claimed_messages(&self) -> Vec<String> {
        if self.is_claim() {
            return self.json["ExpressionAttributeValues"][":message"]["S"]
                .as_str()
                .map(str::to_owned)
                .into_iter()
                .collect();
        }
        self.messages_of_executions("claimed")
    }

    /// The id of the failure whose alert it claims.
    pub(super) fn claimed_alert(&self) -> Option<String> {
        if !self.updates("SET alert_owner = :owner") {
            return None;
        }
        alert_id(&self.json["Key"])
    }

    /// Whether it marks an alert as sent.
    pub(super) fn is_mark(&self) -> bool {
        self.updates("SET alert = :state")
    }

    /// Whether it creates an order.
    pub(super) fn is_new_order(&self) -> bool {
        self.puts_order() && self.json["ConditionExpression"] == "attribute_not_exists(pk)"
    }

    /// Whether it replaces an order.
    pub(super) fn is_replaced_order(&self) -> bool {
        self.puts_order() && self.json["ConditionExpression"] == "revision = :seen"
    }

    /// The order that it writes whole, alone or in a transaction.
    pub(super) fn written_order(&self) -> Option<&Value> {
        self.puts().find(|item| item["sk"]["S"] == ORDER)
    }

    /// The messages for which it commits the end of a phase or of executions: writers are named `invocation/message/event`.
    pub(super) fn committed_messages(&self) -> Vec<String> {
        let of_order = self.written_order().and_then(|order| {
            let mut parts = order["writer"]["S"].as_str()?.split('/').skip(1);
            let message = parts.next()?.to_owned();
            parts.next().filter(|event| *event != "rendering").map(|_| message)
        });
        let of_executions = self.messages_of_executions("ended").into_iter();
        let of_ended = self.documents_end().map(|end| end.message);
        of_order.into_iter().chain(of_executions).chain(of_ended).collect()
    }

    /// The messages whose executions it writes, if the writer's last part is `event`.
    fn messages_of_executions(&self, event: &str) -> Vec<String> {
        let message = |execution: &Value| {
            let (writer, last) = execution["writer"]["S"].as_str()?.rsplit_once('/')?;
            (last == event).then(|| writer.split('/').nth(1).map(str::to_owned)).flatten()
        };
        self.puts()
            .filter(|item| item["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with(EXECUTION)))
            .filter_map(message)
            .collect()
    }

    /// The items that it writes whole.
    fn puts(&self) -> impl Iterator<Item = &Value> {
        let alone = (self.operation() == "PutItem").then_some(&self.json["Item"]);
        let together = self.json["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
        alone.into_iter().chain(together)
    }

    /// The id of the failure that it records without an order.
    pub(super) fn recorded_failure(&self) -> Option<String> {
        if self.operation() == "PutItem" { failure_id(&self.json["Item"]) } else { None }
    }

    /// The order and the failure that it writes in one transaction with nothing else.
    pub(super) fn order_and_failure(&self) -> Option<(&Value, &Value)> {
        let items = self.json["TransactItems"].as_array().filter(|items| items.len() == 2)?;
        let (order, failure) = (&items[0]["Put"], &items[1]["Put"]);
        failure_id(&failure["Item"])?;
        (order["Item"]["sk"]["S"] == ORDER).then_some((order, failure))
    }

    /// The update that adds executions that ended to their order.
    pub(super) fn documents_end(&self) -> Option<DocumentsEnd> {
        let values = &self.json["ExpressionAttributeValues"];
        let numbers = values[":ended"]["NS"].as_array().filter(|_| self.operation() == "UpdateItem")?;
        let documents = numbers.iter().filter_map(|number| number.as_str().map(str::to_owned)).collect();
        let message = values[":writer"]["S"].as_str()?.split('/').nth(1)?.to_owned();
        let pk = self.json["Key"]["pk"]["S"].as_str()?.to_owned();
        Some(DocumentsEnd { pk, documents, message })
    }

    /// The partition of the order that it reads.
    pub(super) fn read_order(&self) -> Option<&str> {
        let key = &self.json["Key"];
        if self.operation() == "GetItem" && key["sk"]["S"] == ORDER { key["pk"]["S"].as_str() } else { None }
    }

    fn puts_order(&self) -> bool {
        self.operation() == "PutItem" && self.written_order().is_some()
    }

    fn updates(&self, start: &str) -> bool {
        self.operation() == "UpdateItem"
            && self.json["UpdateExpression"].as_str().is_some_and(|update| update.starts_with(start))
    }

    /// The operation of DynamoDB; empty for other services.
    fn operation(&self) -> &str {
        self.target().strip_prefix("DynamoDB_20120810.").unwrap_or_default()
    }

    fn target(&self) -> &str {
        self.request.header("x-amz-target").unwrap_or_default()
    }
}

/// What adds executions to their order.
pub(super) struct DocumentsEnd {
    /// The order's partition.
    pub(super) pk: String,
    /// The documents' numbers.
    pub(super) documents: BTreeSet<String>,
    /// The message that the write is made for.
    pub(super) message: String,
}

/// The id of the failure or of the notice under `key`.
fn alert_id(key: &Value) -> Option<String> {
    failure_id(key).or_else(|| key["sk"]["S"].as_str()?.strip_prefix(NOTICE).map(str::to_owned))
}

fn failure_id(key: &Value) -> Option<String> {
    key["sk"]["S"].as_str()?.strip_prefix(FAILURE).map(str::to_owned)
}
