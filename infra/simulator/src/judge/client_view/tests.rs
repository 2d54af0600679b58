use domain::event::NewOrder;
use domain::id::{OrderId, RunNumber};
use domain::lifecycle::submit;
use domain::message::Command;
use domain::option::Options;
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{wrong_state, wrong_step};
use domain::order::Order;

/// An order as it is stored, with these fields changed.
fn order(fields: &Value) -> Order {
    let new = NewOrder {
        order_id: OrderId::from_parts(1, 1),
        firm_id: "alpha".parse().unwrap(),
        service_code: ServiceCode::Canary,
        documents: 0,
        options: Options::default(),
        correlation_id: "c".to_owned(),
    };
    let mut stored = json!(submit(new, Timestamp::UNIX_EPOCH, "w").unwrap().order());
    stored.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    serde_json::from_value(stored).unwrap()
}

fn times(phases: &[&str], run: u32) -> Value {
    let at = "1970-01-01T00:00:00Z";
    let record = json!({ "run": run, "started_at": at, "completed_at": at, "skipped": false });
    phases.iter().map(|phase| ((*phase).to_owned(), record.clone())).collect::<serde_json::Map<_, _>>().into()
}

const ALL: [&str; 5] = ["extract", "classify", "review", "validate", "generate"];

/// A completed order of run 1 with a version.
fn completed(fields: &Value) -> Order {
    let mut all = json!({
        "status": "COMPLETED", "orchestration_status": "COMPLETED", "phase": "generate", "phases": times(&ALL, 1),
        "reached_percent": 100, "artifact_version": 1, "artifacts": [version(1, 1)],
    });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    order(&all)
}

fn version(version: u32, run: u32) -> Value {
    json!({ "version": version, "run": run, "name": "figures.json", "sha256": format!("{version}"), "bytes": 1 })
}

/// The run that makes the second version, as it begins at `generate`.
fn regenerating(fields: &Value) -> Order {
    let mut all = json!({
        "status": "REGENERATING", "orchestration_status": "VALIDATED", "run": 2, "reached_percent": 80,
        "phases": times(&ALL[..4], 1), "run_started_at": "1970-01-01T00:01:00Z",
    });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    completed(&all)
}

const REGENERATE: Command = Command::Regenerate { run: RunNumber::FIRST, start_from: None };

#[track_caller]
fn assert_wrong(found: &[String], part: &str) {
    assert!(found.iter().any(|why| why.contains(part)), "{part}: {found:?}");
}

#[test]
fn a_new_version_of_a_completed_order_is_a_step_that_clients_may_see() {
    let none: [String; 0] = [];
    assert_eq!(wrong_step(None, &order(&json!({})), None), none);
    assert_eq!(wrong_step(Some(&completed(&json!({}))), &regenerating(&json!({})), Some(&[REGENERATE])), none);
    let second = completed(&json!({
        "run": 2, "artifact_version": 2, "artifacts": [version(2, 2)],
        "run_started_at": "1970-01-01T00:01:00Z",
    }));
    assert_eq!(wrong_step(Some(&regenerating(&json!({}))), &second, Some(&[])), none);
}

#[test]
fn statuses_that_do_not_go_together_are_found() {
    assert_wrong(&wrong_state(&order(&json!({ "status": "COMPLETED" }))), "COMPLETED / INTAKE_LOCKED");
    assert_wrong(&wrong_state(&regenerating(&json!({ "status": "QUEUED" }))), "with 1 versions");
    assert_wrong(&wrong_state(&order(&json!({ "phase": "review" }))), "INTAKE_LOCKED in review");
}

#[test]
fn a_failure_of_an_earlier_run_on_a_completed_order_is_found() {
    let reason = completed(&json!({ "failure_reason": "broken", "failed_at": "1970-01-01T00:00:00Z" }));
    assert_wrong(&wrong_state(&reason), "its failure reason is");
    assert_wrong(
        &wrong_state(&order(&json!({ "status": "FAILED", "orchestration_status": "FAILED" }))),
        "reason is None",
    );
    let error = json!({
        "failure_id": "r1-extract", "phase": "extract", "category": "permanent", "code": "c", "message": "m",
        "at": "1970-01-01T00:00:00Z",
    });
    assert_wrong(&wrong_state(&completed(&json!({ "last_orchestration_error": error }))), "of an earlier run");
}

#[test]
fn progress_that_is_not_reset_and_times_of_an_earlier_run_are_found() {
    let before = completed(&json!({}));
    let kept = regenerating(&json!({ "reached_percent": 100 }));
    assert_wrong(&wrong_step(Some(&before), &kept, None), "100 % as VALIDATED");
    assert_wrong(
        &wrong_step(Some(&before), &regenerating(&json!({ "reached_percent": 90 })), None),
        "starts with 90 %",
    );
    let times_kept = regenerating(&json!({ "phases": times(&ALL, 1) }));
    assert_wrong(&wrong_step(Some(&before), &times_kept, None), "generate");
    let earlier = regenerating(&json!({ "run_started_at": "1970-01-01T00:00:00Z" }));
    assert_wrong(&wrong_step(Some(&before), &earlier, None), "run 2 began when run 1 did");
}

#[test]
fn versions_that_change_and_runs_that_make_none_are_found() {
    let before = completed(&json!({}));
    let changed = regenerating(&json!({ "artifacts": [version(1, 2)] }));
    assert_wrong(&wrong_step(Some(&before), &changed, None), "an earlier version was changed");
    let none = completed(&json!({ "service_code": "CMA", "run": 2 }));
    assert_wrong(&wrong_state(&none), "made no version");
    let missing = completed(&json!({ "artifact_version": 2 }));
    assert_wrong(&wrong_state(&missing), "version 2 and has 0 documents");
    let early = regenerating(&json!({ "artifact_version": 2, "artifacts": [version(2, 2)] }));
    assert_wrong(&wrong_step(Some(&before), &early, None), "version 2 follows 1 as it became VALIDATED");
}

#[test]
fn a_command_changes_no_run_that_it_does_not_name() {
    let before = regenerating(&json!({}));
    let cancelled = regenerating(&json!({ "status": "COMPLETED", "orchestration_status": "CANCELLED" }));
    let cancel = |run| [Command::Cancel { run }];
    assert!(wrong_step(Some(&before), &cancelled, Some(&cancel(None))).is_empty());
    assert!(wrong_step(Some(&before), &cancelled, Some(&cancel(Some(before.run())))).is_empty());
    let stale = wrong_step(Some(&before), &cancelled, Some(&cancel(Some(RunNumber::FIRST))));
    assert_wrong(&stale, "run 2 was cancelled although no command asked for it");
    assert_wrong(&wrong_step(Some(&completed(&json!({}))), &before, Some(&[])), "run 2 began at generate");
}

#[test]
fn a_new_version_over_phases_that_are_not_done_is_found() {
    let cancelled = json!({
        "status": "COMPLETED", "orchestration_status": "CANCELLED", "phase": "classify", "reached_percent": 25,
        "phases": times(&ALL[..1], 1),
    });
    let before = completed(&cancelled);
    let skipping = regenerating(&json!({ "phases": times(&ALL[..1], 1) }));
    let found = wrong_step(Some(&before), &skipping, Some(&[REGENERATE]));
    assert_wrong(&found, "classify has no times");
    assert_wrong(&found, "run 2 began at generate although no command asked for it");
    let classifying = json!({ "phase": Phase::Classify, "orchestration_status": "EXTRACTED", "reached_percent": 25,
                "phases": times(&ALL[..1], 1) });
    assert!(wrong_step(Some(&before), &regenerating(&classifying), Some(&[REGENERATE])).is_empty());
}
