//! Walks the table of failure paths: each leaves the statuses, the record, the alert, the backup line and the audit entry
//! that it must.

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
use table::{Leaves, Trigger, Way, leaves};
use tests::outcome;
use tests::pipeline::Pipeline;

const PERMANENT: Failure = Failure::permanent("test.permanent", "Test.");
const TRANSIENT: Failure = Failure::transient("test.transient", "Test.");
const A_MINUTE: Duration = Duration::from_secs(60);
const AN_HOUR: Duration = Duration::from_secs(3_600);
/// As long as a phase may stand.
const A_DAY: Duration = Duration::from_secs(86_400);

/// What the phases' work does: as `way` says in the runs from `from` on, and well before.
#[derive(Clone, Copy)]
struct Script {
    way: Way,
    from: u32,
}

async fn work(script: Script, phase: Phase, job: &mut Job) -> Result<Outcome, Failure> {
    if job.order.run().get() >= script.from {
        match script.way {
            Way::Permanent(at) if at == phase => return Err(PERMANENT),
            Way::Transient(at) if at == phase => return Err(TRANSIENT),
            Way::Deadline(at) if at == phase => tokio::time::sleep(A_DAY).await,
            Way::Panic(at) if at == phase => panic!("as the test wants it"),
            Way::Killed(at) if at == phase => die().await,
            Way::Document if job.unit.document == DocumentNumber::try_from(1).ok() => return Err(PERMANENT),
            Way::DocumentKilled if job.unit.document == DocumentNumber::try_from(1).ok() => die().await,
            Way::AllDocuments if job.unit.document.is_some() => return Err(PERMANENT),
            Way::NotOffered => panic!("a service that is not offered reaches no phase"),
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

async fn die() {
    Scope::current().expect("an invocation").crash();
    std::future::pending().await
}

/// The pipeline with the envelopes that are deployed, around work that does what a script says.
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

fn submission(way: Way) -> (ServiceCode, u32) {
    match way {
        Way::Document | Way::DocumentKilled | Way::AllDocuments => (ServiceCode::Canary, 2),
        Way::NotOffered => (ServiceCode::Underwriting, 1),
        Way::Unacceptable => (ServiceCode::Cma, 0),
        _ => (ServiceCode::Canary, 0),
    }
}

/// Plays a path; gives the order it is about and the run that failed.
async fn play(pipeline: &mut Pipeline, script: &Cell<Script>, way: Way, trigger: Trigger) -> (Option<OrderId>, u32) {
    let id = OrderId::from_parts(1_767_603_600_000, 7);
    let (service_code, documents) = submission(way);
    // A further version reads its documents anew, so that they can fail in it.
    let options = Options { force_reprocess: true, ..Options::default() };
    let command = Command::Submit { service_code, documents, options };
    let first_run_fails = !matches!(trigger, Trigger::Regenerate);
    script.set(Script { way, from: if first_run_fails { 1 } else { 2 } });
    if first_run_fails {
        hold(pipeline, way);
    }
    match trigger {
        Trigger::Queue => send(pipeline, way, id, command).await,
        Trigger::Client | Trigger::Retry | Trigger::Regenerate => pipeline.client.command(id, command).await.unwrap(),
        Trigger::Schedule => {
            let request = json!({ "canary": { "firm_id": "operations" } });
            let answer = pipeline.local.driver.invoke("IntakeFunction", request).await.unwrap();
            drive(pipeline, way).await;
            return (Some(answer["order_id"].as_str().unwrap().parse().unwrap()), 1);
        }
    }
    drive(pipeline, way).await;
    let run = RunNumber::FIRST;
    match trigger {
        Trigger::Retry => {
            hold(pipeline, way);
            pipeline.client.command(id, Command::Retry { run }).await.unwrap();
        }
        Trigger::Regenerate => {
            hold(pipeline, way);
            let start_from = Some(Phase::Extract);
            pipeline.client.command(id, Command::Regenerate { run, start_from }).await.unwrap();
        }
        Trigger::Queue | Trigger::Client if way == Way::IdTaken => {
            let options = Options { skip_review: true, ..Options::default() };
            let other = Command::Submit { service_code: ServiceCode::Canary, documents: 0, options };
            pipeline.client.command(id, other).await.unwrap();
        }
        Trigger::Queue if way == Way::Ahead => run_ahead(pipeline, id).await,
        Trigger::Queue | Trigger::Client | Trigger::Schedule => return (Some(id), 1),
    }
    drive(pipeline, way).await;
    (Some(id), if matches!(way, Way::Ahead | Way::IdTaken) { 1 } else { 2 })
}

/// Until all has ended; for a phase that never runs, until it was given up.
async fn drive(pipeline: &mut Pipeline, way: Way) {
    let Way::NeverRuns(phase) = way else { return pipeline.settle().await };
    pipeline.local.driver.run_while(tokio::time::sleep(A_MINUTE)).await;
    // Nobody drives meanwhile: what reconciliation does in a day is tested where it is at home.
    tokio::time::sleep(A_DAY).await;
    pipeline.local.driver.run_while(tokio::time::sleep(AN_HOUR)).await;
    pipeline.local.driver.limit(function(phase), 10).unwrap();
    pipeline.settle().await;
}

/// Keeps the function of a phase that is never to run from running.
fn hold(pipeline: &mut Pipeline, way: Way) {
    if let Way::NeverRuns(phase) = way {
        pipeline.local.driver.limit(function(phase), 0).unwrap();
    }
}

async fn send(pipeline: &Pipeline, way: Way, id: OrderId, command: Command) {
    let firm_id: FirmId = "local".parse().unwrap();
    let command_id = "command".to_owned();
    let message = CommandMessage { schema: MESSAGE_SCHEMA, command_id, order_id: id, firm_id, resends: 0, command };
    let body = if way == Way::Unreadable { "no message".to_owned() } else { serde_json::to_string(&message).unwrap() };
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

/// Every failure of an order under any firm that these tests order for.
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

async fn check(way: Way, trigger: Trigger, expected: &Leaves) {
    let name = format!("{way:?} by {trigger:?}");
    let script = Rc::new(Cell::new(Script { way, from: 1 }));
    let mut pipeline = scripted(&script);
    let (id, run) = play(&mut pipeline, &script, way, trigger).await;
    let id = id.unwrap();
    let store = pipeline.local.environment("IntakeFunction").unwrap().store().unwrap();
    let firm: FirmId = if trigger == Trigger::Schedule { "operations" } else { "local" }.parse().unwrap();
    let order = store.order(&firm, id).await.unwrap();
    assert_eq!(order.as_ref().map(|order| (order.status(), order.orchestration_status())), expected.order, "{name}");

    let all = failures(&pipeline, id).await;
    let of_run: Vec<_> = all.iter().filter(|failure| failure.record.run.get() == run).collect();
    assert_eq!(of_run.len(), expected.records.len(), "{name}: {of_run:?}");
    for (document, phase, code, category) in &expected.records {
        let found = of_run.iter().find(|failure| failure.record.code == *code && of(document, &failure.record));
        let Some(failure) = found else { panic!("{name}: no record of {code} among {of_run:?}") };
        let record = &failure.record;
        assert_eq!((record.phase, record.category), (*phase, *category), "{name}");
        assert_eq!(failure.alert, AlertState::Sent, "{name}");
        assert!(!record.error_message.is_empty() && !record.correlation_id.is_empty(), "{name}: {record:?}");
        let alert = format!("{}/{}", record.order_id, record.failure_id);
        assert!(outcome::alerts(&pipeline).contains_key(&alert), "{name}: no alert {alert}");
        if expected.order.is_some() {
            assert_eq!((record.order_id, &record.firm_id), (id, &firm), "{name}");
        }
    }
    assert_eq!(outcome::publication_count(&pipeline), all.len(), "{name}: one alert per failure");
    assert_eq!(outcome::messages_left(&pipeline), 0, "{name}");
    let Some(order) = order else { return };

    assert_eq!(order.artifact_version(), expected.versions, "{name}");
    let standing: Vec<u32> = order.artifacts().iter().map(|artifact| artifact.version).collect();
    assert_eq!(standing, (1..=expected.versions).collect::<Vec<_>>(), "{name}: each version's documents stand");
    let failed = order.status() == domain::status::Status::Failed;
    assert_eq!((order.failure_reason().is_some(), order.failed_at().is_some()), (failed, failed), "{name}");
    if expected.order.is_some_and(|(_, now)| now == domain::status::OrchestrationStatus::Failed) {
        let error = order.last_orchestration_error().unwrap();
        let (_, phase, code, category) = expected.records[0];
        assert_eq!((error.phase, error.code.as_str(), error.category), (phase, code, category), "{name}");
        assert_eq!(error.failure_id, FailureId::of(order.run(), phase, None), "{name}");
    }
    backed_up(&pipeline, &order, &name).await;
    let audit = store.audit(&firm, id).await.unwrap();
    assert_eq!(audit.iter().any(|entry| entry.action == AuditAction::OrderFailed), expected.audited, "{name}");
}

fn of(document: &Option<u32>, record: &FailureRecord) -> bool {
    match document {
        Some(number) => record.failure_id.as_str().ends_with(&format!("-d{number}")),
        None => record.doc_type.is_none(),
    }
}

/// The backup holds the order as it is.
async fn backed_up(pipeline: &Pipeline, order: &domain::order::Order, name: &str) {
    let log = pipeline.local.environment("ReconcileFunction").unwrap().backup().unwrap();
    let mut found = false;
    for key in log.keys("", jiff::Timestamp::MAX, 10_000).await.unwrap() {
        found |= log.read(&key).await.unwrap().completions.iter().any(|one| one.order == *order);
    }
    assert!(found, "{name}: the backup does not hold the order's end");
}

#[tokio::test(start_paused = true)]
async fn every_failure_path_leaves_the_expected_records() {
    let mut walked = 0;
    for way in Way::all().into_iter() {
        for trigger in Trigger::ALL {
            if let Ok(expected) = leaves(way, trigger) {
                check(way, trigger, &expected).await;
                walked += 1;
            }
        }
    }
    assert!(walked > 150, "{walked}");
}

#[test]
fn every_failure_code_the_pipeline_records_has_a_path() {
    let of_table: BTreeSet<String> = Way::all()
        .into_iter()
        .flat_map(|way| Trigger::ALL.map(|trigger| leaves(way, trigger)))
        .flatten()
        .flat_map(|leaves| leaves.records.into_iter().map(|(_, _, code, _)| code.to_owned()))
        .collect();
    // What the work of a phase fails with takes the path of `Permanent` or `Transient`, whatever its code; the others have
    // tests of their own: `reconcile.rs`, and commands that die in `events.rs`.
    let elsewhere = ["result.unreadable", "order.no_documents", "canary.made_to_fail", "command.dead_lettered"];
    let of_work = |code: &str| {
        ["extract.", "classify.", "review.", "validate.", "generate.", "file.", "reconcile."]
            .iter()
            .any(|prefix| code.starts_with(prefix))
    };
    let mut seen = 0;
    for code in codes() {
        seen += 1;
        assert!(
            of_table.contains(&code) || elsewhere.contains(&code.as_str()) || of_work(&code),
            "{code} is on no path"
        );
    }
    assert!(seen > 10, "{seen}");
}

/// Codes of the failures in the sources of the pipeline.
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
