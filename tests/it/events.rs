//! Runs each sample event through the real handler, after the events that lead up to it, and checks what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use client::Upload;
use domain::id::OrderId;
use domain::limit::RECEIVE_COUNT_MAX;
use domain::option::Options;
use domain::service::ServiceCode;
use engine::template::declared;
use engine::template::stack::Event;
use engine::{Action, Call, Interceptor, InvokeError};
use serde_json::{Value, json};
use tests::desk::{ISSUER, Who};
use tests::issuer::Issuer;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};
use tests::sandbox::fleet::{ISSUER_VARIABLE, crate_of};
use tests::stage_desk::{REQUEST_ID, answer_of};

/// The order that all sample events are about.
const ORDER: &str = "01KE6N1VM0000000000000000Z";

/// The draft that `api/create` makes.
const DRAFT: &str = "3SYEFGRN4FGFMK0H2AZJ9474GH";
/// The program of `api/program`.
const PROGRAMS: &str = r#"{"arn:aws:iam::123456789012:role/loader": {"firm": "local", "roles": ["preparer"]}}"#;

const CANARY: &str = "intake/submit-canary";
const FAILING: &str = "intake/submit-canary-with-failing-document";
const CMA: &str = "intake/submit-cma";
const DOUBT: &str = "intake/submit-cma-in-doubt";
/// A canary that an operator submits to see an alert arrive.
const TEST_ALERT: &str = "intake/test-alert";

/// A sample event and its expected effect.
pub(crate) struct Case {
    pub(crate) event: &'static str,
    /// The events handled before it.
    after: &'static [&'static str],
    /// An event handled before the case, whose function crashes on every delivery.
    pub(crate) crashes: Option<&'static str>,
    /// Positions in the batch of the messages to be retried.
    refused: &'static [usize],
    /// The order's status and orchestration status afterwards; empty where there is no order.
    statuses: (&'static str, &'static str),
    /// Number of messages sent, by the queue's logical id.
    sends: &'static [(&'static str, u64)],
    /// Number of alerts and notices published.
    publishes: usize,
    /// For a request to the API: the status of the answer, and what its body says.
    answers: Option<(u16, &'static str)>,
}

impl Case {
    const fn new(event: &'static str, after: &'static [&'static str], statuses: (&'static str, &'static str)) -> Self {
        Self { event, after, crashes: None, refused: &[], statuses, sends: &[], publishes: 0, answers: None }
    }

    const fn sends(self, sends: &'static [(&'static str, u64)]) -> Self {
        Self { sends, ..self }
    }

    const fn publishes(self, publishes: usize) -> Self {
        Self { publishes, ..self }
    }

    const fn answers(self, status: u16, says: &'static str) -> Self {
        Self { answers: Some((status, says)), ..self }
    }

    const fn after_crashes_in(self, event: &'static str) -> Self {
        Self { crashes: Some(event), ..self }
    }

    const fn refuses(self, refused: &'static [usize]) -> Self {
        Self { refused, ..self }
    }
}

const NO_ORDER: (&str, &str) = ("", "");
const QUEUED: (&str, &str) = ("QUEUED", "INTAKE_LOCKED");
const FAILED: (&str, &str) = ("FAILED", "FAILED");
const WAITING: (&str, &str) = ("INTERNAL_REVIEW", "REVIEW_PENDING");

pub(crate) const CASES: &[Case] = &[
    // Commands.
    Case::new(CMA, &[], QUEUED).sends(&[("ExtractQueue", 2)]),
    Case::new(DOUBT, &[], QUEUED).sends(&[("ExtractQueue", 2)]),
    Case::new(CANARY, &[], QUEUED).sends(&[("ExtractQueue", 1)]),
    Case::new(FAILING, &[], QUEUED).sends(&[("ExtractQueue", 1)]),
    Case::new("intake/submit-underwriting", &[], FAILED).publishes(1),
    Case::new("intake/batch-with-one-unreadable", &[], QUEUED).sends(&[("ExtractQueue", 1)]).refuses(&[1]),
    Case::new("intake/retry", &[FAILING, "extract/document"], QUEUED).sends(&[("ExtractQueue", 1)]),
    Case::new("intake/retry", &[CANARY], QUEUED).sends(&[("ExtractQueue", 1)]),
    Case::new("intake/retry", &[], NO_ORDER).refuses(&[0]),
    Case::new(
        "intake/resume",
        &[DOUBT, "extract/document", "extract/last-document", "classify/order", "review/order"],
        ("IN_PROGRESS", "REVIEWING"),
    )
    .sends(&[("ValidateQueue", 1)]),
    Case::new(
        "intake/review-decided",
        &[DOUBT, "extract/document", "extract/last-document", "classify/order", "review/order"],
        ("IN_PROGRESS", "REVIEWING"),
    )
    .sends(&[("ValidateQueue", 1)]),
    Case::new(
        "intake/regenerate",
        &[
            CMA,
            "extract/document",
            "extract/last-document",
            "classify/order",
            "review/order",
            "validate/order",
            "generate/order",
        ],
        ("REGENERATING", "VALIDATED"),
    )
    .sends(&[("GenerateQueue", 1)]),
    Case::new("intake/cancel", &[CANARY], ("CANCELLED", "CANCELLED")),
    Case::new("intake/canary-schedule", &[], NO_ORDER).sends(&[("ExtractQueue", 1)]),
    Case::new(TEST_ALERT, &[], NO_ORDER).sends(&[("ExtractQueue", 2)]),
    // Phases.
    Case::new("extract/document", &[CMA], ("IN_PROGRESS", "EXTRACTING")),
    Case::new("extract/last-document", &[CMA, "extract/document"], ("IN_PROGRESS", "EXTRACTED"))
        .sends(&[("ClassifyQueue", 1)]),
    Case::new("extract/document", &[FAILING], FAILED).publishes(1),
    Case::new("extract/document", &[CMA, "intake/cancel"], ("CANCELLED", "CANCELLED")),
    Case::new("extract/order-without-documents", &[CANARY], ("IN_PROGRESS", "EXTRACTED"))
        .sends(&[("ClassifyQueue", 1)]),
    Case::new("classify/order", &[CANARY, "extract/order-without-documents"], ("IN_PROGRESS", "CLASSIFIED"))
        .sends(&[("ReviewQueue", 1)]),
    Case::new(
        "review/order",
        &[CANARY, "extract/order-without-documents", "classify/order"],
        ("IN_PROGRESS", "REVIEWING"),
    )
    .sends(&[("ValidateQueue", 1)]),
    Case::new("review/order", &[DOUBT, "extract/document", "extract/last-document", "classify/order"], WAITING)
        .publishes(1),
    Case::new(
        "validate/order",
        &[CANARY, "extract/order-without-documents", "classify/order", "review/order"],
        ("IN_PROGRESS", "VALIDATED"),
    )
    .sends(&[("GenerateQueue", 1)]),
    Case::new(
        "generate/order",
        &[CANARY, "extract/order-without-documents", "classify/order", "review/order", "validate/order"],
        ("COMPLETED", "COMPLETED"),
    ),
    Case::new(
        "generate/order",
        &[CMA, "extract/document", "extract/last-document", "classify/order", "review/order", "validate/order"],
        ("COMPLETED", "COMPLETED"),
    ),
    Case::new("generate/unreadable", &[], NO_ORDER).refuses(&[0]),
    // Messages of an older run, after another has started.
    Case::new("extract/older-run", &[FAILING, "extract/document", "intake/retry"], QUEUED),
    Case::new("classify/older-run", &[FAILING, "extract/document", "intake/retry"], QUEUED),
    Case::new("review/older-run", &[FAILING, "extract/document", "intake/retry"], QUEUED),
    Case::new("validate/older-run", &[FAILING, "extract/document", "intake/retry"], QUEUED),
    Case::new("generate/older-run", &[FAILING, "extract/document", "intake/retry"], QUEUED),
    // Dead letters.
    Case::new("dead-letter/extract", &[CMA], ("IN_PROGRESS", "EXTRACTING")).after_crashes_in("extract/document"),
    Case::new("dead-letter/classify", &[CANARY, "extract/order-without-documents"], FAILED)
        .after_crashes_in("classify/order")
        .publishes(1),
    Case::new("dead-letter/review", &[CANARY, "extract/order-without-documents", "classify/order"], FAILED)
        .after_crashes_in("review/order")
        .publishes(1),
    Case::new(
        "dead-letter/validate",
        &[CANARY, "extract/order-without-documents", "classify/order", "review/order"],
        FAILED,
    )
    .after_crashes_in("validate/order")
    .publishes(1),
    Case::new(
        "dead-letter/generate",
        &[CANARY, "extract/order-without-documents", "classify/order", "review/order", "validate/order"],
        FAILED,
    )
    .after_crashes_in("generate/order")
    .publishes(1),
    Case::new("dead-letter/extract", &[CMA], QUEUED).sends(&[("ExtractQueue", 1)]),
    Case::new("dead-letter/classify", &[CANARY, "extract/order-without-documents"], ("IN_PROGRESS", "EXTRACTED"))
        .sends(&[("ClassifyQueue", 1)]),
    Case::new(
        "dead-letter/review",
        &[CANARY, "extract/order-without-documents", "classify/order"],
        ("IN_PROGRESS", "CLASSIFIED"),
    )
    .sends(&[("ReviewQueue", 1)]),
    Case::new(
        "dead-letter/validate",
        &[CANARY, "extract/order-without-documents", "classify/order", "review/order"],
        ("IN_PROGRESS", "REVIEWING"),
    )
    .sends(&[("ValidateQueue", 1)]),
    Case::new(
        "dead-letter/generate",
        &[CANARY, "extract/order-without-documents", "classify/order", "review/order", "validate/order"],
        ("IN_PROGRESS", "VALIDATED"),
    )
    .sends(&[("GenerateQueue", 1)]),
    Case::new("dead-letter/generate", &[CANARY, "intake/cancel"], ("CANCELLED", "CANCELLED")),
    Case::new("dead-letter/command", &[], NO_ORDER).publishes(1),
    Case::new("dead-letter/command", &[CANARY], QUEUED).sends(&[("CommandQueue", 1)]),
    Case::new("dead-letter/command-submit", &[], NO_ORDER).sends(&[("CommandQueue", 1)]),
    Case::new("dead-letter/unreadable", &[], NO_ORDER).publishes(1),
    // Requests to the API.
    Case::new("api/page", &[CANARY], QUEUED).answers(200, "<h1"),
    Case::new("api/page-signed-out", &[], NO_ORDER).answers(303, ""),
    Case::new("api/progress", &[CANARY], QUEUED).answers(200, "\"poll_after_seconds\""),
    Case::new("api/create", &[], NO_ORDER).answers(201, "\"DRAFT\""),
    Case::new("api/upload", &["api/create"], NO_ORDER).answers(201, "X-Amz-Signature"),
    Case::new("api/upload-directly", &["api/create", "api/upload"], NO_ORDER).answers(204, ""),
    Case::new("api/stranger", &[CANARY], QUEUED).answers(404, "order.not_found"),
    Case::new("api/signed-out", &[], NO_ORDER).answers(401, "access.signed_out"),
    Case::new("api/program", &[CANARY], QUEUED).answers(200, "\"QUEUED\""),
    Case::new("api/program-unknown", &[CANARY], QUEUED).answers(401, "access.signed_out"),
    // Nothing is overdue yet.
    Case::new("reconcile/schedule", &[CMA], QUEUED),
    // No manifest is published, which is reported only after several runs.
    Case::new("drift-check/schedule", &[], NO_ORDER),
];

#[tokio::test(start_paused = true)]
async fn every_sample_event_has_the_expected_answer_and_effect() {
    for case in CASES {
        check(case).await;
    }
}

#[tokio::test(start_paused = true)]
async fn handling_a_sample_event_twice_changes_nothing() {
    for case in CASES.iter().filter(|case| !starts_canary(case.event)) {
        let mut pipeline = prepare(case).await;
        handle_event(&mut pipeline, case.event).await;
        let (once, published) = (state_of(&pipeline).await, outcome::alerts(&pipeline));
        handle_event(&mut pipeline, case.event).await;
        assert_eq!(state_of(&pipeline).await, once, "{} after {:?}", case.event, case.after);
        assert_eq!(outcome::alerts(&pipeline), published, "{} after {:?}", case.event, case.after);
    }
}

#[test]
fn every_sample_event_has_a_case() {
    let covered: BTreeSet<String> = CASES.iter().map(|case| case.event.to_owned()).collect();
    assert_eq!(files(), covered, "left: the files in events/, right: those with a case");
}

#[tokio::test(start_paused = true)]
async fn every_trigger_in_the_template_has_a_sample_event() {
    let stack = Pipeline::new().local.stack;
    let routes = routes();
    assert_eq!(routes.len(), 2, "{routes:?}");
    for route in routes {
        let is_of_route = |file: &&String| file.starts_with("api/") && load(file)["routeKey"] == route.as_str();
        assert!(files().iter().any(|file| is_of_route(&file)), "events/api has no event of the route {route}");
    }
    for (id, function) in &stack.functions {
        let folder = crate_of(id);
        let events: Vec<Value> =
            files().iter().filter(|file| file.starts_with(&format!("{folder}/"))).map(|file| load(file)).collect();
        for trigger in &function.events {
            let found = match trigger {
                Event::Sqs(mapping) => events.iter().any(|event| comes_from(event, &mapping.queue)),
                Event::Schedule(schedule) => events.iter().any(|event| match &schedule.input {
                    Some(input) => event == input,
                    None => event["detail-type"] == "Scheduled Event",
                }),
            };
            assert!(found, "events/{folder} has no event for {trigger:?}");
        }
    }
}

/// The routes of the template's HTTP API.
fn routes() -> Vec<String> {
    let resources = declared(pipeline::TEMPLATE, &pipeline::account(), &pipeline::parameters()).unwrap();
    let routes = resources.values().filter(|resource| resource.kind == "AWS::ApiGatewayV2::Route");
    routes.map(|route| route.properties["RouteKey"].as_str().unwrap().to_owned()).collect()
}

async fn check(case: &Case) {
    check_in(Pipeline::new(), case, |_| ()).await;
}

/// Runs a case in a fresh pipeline; `before_own_event` may change who handles the case's own event.
pub(crate) async fn check_in(pipeline: Pipeline, case: &Case, before_own_event: impl FnOnce(&mut Pipeline)) {
    let name = format!("{} after {:?}", case.event, case.after);
    let mut pipeline = prepare_in(pipeline, case).await;
    before_own_event(&mut pipeline);
    let (depths, published) = (depths(&pipeline), outcome::publication_count(&pipeline));
    let answer = handle_event(&mut pipeline, case.event).await;

    if let Some((status, says)) = case.answers {
        let (answer, page) = (answer_of(&answer), String::from_utf8_lossy(&answer_of(&answer).bytes).into_owned());
        assert_eq!(answer.status.as_u16(), status, "{name}: {page}");
        assert!(page.contains(says), "{name}: {page}");
        assert_eq!(answer.header("x-correlation-id"), REQUEST_ID, "{name}");
    } else if starts_canary(case.event) {
        assert!(answer["order_id"].is_string(), "{name}: {answer}");
    } else if case.event == "reconcile/schedule" {
        assert_eq!(answer, json!({ "turn": true, "repaired": {} }), "{name}");
    } else if case.event == "drift-check/schedule" {
        assert_eq!((&answer["told"], &answer["verdicts"]["no_manifest"]), (&json!(0), &json!(1)), "{name}");
    } else {
        let records = &load(case.event)["Records"];
        let again: Vec<_> =
            case.refused.iter().map(|position| json!({ "itemIdentifier": records[position]["messageId"] })).collect();
        assert_eq!(answer, json!({ "batchItemFailures": again }), "{name}");
    }
    let (status, orchestration_status, _) = state_of(&pipeline).await;
    assert_eq!((status.as_str(), orchestration_status.as_str()), case.statuses, "{name}");
    let sent: BTreeMap<_, _> = self::depths(&pipeline)
        .into_iter()
        .map(|(queue, depth)| (queue.clone(), depth - depths[&queue]))
        .filter(|(_, sent)| *sent > 0)
        .collect();
    let expected = case.sends.iter().map(|(queue, count)| ((*queue).to_owned(), *count)).collect();
    assert_eq!(sent, expected, "{name}");
    assert_eq!(outcome::publication_count(&pipeline) - published, case.publishes, "{name}");
}

/// Whether the event submits a new order of its own each time.
fn starts_canary(event: &str) -> bool {
    event == "intake/canary-schedule" || event == TEST_ALERT
}

/// A pipeline that has handled the events before a case's own.
async fn prepare(case: &Case) -> Pipeline {
    prepare_in(Pipeline::new(), case).await
}

async fn prepare_in(mut pipeline: Pipeline, case: &Case) -> Pipeline {
    pipeline.local.serve_drift_check().unwrap();
    let function = pipeline.local.stack.functions.get_mut(pipeline::API).unwrap();
    function.environment.insert("PROGRAMS".to_owned(), PROGRAMS.to_owned());
    pipeline.local.serve_api(Issuer::at(ISSUER).call()).unwrap();
    if case.event.contains("cma") || case.after.iter().any(|event| event.contains("cma")) {
        upload(&pipeline).await;
    }
    for event in case.after {
        let answer = handle_event(&mut pipeline, event).await;
        let is_done = answer == json!({ "batchItemFailures": [] }) || answer["statusCode"] == 201;
        assert!(is_done, "{event} before {}: {answer}", case.event);
    }
    if let Some(event) = case.crashes {
        crash_in(&mut pipeline, event).await;
    }
    pipeline
}

/// Time after which the leases of a crashed function have expired.
pub(crate) const LEASES_END_WITHIN: Duration = Duration::from_secs(3_600);

/// Crashes the function at the end of its claim, once per delivery, and lets the last lease expire.
async fn crash_in(pipeline: &mut Pipeline, event: &str) {
    pipeline.intercept(Arc::new(CrashAfterClaim));
    for _ in 0..RECEIVE_COUNT_MAX {
        let answer = pipeline.local.driver.invoke(&function_of(pipeline, event), load(event)).await;
        assert_eq!(answer, Err(InvokeError::Killed), "{event}");
    }
    pipeline.local.aws.intercept(None);
    tokio::time::sleep(LEASES_END_WITHIN).await;
}

struct CrashAfterClaim;

impl Interceptor for CrashAfterClaim {
    fn before(&self, call: &Call) -> Action {
        // A document is read once its execution is claimed.
        if &*call.operation == "GetObject" { Action::Crash } else { Action::Pass }
    }

    fn after(&self, call: &Call) -> Action {
        if &*call.operation == "UpdateItem" { Action::Crash } else { Action::Pass }
    }
}

/// Uploads the sample's files as the documents of the events' order. The command that the upload sends stays in its
/// queue.
async fn upload(pipeline: &Pipeline) {
    let uploads = OrderRequest::sample().files.into_iter().map(|(name, bytes)| Upload { name, bytes }).collect();
    pipeline.client.submit(order_id(), ServiceCode::Cma, uploads, Options::default()).await.unwrap();
}

pub(crate) async fn handle_event(pipeline: &mut Pipeline, event: &str) -> Value {
    let content = filled(pipeline, &load(event));
    let answer = pipeline.local.driver.invoke(&function_of(pipeline, event), content).await;
    answer.unwrap_or_else(|error| panic!("{event}: {error}"))
}

/// An event with what cannot be in a file: tokens, and the id of the draft that `api/create` makes, which follows from its key.
fn filled(pipeline: &Pipeline, event: &Value) -> Value {
    let issuer = &pipeline.local.stack.functions[pipeline::API].environment[ISSUER_VARIABLE];
    let token = |who: Who| who.with("iss", json!(issuer)).token();
    let stranger = Who::of("eve", &["preparer", "reviewer", "operator"]).with("custom:firm_id", json!("other"));
    let text = event.to_string().replace("${PREPARER}", &token(Who::preparer()));
    let text = text.replace("${STRANGER}", &token(stranger)).replace("${DRAFT}", DRAFT);
    serde_json::from_str(&text).unwrap()
}

/// Logical id of the function that handles an event.
fn function_of(pipeline: &Pipeline, event: &str) -> String {
    let folder = event.split('/').next().unwrap();
    let functions = &pipeline.local.stack.functions;
    functions.keys().find(|id| crate_of(id) == folder).expect("a function of the template").clone()
}

/// The order's two statuses and its run.
async fn state_of(pipeline: &Pipeline) -> (String, String, u32) {
    let order = pipeline.client.order(order_id()).await.unwrap();
    order.map_or_else(Default::default, |order| {
        (order.status().to_string(), order.orchestration_status().to_string(), order.run().get())
    })
}

fn depths(pipeline: &Pipeline) -> BTreeMap<String, u64> {
    let queues = pipeline.local.stack.queues.iter();
    queues.map(|(id, queue)| (id.clone(), pipeline.local.aws.queue_depth(&queue.name).unwrap().total())).collect()
}

pub(crate) fn order_id() -> OrderId {
    ORDER.parse().unwrap()
}

fn comes_from(event: &Value, queue: &str) -> bool {
    let arn = |record: &Value| record["eventSourceARN"].as_str().map(str::to_owned);
    event["Records"][0].as_object().is_some()
        && arn(&event["Records"][0]).is_some_and(|arn| arn.ends_with(&format!(":{queue}")))
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

pub(crate) fn load(event: &str) -> Value {
    let text = std::fs::read_to_string(root().join(format!("{event}.json")))
        .unwrap_or_else(|_| panic!("{event} does not exist"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{event}: {error}"))
}

/// Every event file, as `folder/name`.
fn files() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for folder in std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let (folder, name) = (folder.file_name().unwrap(), file.file_stem().unwrap());
            found.insert(format!("{}/{}", folder.to_string_lossy(), name.to_string_lossy()));
        }
    }
    found
}
