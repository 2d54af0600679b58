//! Tests dependencies that fail for a while or permanently, and the schedule.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use domain::failure::Category;
use domain::id::{FirmId, OrderId};
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

/// Answers every S3 call of functions with an error, until so many seconds after the start.
struct RefusedUntil {
    secs: i64,
    status: u16,
    code: &'static str,
    clock: engine::Clock,
    start: jiff::Timestamp,
}

impl Interceptor for RefusedUntil {
    fn before(&self, call: &Call) -> Action {
        let elapsed = self.clock.now().duration_since(self.start).as_secs();
        let is_meant = call.service == Service::S3 && !call.scope.is_empty() && elapsed < self.secs;
        if is_meant { Action::Fail { status: self.status, code: self.code.to_owned() } } else { Action::Pass }
    }
}

async fn order_with_refusals(status: u16, code: &'static str, secs: i64) -> (Pipeline, OrderId) {
    let mut pipeline = Pipeline::new();
    let clock = pipeline.local.aws.clock().clone();
    let start = clock.now();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.intercept(Arc::new(RefusedUntil { secs, status, code, clock, start }));
    // Long enough for the longest wait there is, or for whatever follows the end of the refusals.
    let secs = u64::try_from(secs).unwrap().min(25 * 3_600) + 1_800;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
    (pipeline, id)
}

#[tokio::test(start_paused = true)]
async fn work_waits_for_a_bucket_that_is_away_or_refuses_and_counts_no_attempt() {
    let hours = 3_600;
    for (status, code, secs) in [
        (503, "SlowDown", 60),
        (503, "SlowDown", hours),
        (500, "InternalError", 3 * hours),
        (403, "AccessDenied", 5),
        (403, "AccessDenied", hours / 2),
    ] {
        let (pipeline, id) = order_with_refusals(status, code, secs).await;
        let order = pipeline.order(id).await;
        assert_eq!(order.status(), Status::Completed, "{code} for {secs} s");
        let executions = pipeline.client.executions(&order).await.unwrap();
        let attempts: Vec<u32> = executions.iter().map(|execution| execution.attempts()).collect();
        assert_eq!(attempts, [1, 1], "{code} for {secs} s");
        assert_eq!(outcome::of(&pipeline, id).await["failures"], serde_json::json!([]), "{code} for {secs} s");
    }
}

#[tokio::test(start_paused = true)]
async fn work_that_waited_for_its_bucket_in_vain_fails_with_an_alert() {
    for (status, code, secs, expected) in
        [(403, "AccessDenied", 2 * 3_600, "aws.refused"), (503, "SlowDown", i64::MAX, "aws.unavailable")]
    {
        let (pipeline, id) = order_with_refusals(status, code, secs).await;
        let order = pipeline.order(id).await;
        assert_eq!(order.status(), Status::Failed, "{code}");
        let failures = pipeline.client.failures(id).await.unwrap();
        let codes: Vec<&str> = failures.iter().map(|failure| failure.record.code.as_str()).collect();
        assert!(codes.contains(&expected), "{codes:?}");
        assert!(failures.iter().all(|failure| failure.record.category != Category::Unavailable));
        assert!(outcome::publication_count(&pipeline) > 0);
    }
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
    pipeline.client.command(id, Command::Retry { run: failed.run(), start_from: None }).await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(A_WHILE)).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    // For each run one, for the order and its document.
    let alerts: Vec<_> = outcome::alerts(&pipeline).into_keys().collect();
    let expected = ["r1-extract", "r2-extract"].map(|name| format!("{id}/{name}"));
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
