//! Interrupts functions at each of their AWS calls and checks that the order still ends the same.

use std::sync::Arc;

use engine::Action;
use serde_json::Value;
use tests::fault::{Moment, Once, Point, Recorder};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

/// Runs an order without faults; returns its outcome and every call that the functions made.
async fn run_without_faults(request: &OrderRequest) -> (Value, Vec<Point>) {
    let mut pipeline = pipeline_for(request);
    let recorder = Arc::new(Recorder::default());
    pipeline.intercept(recorder.clone());
    let id = pipeline.submit(request).await;
    pipeline.settle().await;
    (outcome::of(&pipeline, id).await, recorder.points())
}

/// The pipeline for an order: files are read on threads, so they are read one after another for the same calls in every run.
fn pipeline_for(request: &OrderRequest) -> Pipeline {
    if request.files.is_empty() { Pipeline::new() } else { Pipeline::one_document_at_a_time() }
}

/// Runs an order with a fault at one call; its outcome must be the same as without.
async fn run_with_fault(request: &OrderRequest, point: &Point, moment: Moment, action: &Action, expected: &Value) {
    let mut pipeline = pipeline_for(request);
    let fault = Once::new(point.clone(), moment, action.clone());
    pipeline.intercept(fault.clone());
    let id = pipeline.submit(request).await;
    pipeline.settle().await;
    let outcome = outcome::of(&pipeline, id).await;
    assert!(fault.was_hit(), "{point:?} was not reached");
    assert_eq!(&outcome, expected, "{action:?} {moment:?} {point:?}");
    let alerts = outcome["alerts"].as_object().map_or(0, serde_json::Map::len);
    let repeated = outcome::publication_count(&pipeline) - alerts;
    let answer_lost = moment == Moment::After && (point.operation == "sns:Publish" || *action == Action::Crash)
        || point.operation == "dynamodb:UpdateItem" && *action == Action::Crash;
    assert!(repeated == 0 || answer_lost, "{repeated} alerts were repeated: {action:?} {moment:?} {point:?}");
}

async fn fault_at_every_call(request: OrderRequest, actions: &[Action]) {
    let (expected, points) = run_without_faults(&request).await;
    assert!(points.len() > 10, "the run made only {} calls", points.len());
    for point in &points {
        for moment in [Moment::Before, Moment::After] {
            for action in actions {
                run_with_fault(&request, point, moment, action, &expected).await;
            }
        }
    }
    eprintln!("{} calls × 2 moments × {} faults", points.len(), actions.len());
}

fn faults() -> Vec<Action> {
    vec![
        Action::Crash,
        Action::Reset,
        Action::Hang,
        Action::Fail { status: 500, code: "InternalServerError".to_owned() },
    ]
}

#[tokio::test(start_paused = true)]
async fn a_canary_interrupted_at_any_call_still_completes_once() {
    fault_at_every_call(OrderRequest::canary(), &faults()).await;
}

#[tokio::test(start_paused = true)]
async fn a_fan_in_with_a_failed_document_interrupted_at_any_call_still_completes_once() {
    fault_at_every_call(OrderRequest::canary_with(3, &[2]), &faults()).await;
}

#[tokio::test(start_paused = true)]
async fn a_failing_order_interrupted_at_any_call_still_gets_its_record_and_alert() {
    fault_at_every_call(OrderRequest::canary_with(2, &[1, 2]), &faults()).await;
}

#[tokio::test(start_paused = true)]
async fn a_cma_interrupted_at_any_call_still_produces_one_workbook() {
    fault_at_every_call(OrderRequest::sample(), &[Action::Crash, Action::Reset]).await;
}
