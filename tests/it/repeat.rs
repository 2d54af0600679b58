//! Checks that messages that arrive twice, too early or too late change nothing.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::id::{FirmId, OrderId, RunNumber};
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use domain::option::Options;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;
use tests::fault::DuplicateDelivery;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

async fn assert_duplicates_change_nothing(request: OrderRequest) {
    let mut once = Pipeline::new();
    let id = once.submit(&request).await;
    once.settle().await;
    let expected = outcome::of(&once, id).await;

    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(DuplicateDelivery::default()));
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    assert_eq!(outcome::of(&pipeline, id).await, expected);
    assert_eq!(outcome::publication_count(&pipeline), outcome::publication_count(&once));
}

#[tokio::test(start_paused = true)]
async fn handling_every_message_twice_ends_the_same() {
    assert_duplicates_change_nothing(OrderRequest::canary()).await;
    assert_duplicates_change_nothing(OrderRequest::canary_with(4, &[2])).await;
    assert_duplicates_change_nothing(OrderRequest::canary_with(2, &[1, 2])).await;
}

#[tokio::test(start_paused = true)]
async fn handling_every_message_of_a_cma_twice_produces_one_workbook() {
    assert_duplicates_change_nothing(OrderRequest::sample()).await;
}

#[tokio::test(start_paused = true)]
async fn several_messages_for_one_document_in_one_batch_execute_it_once() {
    let request = OrderRequest::canary_with(3, &[2]);
    let mut once = Pipeline::new();
    let id = once.submit(&request).await;
    once.settle().await;
    let expected = outcome::of(&once, id).await;

    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let id = pipeline.submit(&request).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(5))).await;
    // Each message is sent again twice, as after an outage.
    for message in pipeline.order(id).await.owed_messages().iter().flat_map(|message| [message, message]) {
        send(&pipeline, Phase::Extract, &serde_json::to_string(message).unwrap()).await;
    }
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    // Sooner than any message is delivered again.
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(1))).await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Completed);
    pipeline.settle().await;
    assert_eq!(outcome::of(&pipeline, id).await, expected);
    let executions = pipeline.client.executions(&order).await.unwrap();
    assert!(executions.iter().all(|execution| execution.attempts() == 1), "{executions:?}");
}

async fn send(pipeline: &Pipeline, phase: Phase, message: &str) {
    let url = pipeline.local.aws.account().queue_url(&outcome::queue_name(pipeline, phase));
    let client = Client::new(&pipeline.local.aws.sdk_config());
    client.send_message().queue_url(url).message_body(message).send().await.unwrap();
}

fn message(order: OrderId, run: u32, phase: Phase) -> String {
    let message = PhaseMessage {
        schema: MESSAGE_SCHEMA,
        order_id: order,
        firm_id: FirmId::try_from("local".to_owned()).unwrap(),
        run: RunNumber::try_from(run).unwrap(),
        phase,
        document: None,
        correlation_id: "test".to_owned(),
    };
    serde_json::to_string(&message).unwrap()
}

#[tokio::test(start_paused = true)]
async fn early_messages_wait_for_their_phase() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(3, &[])).await;
    for phase in [Phase::Generate, Phase::Validate, Phase::Classify] {
        send(&pipeline, phase, &message(id, 1, phase)).await;
    }
    pipeline.settle().await;
    let outcome = outcome::of(&pipeline, id).await;
    assert_eq!(outcome["status"], "COMPLETED");
    assert_eq!(outcome["failures"], serde_json::json!([]));
}

#[tokio::test(start_paused = true)]
async fn messages_of_an_older_run_change_nothing() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.settle().await;
    pipeline.client.command(id, Command::Retry { run: RunNumber::FIRST, start_from: None }).await.unwrap();
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!((order.status(), order.run().get()), (Status::Failed, 2));
    for phase in Phase::ALL {
        send(&pipeline, phase, &message(id, 1, phase)).await;
    }
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await, order);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_command_has_one_effect() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.settle().await;
    let run = pipeline.order(id).await.run();
    pipeline.client.command(id, Command::Retry { run, start_from: None }).await.unwrap();
    pipeline.client.command(id, Command::Retry { run, start_from: None }).await.unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.run().get(), run.get() + 1);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn a_late_cancellation_does_not_end_a_later_run() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.settle().await;
    let (first, second) = (RunNumber::FIRST, RunNumber::FIRST.next());
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    pipeline.client.command(id, Command::Retry { run: first, start_from: None }).await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(std::time::Duration::from_secs(5))).await;
    for (run, status) in [(first, Status::Queued), (second, Status::Cancelled)] {
        pipeline.client.command(id, Command::Cancel { run: Some(run) }).await.unwrap();
        pipeline.local.driver.run_while(tokio::time::sleep(std::time::Duration::from_secs(5))).await;
        let order = pipeline.order(id).await;
        assert_eq!((order.run(), order.status()), (second, status));
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_sent_twice_in_a_batch_is_accepted_once() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.client.order_id();
    let command = Command::Submit { service_code: ServiceCode::Canary, documents: 0, options: Options::default() };
    let message = CommandMessage {
        schema: MESSAGE_SCHEMA,
        command_id: "submit".to_owned(),
        order_id: id,
        firm_id: "local".parse().unwrap(),
        resends: 0,
        command,
    };
    let body = serde_json::to_string(&message).unwrap();
    let url = pipeline.local.aws.account().queue_url(&pipeline.local.stack.queues["CommandQueue"].name);
    let batch = Client::new(&pipeline.local.aws.sdk_config()).send_message_batch().queue_url(url);
    let entry = |id: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(&body).build().unwrap();
    batch.entries(entry("a")).entries(entry("b")).send().await.unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    let log = pipeline.local.environment("ReconcileFunction").unwrap().backup().unwrap();
    let mut accepted = 0;
    for object in log.list("", jiff::Timestamp::MAX, 100).await.unwrap() {
        accepted +=
            log.read(&object.key).await.unwrap().completions.iter().filter(|one| one.order.revision() == 1).count();
    }
    assert_eq!(accepted, 1, "the submission is recorded once, not once per message");
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_with_a_newer_schema_waits_for_newer_code() {
    let mut pipeline = Pipeline::new();
    let body = r#"{"schema":99,"order_id":{"of":"another kind"},"command":"archive","reason":3}"#;
    let queue = &pipeline.local.stack.queues["CommandQueue"];
    let url = pipeline.local.aws.account().queue_url(&queue.redrive.as_ref().unwrap().target);
    let client = Client::new(&pipeline.local.aws.sdk_config());
    client.send_message().queue_url(url).message_body(body).send().await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(std::time::Duration::from_secs(3_600))).await;
    assert_eq!(outcome::publication_count(&pipeline), 0);
    assert_eq!(outcome::messages_left(&pipeline), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_message_is_recorded_and_alerted_once() {
    let mut pipeline = Pipeline::new();
    send(&pipeline, Phase::Classify, "this is no message").await;
    pipeline.settle().await;
    assert_eq!(outcome::alerts(&pipeline).len(), 1);
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn the_alert_about_an_unreadable_message_correlates_with_the_messages_id() {
    let mut pipeline = Pipeline::new();
    send(&pipeline, Phase::Classify, "this is no message").await;
    pipeline.settle().await;
    let alerts = outcome::alerts(&pipeline);
    let (_, message) = alerts.keys().next().unwrap().split_once("/message-").unwrap();
    let published = &pipeline.local.aws.publications(0).unwrap()[0].message;
    assert!(published.contains(&format!("Correlation: {message}")), "{published}");
}
