//! Counting, failing, losing and stopping calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use super::deployed;
use crate::{Action, Aws, Call, Interceptor, Scope, Service, scoped};

const TABLE: &str = "
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
";

/// Gives its actions to the call with its number, and keeps what it saw.
struct At {
    number: u64,
    before: Action,
    after: Action,
    seen: Mutex<Vec<String>>,
}

impl At {
    fn new(number: u64, before: Action, after: Action) -> Arc<Self> {
        Arc::new(Self { number, before, after, seen: Mutex::default() })
    }
}

impl Interceptor for At {
    fn before(&self, call: &Call) -> Action {
        self.seen.lock().unwrap().push(format!("{call:?}"));
        if call.number == self.number { self.before.clone() } else { Action::Pass }
    }

    fn after(&self, call: &Call) -> Action {
        if call.number == self.number { self.after.clone() } else { Action::Pass }
    }
}

fn client(aws: &Aws) -> Client {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(2)).build();
    Client::from_conf(aws_sdk_dynamodb::config::Builder::from(&aws.sdk_config()).timeout_config(timeouts).build())
}

async fn put(client: &Client) -> Result<(), String> {
    let put = client.put_item().table_name("orders").item("pk", AttributeValue::S("a".into()));
    let sent = put.condition_expression("attribute_not_exists(pk)").send().await;
    sent.map(drop).map_err(|error| error.code().unwrap_or("no code").to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_failure_before_the_effect_is_retried_by_the_sdk() {
    let throttled = Action::Fail { status: 400, code: "ProvisionedThroughputExceededException".into() };
    for fault in
        [throttled, Action::Reset, Action::Hang, Action::Fail { status: 500, code: "InternalServerError".into() }]
    {
        let (aws, _) = deployed(TABLE);
        aws.intercept(Some(At::new(0, fault.clone(), Action::Pass)));
        assert_eq!(put(&client(&aws)).await, Ok(()), "{fault:?}");
        assert_eq!(aws.call_count(), 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_answer_the_retry_sees_its_own_write() {
    for fault in [Action::Reset, Action::Hang, Action::Fail { status: 500, code: "InternalServerError".into() }] {
        let (aws, _) = deployed(TABLE);
        aws.intercept(Some(At::new(0, Action::Pass, fault.clone())));
        assert_eq!(put(&client(&aws)).await, Err("ConditionalCheckFailedException".into()), "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_crash_stops_the_scope_at_that_call() {
    let (aws, _) = deployed(TABLE);
    aws.intercept(Some(At::new(0, Action::Pass, Action::Crash)));
    let scope = Scope::new("ExtractFunction", 4);
    let sdk = client(&aws);
    let stopped = tokio::select! {
        biased;
        () = scope.crashed() => true,
        _ = scoped(scope.clone(), put(&sdk)) => false,
    };
    assert!(stopped);
    aws.intercept(None);
    assert_eq!(put(&sdk).await, Err("ConditionalCheckFailedException".into()), "the effect was there");
}

#[tokio::test(start_paused = true)]
async fn calls_are_counted_by_scope_and_action_and_shown_without_their_payload() {
    let (aws, _) = deployed(TABLE);
    let eye = At::new(u64::MAX, Action::Pass, Action::Pass);
    aws.intercept(Some(eye.clone()));
    scoped(Scope::new("ExtractFunction", 4), put(&client(&aws))).await.unwrap();
    let key = (Arc::from("ExtractFunction"), Service::DynamoDb, Arc::from("PutItem"));
    assert_eq!(aws.calls()[&key], 1);
    assert_eq!(*eye.seen.lock().unwrap(), ["#0 dynamodb:PutItem on orders by ExtractFunction[4.0]"]);
}

#[tokio::test]
async fn a_partly_accepted_batch_names_the_rejected_entry() {
    for (count, taken) in [(1, 0), (3, 2)] {
        let aws = super::aws();
        aws.create_queue("extract").unwrap();
        aws.intercept(Some(At::new(0, Action::RejectFirst, Action::Pass)));
        let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
        let mut batch = sqs.send_message_batch().queue_url(aws.account().queue_url("extract"));
        for id in 0..count {
            let entry = SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body("{}");
            batch = batch.entries(entry.build().unwrap());
        }
        let answer = batch.send().await.unwrap();
        assert_eq!(answer.failed.iter().map(|failed| failed.id.as_str()).collect::<Vec<_>>(), ["0"]);
        assert_eq!(answer.successful.len(), taken);
        assert_eq!(aws.queue_depth("extract").unwrap().visible, taken as u64);
    }
}

#[tokio::test]
async fn a_truncated_or_corrupted_object_is_never_accepted() {
    let template = "Resources: { Documents: { Type: AWS::S3::Bucket, Properties: { BucketName: documents } } }";
    for (action, arrives) in [(Action::Pass, true), (Action::Truncate, false), (Action::Corrupt, false)] {
        let (aws, _) = deployed(template);
        let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
        let bytes = ByteStream::from_static(b"revenue from operations");
        s3.put_object().bucket("documents").key("a").body(bytes).send().await.unwrap();
        aws.intercept(Some(At::new(aws.call_count(), Action::Pass, action.clone())));
        let object = s3.get_object().bucket("documents").key("a").send().await.unwrap();
        let read = object.body.collect().await;
        assert_eq!(read.is_ok(), arrives, "{action:?}");
        let again = s3.get_object().bucket("documents").key("a").send().await.unwrap();
        assert_eq!(again.body.collect().await.unwrap().to_vec(), b"revenue from operations");
    }
}
