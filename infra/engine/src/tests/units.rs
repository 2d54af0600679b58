//! Units of DynamoDB and bytes of objects, against numbers worked out by hand.

#![expect(clippy::float_cmp, reason = "units are multiples of one half, which are exact")]

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};

use super::deployed;
use crate::{Aws, Consumed, Scope, scoped};

/// The index holds only keys.
const TEMPLATE: &str = "
Resources:
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: items
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: due, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: by-due
          KeySchema: [{ AttributeName: due, KeyType: HASH }]
          Projection: { ProjectionType: KEYS_ONLY }
  Files:
    Type: AWS::S3::Bucket
    Properties: { BucketName: files }
";

/// Bytes of `text` with which an item is 1,024 bytes long: `pk` and its one letter are 3, the name `text` is 4.
const ONE_KIB: usize = 1_024 - 3 - 4;

struct Table {
    aws: Aws,
    client: Client,
}

impl Table {
    fn new() -> Self {
        let (aws, _) = deployed(TEMPLATE);
        let client = Client::new(&aws.sdk_config());
        aws.start_meter();
        Self { aws, client }
    }

    /// The units written and read since the last time.
    fn units(&self) -> (f64, f64) {
        let consumed = self.aws.stop_meter();
        self.aws.start_meter();
        let at = consumed.get(&("".into(), "items".to_owned())).copied().unwrap_or_default();
        (at.write_units, at.read_units)
    }

    fn written(&self) -> f64 {
        let (written, read) = self.units();
        assert!(read == 0.0, "{read} units read");
        written
    }

    async fn put(&self, item: Item) {
        self.client.put_item().table_name("items").set_item(Some(item)).send().await.unwrap();
    }

    async fn update(&self, pk: &str, expression: &str, value: Option<String>) {
        let update = self.client.update_item().table_name("items").key("pk", text(pk)).update_expression(expression);
        let update = match value {
            Some(value) => update.expression_attribute_values(":value", AttributeValue::S(value)),
            None => update,
        };
        update.send().await.unwrap();
    }
}

type Item = HashMap<String, AttributeValue>;

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// An item with `length` bytes in `text`.
fn item(pk: &str, length: usize) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("text".to_owned(), AttributeValue::S("x".repeat(length)))])
}

fn due(pk: &str, on: &str) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("due".to_owned(), text(on))])
}

fn put(item: Item) -> Put {
    Put::builder().table_name("items").set_item(Some(item)).build().unwrap()
}

fn transacted(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

#[tokio::test(start_paused = true)]
async fn a_write_costs_a_unit_per_started_kib_of_the_larger_of_the_item_before_and_after() {
    let table = Table::new();
    table.put(item("a", ONE_KIB)).await;
    assert_eq!(table.written(), 1.0);
    table.update("a", "SET extra = :value", Some("y".to_owned())).await;
    assert_eq!(table.written(), 2.0, "1,030 bytes after it");
    table.update("a", "REMOVE extra", None).await;
    assert_eq!(table.written(), 2.0, "1,030 bytes before it");
    table.put(item("a", 1)).await;
    assert_eq!(table.written(), 1.0, "1,024 bytes before it");
    table.put(item("b", ONE_KIB + 1)).await;
    assert_eq!(table.written(), 2.0, "1,025 bytes");
    table.client.delete_item().table_name("items").key("pk", text("b")).send().await.unwrap();
    assert_eq!(table.written(), 2.0, "1,025 bytes before it");
}

#[tokio::test(start_paused = true)]
async fn a_transaction_costs_twice_as_much_but_for_its_index_writes() {
    let table = Table::new();
    let all = table.client.transact_write_items().transact_items(transacted(put(item("a", ONE_KIB + 1))));
    all.transact_items(transacted(put(due("b", "monday")))).send().await.unwrap();
    assert_eq!(table.written(), 2.0 * 2.0 + 2.0 * 1.0 + 1.0, "an item of 2 KiB, one of 1 KiB, an index entry");
}

#[tokio::test(start_paused = true)]
async fn a_failed_condition_costs_what_the_item_that_is_there_costs() {
    let table = Table::new();
    table.put(item("a", ONE_KIB + 1)).await;
    assert_eq!(table.written(), 2.0);
    let absent = "attribute_not_exists(pk)";
    let again = table.client.put_item().table_name("items").set_item(Some(item("a", 1))).condition_expression(absent);
    again.send().await.unwrap_err();
    assert_eq!(table.written(), 2.0, "the item that is there has 1,025 bytes");
    let update = table.client.update_item().table_name("items").key("pk", text("b"));
    let update = update.update_expression("REMOVE extra").condition_expression("attribute_exists(pk)");
    update.send().await.unwrap_err();
    assert_eq!(table.written(), 1.0, "nothing is there");

    let refused = Put::builder().table_name("items").set_item(Some(item("a", 1))).condition_expression(absent);
    let other = Update::builder().table_name("items").key("pk", text("b")).update_expression("REMOVE extra");
    let all = table.client.transact_write_items().transact_items(transacted(refused.build().unwrap()));
    let all = all.transact_items(TransactWriteItem::builder().update(other.build().unwrap()).build());
    all.send().await.unwrap_err();
    assert_eq!(table.written(), 2.0 * 2.0 + 2.0 * 1.0, "every item of the transaction, twice");

    let invalid = table.client.update_item().table_name("items").key("pk", text("a")).update_expression("GROW text");
    invalid.send().await.unwrap_err();
    assert_eq!(table.written(), 0.0, "an invalid request costs nothing");
}

#[tokio::test(start_paused = true)]
async fn an_index_costs_the_writes_that_change_its_entry() {
    let table = Table::new();
    table.put(due("a", "monday")).await;
    assert_eq!(table.written(), 1.0 + 1.0, "the item and a new entry");
    table.update("a", "SET extra = :value", Some("y".to_owned())).await;
    assert_eq!(table.written(), 1.0, "the index holds no such attribute");
    table.update("a", "SET due = :value", Some("friday".to_owned())).await;
    assert_eq!(table.written(), 1.0 + 2.0, "one entry goes, another comes");
    table.update("a", "REMOVE due", None).await;
    assert_eq!(table.written(), 1.0 + 1.0, "the entry goes");
}

#[tokio::test(start_paused = true)]
async fn a_read_costs_a_unit_per_started_4_kib_and_half_of_it_if_it_may_be_stale() {
    let table = Table::new();
    table.put(item("a", 4 * 1_024)).await;
    assert_eq!(table.written(), 5.0, "4,103 bytes");
    let get = |pk| table.client.get_item().table_name("items").key("pk", text(pk));
    get("a").consistent_read(true).send().await.unwrap();
    assert_eq!(table.units(), (0.0, 2.0));
    get("a").send().await.unwrap();
    assert_eq!(table.units(), (0.0, 1.0));
    get("absent").send().await.unwrap();
    assert_eq!(table.units(), (0.0, 0.5));
    let query = table.client.query().table_name("items").key_condition_expression("pk = :pk").consistent_read(true);
    let query = query.expression_attribute_values(":pk", text("a")).filter_expression("attribute_exists(extra)");
    assert_eq!(query.send().await.unwrap().count(), 0);
    assert_eq!(table.units(), (0.0, 2.0), "what a filter drops was read");
}

#[tokio::test(start_paused = true)]
async fn callers_see_no_difference_and_are_charged_apart() {
    let table = Table::new();
    let work = async {
        let put = table.client.put_item().table_name("items").set_item(Some(item("a", 1))).send().await.unwrap();
        assert!(put.consumed_capacity().is_none(), "nobody asked for it");
        let s3 = aws_sdk_s3::Client::new(&table.aws.sdk_config());
        s3.put_object().bucket("files").key("k").body(b"twelve bytes".to_vec().into()).send().await.unwrap();
        let again = s3.put_object().bucket("files").key("k").if_none_match("*").body(b"more".to_vec().into());
        again.send().await.unwrap_err();
    };
    scoped(Scope::new("Work", 0), work).await;
    table.put(item("b", 1)).await;
    let consumed = table.aws.stop_meter();
    let unit = Consumed { write_units: 1.0, ..Consumed::default() };
    let bytes = Consumed { put_bytes: 12, ..Consumed::default() };
    let expected = [(("", "items"), unit), (("Work", "files"), bytes), (("Work", "items"), unit)]
        .map(|((scope, resource), used)| ((scope.into(), resource.to_owned()), used));
    assert_eq!(consumed, expected.into());

    table.put(item("c", 1)).await;
    assert!(table.aws.stop_meter().is_empty(), "it counts nothing while it does not run");
}
