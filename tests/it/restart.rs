//! Stops the whole process at each AWS call. Another process over the same folder must bring the order to the same end.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use engine::{Action, Call, Clock, Interceptor};
use jiff::Timestamp;
use pipeline::LocalPipeline;
use serde_json::Value;
use tests::fault::Moment;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline, START};

/// Stops the process at the `at`th call of its functions: that call and all later ones crash.
#[derive(Debug)]
struct Stop {
    at: u64,
    moment: Moment,
    seen: AtomicU64,
    /// Number of that call, once it was made.
    target: AtomicU64,
    stopped: AtomicBool,
}

const NOT_MADE: u64 = u64::MAX;

impl Stop {
    fn at(at: u64, moment: Moment) -> Arc<Self> {
        let (seen, target) = (AtomicU64::new(0), AtomicU64::new(NOT_MADE));
        Arc::new(Self { at, moment, seen, target, stopped: AtomicBool::new(false) })
    }

    fn has_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    fn action(&self) -> Action {
        if self.has_stopped() { Action::Crash } else { Action::Pass }
    }
}

impl Interceptor for Stop {
    fn before(&self, call: &Call) -> Action {
        if call.scope.ends_with("Function") && self.seen.fetch_add(1, Ordering::SeqCst) == self.at {
            self.target.store(call.number, Ordering::SeqCst);
            if self.moment == Moment::Before {
                self.stopped.store(true, Ordering::SeqCst);
            }
        }
        self.action()
    }

    fn after(&self, call: &Call) -> Action {
        if self.target.load(Ordering::SeqCst) == call.number {
            self.stopped.store(true, Ordering::SeqCst);
        }
        self.action()
    }

    fn acknowledge(&self, _queue: &str, _message_id: &str) -> bool {
        !self.has_stopped()
    }
}

/// A process over `data` that starts after the earlier one has stopped.
fn process(data: &Path, start: Timestamp) -> Pipeline {
    let local = LocalPipeline::open(data, Clock::starting_at(start)).unwrap();
    let client = local.client().unwrap();
    Pipeline { local, client }
}

fn start() -> Timestamp {
    START.parse().unwrap()
}

/// The outcome without a stop, and how many calls the functions made.
async fn run_without_stop(request: &OrderRequest) -> (Value, u64) {
    let folder = tempfile::tempdir().unwrap();
    let mut pipeline = process(folder.path(), start());
    let id = pipeline.submit(request).await;
    pipeline.settle().await;
    let by_functions = |scope: &str| scope.ends_with("Function");
    let counts = pipeline.local.aws.calls();
    let calls = counts.iter().filter(|((scope, _, _), _)| by_functions(scope)).map(|(_, count)| count).sum();
    (outcome::of(&pipeline, id).await, calls)
}

async fn run_with_stop(request: &OrderRequest, at: u64, moment: Moment, expected: &Value) {
    let folder = tempfile::tempdir().unwrap();
    let stop = Stop::at(at, moment);
    let mut first = process(folder.path(), start());
    let id = first.submit(request).await;
    first.local.aws.intercept(Some(stop.clone()));
    first.local.driver.run_until(|| stop.has_stopped()).await;
    assert!(stop.has_stopped(), "call {at} was not made");
    let time = first.local.aws.clock().now();
    drop(first);

    let mut second = process(folder.path(), time + Duration::from_secs(1));
    second.settle().await;
    assert_eq!(&outcome::of(&second, id).await, expected, "stopped {moment:?} call {at}");
    // A publication whose answer was lost with the process is repeated once, under the same id.
    for id in outcome::alerts(&second).keys() {
        let count = publications(&second, id);
        assert!(count <= 2, "{id} was published {count} times: stopped {moment:?} call {at}");
    }
}

fn publications(pipeline: &Pipeline, id: &str) -> usize {
    let published = pipeline.local.aws.publications(0).unwrap();
    let quoted = format!("\"{id}\"");
    published.iter().filter(|publication| publication.attributes["id"].to_string().contains(&quoted)).count()
}

/// Stops at every call, before or after its effect.
async fn stop_at_every_call(request: OrderRequest, moments: &[Moment]) {
    let (expected, calls) = run_without_stop(&request).await;
    assert!(calls > 10, "the order made only {calls} calls");
    for at in 0..calls {
        for moment in moments {
            run_with_stop(&request, at, *moment, &expected).await;
        }
    }
    eprintln!("{calls} calls × {} moments", moments.len());
}

#[tokio::test(start_paused = true)]
async fn a_canary_survives_a_process_stop_at_any_call() {
    stop_at_every_call(OrderRequest::canary(), &[Moment::Before, Moment::After]).await;
}

#[tokio::test(start_paused = true)]
async fn a_fan_in_with_a_failed_document_survives_a_process_stop_at_any_call() {
    stop_at_every_call(OrderRequest::canary_with(3, &[2]), &[Moment::Before, Moment::After]).await;
}

#[tokio::test(start_paused = true)]
async fn a_failing_order_survives_a_process_stop_at_any_call() {
    stop_at_every_call(OrderRequest::canary_with(2, &[1, 2]), &[Moment::Before, Moment::After]).await;
}

#[tokio::test(start_paused = true)]
async fn a_cma_survives_a_process_stop_at_any_call() {
    // The state before a call is the state after the previous one, so only the moment after is tested.
    stop_at_every_call(OrderRequest::sample(), &[Moment::After]).await;
}
