//! Orders of the previous layout, in which an order's item held its executions, are finished by this version: in every state
//! that they can stand in when it is deployed, and with the same outcome as without the deployment.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::id::OrderId;
use domain::message::Command;
use domain::option::Options;
use domain::order::ORDER_SCHEMA;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;
use engine::{Action, Call, Interceptor};
use serde_json::Value;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};
use tests::previous_layout::put_back;

const FUNCTIONS: [(Phase, &str); 5] = [
    (Phase::Extract, "ExtractFunction"),
    (Phase::Classify, "ClassifyFunction"),
    (Phase::Review, "ReviewFunction"),
    (Phase::Validate, "ValidateFunction"),
    (Phase::Generate, "GenerateFunction"),
];

async fn run_for_secs(pipeline: &mut Pipeline, secs: u64) {
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
}

/// The outcome. The executions of a canary store no results, which the previous layout did not record.
async fn outcome_of(pipeline: &Pipeline, id: OrderId) -> Value {
    let order = pipeline.order(id).await;
    assert_eq!(order.schema(), ORDER_SCHEMA);
    let mut outcome = outcome::of(pipeline, id).await;
    if order.service_code() == ServiceCode::Canary {
        for (_, execution) in outcome["executions"].as_object_mut().unwrap() {
            execution[2] = Value::Null;
        }
    }
    outcome
}

async fn undisturbed(request: &OrderRequest) -> Value {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(request).await;
    pipeline.settle().await;
    outcome_of(&pipeline, id).await
}

#[tokio::test(start_paused = true)]
async fn an_order_that_waits_for_a_phase_is_finished() {
    for request in [OrderRequest::canary(), OrderRequest::canary_with(3, &[2]), OrderRequest::sample()] {
        let expected = undisturbed(&request).await;
        for (phase, function) in FUNCTIONS {
            let mut pipeline = Pipeline::new();
            pipeline.local.driver.limit(function, 0).unwrap();
            let id = pipeline.submit(&request).await;
            run_for_secs(&mut pipeline, 30).await;
            put_back(&pipeline, id).await;
            pipeline.local.driver.limit(function, 10).unwrap();
            pipeline.settle().await;
            assert_eq!(outcome_of(&pipeline, id).await, expected, "waiting for {phase}");
        }
    }
}

/// Crashes an invocation of a function before its call with a number, once.
struct CrashBefore {
    function: &'static str,
    call: u32,
    seen: Mutex<u32>,
}

impl Interceptor for CrashBefore {
    fn before(&self, call: &Call) -> Action {
        if *call.scope != *self.function {
            return Action::Pass;
        }
        let mut seen = self.seen.lock().unwrap();
        *seen += 1;
        if *seen == self.call { Action::Crash } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_being_worked_on_is_finished() {
    let request = OrderRequest::canary_with(3, &[2]);
    let expected = undisturbed(&request).await;
    for (phase, function) in FUNCTIONS {
        for call in 1..=12 {
            let mut pipeline = Pipeline::new();
            pipeline.intercept(Arc::new(CrashBefore { function, call, seen: Default::default() }));
            let id = pipeline.submit(&request).await;
            run_for_secs(&mut pipeline, 10).await;
            pipeline.local.aws.intercept(None);
            put_back(&pipeline, id).await;
            pipeline.settle().await;
            assert_eq!(outcome_of(&pipeline, id).await, expected, "stopped in {phase} before call {call}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_order_is_retried_and_executes_only_what_failed() {
    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit("ClassifyFunction", 0).unwrap();
    let id = pipeline.submit(&OrderRequest::canary_with(3, &[1, 2, 3])).await;
    pipeline.settle().await;
    let failed = pipeline.order(id).await;
    assert_eq!(failed.status(), Status::Failed);
    put_back(&pipeline, id).await;
    pipeline.client.command(id, Command::Retry { run: failed.run(), start_from: None }).await.unwrap();
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!((order.status(), order.run().get(), order.schema()), (Status::Failed, 2, ORDER_SCHEMA));
    assert_eq!(pipeline.client.executions(&order).await.unwrap().len(), 6);
    assert_eq!(outcome::alerts(&pipeline).len(), 2, "each run: one, with its three documents");
}

#[tokio::test(start_paused = true)]
async fn a_paused_and_a_completed_order_go_on() {
    let options = Options { auto_approve_above: 1.0.try_into().unwrap(), ..Options::default() };
    let request = OrderRequest { options, ..OrderRequest::sample() };
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let paused = pipeline.order(id).await;
    assert_eq!(paused.status(), Status::InternalReview);
    put_back(&pipeline, id).await;
    pipeline.client.command(id, Command::Resume { run: paused.run() }).await.unwrap();
    pipeline.settle().await;
    let completed = pipeline.order(id).await;
    assert_eq!((completed.status(), completed.artifact_version()), (Status::Completed, 1));

    put_back(&pipeline, id).await;
    let command = Command::Regenerate { run: completed.run(), start_from: Some(Phase::Classify) };
    pipeline.client.command(id, command).await.unwrap();
    pipeline.settle().await;
    let paused = pipeline.order(id).await;
    pipeline.client.command(id, Command::Resume { run: paused.run() }).await.unwrap();
    pipeline.settle().await;
    let again = pipeline.order(id).await;
    assert_eq!((again.status(), again.artifact_version(), again.schema()), (Status::Completed, 2, ORDER_SCHEMA));
    // The documents were read in the first run only, and classified from those results.
    assert_eq!(again.artifacts()[0].sha256, completed.artifacts()[0].sha256, "both versions hold the same figures");
}
