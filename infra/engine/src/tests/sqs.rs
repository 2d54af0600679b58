//! SQS by its documented rules.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};

use super::{aws, deployed, sleep_s};
use crate::Aws;

const WITH_DEAD_LETTERS: &str = "
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: work
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead: { Type: AWS::SQS::Queue, Properties: { QueueName: dead, MessageRetentionPeriod: 1209600 } }
";

fn client(aws: &Aws) -> Client {
    Client::new(&aws.sdk_config())
}

fn with_queue() -> (Aws, Client, String) {
    let aws = aws();
    aws.create_queue("work").unwrap();
    let (client, url) = (client(&aws), aws.account().queue_url("work"));
    (aws, client, url)
}

async fn receive(client: &Client, url: &str) -> Vec<Message> {
    let request = client.receive_message().queue_url(url).max_number_of_messages(10);
    request
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .unwrap()
        .messages
        .unwrap_or_default()
}

fn attribute<'a>(message: &'a Message, name: &MessageSystemAttributeName) -> &'a str {
    &message.attributes.as_ref().unwrap()[name]
}

#[tokio::test(start_paused = true)]
async fn a_message_comes_back_as_it_was_sent() {
    let (_, client, url) = with_queue();
    let attribute_value = MessageAttributeValue::builder().data_type("String").string_value("corr-1").build().unwrap();
    let sent = client
        .send_message()
        .queue_url(&url)
        .message_body("{\"order\":\"1 < 2 & \\\"x\\\"\"}")
        .message_attributes("correlation_id", attribute_value)
        .send()
        .await
        .unwrap();
    let received = client.receive_message().queue_url(&url).message_attribute_names("All").send().await.unwrap();
    let message = &received.messages()[0];
    assert_eq!(message.body(), Some("{\"order\":\"1 < 2 & \\\"x\\\"\"}"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(message.message_attributes().unwrap()["correlation_id"].string_value(), Some("corr-1"));
}

#[tokio::test(start_paused = true)]
async fn the_digest_of_a_body_is_its_md5() {
    let (_, client, url) = with_queue();
    let sent = client.send_message().queue_url(&url).message_body("hello").send().await.unwrap();
    // `printf hello | md5sum`
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
}

#[tokio::test(start_paused = true)]
async fn a_received_message_is_hidden_until_its_visibility_timeout() {
    let (_, client, url) = with_queue();
    client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    assert_eq!(receive(&client, &url).await.len(), 1);
    sleep_s(29).await;
    assert!(receive(&client, &url).await.is_empty());
    sleep_s(1).await;
    let again = receive(&client, &url).await;
    assert_eq!(attribute(&again[0], &MessageSystemAttributeName::ApproximateReceiveCount), "2");
    assert_eq!(attribute(&again[0], &MessageSystemAttributeName::SentTimestamp), "1775001600000");
    assert_eq!(attribute(&again[0], &MessageSystemAttributeName::ApproximateFirstReceiveTimestamp), "1775001600000");
}

#[tokio::test(start_paused = true)]
async fn a_changed_visibility_timeout_counts_from_the_change() {
    let (_, client, url) = with_queue();
    client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    let handle = receive(&client, &url).await[0].receipt_handle().unwrap().to_owned();
    sleep_s(20).await;
    let change = || client.change_message_visibility().queue_url(&url).receipt_handle(&handle);
    change().visibility_timeout(100).send().await.unwrap();
    sleep_s(99).await;
    assert!(receive(&client, &url).await.is_empty());
    change().visibility_timeout(0).send().await.unwrap();
    assert_eq!(receive(&client, &url).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_when_a_message_arrives() {
    let (aws, client, url) = with_queue();
    let poll = client.receive_message().queue_url(&url).wait_time_seconds(20).send();
    let send = async {
        sleep_s(5).await;
        client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    };
    let (polled, ()) = tokio::join!(poll, send);
    assert_eq!(polled.unwrap().messages().len(), 1);
    assert_eq!(aws.clock().now().to_string(), "2026-04-01T00:00:05Z");
    let empty = client.receive_message().queue_url(&url).wait_time_seconds(20).send().await.unwrap();
    assert!(empty.messages().is_empty());
    assert_eq!(aws.clock().now().to_string(), "2026-04-01T00:00:25Z");
}

#[tokio::test(start_paused = true)]
async fn a_delayed_message_is_not_received_before_its_time() {
    let (aws, client, url) = with_queue();
    client.send_message().queue_url(&url).message_body("x").delay_seconds(60).send().await.unwrap();
    assert!(receive(&client, &url).await.is_empty());
    assert_eq!(aws.queue_depth("work").unwrap().delayed, 1);
    sleep_s(60).await;
    assert_eq!(receive(&client, &url).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_message_received_too_often_becomes_a_dead_letter_and_keeps_its_id() {
    let (aws, _) = deployed(WITH_DEAD_LETTERS);
    let (client, work, dead) = (client(&aws), aws.account().queue_url("work"), aws.account().queue_url("dead"));
    let sent = client.send_message().queue_url(&work).message_body("poison").send().await.unwrap();
    for _ in 0..3 {
        assert_eq!(receive(&client, &work).await.len(), 1);
        assert!(receive(&client, &dead).await.is_empty());
        sleep_s(60).await;
    }
    assert!(receive(&client, &work).await.is_empty());
    let letters = receive(&client, &dead).await;
    assert_eq!(letters[0].message_id(), sent.message_id());
    let source = attribute(&letters[0], &MessageSystemAttributeName::DeadLetterQueueSourceArn);
    assert_eq!(source, "arn:aws:sqs:us-east-1:000000000000:work");
}

#[tokio::test(start_paused = true)]
async fn a_message_past_its_retention_is_gone() {
    let (aws, client, url) = with_queue();
    client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    sleep_s(4 * 24 * 3600).await;
    assert!(receive(&client, &url).await.is_empty());
    assert_eq!(aws.queue_depth("work").unwrap().total(), 0);
}

#[tokio::test(start_paused = true)]
async fn deleting_with_the_handle_of_an_older_receive_deletes_nothing() {
    let (aws, client, url) = with_queue();
    client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    let old = receive(&client, &url).await[0].receipt_handle().unwrap().to_owned();
    sleep_s(30).await;
    let new = receive(&client, &url).await[0].receipt_handle().unwrap().to_owned();
    client.delete_message().queue_url(&url).receipt_handle(old).send().await.unwrap();
    assert_eq!(aws.queue_depth("work").unwrap().in_flight, 1);
    client.delete_message().queue_url(&url).receipt_handle(new).send().await.unwrap();
    assert_eq!(aws.queue_depth("work").unwrap().total(), 0);
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_batch_answers_entry_by_entry() {
    let (_, client, url) = with_queue();
    let batch = client.send_message_batch().queue_url(&url).entries(entry("good", "x")).entries(entry("bad", "\u{1}"));
    let answer = batch.send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "good");
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].code()), ("bad", "InvalidMessageContents"));
    let handle = receive(&client, &url).await[0].receipt_handle().unwrap().to_owned();
    let delete = |id: &str, handle: &str| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(handle).build().unwrap()
    };
    let batch =
        client.delete_message_batch().queue_url(&url).entries(delete("a", &handle)).entries(delete("b", "nonsense"));
    let answer = batch.send().await.unwrap();
    assert_eq!((answer.successful().len(), answer.failed()[0].code()), (1, "ReceiptHandleIsInvalid"));
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_breaks_a_limit_is_refused_as_a_whole() {
    let (aws, client, url) = with_queue();
    let send = |entries| client.send_message_batch().queue_url(&url).set_entries(Some(entries)).send();
    let eleven = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
    assert!(send(eleven).await.unwrap_err().into_service_error().is_too_many_entries_in_batch_request());
    assert!(send(vec![]).await.unwrap_err().into_service_error().is_empty_batch_request());
    let twice = vec![entry("a", "x"), entry("a", "y")];
    assert!(send(twice).await.unwrap_err().into_service_error().is_batch_entry_ids_not_distinct());
    assert!(send(vec![entry("a b", "x")]).await.unwrap_err().into_service_error().is_invalid_batch_entry_id());
    let half = "x".repeat(512 * 1024 + 1);
    let large = vec![entry("a", &half), entry("b", &half)];
    assert!(send(large).await.unwrap_err().into_service_error().is_batch_request_too_long());
    assert_eq!(aws.queue_depth("work").unwrap().total(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_over_1_mib_is_refused() {
    let (_, client, url) = with_queue();
    let send = |length: usize| client.send_message().queue_url(&url).message_body("x".repeat(length)).send();
    send(1024 * 1024).await.unwrap();
    assert_eq!(send(1024 * 1024 + 1).await.unwrap_err().code(), Some("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn errors_have_the_names_that_the_sdk_knows() {
    let (aws, client, url) = with_queue();
    let absent = aws.account().queue_url("absent");
    let error = client.send_message().queue_url(&absent).message_body("x").send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
    let error = client.delete_message().queue_url(&url).receipt_handle("nonsense").send().await.unwrap_err();
    assert!(error.into_service_error().is_receipt_handle_is_invalid());
    client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    let handle = receive(&client, &url).await[0].receipt_handle().unwrap().to_owned();
    sleep_s(30).await;
    let change = client.change_message_visibility().queue_url(&url).receipt_handle(handle).visibility_timeout(5);
    assert!(change.send().await.unwrap_err().into_service_error().is_message_not_inflight());
    let receive = client.receive_message().queue_url(&url).max_number_of_messages(11);
    assert_eq!(receive.send().await.unwrap_err().code(), Some("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn a_queue_reports_its_settings_and_message_counts() {
    let (aws, _) = deployed(WITH_DEAD_LETTERS);
    let client = client(&aws);
    let url = client.get_queue_url().queue_name("work").send().await.unwrap().queue_url.unwrap();
    for _ in 0..2 {
        client.send_message().queue_url(&url).message_body("x").send().await.unwrap();
    }
    client.receive_message().queue_url(&url).send().await.unwrap();
    let all =
        client.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All).send().await.unwrap();
    let attribute = |name: QueueAttributeName| all.attributes().unwrap()[&name].as_str();
    assert_eq!(attribute(QueueAttributeName::ApproximateNumberOfMessages), "1");
    assert_eq!(attribute(QueueAttributeName::ApproximateNumberOfMessagesNotVisible), "1");
    assert_eq!(attribute(QueueAttributeName::VisibilityTimeout), "60");
    assert!(attribute(QueueAttributeName::RedrivePolicy).contains("\"maxReceiveCount\":3"));
    assert_eq!(
        client.list_queues().queue_name_prefix("de").send().await.unwrap().queue_urls(),
        [aws.account().queue_url("dead")]
    );
    client.purge_queue().queue_url(&url).send().await.unwrap();
    assert_eq!(aws.queue_depth("work").unwrap().total(), 0);
}

#[tokio::test(start_paused = true)]
async fn times_outside_their_limits_are_refused() {
    let (_, client, url) = with_queue();
    let code = |error: &dyn ProvideErrorMetadata| error.code().map(str::to_owned);
    for delay_s in [-1, 901] {
        let sent = client.send_message().queue_url(&url).message_body("x").delay_seconds(delay_s).send().await;
        assert_eq!(code(&sent.unwrap_err()).as_deref(), Some("InvalidParameterValue"));
    }
    for visibility_s in [-1, 43_201] {
        let received = client.receive_message().queue_url(&url).visibility_timeout(visibility_s).send().await;
        assert_eq!(code(&received.unwrap_err()).as_deref(), Some("InvalidParameterValue"));
    }
}
