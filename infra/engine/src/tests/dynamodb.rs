//! DynamoDB as the pipeline uses it.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

use super::deployed;
use crate::Aws;

const TABLE: &str = "
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: S }
        - { AttributeName: due, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - IndexName: by-due
          KeySchema: [{ AttributeName: due, KeyType: HASH }, { AttributeName: pk, KeyType: RANGE }]
          Projection: { ProjectionType: ALL }
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
      SSESpecification: { SSEEnabled: true }
";

fn table() -> (Aws, Client) {
    let (aws, _) = deployed(TABLE);
    let client = Client::new(&aws.sdk_config());
    (aws, client)
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u32) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn key(id: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("pk".into(), text(id)), ("sk".into(), text("order"))])
}

fn item(id: &str, version: u32) -> HashMap<String, AttributeValue> {
    let mut item = key(id);
    item.insert("version".into(), number(version));
    item.insert("due".into(), text("today"));
    item
}

#[tokio::test(start_paused = true)]
async fn a_conditional_update_returns_the_new_item() {
    let (_, client) = table();
    client.put_item().table_name("orders").set_item(Some(item("a", 1))).send().await.unwrap();
    let updated = client
        .update_item()
        .table_name("orders")
        .set_key(Some(key("a")))
        .update_expression("SET version = version + :one ADD documents :documents")
        .condition_expression("version = :one")
        .expression_attribute_values(":one", number(1))
        .expression_attribute_values(":documents", AttributeValue::Ns(vec!["3".into()]))
        .return_values(ReturnValue::AllNew)
        .send()
        .await
        .unwrap();
    let attributes = updated.attributes().unwrap();
    assert_eq!(attributes["version"], number(2));
    assert_eq!(attributes["documents"], AttributeValue::Ns(vec!["3".into()]));
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_returns_the_current_item() {
    let (_, client) = table();
    let put = || {
        client
            .put_item()
            .table_name("orders")
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    };
    put().set_item(Some(item("a", 7))).send().await.unwrap();
    let error = put().set_item(Some(item("a", 8))).send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::put_item::PutItemError::ConditionalCheckFailedException(failed) = error else {
        panic!("it failed otherwise")
    };
    assert_eq!(failed.item().unwrap()["version"], number(7));
}

#[tokio::test(start_paused = true)]
async fn a_transaction_is_all_or_nothing_and_says_why() {
    let (_, client) = table();
    client.put_item().table_name("orders").set_item(Some(item("a", 1))).send().await.unwrap();
    let put = Put::builder().table_name("orders").set_item(Some(item("b", 1))).build().unwrap();
    let check = ConditionCheck::builder()
        .table_name("orders")
        .set_key(Some(key("a")))
        .condition_expression("version = :two")
        .expression_attribute_values(":two", number(2))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    let transact = client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().put(put).build())
        .transact_items(TransactWriteItem::builder().condition_check(check).build());
    let error = transact.send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        canceled,
    ) = error
    else {
        panic!("it failed otherwise")
    };
    let codes: Vec<_> = canceled.cancellation_reasons().iter().map(|reason| reason.code().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(canceled.cancellation_reasons()[1].item().unwrap()["version"], number(1));
    let read =
        client.get_item().table_name("orders").set_key(Some(key("b"))).consistent_read(true).send().await.unwrap();
    assert!(read.item().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_transaction_with_the_same_token_is_applied_once() {
    let (_, client) = table();
    client.put_item().table_name("orders").set_item(Some(item("a", 1))).send().await.unwrap();
    let add = |amount: u32| {
        let update = Update::builder()
            .table_name("orders")
            .set_key(Some(key("a")))
            .update_expression("ADD version :amount")
            .expression_attribute_values(":amount", number(amount))
            .build()
            .unwrap();
        let item = TransactWriteItem::builder().update(update).build();
        client.transact_write_items().client_request_token("token-1").transact_items(item).send()
    };
    add(1).await.unwrap();
    add(1).await.unwrap();
    let read = client.get_item().table_name("orders").set_key(Some(key("a"))).send().await.unwrap();
    assert_eq!(read.item().unwrap()["version"], number(2));
    assert_eq!(add(5).await.unwrap_err().code(), Some("IdempotentParameterMismatchException"));
    // DynamoDB forgets a token ten minutes after its last use.
    super::sleep_s(601).await;
    add(5).await.unwrap();
    let read = client.get_item().table_name("orders").set_key(Some(key("a"))).send().await.unwrap();
    assert_eq!(read.item().unwrap()["version"], number(7));
}

#[tokio::test(start_paused = true)]
async fn an_index_is_queried_page_by_page() {
    let (_, client) = table();
    for id in ["a", "b", "c"] {
        client.put_item().table_name("orders").set_item(Some(item(id, 1))).send().await.unwrap();
    }
    let query = client
        .query()
        .table_name("orders")
        .index_name("by-due")
        .key_condition_expression("due = :due")
        .expression_attribute_values(":due", text("today"))
        .limit(2);
    let mut pages = query.into_paginator().send();
    let mut counts = Vec::new();
    while let Some(page) = pages.next().await {
        counts.push(page.unwrap().count());
    }
    assert_eq!(counts.iter().sum::<i32>(), 3);
    assert!(counts.len() >= 2);
}

#[tokio::test(start_paused = true)]
async fn errors_have_the_names_that_dynamodb_gives_them() {
    let (_, client) = table();
    let error = client.get_item().table_name("absent").set_key(Some(key("a"))).send().await.unwrap_err();
    assert!(error.into_service_error().is_resource_not_found_exception());
    let empty_key = HashMap::from([("pk".into(), text("")), ("sk".into(), text("order"))]);
    let error = client.put_item().table_name("orders").set_item(Some(empty_key)).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
    let odd_number = HashMap::from([
        ("pk".into(), text("a")),
        ("sk".into(), text("b")),
        ("n".into(), AttributeValue::N("one".into())),
    ]);
    let error = client.put_item().table_name("orders").set_item(Some(odd_number)).send().await.unwrap_err();
    assert_eq!(error.code(), Some("ValidationException"));
}

#[tokio::test(start_paused = true)]
async fn an_item_past_its_expiry_is_swept() {
    let (aws, client) = table();
    let mut expiring = item("a", 1);
    expiring.insert("expires_at".into(), AttributeValue::N("1775001700".into()));
    client.put_item().table_name("orders").set_item(Some(expiring)).send().await.unwrap();
    assert_eq!(aws.expire_items().unwrap(), 0);
    super::sleep_s(101).await;
    assert_eq!(aws.expire_items().unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn deploying_twice_changes_nothing() {
    let (aws, stack) = deployed(TABLE);
    aws.deploy(&stack).unwrap();
    let client = Client::new(&aws.sdk_config());
    let described = client.describe_table().table_name("orders").send().await.unwrap();
    assert_eq!(described.table().unwrap().global_secondary_indexes()[0].index_name(), Some("by-due"));
}
