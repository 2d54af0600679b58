//! Restores the table as the page describes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::OrderId;
use domain::order::Order;
use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

use super::page;

const RECONCILE: &str = "ReconcileFunction";

type Item = HashMap<String, AttributeValue>;

fn key(partition: &str, sort: &str) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    Item::from([("pk".to_owned(), text(partition)), ("sk".to_owned(), text(sort))])
}

fn order_key(id: OrderId) -> Item {
    key(&format!("FIRM#local#ORDER#{id}"), "ORDER")
}

async fn run_for_secs(pipeline: &mut Pipeline, secs: u64) {
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
}

/// Makes the backup unreadable for reconciliation: its listing, or its objects.
struct Unreadable(&'static str);

impl Interceptor for Unreadable {
    fn before(&self, call: &Call) -> Action {
        let is_read = *call.scope == *RECONCILE && call.service == Service::S3 && *call.operation == *self.0;
        if is_read { Action::Reset } else { Action::Pass }
    }
}

/// Completes an order, then puts its item of more than a day ago back and forgets how far the backup was compared. Returns
/// the order as it was before that.
async fn restored(pipeline: &mut Pipeline) -> Order {
    let table = pipeline.local.stack.tables["Table"].name.clone();
    let client = Client::new(&pipeline.local.aws.sdk_config());
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1])).await;
    run_for_secs(pipeline, 5).await;
    let early = client.get_item().table_name(&table).set_key(Some(order_key(id))).send().await.unwrap().item;
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    // Longer than a phase may make no progress.
    run_for_secs(pipeline, 30 * 3_600).await;
    let whole = pipeline.order(id).await;
    assert_eq!(whole.status(), Status::Completed);

    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    client.put_item().table_name(&table).set_item(early).send().await.unwrap();
    let (partition, sort) = ("SYSTEM#RECONCILE", "TURN");
    assert!(page().replace('\n', " ").contains(&format!("`pk` = `{partition}`, `sk` = `{sort}`")));
    let forgotten = client.delete_item().table_name(&table).set_key(Some(key(partition, sort)));
    let forgotten = forgotten.return_values(aws_sdk_dynamodb::types::ReturnValue::AllOld).send().await.unwrap();
    assert!(forgotten.attributes.is_some_and(|turn| turn.contains_key("compared_to")), "the page describes the item");
    pipeline.local.driver.limit(RECONCILE, 1).unwrap();
    whole
}

async fn assert_is_restored(pipeline: &Pipeline, whole: &Order) {
    let id = whole.order_id();
    assert_eq!(pipeline.order(id).await, *whole);
    let failures = pipeline.client.failures(id).await.unwrap();
    let codes: Vec<_> = failures.iter().map(|failure| failure.record.code.as_str()).collect();
    assert_eq!(codes, ["canary.made_to_fail"], "it is not failed as overdue since then");
    assert_eq!(outcome::publication_count(pipeline), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_rolled_back_by_a_table_restore_is_repaired_long_after_it_was_compared() {
    let mut pipeline = Pipeline::new();
    let whole = restored(&mut pipeline).await;
    run_for_secs(&mut pipeline, 3_600).await;
    assert_is_restored(&pipeline, &whole).await;
}

#[tokio::test(start_paused = true)]
async fn an_order_rolled_back_by_a_table_restore_is_not_failed_while_the_backup_cannot_be_read() {
    for operation in ["ListObjectsV2", "GetObject"] {
        let mut pipeline = Pipeline::new();
        let whole = restored(&mut pipeline).await;
        pipeline.intercept(Arc::new(Unreadable(operation)));
        run_for_secs(&mut pipeline, 3 * 3_600).await;
        assert_eq!(
            pipeline.order(whole.order_id()).await.status(),
            Status::Queued,
            "{operation}: nothing is concluded"
        );
        pipeline.local.aws.intercept(None);
        run_for_secs(&mut pipeline, 3_600).await;
        assert_is_restored(&pipeline, &whole).await;
    }
}
