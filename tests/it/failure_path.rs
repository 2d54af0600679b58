//! Runs every failure path in the table and checks what it leaves: statuses, record, alert, backup line and audit
//! entry.

mod table;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use aws::store::AlertState;
use domain::audit::AuditAction;
use domain::failure::{Failure, FailureId, FailureRecord};
use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use domain::option::Options;
use domain::order::Artifact;
use domain::phase::Phase;
use domain::service::ServiceCode;
use engine::{InvokeError, Scope};
use runtime::phase::{Job, Outcome};
use serde_json::json;
use table::{Cause, Expected, Trigger, expected_after};
use tests::outcome;
use tests::pipeline::Pipeline;

const PERMANENT: Failure = Failure::permanent("test.permanent", "Test.");
const TRANSIENT: Failure = Failure::transient("test.transient", "Test.");
const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3_600);
/// The longest time that a phase may make no progress.
const A_DAY: Duration = Duration::from_secs(86_400);

/// What the work of the phases does: fails as `cause` says in runs from `from` on, and succeeds before.
#[derive(Clone, Copy)]
struct Script {
    cause: Cause,
    from: u32,
}

async fn work(script: Script, phase: Phase, job: &mut Job) -> Result<Outcome, Failure> {
    if job.order.run().get() >= script.from {
        match script.cause {
            Cause::Permanent(at) if at == phase => return Err(PERMANENT),
            Cause::Transient(at) if at == phase => return Err(TRANSIENT),
            Cause::Deadline(at) if at == phase => tokio::time::sleep(A_DAY).await,
            Cause::Panic(at) if at == phase => panic!("scripted by the test"),
            Cause::Killed(at) if at == phase => crash().await,
            Cause::Document if job.unit.document == DocumentNumber::try_from(1).ok() => return Err(PERMANENT),
            Cause::DocumentKilled if job.unit.document == DocumentNumber::try_from(1).ok() => crash().await,
            Cause::AllDocuments if job.unit.document.is_some() => return Err(PERMANENT),
            Cause::NotOffered => panic!("a service that is not offered reaches no phase"),
            _ => {}
        }
    }
    if phase == Phase::Generate {
        let name = "a".to_owned();
        return Ok(Outcome::Artifacts(vec![Artifact {
            version: 0,
            run: job.order.run(),
            name,
            sha256: "0".to_owned(),
            bytes: 1,
        }]));
    }
    Ok(Outcome::Done)
}

async fn crash() {
    Scope::current().expect("an invocation").crash();
    std::future::pending().await
}

/// A pipeline with the real phase handling, around work that follows a script.
fn scripted(script: &Rc<Cell<Script>>) -> Pipeline {
    let mut pipeline = Pipeline::new();
    for phase in Phase::ALL {
        let function = function(phase);
        let environment = pipeline.local.environment(function).unwrap();
        let clients = Rc::new(runtime::pipeline::Pipeline::of_phase(&environment, phase).unwrap());
        let script = Rc::clone(script);
        let handler = move |invocation: engine::Invocation| {
            let (clients, script) = (Rc::clone(&clients), script.get());
            Box::pin(async move {
                let engine::Invocation { request_id, deadline, event, .. } = invocation;
                let invocation = runtime::invocation::Invocation { request_id, deadline };
                let work = async |job: &mut Job| work(script, phase, job).await;
                let answer = runtime::phase::handle(&clients, phase, &invocation, event, work).await;
                answer.map_err(|fault| InvokeError::Failed(fault.to_string()))
            })
        };
        pipeline.local.driver.register(function, handler).unwrap();
    }
    pipeline
}

fn function(phase: Phase) -> &'static str {
    match phase {
        Phase::Extract => "ExtractFunction",
        Phase::Classify => "ClassifyFunction",
        Phase::Review => "ReviewFunction",
        Phase::Validate => "ValidateFunction",
        Phase::Generate => "GenerateFunction",
    }
}

fn submission(cause: Cause) -> (ServiceCode, u32) {
    match cause {
        Cause::Document | Cause::DocumentKilled | Cause::AllDocuments => (ServiceCode::Canary, 2),
        Cause::NotOffered => (ServiceCode::Underwriting, 1),
        Cause::Unacceptable => (ServiceCode::Cma, 0),
        _ => (ServiceCode::Canary, 0),
    }
}

/// Runs a path; returns the order it is about and the run that failed.
async fn run_path(
    pipeline: &mut Pipeline,
    script: &Cell<Script>,
    cause: Cause,
    trigger: Trigger,
) -> (Option<OrderId>, u32) {
    let id = OrderId::from_parts(1_767_603_600_000, 7);
    let (service_code, documents) = submission(cause);
    // A new version must extract its documents again, so that they can fail in it.
    let options = Options { force_reprocess: true, ..Options::default() };
    let command = Command::Submit { service_code, documents, options };
    let first_run_fails = !matches!(trigger, Trigger::Regenerate);
    script.set(Script { cause, from: if first_run_fails { 1 } else { 2 } });
    if first_run_fails {
        block(pipeline, cause);
    }
    match trigger {
        Trigger::Queue => send(pipeline, cause, id, command).await,
        Trigger::Client | Trigger::Retry | Trigger::Regenerate => pipeline.client.command(id, command).await.unwrap(),
        Trigger::Schedule => {
            let request = json!({ "canary": { "firm_id": "operations" } });
            let answer = pipeline.local.driver.invoke("IntakeFunction", request).await.unwrap();
            drive(pipeline, cause).await;
            return (Some(answer["order_id"].as_str().unwrap().parse().unwrap()), 1);
        }
    }
    drive(pipeline, cause).await;
    let run = RunNumber::FIRST;
    match trigger {
        Trigger::Retry => {
            block(pipeline, cause);
            pipeline.client.command(id, Command::Retry { run, start_from: None }).await.unwrap();
        }
        Trigger::Regenerate => {
            block(pipeline, cause);
            let start_from = Some(Phase::Extract);
            pipeline.client.command(id, Command::Regenerate { run, start_from }).await.unwrap();
        }
        Trigger::Queue | Trigger::Client if cause == Cause::IdTaken => {
            let options = Options { skip_review: true, ..Options::default() };
            let other = Command::Submit { service_code: ServiceCode::Canary, documents: 0, options };
            pipeline.client.command(id, other).await.unwrap();
        }
        Trigger::Queue if cause == Cause::Ahead => run_ahead(pipeline, id).await,
        Trigger::Queue | Trigger::Client | Trigger::Schedule => return (Some(id), 1),
    }
    drive(pipeline, cause).await;
    (Some(id), if matches!(cause, Cause::Ahead | Cause::IdTaken) { 1 } else { 2 })
}

/// Drives until nothing is in progress; for a phase that never runs, until reconciliation has given it up.
async fn drive(pipeline: &mut Pipeline, cause: Cause) {
    let Cause::NeverRuns(phase) = cause else { return pipeline.settle().await };
    pipeline.local.driver.run_while(tokio::time::sleep(A_MINUTE)).await;
    // Not driven meanwhile: what reconciliation does in a day is tested in `reconcile.rs`.
    tokio::time::sleep(A_DAY).await;
    pipeline.local.driver.run_while(tokio::time::sleep(AN_HOUR)).await;
    pipeline.local.driver.limit(function(phase), 10).unwrap();
    pipeline.settle().await;
}

/// Keeps a phase that must never run from running.
fn block(pipeline: &mut Pipeline, cause: Cause) {
    if let Cause::NeverRuns(phase) = cause {
        pipeline.local.driver.limit(function(phase), 0).unwrap();
    }
}

async fn send(pipeline: &Pipeline, cause: Cause, id: OrderId, command: Command) {
    let firm_id: FirmId = "local".parse().unwrap();
    let command_id = "command".to_owned();
    let message = CommandMessage { schema: MESSAGE_SCHEMA, command_id, order_id: id, firm_id, resends: 0, command };
    let body =
        if cause == Cause::Unreadable { "no message".to_owned() } else { serde_json::to_string(&message).unwrap() };
    let url = pipeline.local.aws.account().queue_url(&pipeline.local.stack.queues["CommandQueue"].name);
    let client = aws_sdk_sqs::Client::new(&pipeline.local.aws.sdk_config());
    client.send_message().queue_url(url).message_body(body).send().await.unwrap();
}

/// Sends a message of the second run to an order in its first.
async fn run_ahead(pipeline: &Pipeline, order_id: OrderId) {
    let message = PhaseMessage {
        schema: MESSAGE_SCHEMA,
        order_id,
        firm_id: "local".parse().unwrap(),
        run: RunNumber::FIRST.next(),
        phase: Phase::Classify,
        document: None,
        correlation_id: "ahead".to_owned(),
    };
    let url = pipeline.local.aws.account().queue_url(&pipeline.local.stack.queues["ClassifyQueue"].name);
    let client = aws_sdk_sqs::Client::new(&pipeline.local.aws.sdk_config());
    let body = serde_json::to_string(&message).unwrap();
    client.send_message().queue_url(url).message_body(body).send().await.unwrap();
}

/// Every failure of an order, under all firms that these tests use.
async fn failures(pipeline: &Pipeline, id: OrderId) -> Vec<aws::store::StoredFailure> {
    let store = pipeline.local.environment("IntakeFunction").unwrap().store().unwrap();
    let mut found = Vec::new();
    for firm in ["local", "operations", "unknown"] {
        let firm: FirmId = firm.parse().unwrap();
        for order in [id, OrderId::from_parts(0, 0)] {
            found.extend(store.failures(&firm, order).await.unwrap());
        }
    }
    found
}

async fn check(cause: Cause, trigger: Trigger, expected: &Expected) {
    let name = format!("{cause:?} by {trigger:?}");
    let script = Rc::new(Cell::new(Script { cause, from: 1 }));
    let mut pipeline = scripted(&script);
    let (id, run) = run_path(&mut pipeline, &script, cause, trigger).await;
    let id = id.unwrap();
    let store = pipeline.local.environment("IntakeFunction").unwrap().store().unwrap();
    let firm: FirmId = if trigger == Trigger::Schedule { "operations" } else { "local" }.parse().unwrap();
    let order = store.order(&firm, id).await.unwrap();
    assert_eq!(order.as_ref().map(|order| (order.status(), order.orchestration_status())), expected.order, "{name}");

    let all = failures(&pipeline, id).await;
    let of_run: Vec<_> = all.iter().filter(|failure| failure.record.run.get() == run).collect();
    assert_eq!(of_run.len(), expected.records.len(), "{name}: {of_run:?}");
    for (document, phase, code, category) in &expected.records {
        let found = of_run.iter().find(|failure| failure.record.code == *code && is_about(document, &failure.record));
        let Some(failure) = found else { panic!("{name}: no record of {code} among {of_run:?}") };
        let record = &failure.record;
        assert_eq!((record.phase, record.category), (*phase, *category), "{name}");
        assert_eq!(failure.alert, AlertState::Sent, "{name}");
        assert!(!record.error_message.is_empty() && !record.correlation_id.is_empty(), "{name}: {record:?}");
        let alert = failure.sent_as.clone().unwrap();
        assert!(outcome::alerts(&pipeline).contains_key(&alert), "{name}: no alert {alert}");
        let own = format!("{}/{}", record.order_id, record.failure_id);
        assert!(alert == own || document.is_some(), "{name}: only documents are announced together");
        if expected.order.is_some() {
            assert_eq!((record.order_id, &record.firm_id), (id, &firm), "{name}");
        }
    }
    let publications: BTreeSet<_> = all.iter().map(|failure| failure.sent_as.clone()).collect();
    assert_eq!(outcome::publication_count(&pipeline), publications.len(), "{name}: each is published once");
    assert_eq!(outcome::messages_left(&pipeline), 0, "{name}");
    let Some(order) = order else { return };

    assert_eq!(order.artifact_version(), expected.versions, "{name}");
    let kept: Vec<u32> = pipeline.client.versions(&order).await.unwrap().iter().map(|one| one.number()).collect();
    assert_eq!(kept, (1..=expected.versions).collect::<Vec<_>>(), "{name}: each version's documents are kept");
    let failed = order.status() == domain::status::Status::Failed;
    assert_eq!((order.failure_reason().is_some(), order.failed_at().is_some()), (failed, failed), "{name}");
    if expected.order.is_some_and(|(_, now)| now == domain::status::OrchestrationStatus::Failed) {
        let error = order.last_orchestration_error().unwrap();
        let (_, phase, code, category) = expected.records[0];
        assert_eq!((error.phase, error.code.as_str(), error.category), (phase, code, category), "{name}");
        assert_eq!(error.failure_id, FailureId::of(order.run(), phase, None), "{name}");
    }
    assert_backed_up(&pipeline, &order, &name).await;
    let audit = store.audit(&firm, id).await.unwrap();
    assert_eq!(audit.iter().any(|entry| entry.action == AuditAction::OrderFailed), expected.audited, "{name}");
}

fn is_about(document: &Option<u32>, record: &FailureRecord) -> bool {
    match document {
        Some(number) => record.failure_id.as_str().ends_with(&format!("-d{number}")),
        None => record.doc_type.is_none(),
    }
}

/// Asserts that the backup holds the order as it is.
async fn assert_backed_up(pipeline: &Pipeline, order: &domain::order::Order, name: &str) {
    let log = pipeline.local.environment("ReconcileFunction").unwrap().backup().unwrap();
    let mut found = false;
    for object in log.list("", jiff::Timestamp::MAX, 10_000).await.unwrap() {
        found |= log.read(&object.key).await.unwrap().completions.iter().any(|one| one.order == *order);
    }
    assert!(found, "{name}: the backup does not hold the order's last state");
}

#[tokio::test(start_paused = true)]
async fn every_failure_path_leaves_the_expected_records() {
    let mut paths = 0;
    for cause in Cause::all().into_iter() {
        for trigger in Trigger::ALL {
            if let Ok(expected) = expected_after(cause, trigger) {
                check(cause, trigger, &expected).await;
                paths += 1;
            }
        }
    }
    assert!(paths > 150, "{paths}");
}

#[test]
fn every_failure_code_the_pipeline_records_has_a_path() {
    let of_table: BTreeSet<String> = Cause::all()
        .into_iter()
        .flat_map(|cause| Trigger::ALL.map(|trigger| expected_after(cause, trigger)))
        .flatten()
        .flat_map(|leaves| leaves.records.into_iter().map(|(_, _, code, _)| code.to_owned()))
        .collect();
    // Failures of a phase's work take the path of `Permanent` or `Transient`, whatever their code. The others are
    // tested in `reconcile.rs`, and for dead-lettered commands in `events.rs`.
    let elsewhere = [
        "executions.incomplete",
        "result.unreadable",
        "order.no_documents",
        "canary.made_to_fail",
        "command.dead_lettered",
    ];
    let of_work = |code: &str| {
        ["extract.", "classify.", "review.", "validate.", "generate.", "file.", "reconcile."]
            .iter()
            .any(|prefix| code.starts_with(prefix))
    };
    let mut seen = 0;
    for code in codes() {
        seen += 1;
        assert!(of_table.contains(&code) || elsewhere.contains(&code.as_str()) || of_work(&code), "{code} has no path");
    }
    assert!(seen > 10, "{seen}");
}

/// Codes of the failures in the pipeline's sources.
fn codes() -> BTreeSet<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders: Vec<_> = ["functions", "shared/services", "shared/runtime", "shared/domain"]
        .iter()
        .map(|folder| root.join(folder))
        .collect();
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && path.file_name().is_none_or(|name| name != "tests") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for kind in ["Failure::permanent(", "Failure::transient("] {
                    found.extend(text.split(kind).skip(1).filter_map(|rest| rest.split('"').nth(1)).map(str::to_owned));
                }
            }
        }
    }
    found.remove("diagram");
    found
}
