//! A directory survives the end of its process.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_s3::primitives::ByteStream;

use super::start;
use crate::{Account, Aws, Clock, Stack};

const STACK: &str = "
Resources:
  Work: { Type: AWS::SQS::Queue, Properties: { QueueName: work } }
  Alerts: { Type: AWS::SNS::Topic, Properties: { TopicName: alerts } }
  Documents: { Type: AWS::S3::Bucket, Properties: { BucketName: documents } }
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
";

fn open(directory: &std::path::Path) -> Aws {
    let aws = Aws::open(directory, Clock::starting_at(start())).unwrap();
    aws.deploy(&Stack::parse(STACK, &Account::default()).unwrap()).unwrap();
    aws
}

/// A copy of the files as a kill of the process would leave them: what was only in memory is not in it.
fn killed(directory: &std::path::Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        // The shared-memory index is rebuilt from the log by whoever opens it next.
        if !path.to_string_lossy().ends_with("-shm") {
            std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    copy
}

#[tokio::test(start_paused = true)]
async fn every_answered_call_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let aws = open(directory.path());
    let config = aws.sdk_config();
    let topic = aws.account().arn("sns", "alerts");
    let (dynamodb, s3) = (aws_sdk_dynamodb::Client::new(&config), aws_sdk_s3::Client::new(&config));
    let (sqs, sns) = (aws_sdk_sqs::Client::new(&config), aws_sdk_sns::Client::new(&config));
    dynamodb.put_item().table_name("orders").item("pk", AttributeValue::S("a".into())).send().await.unwrap();
    s3.put_object().bucket("documents").key("a").body(ByteStream::from_static(b"x")).send().await.unwrap();
    sns.publish().topic_arn(topic).message("x").send().await.unwrap();
    sqs.send_message().queue_url(aws.account().queue_url("work")).message_body("x").send().await.unwrap();

    let left = killed(directory.path());
    let again = open(left.path());
    let config = again.sdk_config();
    let dynamodb = aws_sdk_dynamodb::Client::new(&config);
    let read = dynamodb.get_item().table_name("orders").key("pk", AttributeValue::S("a".into())).send().await.unwrap();
    assert!(read.item().is_some());
    aws_sdk_s3::Client::new(&config).head_object().bucket("documents").key("a").send().await.unwrap();
    assert_eq!(again.publications(0).unwrap().len(), 1);
    assert_eq!(again.queue_depth("work").unwrap().visible, 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_in_flight_is_visible_after_a_restart_and_its_receive_counts() {
    let directory = tempfile::tempdir().unwrap();
    let aws = open(directory.path());
    let url = aws.account().queue_url("work");
    let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
    sqs.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    sqs.receive_message().queue_url(&url).send().await.unwrap();

    let left = killed(directory.path());
    let again = open(left.path());
    assert_eq!(again.queue_depth("work").unwrap().visible, 1);
    let sqs = aws_sdk_sqs::Client::new(&again.sdk_config());
    let all = aws_sdk_sqs::types::MessageSystemAttributeName::All;
    let received = sqs.receive_message().queue_url(&url).message_system_attribute_names(all).send().await.unwrap();
    let count = aws_sdk_sqs::types::MessageSystemAttributeName::ApproximateReceiveCount;
    assert_eq!(received.messages()[0].attributes().unwrap()[&count], "2");
}

#[tokio::test(start_paused = true)]
async fn message_ids_do_not_repeat_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let aws = open(directory.path());
        let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
        let sent =
            sqs.send_message().queue_url(aws.account().queue_url("work")).message_body("x").send().await.unwrap();
        ids.insert(sent.message_id.unwrap());
    }
    assert_eq!(ids.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_does_not_roll_back_concurrent_calls() {
    let directory = tempfile::tempdir().unwrap();
    let aws = open(directory.path());
    let config = aws.sdk_config();
    let (dynamodb, sqs) = (aws_sdk_dynamodb::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let put = |id: &str| dynamodb.put_item().table_name("orders").item("pk", AttributeValue::S(id.into()));
    let (taken, refused, sent) = tokio::join!(
        put("a").send(),
        put("b").condition_expression("attribute_exists(pk)").send(),
        sqs.send_message().queue_url(aws.account().queue_url("work")).message_body("x").send(),
    );
    assert!(taken.is_ok() && sent.is_ok());
    assert!(refused.unwrap_err().into_service_error().is_conditional_check_failed_exception());

    let left = killed(directory.path());
    let again = open(left.path());
    let dynamodb = aws_sdk_dynamodb::Client::new(&again.sdk_config());
    let found = dynamodb.scan().table_name("orders").send().await.unwrap();
    assert_eq!(found.items().iter().map(|item| item["pk"].as_s().unwrap().as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!(again.queue_depth("work").unwrap().visible, 1);
}

#[tokio::test]
async fn a_call_whose_future_is_not_polled_does_not_block_others() {
    let directory = tempfile::tempdir().unwrap();
    let aws = open(directory.path());
    let dynamodb = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    let put = |id: &str| dynamodb.put_item().table_name("orders").item("pk", AttributeValue::S(id.into())).send();
    let mut forgotten = Box::pin(put("a"));
    while aws.call_count() == 0 {
        let _ = futures_util::poll!(&mut forgotten);
        tokio::task::yield_now().await;
    }
    // Its change is made; from here on it is on its way to the disk.
    let _ = futures_util::poll!(&mut forgotten);

    let within = std::time::Duration::from_secs(10);
    tokio::time::timeout(within, put("b")).await.expect("the other call waits for the forgotten one").unwrap();
    tokio::time::timeout(within, forgotten).await.expect("the forgotten call is answered when asked for").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_table_whose_name_is_reserved_here_is_refused_without_damage() {
    let directory = tempfile::tempdir().unwrap();
    let aws = open(directory.path());
    let template = STACK.replace("TableName: orders", "TableName: message");
    let refused = aws.deploy(&Stack::parse(&template, &Account::default()).unwrap());
    assert!(refused.is_err(), "a name that is taken here has to be refused");
    let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
    let sent = sqs.send_message().queue_url(aws.account().queue_url("work")).message_body("x").send().await;
    sent.unwrap();
    assert_eq!(aws.queue_depth("work").unwrap().visible, 1);
}
