//! Dependencies that are away for an hour: what was accepted goes on by itself when they are back.

use std::sync::Arc;
use std::time::Duration;

use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

const HOUR: Duration = Duration::from_secs(3_600);

/// Breaks every connection of functions to a service, or to one of its resources.
struct Away {
    service: Service,
    resource: &'static str,
}

impl Interceptor for Away {
    fn before(&self, call: &Call) -> Action {
        let meant = call.service == self.service && call.resource.contains(self.resource) && !call.scope.is_empty();
        if meant { Action::Reset } else { Action::Pass }
    }
}

/// Submits an order when a dependency goes away, and gives how it stands when that is back and all has settled.
async fn through(service: Service, resource: &'static str, request: OrderRequest) -> (Pipeline, Status) {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Away { service, resource }));
    let id = pipeline.submit(&request).await;
    pipeline.local.driver.run_while(tokio::time::sleep(HOUR)).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    let status = pipeline.order(id).await.status();
    (pipeline, status)
}

#[tokio::test(start_paused = true)]
async fn orders_complete_after_an_hour_without_the_table() {
    let (pipeline, status) = through(Service::DynamoDb, "", OrderRequest::canary_with(3, &[2])).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 1, "the failed document is alerted once");
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn orders_complete_during_an_hour_without_the_backup() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Away { service: Service::S3, resource: "-backup-" }));
    let id = pipeline.submit(&OrderRequest::canary_with(3, &[2])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(HOUR)).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed, "the backup is in nobody's way");
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn orders_complete_after_an_hour_without_sqs() {
    let (pipeline, status) = through(Service::Sqs, "", OrderRequest::canary_with(3, &[])).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn alerts_are_published_after_an_hour_without_sns() {
    let (pipeline, status) = through(Service::Sns, "", OrderRequest::canary_with(3, &[2])).await;
    assert_eq!(status, Status::Completed);
    assert_eq!(outcome::publication_count(&pipeline), 1);
}
