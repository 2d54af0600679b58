//! Documents of one order that reach one invocation together.

use std::sync::Arc;
use std::time::Duration;

use domain::execution::Execution;
use domain::id::OrderId;
use domain::status::Status;
use engine::{Action, Call, Interceptor, Service};
use tests::fault::{Moment, Once, Point};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

const EXTRACT: &str = "ExtractFunction";

async fn run_for_secs(pipeline: &mut Pipeline, secs: u64) {
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
}

async fn executions(pipeline: &Pipeline, id: OrderId) -> Vec<Execution> {
    let order = pipeline.order(id).await;
    pipeline.client.executions(&order).await.unwrap()
}

/// The claim of all documents with the start of the order, and their end with the end of the phase, meet another write of
/// the order.
#[tokio::test(start_paused = true)]
async fn documents_wait_for_no_other_write_of_their_order() {
    // The function's first call reads the order.
    for number in [1, 2] {
        let mut pipeline = Pipeline::new();
        let operation = "dynamodb:TransactWriteItems".to_owned();
        let point = Point { function: EXTRACT.to_owned(), number, operation };
        let conflict = Once::new(point, Moment::Before, Action::Conflict);
        pipeline.intercept(conflict.clone());
        let id = pipeline.submit(&OrderRequest::canary_with(3, &[2])).await;
        // Sooner than any message is delivered again.
        run_for_secs(&mut pipeline, 1).await;
        assert!(conflict.was_hit(), "call {number}");
        assert_eq!(pipeline.order(id).await.status(), Status::Completed, "call {number}");
        assert!(executions(&pipeline, id).await.iter().all(|one| one.attempts() == 1), "call {number}");
    }
}

/// Never answers when an upload is read, until so many seconds after the start.
struct SlowUntil {
    secs: i64,
    clock: engine::Clock,
    start: jiff::Timestamp,
}

impl Interceptor for SlowUntil {
    fn before(&self, call: &Call) -> Action {
        let elapsed = self.clock.now().duration_since(self.start).as_secs();
        let is_slow = call.service == Service::S3 && *call.operation == *"GetObject" && elapsed < self.secs;
        if is_slow { Action::Hang } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn documents_that_there_is_no_time_to_begin_are_given_back_and_count_no_attempt() {
    // Reading a document takes ten seconds until it is given up, two are read at a time, and after half of its 30 seconds the
    // function begins no other. So of six documents two are left over.
    let mut pipeline = Pipeline::with_extract_timeout(30);
    let clock = pipeline.local.aws.clock().clone();
    let start = clock.now();
    pipeline.intercept(Arc::new(SlowUntil { secs: 19, clock, start }));
    let files: Vec<(String, Vec<u8>)> =
        (1..=6).map(|number| (format!("{number}.csv"), format!("no statement {number}\n").into_bytes())).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let id = pipeline.submit(&OrderRequest::cma(&files)).await;
    pipeline.settle().await;
    let executions = executions(&pipeline, id).await;
    assert_eq!(executions.len(), 6);
    let attempts: Vec<u32> = executions.iter().map(Execution::attempts).collect();
    assert_eq!(attempts, [1; 6], "neither what was not begun nor what waited for the bucket counts");
    assert_eq!(outcome::messages_left(&pipeline), 0);
}
