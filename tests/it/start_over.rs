//! Checks that an order that no retry of its failed phase can help starts over from an earlier one.

use aws::bucket::Bucket;
use aws::key;
use client::NotDecided;
use domain::id::{DocumentNumber, OrderId, RunNumber};
use domain::message::Command;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;
use runtime::result::RESULT_LAYOUT;
use runtime::service::Decisions;
use serde_json::json;
use tests::pipeline::{OrderRequest, Pipeline};

/// The id under which [`Pipeline::submit`] submits.
fn id() -> OrderId {
    OrderId::from_parts(1_767_603_600_000, 7)
}

fn bucket(pipeline: &Pipeline) -> Bucket {
    pipeline.local.environment("GenerateFunction").unwrap().bucket().unwrap()
}

/// Where a result of the first run is stored.
type Place = fn(&Order) -> String;

/// The sample's order in a pipeline of its own, once it is accepted and before anything ran.
async fn accepted(request: &OrderRequest) -> (Pipeline, Order) {
    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    pipeline.submit(request).await;
    pipeline.local.driver.run_while(tokio::time::sleep(std::time::Duration::from_secs(30))).await;
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    let order = pipeline.order(id()).await;
    (pipeline, order)
}

async fn retry(pipeline: &mut Pipeline, start_from: Option<Phase>) -> Order {
    let run = pipeline.order(id()).await.run();
    pipeline.client.command(id(), Command::Retry { run, start_from }).await.unwrap();
    pipeline.settle().await;
    pipeline.order(id()).await
}

fn failure(order: &Order) -> (Status, Phase, &str) {
    let code = order.last_orchestration_error().map_or("", |error| error.code.as_str());
    (order.status(), order.phase(), code)
}

fn taken() -> Decisions {
    services::presentation(ServiceCode::Cma).decisions.unwrap()
}

/// The last line of the latest alert.
fn last_line(pipeline: &Pipeline) -> String {
    pipeline.local.aws.publications(0).unwrap().last().unwrap().message.lines().last().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_results_are_of_a_newer_layout_completes_after_a_retry_from_extract() {
    let extraction = |order: &Order| key::execution(order, RunNumber::FIRST, DocumentNumber::try_from(1).unwrap());
    let classification = |order: &Order| key::result(order, RunNumber::FIRST, Phase::Classify);
    let places: [(Place, Phase); 2] = [(extraction, Phase::Classify), (classification, Phase::Validate)];
    for (place, fails_in) in places {
        let (mut pipeline, order) = accepted(&OrderRequest::sample()).await;
        // Results are never replaced, so the function's own stays out.
        bucket(&pipeline).put_result(&place(&order), b"{}".to_vec(), RESULT_LAYOUT + 1).await.unwrap();
        pipeline.settle().await;
        let failed = pipeline.order(id()).await;
        assert_eq!(failure(&failed), (Status::Failed, fails_in, "result.unreadable"));
        assert_eq!(last_line(&pipeline), format!("Retry: docket retry {} --from extract", id()));

        let again = retry(&mut pipeline, None).await;
        assert_eq!(failure(&again), (Status::Failed, fails_in, "result.unreadable"), "it reads the same result");
        let refused = retry(&mut pipeline, Some(Phase::Generate)).await;
        assert_eq!(refused.run(), again.run(), "a phase that was never reached cannot be the first");

        let done = retry(&mut pipeline, Some(Phase::Extract)).await;
        assert_eq!((done.status(), done.run().get()), (Status::Completed, 3));
        assert!(done.phases().values().all(|record| record.run == done.run() || record.skipped), "everything anew");
        assert_eq!(done.phases()[&Phase::Extract].run, done.run());
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_from_extract_that_is_delivered_twice_is_one_run() {
    let (mut pipeline, order) = accepted(&OrderRequest::sample()).await;
    let place = key::result(&order, RunNumber::FIRST, Phase::Classify);
    bucket(&pipeline).put_result(&place, b"{}".to_vec(), RESULT_LAYOUT + 1).await.unwrap();
    pipeline.settle().await;
    let command = Command::Retry { run: RunNumber::FIRST, start_from: Some(Phase::Extract) };
    for _ in 0..2 {
        pipeline.client.command(id(), command.clone()).await.unwrap();
    }
    pipeline.settle().await;
    let order = pipeline.order(id()).await;
    assert_eq!((order.status(), order.run().get(), order.artifact_version()), (Status::Completed, 2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_result_without_a_layout_is_read_as_one_of_the_first_layout() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    let place = key::result(&order, order.run(), Phase::Classify);
    let stored = bucket(&pipeline).get(&place, u64::MAX).await.unwrap();
    assert_eq!(stored.layout, RESULT_LAYOUT);

    let (mut pipeline, order) = accepted(&OrderRequest::sample()).await;
    bucket(&pipeline).put_once(&place, stored.bytes, "application/json").await.unwrap();
    assert_eq!(bucket(&pipeline).get(&place, u64::MAX).await.unwrap().layout, 1, "of {}", order.order_id());
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
}

/// The sample's order when it waits for a reviewer.
async fn waiting() -> (Pipeline, Order) {
    let mut pipeline = Pipeline::new();
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    // No classification is this confident.
    request.options.auto_approve_above = 1.0.try_into().unwrap();
    pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id()).await;
    assert!(order.is_paused());
    (pipeline, order)
}

fn unfit() -> serde_json::Value {
    json!([{ "line": "d9-s9-r9", "row_code": "X.ignore", "reason": "Of another order." }])
}

#[tokio::test(start_paused = true)]
async fn after_decisions_that_do_not_fit_a_reviewer_decides_anew() {
    let (mut pipeline, order) = waiting().await;
    // Stored by hand, since a client refuses them.
    let place = key::decisions(&order, order.run());
    bucket(&pipeline).put_once(&place, unfit().to_string().into_bytes(), "application/json").await.unwrap();
    pipeline.client.command(id(), Command::ReviewDecided { run: order.run() }).await.unwrap();
    pipeline.settle().await;
    let failed = pipeline.order(id()).await;
    assert_eq!(failure(&failed), (Status::Failed, Phase::Validate, "review.decisions"));
    assert_eq!(last_line(&pipeline), format!("Retry: docket retry {} --from review", id()));
    assert_eq!(failure(&retry(&mut pipeline, None).await), (Status::Failed, Phase::Validate, "review.decisions"));

    let asked = retry(&mut pipeline, Some(Phase::Review)).await;
    assert!(asked.is_paused() && asked.review_items() == order.review_items());
    let items = pipeline.client.result(&asked, Phase::Review).await.unwrap().unwrap();
    let fit = json!([{ "line": items[0]["line"], "row_code": "X.ignore", "reason": "Not this borrower's." }]);
    pipeline.client.decide(&asked, &fit, taken()).await.unwrap();
    pipeline.client.command(id(), Command::ReviewDecided { run: asked.run() }).await.unwrap();
    pipeline.settle().await;
    let done = pipeline.order(id()).await;
    assert_eq!((done.status(), done.decisions_run()), (Status::Completed, Some(asked.run())));
}

#[tokio::test(start_paused = true)]
async fn decisions_that_do_not_fit_the_review_are_refused_before_they_are_stored() {
    let (pipeline, order) = waiting().await;
    let refused = pipeline.client.decide(&order, &unfit(), taken()).await.unwrap_err();
    assert!(matches!(refused, NotDecided::Invalid(_)), "{refused}");
    assert_eq!(
        refused.to_string(),
        "decision 1 names a line or question that this order does not have; reload the review"
    );
    let place = key::decisions(&order, order.run());
    assert!(bucket(&pipeline).find(&place, u64::MAX).await.unwrap().is_none());
    assert_eq!(pipeline.order(id()).await, order);
}

#[tokio::test(start_paused = true)]
async fn a_review_that_others_decided_is_asked_again_on_request() {
    let (mut pipeline, order) = waiting().await;
    let place = key::decisions(&order, order.run());
    bucket(&pipeline).put_once(&place, unfit().to_string().into_bytes(), "application/json").await.unwrap();
    let decided = pipeline.client.decide(&order, &json!([]), taken()).await;
    assert!(matches!(decided, Err(NotDecided::Decided)), "{decided:?}");
    let asked = retry(&mut pipeline, Some(Phase::Review)).await;
    assert!(asked.is_paused() && asked.run() > order.run());
    pipeline.client.decide(&asked, &json!([]), taken()).await.unwrap();
    pipeline.client.command(id(), Command::ReviewDecided { run: asked.run() }).await.unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id()).await.status(), Status::Completed);
}
