//! Whoever asked for it is told that an order is ready.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use tests::fault::DuplicateDelivery;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

/// A request whose client wants to be told when the order is ready.
fn announced() -> OrderRequest {
    let mut request = OrderRequest::canary();
    request.options.notify_on_completion = true;
    request
}

#[tokio::test(start_paused = true)]
async fn an_order_is_said_to_be_ready_once_to_whom_asked_for_it() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(DuplicateDelivery::default()));
    let id = pipeline.submit(&announced()).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    assert_eq!(outcome::alerts(&pipeline), [(format!("{id}/r1-ready"), "order_ready".to_owned())].into());
    assert_eq!(outcome::publication_count(&pipeline), 1);
    let message = pipeline.local.aws.publications(0).unwrap()[0].message.clone();
    assert!(message.starts_with(&format!("Order {id} is ready.")), "a canary makes no documents: {message}");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_that_an_order_is_ready_who_did_not_ask() {
    let mut pipeline = Pipeline::new();
    pipeline.submit(&OrderRequest::canary()).await;
    pipeline.settle().await;
    assert_eq!(outcome::publication_count(&pipeline), 0);
}

/// Refuses every publication.
struct NoTopic;

impl Interceptor for NoTopic {
    fn before(&self, call: &Call) -> Action {
        if call.service == Service::Sns { Action::Reset } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_completes_although_nobody_can_be_told_and_the_drop_is_counted() {
    let mut pipeline = Pipeline::new();
    let lines = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&lines);
    pipeline.local.on_metrics(move |line| kept.lock().unwrap().push(line.to_owned()));
    pipeline.intercept(Arc::new(NoTopic));
    let id = pipeline.submit(&announced()).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    let dropped = || lines.lock().unwrap().iter().filter(|line| line.contains("NotificationsDropped")).count();
    assert_eq!(dropped(), 1);
    pipeline.local.aws.intercept(None);
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(7_200))).await;
    assert_eq!(outcome::publication_count(&pipeline), 0, "what was dropped is not repeated");
}
