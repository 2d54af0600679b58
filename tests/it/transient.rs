//! Tests dependencies that fail for a while or permanently, and the schedule.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::execution::ExecutionStatus;
use domain::failure::Category;
use domain::id::FirmId;
use domain::message::Command;
use domain::service::ServiceCode;
use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

/// Fails the first `calls` calls of an operation by functions with a server error.
struct Outage {
    service: Service,
    operation: &'static str,
    left: AtomicU32,
}

impl Outage {
    fn of(service: Service, operation: &'static str, calls: u32) -> Arc<Self> {
        Arc::new(Self { service, operation, left: AtomicU32::new(calls) })
    }
}

impl Interceptor for Outage {
    fn before(&self, call: &Call) -> Action {
        let matches = call.service == self.service && *call.operation == *self.operation && !call.scope.is_empty();
        let take = |left: u32| left.checked_sub(1);
        if matches && self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
            return Action::Fail { status: 503, code: "SlowDown".to_owned() };
        }
        Action::Pass
    }
}

/// Attempts that the SDK makes of one call.
const ATTEMPTS: u32 = aws::sdk::ATTEMPT_COUNT_MAX;

#[tokio::test(start_paused = true)]
async fn a_short_outage_causes_no_failure() {
    let mut pipeline = Pipeline::new();
    // Two deliveries fail with all their attempts; the third succeeds.
    pipeline.intercept(Outage::of(Service::S3, "GetObject", 2 * ATTEMPTS));
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.settle().await;
    let outcome = outcome::of(&pipeline, id).await;
    assert_eq!(outcome["status"], "COMPLETED");
    assert_eq!(outcome["failures"], serde_json::json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_document_that_fails_four_times_is_failed_as_transient() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Outage::of(Service::S3, "GetObject", u32::MAX));
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);
    let executions = pipeline.client.executions(&order).await.unwrap();
    assert_eq!(executions.len(), 2);
    assert!(executions.iter().all(|execution| execution.status() == ExecutionStatus::Failed));
    let failures = pipeline.client.failures(id).await.unwrap();
    let documents: Vec<_> = failures.iter().filter(|failure| failure.record.doc_type.is_some()).collect();
    assert_eq!(documents.len(), 2);
    for failure in documents {
        assert_eq!((failure.record.category, failure.record.code.as_str()), (Category::Transient, "aws.unavailable"));
    }
    // One delivery and three retries of each document, each with the SDK's own attempts.
    let calls = pipeline::calls::by_function(&pipeline.local.aws);
    assert_eq!(calls["extract"]["s3:GetObject"], 2 * 4 * ATTEMPTS);
    assert_eq!(outcome::alerts(&pipeline).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_alert_refused_by_sns_is_published_when_sns_recovers() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Outage::of(Service::Sns, "Publish", 2 * ATTEMPTS));
    let id = pipeline.submit(&OrderRequest::canary_with(3, &[2])).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 1);
}

/// Long enough for every phase, and far too short for a message to be dead-lettered.
const A_WHILE: Duration = Duration::from_secs(20);

#[tokio::test(start_paused = true)]
async fn a_message_that_failed_is_retried_within_seconds() {
    // Far sooner than its queue would deliver it again by itself.
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Outage::of(Service::DynamoDb, "UpdateItem", ATTEMPTS));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(A_WHILE)).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
}

#[tokio::test(start_paused = true)]
async fn an_order_completes_while_sns_is_down_and_its_alert_is_published_later() {
    // The last document to end hands off, so each of them is the failing one once.
    for failing in 1..=3 {
        let mut pipeline = Pipeline::new();
        pipeline.intercept(Outage::of(Service::Sns, "Publish", u32::MAX));
        let id = pipeline.submit(&OrderRequest::canary_with(3, &[failing])).await;
        pipeline.local.driver.run_while(tokio::time::sleep(A_WHILE)).await;
        assert_eq!(pipeline.order(id).await.status(), Status::Completed, "document {failing}");
        assert_eq!(outcome::publication_count(&pipeline), 0);
        pipeline.local.aws.intercept(None);
        pipeline.settle().await;
        assert_eq!(outcome::publication_count(&pipeline), 1, "document {failing}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pending_alert_is_published_although_the_order_was_retried() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Outage::of(Service::Sns, "Publish", u32::MAX));
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(A_WHILE)).await;
    let failed = pipeline.order(id).await;
    assert_eq!(failed.status(), Status::Failed);
    pipeline.client.command(id, Command::Retry { run: failed.run() }).await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(A_WHILE)).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    // For each run, one for the document and one for the order.
    let alerts: Vec<_> = outcome::alerts(&pipeline).into_keys().collect();
    let expected = ["r1-extract", "r1-extract-d1", "r2-extract", "r2-extract-d1"].map(|name| format!("{id}/{name}"));
    assert_eq!(alerts, expected);
}

#[tokio::test(start_paused = true)]
async fn the_schedule_submits_a_canary_every_day() {
    let mut pipeline = Pipeline::new();
    let two_days = Duration::from_secs(2 * 86_400 + 3_600);
    pipeline.local.driver.run_while(tokio::time::sleep(two_days)).await;
    let store = pipeline.local.environment("IntakeFunction").unwrap().store().unwrap();
    let firm = FirmId::try_from("operations".to_owned()).unwrap();
    let ids = store.order_ids(&firm, 10).await.unwrap();
    assert_eq!(ids.len(), 2);
    for id in ids {
        let order = store.order(&firm, id).await.unwrap().unwrap();
        assert_eq!((order.service_code(), order.status()), (ServiceCode::Canary, Status::Completed));
    }
}
