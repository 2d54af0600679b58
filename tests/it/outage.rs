//! Takes each dependency away for an hour: accepted orders continue by themselves when it is back.

use std::sync::Arc;
use std::time::Duration;

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
