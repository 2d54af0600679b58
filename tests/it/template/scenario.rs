//! Scenarios in which every function makes every kind of call that it can make.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::OrderId;
use domain::message::{Command, MESSAGE_SCHEMA, PhaseMessage};
use domain::option::Options;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use engine::lambda::Alias;
use engine::{Action, Call, Interceptor, Service};
use serde_json::{Value, json};
use tests::deployment::Deployment;
use tests::pipeline::{OrderRequest, Pipeline};
use tests::previous_layout;

use super::used::{PermissionRecorder, Seen};

/// Runs all scenarios and returns what the functions used.
pub(super) async fn run_all() -> Seen {
    let mut seen = Seen::new();
    let mut add = |more: Seen| {
        more.into_iter().for_each(|(function, permissions)| seen.entry(function).or_default().extend(permissions))
    };
    add(completes().await);
    add(fails_and_is_retried().await);
    add(is_not_offered().await);
    add(canary_by_schedule().await);
    for phase in Phase::ALL {
        add(loses_message_for(phase).await);
        add(is_denied_in(phase).await);
        add(outage_in(phase).await);
        add(has_previous_schema_in(phase).await);
        add(crashes_in(phase, 1).await);
        add(crashes_in(phase, 2).await);
    }
    add(is_neglected().await);
    add(table_loses_orders().await);
    add(outage_in_intake().await);
    add(drift_is_reported().await);
    seen
}

/// Lets all calls pass.
pub(super) struct NoFault;

impl Interceptor for NoFault {}

/// Decides the action before a call's effect.
struct Before<F>(F);

impl<F: Fn(&Call) -> Action + Send + Sync> Interceptor for Before<F> {
    fn before(&self, call: &Call) -> Action {
        (self.0)(call)
    }
}

/// Loses the answer to the first matching call.
struct LostAnswer<F>(F, AtomicBool);

impl<F: Fn(&Call) -> bool + Send + Sync> Interceptor for LostAnswer<F> {
    fn after(&self, call: &Call) -> Action {
        if (self.0)(call) && !self.1.swap(true, Ordering::Relaxed) { Action::Reset } else { Action::Pass }
    }
}

/// A pipeline under `fault`, whose functions' calls are recorded.
fn watched<I: Interceptor + 'static>(fault: I) -> (Pipeline, Arc<PermissionRecorder<I>>) {
    let (pipeline, recorder) = (Pipeline::new(), Arc::new(PermissionRecorder::new(fault)));
    pipeline.intercept(recorder.clone());
    (pipeline, recorder)
}

fn function(phase: Phase) -> String {
    let name = phase.as_str();
    format!("{}{}Function", name[..1].to_uppercase(), &name[1..])
}

async fn run_for_secs(pipeline: &mut Pipeline, secs: u64) {
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
}

/// A CMA of two small statements, without review.
fn small() -> OrderRequest {
    const STATEMENT: &[u8] = b"Balance Sheet as at 31 March 2024\n(Rs. in lakhs)\n\
        Particulars,31.03.2024 Audited,31.03.2023 Audited\nASSETS\nCurrent assets\n\
        Inventories,10.00,9.00\nTrade receivables,8.00,7.00\nSuspense of the proprietor,1.00,1.00\n\n\
        Statement of profit and loss for the year ended 31 March 2024\n\
        Particulars,31.03.2024 Audited,31.03.2023 Audited\n\
        Revenue from operations,50.00,45.00\nEmployee benefits expense,40.00,37.00\n";
    OrderRequest::cma(&[("statement.csv", STATEMENT)])
}

/// An order with a review, a new version, and reconciliation afterwards.
async fn completes() -> Seen {
    let documents = |call: &Call| call.service == Service::S3 && *call.operation == *"PutObject";
    let (mut pipeline, recorder) = watched(LostAnswer(documents, AtomicBool::new(false)));
    let mut request = small();
    request.options.skip_review = false;
    request.options.auto_approve_above = serde_json::from_value(json!(0.9999)).unwrap();
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert!(order.is_paused(), "{}", order.orchestration_status());
    pipeline.client.command(id, Command::Resume { run: order.run() }).await.unwrap();
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.artifact_version(), 1);
    pipeline.client.command(id, Command::Regenerate { run: order.run(), start_from: None }).await.unwrap();
    run_for_secs(&mut pipeline, 3_600).await;
    assert_eq!(pipeline.order(id).await.artifact_version(), 2);
    recorder.take()
}

/// Some documents fail, then all; then the order is retried and cancelled.
async fn fails_and_is_retried() -> Seen {
    let (mut pipeline, recorder) = watched(NoFault);
    for failing in [&[1][..], &[1, 2, 3]] {
        let id = OrderId::from_parts(1_767_603_600_000, 100 + failing.len() as u128);
        let request = OrderRequest::canary_with(3, failing);
        pipeline.client.submit_uploaded(id, request.service, request.documents, request.options).await.unwrap();
        pipeline.settle().await;
        let run = pipeline.order(id).await.run();
        pipeline.client.command(id, Command::Retry { run, start_from: None }).await.unwrap();
        pipeline.client.command(id, Command::Cancel { run: None }).await.unwrap();
        run_for_secs(&mut pipeline, 3_600).await;
    }
    recorder.take()
}

async fn is_not_offered() -> Seen {
    let (mut pipeline, recorder) = watched(NoFault);
    pipeline.submit(&OrderRequest { service: ServiceCode::Underwriting, documents: 1, ..OrderRequest::canary() }).await;
    pipeline.settle().await;
    recorder.take()
}

async fn canary_by_schedule() -> Seen {
    let (mut pipeline, recorder) = watched(NoFault);
    run_for_secs(&mut pipeline, 25 * 3_600).await;
    recorder.take()
}

/// The message for `phase` is lost: a repeat of anything earlier resends it, as do its dead letter, the dead letter of
/// its submission, and reconciliation.
async fn loses_message_for(phase: Phase) -> Seen {
    let (mut pipeline, recorder) = watched(NoFault);
    pipeline.local.driver.limit(&function(phase), 0).unwrap();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    run_for_secs(&mut pipeline, 30).await;
    let order = pipeline.order(id).await;
    assert_eq!(order.phase(), phase);
    for earlier in Phase::ALL.into_iter().filter(|earlier| *earlier < phase) {
        let event = batch(earlier.as_str(), &serde_json::to_value(message(&order, earlier)).unwrap());
        pipeline.local.driver.invoke(&function(earlier), event).await.unwrap();
    }
    let own = serde_json::to_value(message(&order, phase)).unwrap();
    invoke(&mut pipeline, "DeadLetterFunction", &own).await;
    for known in [id, OrderId::from_parts(2, 2)] {
        let submit = json!({
            "schema": MESSAGE_SCHEMA, "command_id": id, "order_id": known, "firm_id": order.firm_id(),
            "command": "submit", "service_code": "CANARY", "documents": 0, "options": {},
        });
        invoke(&mut pipeline, "DeadLetterFunction", &submit).await;
        invoke(&mut pipeline, "IntakeFunction", &submit).await;
    }
    run_for_secs(&mut pipeline, 3_600).await;
    recorder.take()
}

/// `phase` is denied what it reads: it fails permanently, alerts, and is retried.
async fn is_denied_in(phase: Phase) -> Seen {
    let own_function = function(phase);
    let refused = move |call: &Call| {
        let matches = call.service == Service::S3 && *call.operation == *"GetObject" && *call.scope == *own_function;
        if matches { Action::Fail { status: 403, code: "AccessDenied".to_owned() } } else { Action::Pass }
    };
    let (mut pipeline, recorder) = watched(Before(refused));
    let id = pipeline.submit(&small()).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    if order.is_active() || order.artifact_version() > 0 {
        return recorder.take();
    }
    pipeline.client.command(id, Command::Retry { run: order.run(), start_from: None }).await.unwrap();
    run_for_secs(&mut pipeline, 600).await;
    recorder.take()
}

/// The table is unavailable when `phase` ends.
async fn outage_in(phase: Phase) -> Seen {
    let own_function = function(phase);
    let away = move |call: &Call| {
        let matches = *call.operation == *"PutItem" && *call.scope == *own_function;
        if matches { Action::Fail { status: 503, code: "SlowDown".to_owned() } } else { Action::Pass }
    };
    let (mut pipeline, recorder) = watched(Before(away));
    pipeline.submit(&OrderRequest::canary()).await;
    run_for_secs(&mut pipeline, 600).await;
    recorder.take()
}

/// The order was written by the previous release when `phase` claims it.
async fn has_previous_schema_in(phase: Phase) -> Seen {
    let (mut pipeline, recorder) = watched(NoFault);
    pipeline.local.driver.limit(&function(phase), 0).unwrap();
    let id = pipeline.submit(&OrderRequest::canary_with(3, &[2])).await;
    run_for_secs(&mut pipeline, 30).await;
    previous_layout::put_back(&pipeline, id).await;
    pipeline.local.driver.limit(&function(phase), 10).unwrap();
    pipeline.settle().await;
    recorder.take()
}

/// The function of `phase` crashes at each commit, with so many orders in its batch, until their messages are dead-lettered;
/// then one of them is retried.
async fn crashes_in(phase: Phase, orders: u128) -> Seen {
    let own_function = function(phase);
    let killed = move |call: &Call| {
        if *call.scope == *own_function && *call.operation == *"PutItem" { Action::Crash } else { Action::Pass }
    };
    let (mut pipeline, recorder) = watched(Before(killed));
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[])).await;
    for other in 1..orders {
        let other = OrderId::from_parts(1_767_603_600_000, 7 + other);
        pipeline.client.submit_uploaded(other, ServiceCode::Canary, 1, Options::default()).await.unwrap();
    }
    run_for_secs(&mut pipeline, 4 * 3_600).await;
    let order = pipeline.order(id).await;
    pipeline.client.command(id, Command::Retry { run: order.run(), start_from: None }).await.unwrap();
    run_for_secs(&mut pipeline, 600).await;
    recorder.take()
}

/// SNS and the backup are unavailable, and a message is lost; reconciliation repairs all of it.
async fn is_neglected() -> Seen {
    let away = Arc::new(AtomicBool::new(true));
    let switch = away.clone();
    let broken = move |call: &Call| {
        let matches = call.service == Service::Sns || call.resource.contains("-backup-");
        if matches && switch.load(Ordering::Relaxed) && !call.scope.is_empty() { Action::Reset } else { Action::Pass }
    };
    let (mut pipeline, recorder) = watched(Before(broken));
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1])).await;
    pipeline.local.driver.limit("GenerateFunction", 0).unwrap();
    run_for_secs(&mut pipeline, 60).await;
    away.store(false, Ordering::Relaxed);
    run_for_secs(&mut pipeline, 26 * 3_600).await;
    assert!(!pipeline.order(id).await.is_active());
    recorder.take()
}

/// The table has lost an order's progress, then a whole order.
async fn table_loses_orders() -> Seen {
    let (mut pipeline, recorder) = watched(NoFault);
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1])).await;
    run_for_secs(&mut pipeline, 5).await;
    let (client, table, key) = item(&pipeline, id);
    let found = client.get_item().table_name(&table).set_key(Some(key.clone())).send().await.unwrap();
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    run_for_secs(&mut pipeline, 60).await;
    client.put_item().table_name(&table).set_item(found.item).send().await.unwrap();
    run_for_secs(&mut pipeline, 3_600).await;
    let lost = OrderId::from_parts(3, 3);
    pipeline.client.submit_uploaded(lost, ServiceCode::Canary, 0, OrderRequest::canary().options).await.unwrap();
    run_for_secs(&mut pipeline, 60).await;
    let (_, _, lost) = item(&pipeline, lost);
    client.delete_item().table_name(&table).set_key(Some(lost)).send().await.unwrap();
    run_for_secs(&mut pipeline, 3_600).await;
    recorder.take()
}

async fn outage_in_intake() -> Seen {
    let away = |call: &Call| {
        let matches = call.service == Service::DynamoDb && *call.scope == *"IntakeFunction";
        if matches { Action::Reset } else { Action::Pass }
    };
    let (mut pipeline, recorder) = watched(Before(away));
    pipeline.submit(&OrderRequest::canary()).await;
    run_for_secs(&mut pipeline, 3_600).await;
    recorder.take()
}

/// A deployed function is changed and then restored.
async fn drift_is_reported() -> Seen {
    let mut deployment = Deployment::in_step().await;
    let recorder = Arc::new(PermissionRecorder::new(NoFault));
    deployment.pipeline.intercept(recorder.clone());
    deployment.run().await;
    deployment.change("extract", |deployed| {
        deployed.function.memory_mib += 1;
        deployed.versions.insert("1".to_owned(), deployed.code_sha256.clone());
        deployed.aliases.insert("live".to_owned(), Alias { version: "1".to_owned(), further: BTreeMap::new() });
    });
    deployment.run().await;
    deployment.change("extract", |deployed| deployed.function.memory_mib -= 1);
    deployment.run().await;
    assert_eq!(deployment.messages().len(), 2);
    recorder.take()
}

/// The message that starts `phase` of an order's run.
fn message(order: &Order, phase: Phase) -> PhaseMessage {
    PhaseMessage {
        schema: MESSAGE_SCHEMA,
        order_id: order.order_id(),
        firm_id: order.firm_id().clone(),
        run: order.run(),
        phase,
        document: None,
        correlation_id: order.correlation_id().to_owned(),
    }
}

async fn invoke(pipeline: &mut Pipeline, function: &str, body: &Value) {
    pipeline.local.driver.invoke(function, batch("any", body)).await.unwrap();
}

fn batch(queue: &str, body: &Value) -> Value {
    json!({ "Records": [{
        "messageId": format!("repeated-{queue}"), "receiptHandle": "r", "body": body.to_string(),
        "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}, "md5OfBody": "",
        "eventSource": "aws:sqs", "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:docket-dev-{queue}"),
        "awsRegion": "us-east-1",
    }] })
}

type Key = std::collections::HashMap<String, AttributeValue>;

/// A client of the table, its name, and the key of an order.
fn item(pipeline: &Pipeline, id: OrderId) -> (aws_sdk_dynamodb::Client, String, Key) {
    let text = |value: String| AttributeValue::S(value);
    let key = Key::from([
        ("pk".to_owned(), text(format!("FIRM#local#ORDER#{id}"))),
        ("sk".to_owned(), text("ORDER".to_owned())),
    ]);
    let table = pipeline.local.stack.tables["Table"].name.clone();
    (aws_sdk_dynamodb::Client::new(&pipeline.local.aws.sdk_config()), table, key)
}
