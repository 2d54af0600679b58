//! Puts a stored order back into the previous layout, as code of the previous release would have written it.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::OrderId;

use crate::pipeline::Pipeline;

type Item = HashMap<String, AttributeValue>;

/// Rewrites an order in the previous layout, in which its item held the executions of its documents, and deletes the items
/// of its executions.
///
/// # Panics
/// When the order cannot be read or written.
pub async fn put_back(pipeline: &Pipeline, id: OrderId) {
    let client = Client::new(&pipeline.local.aws.sdk_config());
    let table = pipeline.local.stack.tables.values().next().expect("the stack has a table").name.clone();
    let partition = text(&format!("FIRM#local#ORDER#{id}"));
    let found = client
        .query()
        .table_name(&table)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", partition.clone())
        .consistent_read(true)
        .send()
        .await
        .expect("readable");
    let (mut executions, mut leases, mut attempts) = (Item::new(), Item::new(), Item::new());
    let mut order = None;
    for item in found.items.unwrap_or_default() {
        let sk = item["sk"].as_s().expect("a text").clone();
        if sk == "ORDER" {
            order = Some(item);
        } else if sk.starts_with("EXEC#") {
            let number = item["number"].as_n().expect("a number").clone();
            if item["status"].as_s().is_ok_and(|status| status == "working") {
                leases.insert(format!("d{number}"), item["lease"].clone());
                attempts.insert(format!("d{number}"), item["attempts"].clone());
            } else {
                let kept = ["processor", "run", "status", "error_code", "error_message", "ended_at"];
                let kept = kept.into_iter().filter_map(|name| Some((name.to_owned(), item.get(name)?.clone())));
                executions.insert(number, AttributeValue::M(kept.collect()));
            }
            let key = Item::from([("pk".to_owned(), partition.clone()), ("sk".to_owned(), text(&sk))]);
            client.delete_item().table_name(&table).set_key(Some(key)).send().await.expect("deleted");
        }
    }
    let mut order = order.expect("the order exists");
    if let Some(lease) = order.remove("lease") {
        leases.insert("phase".to_owned(), lease);
    }
    if let Some(count) = order.remove("phase_attempts") {
        attempts.insert("phase".to_owned(), count);
    }
    order.remove("failed");
    order.insert("executions".to_owned(), AttributeValue::M(executions));
    order.insert("leases".to_owned(), AttributeValue::M(leases));
    order.insert("attempts".to_owned(), AttributeValue::M(attempts));
    order.insert("schema".to_owned(), AttributeValue::N("2".to_owned()));
    client.put_item().table_name(&table).set_item(Some(order)).send().await.expect("written");
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
