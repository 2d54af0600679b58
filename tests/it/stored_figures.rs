//! Checks that `generate` uses the figures that `validate` stored, and never stale ones.

use aws::bucket::Bucket;
use aws::key;
use domain::id::{OrderId, RunNumber};
use domain::message::Command;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;
use serde_json::{Value, json};
use tests::pipeline::{OrderRequest, Pipeline};

/// A row of the sample borrower that a test changes in storage.
const ROW: &str = "III.1.iii";
/// The value that it is changed to.
const CHANGED: &str = "4711";
/// A row from which a reviewer removes a line.
const DECIDED: &str = "II.5.iv";

async fn read_figures(pipeline: &Pipeline, order: &Order) -> Value {
    let bytes = pipeline.client.artifact(order, "figures.json").await.unwrap().expect("the figures");
    serde_json::from_slice(&bytes).unwrap()
}

fn row(figures: &Value) -> &Value {
    &figures["figures"]["rows"][ROW][0]
}

fn bucket(pipeline: &Pipeline) -> Bucket {
    pipeline.local.environment("GenerateFunction").unwrap().bucket().unwrap()
}

/// What `validate` stored in a run.
async fn read_stored(pipeline: &Pipeline, order: &Order, run: RunNumber) -> Value {
    let object = bucket(pipeline).get(&key::result(order, run, Phase::Validate), u64::MAX).await.unwrap();
    serde_json::from_slice(&object.bytes).unwrap()
}

/// Replaces what `validate` stored in a run.
async fn write_stored(pipeline: &Pipeline, order: &Order, run: RunNumber, bytes: Vec<u8>) {
    let target = key::result(order, run, Phase::Validate);
    bucket(pipeline).put_document(&target, bytes, "validate.json").await.unwrap();
}

/// A stored result with a changed figure, so that a test can see who reads it.
fn with_changed_figure(mut validated: Value) -> Vec<u8> {
    assert_eq!(validated["figures"]["rows"][ROW][0], "62");
    validated["figures"]["rows"][ROW][0] = json!(CHANGED);
    validated.to_string().into_bytes()
}

async fn change_stored(pipeline: &Pipeline, order: &Order, run: RunNumber) {
    write_stored(pipeline, order, run, with_changed_figure(read_stored(pipeline, order, run).await)).await;
}

async fn settle_completed(pipeline: &mut Pipeline, id: OrderId) -> Order {
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Completed, "{:?}", order.last_orchestration_error());
    order
}

async fn regenerate(pipeline: &mut Pipeline, order: &Order, start_from: Phase) {
    let command = Command::Regenerate { run: order.run(), start_from: Some(start_from) };
    pipeline.client.command(order.order_id(), command).await.unwrap();
    pipeline.settle().await;
}

#[tokio::test(start_paused = true)]
async fn regenerating_from_generate_reuses_the_stored_figures() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    let order = settle_completed(&mut pipeline, id).await;
    assert_eq!(row(&read_figures(&pipeline, &order).await), "62");

    change_stored(&pipeline, &order, order.run()).await;
    regenerate(&mut pipeline, &order, Phase::Generate).await;
    let second = settle_completed(&mut pipeline, id).await;
    assert_eq!((second.run().get(), second.result_run(Phase::Validate)), (2, Some(order.run())));
    assert_eq!(row(&read_figures(&pipeline, &second).await), CHANGED);
}

#[tokio::test(start_paused = true)]
async fn regenerating_from_validate_or_earlier_recomputes_the_figures() {
    for start_from in [Phase::Extract, Phase::Classify, Phase::Review, Phase::Validate] {
        let mut pipeline = Pipeline::new();
        let id = pipeline.submit(&OrderRequest::sample()).await;
        let order = settle_completed(&mut pipeline, id).await;
        change_stored(&pipeline, &order, order.run()).await;
        regenerate(&mut pipeline, &order, start_from).await;
        if start_from == Phase::Review {
            // A review that is asked for by name takes place, whatever the order skips, and may have something to ask.
            let reviewed = pipeline.order(id).await;
            if reviewed.is_paused() {
                pipeline.client.command(id, Command::Resume { run: reviewed.run() }).await.unwrap();
            }
        }
        let second = settle_completed(&mut pipeline, id).await;
        assert_eq!(second.result_run(Phase::Validate), Some(second.run()), "{start_from}");
        assert_eq!(row(&read_figures(&pipeline, &second).await), "62", "{start_from}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_from_generate_reuses_the_stored_figures() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    let order = settle_completed(&mut pipeline, id).await;
    let validated = read_stored(&pipeline, &order, order.run()).await;

    // The same order in another pipeline, where an unreadable result is already stored and so is not overwritten.
    let mut pipeline = Pipeline::new();
    pipeline.submit(&OrderRequest::sample()).await;
    write_stored(&pipeline, &order, order.run(), b"unreadable".to_vec()).await;
    pipeline.settle().await;
    let failed = pipeline.order(id).await;
    assert_eq!((failed.status(), failed.phase()), (Status::Failed, Phase::Generate));
    assert_eq!(failed.last_orchestration_error().as_ref().unwrap().code, "result.unreadable");

    write_stored(&pipeline, &order, failed.run(), with_changed_figure(validated)).await;
    pipeline.client.command(id, Command::Retry { run: failed.run(), start_from: None }).await.unwrap();
    let order = settle_completed(&mut pipeline, id).await;
    assert_eq!((order.run().get(), order.result_run(Phase::Validate)), (2, Some(failed.run())));
    assert_eq!(row(&read_figures(&pipeline, &order).await), CHANGED);
}

#[tokio::test(start_paused = true)]
async fn new_review_decisions_change_the_figures_and_later_versions_keep_them() {
    let mut pipeline = Pipeline::new();
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    // No classification is this confident.
    request.options.auto_approve_above = 1.0.try_into().unwrap();
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    pipeline.client.command(id, Command::Resume { run: RunNumber::FIRST }).await.unwrap();
    let proposed = settle_completed(&mut pipeline, id).await;
    let before = read_figures(&pipeline, &proposed).await;

    regenerate(&mut pipeline, &proposed, Phase::Review).await;
    let paused = pipeline.order(id).await;
    assert!(paused.is_paused() && paused.result_run(Phase::Validate).is_none(), "the earlier result is discarded");
    let items = pipeline.client.result(&paused, Phase::Review).await.unwrap().unwrap();
    let decided = items.as_array().unwrap().iter().find(|item| item["row_code"] == DECIDED).unwrap();
    let decisions = json!([{ "line": decided["line"], "row_code": "X.ignore", "reason": "Not this borrower's." }]);
    let taken = services::presentation(ServiceCode::Cma).decisions.unwrap();
    pipeline.client.decide(&paused, &decisions, taken).await.unwrap();
    pipeline.client.command(id, Command::ReviewDecided { run: paused.run() }).await.unwrap();
    let decided = settle_completed(&mut pipeline, id).await;
    let after = read_figures(&pipeline, &decided).await;
    let figure = |published: &Value| published["figures"]["rows"][DECIDED][0].clone();
    assert!(figure(&before) != figure(&after), "{} before and after", figure(&before));

    regenerate(&mut pipeline, &decided, Phase::Generate).await;
    let third = settle_completed(&mut pipeline, id).await;
    assert_eq!((third.run().get(), third.decisions_run()), (3, Some(decided.run())));
    assert!(read_figures(&pipeline, &third).await == after);

    // Another review discards the decisions.
    regenerate(&mut pipeline, &third, Phase::Review).await;
    let paused = pipeline.order(id).await;
    pipeline.client.command(id, Command::Resume { run: paused.run() }).await.unwrap();
    let last = settle_completed(&mut pipeline, id).await;
    assert!(read_figures(&pipeline, &last).await == before);
}

#[tokio::test(start_paused = true)]
async fn skipping_validate_produces_the_same_documents() {
    let digests = async |skip_validation: bool| {
        let mut pipeline = Pipeline::new();
        let mut request = OrderRequest::sample();
        request.options.skip_validation = skip_validation;
        let id = pipeline.submit(&request).await;
        let order = settle_completed(&mut pipeline, id).await;
        let stored = key::result(&order, order.run(), Phase::Validate);
        assert_eq!(bucket(&pipeline).find(&stored, u64::MAX).await.unwrap().is_none(), skip_validation);
        order.artifacts().iter().map(|artifact| (artifact.name.clone(), artifact.sha256.clone())).collect::<Vec<_>>()
    };
    let validated = digests(false).await;
    assert_eq!(validated.len(), 2);
    assert_eq!(digests(true).await, validated);
}
