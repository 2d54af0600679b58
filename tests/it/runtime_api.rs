//! Drives the real binaries through a Lambda Runtime API on loopback (see `tests::sandbox`). Time is real here, because
//! another process cannot see virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use domain::order::Order;
use domain::status::Status;
use engine::template::stack::{Event, Function};
use engine::{Action, Call, Interceptor};
use jiff::Timestamp;
use serde_json::{Value, json};
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};
use tests::sandbox::fleet::{crate_of, environment};
use tests::sandbox::{Certificate, Ended, Fleet, Gateway, Invoked, binary};

use crate::events::{CASES, LEASES_END_WITHIN, check_in, handle_event, load, order_id};

/// Longest real time that an order may take.
const ORDER_WITHIN: Duration = Duration::from_secs(60);

/// How far before the system's time a case's pipeline starts, in addition to what it sleeps.
const LEAD: Duration = Duration::from_secs(60);

/// Must not appear in any log line or error.
const SECRET: &str = "MARKED-SECRET-7f3a";

#[test]
fn every_function_crate_is_in_the_template_and_has_a_binary() {
    let Some(binaries) = binary::all() else { return };
    let declared: BTreeSet<String> = Pipeline::new().local.stack.functions.keys().map(|id| crate_of(id)).collect();
    assert_eq!(declared, binary::names().into_iter().collect(), "left: template.yaml, right: functions/");
    assert_eq!(declared, binaries.keys().cloned().collect(), "left: template.yaml, right: built");
}

#[tokio::test]
async fn every_sample_event_has_the_expected_effect_through_its_binary() {
    let Some(fleet) = Fleet::new().await else { return };
    for case in CASES {
        // The events before it are handled in this process and take up to an hour of virtual time. They must lie in the
        // past when the binary starts, which uses the system's time.
        tokio::time::pause();
        let slept = if case.crashes.is_some() { LEASES_END_WITHIN } else { Duration::ZERO };
        let pipeline = Pipeline::starting_at(Timestamp::now() - LEAD - slept);
        let take_over = |pipeline: &mut Pipeline| {
            tokio::time::resume();
            fleet.take_over(pipeline);
        };
        check_in(pipeline, case, take_over).await;
    }
    let handled = fleet.handled();
    assert_eq!(
        handled.values().sum::<u64>(),
        u64::try_from(CASES.len()).unwrap(),
        "each is handled by a binary: {handled:?}"
    );
    assert_eq!(handled.into_keys().collect::<Vec<_>>(), binary::names(), "every function has an event");
}

#[tokio::test]
async fn the_binaries_process_a_whole_order() {
    let Some(fleet) = Fleet::new().await else { return };
    for request in [OrderRequest::canary(), OrderRequest::canary_with(3, &[2]), OrderRequest::sample()] {
        let order = run_order(&fleet, &request).await;
        assert_eq!(order.status(), Status::Completed, "{request:?}");
        assert_eq!(order.artifacts().is_empty(), request.files.is_empty(), "only orders with files produce documents");
    }
}

#[tokio::test]
async fn an_order_that_fails_in_a_binary_is_recorded_and_alerted() {
    let Some(fleet) = Fleet::new().await else { return };
    let mut pipeline = Pipeline::new();
    fleet.take_over(&mut pipeline);
    let secret = format!("Statement,{SECRET}\n{SECRET},not a figure\n");
    let id = pipeline.submit(&OrderRequest::cma(&[(&format!("{SECRET}.csv"), secret.as_bytes())])).await;
    assert!(pipeline.local.driver.run_until_idle(ORDER_WITHIN).await, "it does not finish");
    assert_eq!(pipeline.order(id).await.status(), Status::Failed);
    assert!(!pipeline.client.failures(id).await.unwrap().is_empty(), "the failure is recorded");
    assert!(outcome::publication_count(&pipeline) > 0, "the failure is alerted");
    assert!(!fleet.logs().contains(SECRET), "{}", fleet.logs());
}

#[tokio::test]
async fn an_unexpected_event_is_a_named_error_that_reveals_no_content() {
    let Some(fleet) = Fleet::new().await else { return };
    for (id, function) in &functions(&fleet) {
        let (mut sandbox, ready) = fleet.start(id, &fleet.environment(function)).await;
        ready.unwrap_or_else(|ended| panic!("{id} did not start: {ended:?}"));
        let event = json!({ SECRET: { "body": SECRET }, "Records": SECRET });
        let ended = sandbox.invoke(&invoked(function, &event, Duration::from_secs(20))).await;
        if function.events.iter().all(|event| matches!(event, Event::Sqs(_))) {
            assert!(matches!(&ended, Ended::Failed { kind, .. } if kind == "UnknownEvent"), "{id}: {ended:?}");
        }
        assert!(!format!("{ended:?}").contains(SECRET), "{id}: {ended:?}");
        assert!(!sandbox.log().unwrap().contains(SECRET), "{id}: {}", sandbox.log().unwrap());
        assert!(sandbox.is_running(), "{id} can handle the next event");
    }
}

#[tokio::test]
async fn unreadable_messages_are_refused_and_their_content_is_not_logged() {
    let Some(fleet) = Fleet::new().await else { return };
    for (id, function) in &functions(&fleet) {
        let Some(queue) = function.events.iter().find_map(queue_of) else { continue };
        let (mut sandbox, ready) = fleet.start(id, &fleet.environment(function)).await;
        assert_eq!(ready, Ok(()), "{id}");
        let event = json!({ "Records": [message("m-1", &queue, SECRET), message("m-2", &queue, "{}")] });
        let ended = sandbox.invoke(&invoked(function, &event, Duration::from_secs(20))).await;
        let Ended::Answer(answer) = ended else { panic!("{id}: {ended:?}") };
        // An unreadable dead letter is recorded and removed; everywhere else the message is retried.
        let refused = if queue.contains("dead-letters") { json!([]) } else { item_failures(&["m-1", "m-2"]) };
        assert_eq!(answer["batchItemFailures"], refused, "{id}");
        assert!(!sandbox.log().unwrap().contains(SECRET), "{id}: {}", sandbox.log().unwrap());
    }
}

#[tokio::test]
async fn a_function_connects_over_tls_and_refuses_an_unknown_certificate() {
    let Some(fleet) = Fleet::new().await else { return };
    let certificate = Certificate::new().unwrap();
    let gateway = Gateway::listen_tls(&certificate).await.unwrap();
    let pipeline = Pipeline::new();
    gateway.serve(&pipeline.local.aws);
    let function = &pipeline.local.stack.functions["IntakeFunction"];
    let event = load("intake/submit-canary");
    let mut environment = environment(function, &gateway.url());

    let (mut distrusting, ready) = fleet.start("IntakeFunction", &environment).await;
    assert_eq!(ready, Ok(()));
    let ended = distrusting.invoke(&invoked(function, &event, Duration::from_secs(30))).await;
    let refused = json!({ "batchItemFailures": [{ "itemIdentifier": event["Records"][0]["messageId"] }] });
    assert_eq!(ended, Ended::Answer(refused), "the unknown certificate was accepted");
    assert!(pipeline.client.order(order_id()).await.unwrap().is_none());

    environment.insert("SSL_CERT_FILE".to_owned(), certificate.path().to_string_lossy().into_owned());
    let (mut trusting, ready) = fleet.start("IntakeFunction", &environment).await;
    assert_eq!(ready, Ok(()));
    let ended = trusting.invoke(&invoked(function, &event, Duration::from_secs(30))).await;
    assert_eq!(ended, Ended::Answer(json!({ "batchItemFailures": [] })), "{}", trusting.log().unwrap());
    assert_eq!(pipeline.order(order_id()).await.status(), Status::Queued);
}

#[tokio::test]
async fn a_missing_variable_prevents_start_up_and_is_named() {
    let Some(fleet) = Fleet::new().await else { return };
    for (id, function) in &functions(&fleet) {
        let environment = fleet.environment(function);
        let mut needed = BTreeSet::new();
        for name in function.environment.keys().chain([&"AWS_REGION".to_owned(), &"AWS_ACCESS_KEY_ID".to_owned()]) {
            let mut lacking = environment.clone();
            lacking.remove(name);
            let (sandbox, ready) = fleet.start(id, &lacking).await;
            if let Err(ended) = ready {
                assert!(matches!(ended, Ended::Exited(status) if !status.success()), "{id} without {name}: {ended:?}");
                let log = sandbox.log().unwrap();
                assert!(log.contains(name.as_str()), "{id} without {name} says: {log}");
                needed.insert(name.clone());
            }
        }
        assert!(needed.contains("AWS_REGION") && needed.contains("AWS_ACCESS_KEY_ID"), "{id} needs {needed:?}");
        assert!(
            needed.iter().any(|name| !name.starts_with("AWS_")),
            "{id} needs no variable of the template: {needed:?}"
        );
    }
}

#[tokio::test]
async fn a_hanging_function_is_killed_at_its_timeout_and_the_next_one_takes_over_its_message() {
    let Some(fleet) = Fleet::new().await else { return };
    let mut pipeline = Pipeline::new();
    handle_event(&mut pipeline, "intake/submit-canary").await;
    fleet.take_over(&mut pipeline);
    let function = pipeline.local.stack.functions["ExtractFunction"].clone();
    let event = load("extract/order-without-documents");

    pipeline.local.aws.intercept(Some(Arc::new(HangAtCommit)));
    let (mut first, ready) = fleet.start("ExtractFunction", &fleet.environment(&function)).await;
    assert_eq!(ready, Ok(()));
    let ended = first.invoke(&invoked(&function, &event, Duration::from_millis(800))).await;
    assert_eq!(ended, Ended::TimedOut);
    assert!(!first.is_running(), "the process is gone");

    pipeline.local.aws.intercept(None);
    let (mut second, _) = fleet.start("ExtractFunction", &fleet.environment(&function)).await;
    let ended = second.invoke(&invoked(&function, &event, Duration::from_secs(20))).await;
    assert_eq!(ended, Ended::Answer(json!({ "batchItemFailures": [] })));
    let order = pipeline.order(order_id()).await;
    assert_eq!(order.orchestration_status().to_string(), "EXTRACTED");
}

/// Never answers a commit, which is a `PutItem`; the claim before it is an `UpdateItem`.
struct HangAtCommit;

impl Interceptor for HangAtCommit {
    fn before(&self, call: &Call) -> Action {
        if &*call.operation == "PutItem" { Action::Hang } else { Action::Pass }
    }
}

/// Runs an order to its end through the binaries.
async fn run_order(fleet: &Rc<Fleet>, request: &OrderRequest) -> Order {
    let mut pipeline = Pipeline::new();
    fleet.take_over(&mut pipeline);
    let id = pipeline.submit(request).await;
    assert!(pipeline.local.driver.run_until_idle(ORDER_WITHIN).await, "it does not finish");
    pipeline.order(id).await
}

/// The functions of the template, with an empty AWS.
fn functions(fleet: &Rc<Fleet>) -> BTreeMap<String, Function> {
    let mut pipeline = Pipeline::new();
    fleet.take_over(&mut pipeline);
    pipeline.local.stack.functions.clone()
}

fn invoked<'a>(function: &'a Function, event: &'a Value, limit: Duration) -> Invoked<'a> {
    Invoked { request_id: "5d1c8b7a-0000-4000-8000-00000000f00d", function_arn: &function.arn, event, limit }
}

fn queue_of(event: &Event) -> Option<String> {
    match event {
        Event::Sqs(mapping) => Some(mapping.queue.clone()),
        Event::Schedule(_) => None,
    }
}

fn message(id: &str, queue: &str, body: &str) -> Value {
    json!({
        "messageId": id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{queue}"),
        "awsRegion": "us-east-1",
    })
}

fn item_failures(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "itemIdentifier": id })).collect()
}
