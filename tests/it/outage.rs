//! Takes each dependency away for an hour: accepted orders continue by themselves when it is back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws::store::AlertState;
use domain::id::DocumentNumber;
use domain::message::Command;
use domain::option::Options;
use domain::service::ServiceCode;
use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

const HOUR: Duration = Duration::from_secs(3_600);

/// Breaks every connection from functions to a service, or to one of its resources.
struct Unreachable {
    service: Service,
    resource: &'static str,
}

impl Interceptor for Unreachable {
    fn before(&self, call: &Call) -> Action {
        let matches = call.service == self.service && call.resource.contains(self.resource) && !call.scope.is_empty();
        if matches { Action::Reset } else { Action::Pass }
    }
}

/// Lets calls from functions to a service take effect and breaks the connection before they are answered.
struct AnswersLost {
    service: Service,
    /// The operation; every one if empty.
    operation: &'static str,
}

impl Interceptor for AnswersLost {
    fn after(&self, call: &Call) -> Action {
        let matches = call.service == self.service && (self.operation.is_empty() || *call.operation == *self.operation);
        if matches && call.scope.ends_with("Function") { Action::Reset } else { Action::Pass }
    }
}

/// Submits 20 orders, four for each phase that they have reached when the answers of a service are lost for `outage`.
async fn after_lost_answers(service: Service, operation: &'static str, outage: Duration) {
    let mut pipeline = Pipeline::new();
    let mut ids = Vec::new();
    let functions = ["ExtractFunction", "ClassifyFunction", "ReviewFunction", "ValidateFunction", "GenerateFunction"];
    for held in functions.into_iter().rev() {
        pipeline.local.driver.limit(held, 0).unwrap();
        for _ in 0..4 {
            let number = ids.len() as u128;
            ids.push(pipeline.submit_numbered(number, &OrderRequest::canary_with(4, &[])).await);
        }
        pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(20))).await;
    }
    pipeline.intercept(Arc::new(AnswersLost { service, operation }));
    for held in functions {
        pipeline.local.driver.limit(held, 10).unwrap();
    }
    pipeline.local.driver.run_while(tokio::time::sleep(outage)).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    for id in ids {
        let order = pipeline.order(id).await;
        assert_eq!(order.status(), Status::Completed, "{operation} {outage:?} {order:?}");
        assert!(order.failed().is_empty(), "{operation} {outage:?}: {order:?}");
    }
    assert_eq!(outcome::publication_count(&pipeline), 0);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn no_order_fails_while_the_table_takes_effect_and_loses_its_answers() {
    for minutes in [3, 60] {
        after_lost_answers(Service::DynamoDb, "", Duration::from_secs(60 * minutes)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_order_fails_while_single_calls_to_the_table_lose_their_answers() {
    for operation in ["UpdateItem", "PutItem", "TransactWriteItems", "GetItem"] {
        after_lost_answers(Service::DynamoDb, operation, Duration::from_secs(1_800)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_order_fails_while_the_queues_or_buckets_lose_their_answers() {
    for service in [Service::Sqs, Service::S3] {
        after_lost_answers(service, "", Duration::from_secs(600)).await;
    }
}

/// Loses the answer to the first transaction, and throttles all further ones.
#[derive(Default)]
struct LostThenThrottled(AtomicBool);

impl Interceptor for LostThenThrottled {
    fn before(&self, call: &Call) -> Action {
        let code = || "ProvisionedThroughputExceededException".to_owned();
        let throttled = &*call.operation == "TransactWriteItems" && self.0.load(Ordering::Relaxed);
        if throttled { Action::Fail { status: 400, code: code() } } else { Action::Pass }
    }

    fn after(&self, call: &Call) -> Action {
        let is_first = &*call.operation == "TransactWriteItems" && !self.0.swap(true, Ordering::Relaxed);
        if is_first { Action::Reset } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_whose_answer_is_lost_counts_no_attempt() {
    let lost = AnswersLost { service: Service::DynamoDb, operation: "TransactWriteItems" };
    assert_counts_no_attempt(Arc::new(lost)).await;
    // What the last attempt of the call was told says nothing about the first.
    assert_counts_no_attempt(Arc::new(LostThenThrottled::default())).await;
}

async fn assert_counts_no_attempt(interceptor: Arc<dyn Interceptor>) {
    let mut pipeline = Pipeline::one_document_at_a_time();
    pipeline.intercept(interceptor);
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(60))).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Completed);
    let executions = pipeline.client.executions(&order).await.unwrap();
    assert_eq!(executions.iter().map(|one| one.attempts()).collect::<Vec<_>>(), [1]);
}

/// Submits an order when a dependency goes away; returns its status when the dependency is back and nothing is in
/// progress.
async fn after_outage(service: Service, resource: &'static str, request: OrderRequest) -> (Pipeline, Status) {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Unreachable { service, resource }));
    let id = pipeline.submit(&request).await;
    pipeline.local.driver.run_while(tokio::time::sleep(HOUR)).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    let status = pipeline.order(id).await.status();
    (pipeline, status)
}

#[tokio::test(start_paused = true)]
async fn orders_complete_after_an_hour_without_the_table() {
    let (pipeline, status) = after_outage(Service::DynamoDb, "", OrderRequest::canary_with(3, &[2])).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 1, "the failed document is alerted once");
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn orders_complete_after_an_hour_without_the_document_bucket() {
    let (pipeline, status) = after_outage(Service::S3, "-documents-", OrderRequest::sample()).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 0);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn orders_complete_during_an_hour_without_the_backup() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Unreachable { service: Service::S3, resource: "-backup-" }));
    let id = pipeline.submit(&OrderRequest::canary_with(3, &[2])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(HOUR)).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed, "the backup does not block the order");
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn orders_complete_after_an_hour_without_sqs() {
    let (pipeline, status) = after_outage(Service::Sqs, "", OrderRequest::canary_with(3, &[])).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn alerts_are_published_after_an_hour_without_sns() {
    let (pipeline, status) = after_outage(Service::Sns, "", OrderRequest::canary_with(3, &[2])).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 1);
}

/// Sends a submission under the id of an order that exists while the table is away, long enough for it to die.
async fn submitted_again(change: impl FnOnce(&mut Options)) -> (Pipeline, Vec<(String, AlertState)>) {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[])).await;
    pipeline.settle().await;
    let first = pipeline.order(id).await;
    assert_eq!(first.status(), Status::Completed);
    pipeline.intercept(Arc::new(Unreachable { service: Service::DynamoDb, resource: "" }));
    let mut options = Options::default();
    change(&mut options);
    let again = Command::Submit { service_code: ServiceCode::Canary, documents: 2, options };
    pipeline.client.command(id, again).await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(HOUR)).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await, first, "the order that has the id is not affected");
    let failures = pipeline.client.failures(id).await.unwrap();
    let failures = failures.into_iter().map(|failure| (failure.record.code, failure.alert)).collect();
    (pipeline, failures)
}

#[tokio::test(start_paused = true)]
async fn an_id_that_is_taken_is_alerted_after_an_hour_without_the_table() {
    let other = |options: &mut Options| options.canary_failures = DocumentNumber::all(1).collect();
    let (pipeline, failures) = submitted_again(other).await;
    assert_eq!(failures, [("order.id_taken".to_owned(), AlertState::Sent)]);
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn the_same_order_submitted_twice_is_no_failure_after_an_hour_without_the_table() {
    let (pipeline, failures) = submitted_again(|_| {}).await;
    assert_eq!(failures, []);
    assert_eq!(outcome::publication_count(&pipeline), 0);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

/// Breaks every connection from one function to the table.
struct CutOff(&'static str);

impl Interceptor for CutOff {
    fn before(&self, call: &Call) -> Action {
        let matches = call.service == Service::DynamoDb && *call.scope == *self.0;
        if matches { Action::Reset } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_that_fails_for_hours_is_sent_again_only_so_often_and_then_alerted() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(CutOff("IntakeFunction")));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    let mut failures = Vec::new();
    for _ in 0..24 {
        pipeline.local.driver.run_while(tokio::time::sleep(HOUR)).await;
        failures = pipeline.client.failures(id).await.unwrap();
        if !failures.is_empty() {
            break;
        }
    }
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    let failures: Vec<_> = failures.into_iter().map(|failure| (failure.record.code, failure.alert)).collect();
    assert_eq!(failures, [("command.dead_lettered".to_owned(), AlertState::Sent)]);
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert_eq!(outcome::messages_left(&pipeline), 0);
}
