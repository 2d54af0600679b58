//! Requests that are repeated, and requests that are stopped at each of their calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use engine::{Action, Call, Interceptor};
use serde_json::{Value, json};
use tests::desk::{Ask, Desk, Who};
use tests::outcome;

use super::{processed, sample_draft};

#[tokio::test(start_paused = true)]
async fn a_repeat_changes_nothing_and_is_answered_the_same() {
    let desk = Desk::new();
    let preparer = Who::preparer();
    let create = || Ask::post("/v1/orders", "key", &json!({ "service_code": "CMA" }));
    let first = desk.ask(&preparer, create()).await;
    let again = desk.ask(&preparer, create()).await;
    assert_eq!((first.status.as_u16(), first.json()), (201, again.json()));
    let order = first.json()["order_id"].as_str().unwrap().to_owned();
    let add = || {
        let body = json!({ "files": [{ "name": "a.csv", "bytes": 3 }] });
        Ask::post(&format!("/v1/orders/{order}/documents"), "files", &body)
    };
    assert_eq!(desk.ask(&preparer, add()).await.json(), desk.ask(&preparer, add()).await.json());
    assert_eq!(desk.order(&order).await["documents"], json!(1));
    // Another person's key is another key.
    let other = desk.ask(&Who::of("paul", &["preparer"]), create()).await;
    assert_ne!(other.json()["order_id"], first.json()["order_id"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_belongs_to_one_command() {
    let desk = Desk::new();
    let preparer = Who::preparer();
    let order = desk.draft(&preparer, "key", &json!({ "service_code": "CMA" })).await;
    let other = desk.ask(&preparer, Ask::post("/v1/orders", "key", &json!({ "service_code": "CANARY" }))).await;
    assert_eq!(other.problem(), (422, "request.key_reused".to_owned()));
    let add = |name: &str| {
        let body = json!({ "files": [{ "name": name, "bytes": 3 }] });
        Ask::post(&format!("/v1/orders/{order}/documents"), "files", &body)
    };
    assert_eq!(desk.ask(&preparer, add("a.csv")).await.status, 201);
    assert_eq!(desk.ask(&preparer, add("b.csv")).await.problem(), (422, "request.key_reused".to_owned()));
    let keyless = Ask::method("POST", "/v1/orders").json(&json!({ "service_code": "CMA" }));
    assert_eq!(desk.ask(&preparer, keyless).await.problem(), (400, "request.no_key".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_key_of_bulk_retries_belongs_to_one_request() {
    let desk = Desk::new();
    let retries = |reason: &str| {
        Ask::post("/v1/retries", "all", &json!({ "code": "file.broken", "reason": reason, "expected": 0 }))
    };
    let first = desk.ask(&Who::operator(), retries("mended")).await;
    assert_eq!((first.status.as_u16(), &first.json()["results"]), (202, &json!([])));
    assert_eq!(desk.ask(&Who::operator(), retries("mended")).await.json(), first.json());
    assert_eq!(desk.ask(&Who::operator(), retries("other")).await.problem(), (422, "request.key_reused".to_owned()));
}

/// How often the SDK tries a call.
const ATTEMPTS: u32 = 3;

/// Breaks one call of the API and each of the SDK's retries of it, before or after its effect.
struct BreakCall {
    number: u32,
    after: bool,
    seen: AtomicU32,
}

impl BreakCall {
    fn hits(&self, call: &Call) -> bool {
        // The API's calls are made outside any function.
        let broken = self.number..self.number + ATTEMPTS;
        call.scope.is_empty() && broken.contains(&self.seen.fetch_add(1, Ordering::Relaxed))
    }
}

impl Interceptor for BreakCall {
    fn before(&self, call: &Call) -> Action {
        if !self.after && self.hits(call) {
            Action::Fail { status: 500, code: "InternalError".to_owned() }
        } else {
            Action::Pass
        }
    }

    fn after(&self, call: &Call) -> Action {
        if self.after && self.hits(call) { Action::Reset } else { Action::Pass }
    }
}

/// Sends a command whose calls are broken one after another, repeats it until it is accepted, and compares the end.
async fn broken_at_each_call(prepare: impl AsyncFn(&mut Desk) -> (Who, Ask, String)) {
    let expected = end_of(&prepare, None).await;
    let mut broken = 0;
    for after in [false, true] {
        for number in 0.. {
            let breaks = Arc::new(BreakCall { number, after, seen: AtomicU32::new(0) });
            let found = end_of(&prepare, Some(Arc::clone(&breaks))).await;
            if breaks.seen.load(Ordering::Relaxed) <= number {
                break;
            }
            assert_eq!(found, expected, "call {number}, {}", if after { "after" } else { "before" });
            broken += 1;
        }
    }
    assert!(broken >= 6, "{broken} calls were broken");
}

/// What becomes of an order whose command is repeated until it is accepted.
async fn end_of(prepare: &impl AsyncFn(&mut Desk) -> (Who, Ask, String), breaks: Option<Arc<BreakCall>>) -> Value {
    let mut desk = Desk::new();
    let (who, ask, order) = prepare(&mut desk).await;
    if let Some(breaks) = breaks {
        desk.pipeline.intercept(breaks);
    }
    let mut answers = Vec::new();
    for number in 0..4 {
        if number == 2 {
            desk.pipeline.local.aws.intercept(None);
        }
        answers.push(desk.ask(&who, ask.clone()).await.status.as_u16());
    }
    // A lost call is told as a problem that a repeat solves, never as another one.
    assert!(answers.iter().all(|status| [202, 503].contains(status)), "{answers:?}");
    assert_eq!(answers[2..], [202, 202], "{answers:?}");
    desk.pipeline.settle().await;
    let (commands, steps) = desk.audit(&order).await;
    let actions: Vec<_> = commands.iter().chain(&steps).map(|entry| entry["action"].clone()).collect();
    let shown = desk.order(&order).await;
    json!({ "status": shown["status"], "run": shown["run"], "version": shown["version"], "audit": actions,
        "published": outcome::publication_count(&desk.pipeline) })
}

#[tokio::test(start_paused = true)]
async fn processing_that_is_stopped_at_any_call_is_finished_by_a_repeat() {
    broken_at_each_call(async |desk| {
        let order = sample_draft(desk, "a", &json!({ "skip_review": true })).await;
        (Who::preparer(), Ask::post(&format!("/v1/orders/{order}/process"), "go", &json!({})), order)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_submitted_review_that_is_stopped_at_any_call_is_finished_by_a_repeat() {
    broken_at_each_call(async |desk| {
        let order = super::review::waiting(desk).await;
        let read = desk.ask(&Who::reviewer(), Ask::get(&format!("/v1/orders/{order}/review"))).await;
        let line = read.json()["items"][0]["line"].clone();
        let decisions = json!({ "decisions": [{ "line": line, "row_code": "X.ignore", "reason": "a sum" }] });
        let path = format!("/v1/orders/{order}/review");
        let save = Ask::put(&format!("{path}/decisions"), &decisions).with("if-match", &read.header("etag"));
        let tag = desk.ask(&Who::reviewer(), save).await.header("etag");
        let submit = Ask::post(&format!("{path}/submit"), "s", &json!({ "accept_remaining": true }));
        (Who::reviewer(), submit.with("if-match", &tag), order)
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_is_stopped_at_any_call_is_finished_by_a_repeat() {
    broken_at_each_call(async |desk| {
        let order = processed(desk, "a", &json!({})).await;
        let body = json!({ "run": 1, "reason": "no longer needed" });
        (Who::preparer(), Ask::post(&format!("/v1/orders/{order}/cancel"), "stop", &body), order)
    })
    .await;
}
