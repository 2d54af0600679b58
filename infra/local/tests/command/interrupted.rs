//! A process that is killed without warning: what it had promised is kept by the next one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::option::Options;
use domain::service::ServiceCode;
use engine::Clock;
use pipeline::LocalPipeline;
use serde_json::Value;

use crate::desk::{Desk, sample};

const TRIAL_COUNT: u32 = 15;

/// What an order came to, but for its id and times.
fn outcome(desk: &Desk, id: &str) -> Value {
    let mut report = desk.show(id);
    let artifacts = report["artifacts"].as_array().unwrap();
    // The workbook names its order, so its digest is its own; that of the figures is the same in every order.
    let digest = |artifact: &Value| (artifact["name"] == "figures.json").then(|| artifact["sha256"].clone());
    let kept: Vec<_> = artifacts.iter().map(|a| serde_json::json!([a["name"], a["version"], digest(a)])).collect();
    let mut failures = report["failures"].take();
    for failure in failures.as_array_mut().unwrap() {
        for moving in ["order_id", "occurred_at", "correlation_id"] {
            failure.as_object_mut().unwrap().remove(moving);
        }
    }
    serde_json::json!({
        "status": report["status"],
        "orchestration_status": report["orchestration_status"],
        "run": report["run"],
        "executions": report["executions"],
        "artifacts": kept,
        "failures": failures,
    })
}

/// Alerts by id that were published about the order, and messages left in any queue.
fn left(desk: &Desk, id: &str) -> (BTreeSet<String>, u64) {
    let local = LocalPipeline::open(&desk.path(".docket"), Clock::system()).unwrap();
    let alerts = local.aws.publications(0).unwrap();
    let ids = alerts.iter().map(|alert| alert.attributes["id"].to_string()).filter(|alert| alert.contains(id));
    let depths = local.stack.queues.values().filter_map(|queue| local.aws.queue_depth(&queue.name));
    (ids.collect(), depths.map(|depth| depth.total()).sum())
}

/// The sample, and a file that cannot be read: one workbook, one failure, one alert.
fn files(desk: &Desk) -> Vec<String> {
    let bad = desk.file("picture.xlsx", b"\x89PNG\r\n\x1a\n0000");
    [sample(), vec![bad]].concat()
}

#[test]
fn an_order_that_was_taken_survives_a_kill_at_any_moment_and_ends_once() {
    let desk = Desk::new();
    let started = Instant::now();
    let undisturbed = desk.order(&[], &files(&desk));
    let usual = started.elapsed();
    assert_eq!(undisturbed.code, 0, "{undisturbed:?}");
    let expected = outcome(&desk, &undisturbed.order_id());

    let mut random = fastrand::Rng::with_seed(20_261_122);
    let (mut under_way, mut told) = (0, 0);
    for trial in 0..TRIAL_COUNT {
        let after = usual.mul_f64(random.f64());
        let Some(found) = killed(trial, after, &expected) else { continue };
        told += 1;
        under_way += u32::from(found);
    }
    eprintln!("{TRIAL_COUNT} kills within {usual:?}: {told} orders were announced, {under_way} of them under way");
    assert!(under_way >= TRIAL_COUNT / 3, "too few kills met an order that was under way to prove anything");
}

/// Kills a run after a while and has another process go on. `None`: it had announced no order yet, so none is owed.
/// Otherwise whether the order had been taken and not ended.
fn killed(trial: u32, after: Duration, expected: &Value) -> Option<bool> {
    let desk = Desk::new();
    let words = [vec!["run".to_owned(), "--service".to_owned(), "CMA".to_owned()], files(&desk)].concat();
    let (mut child, _, err) = desk.start(&words);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();

    let said = std::fs::read_to_string(err).unwrap();
    let id = said.lines().find_map(|line| line.strip_prefix("order "))?.split_whitespace().next()?.to_owned();
    let shown = desk.docket(&["show", &id, "--json"]);
    let accepted = shown.code == 0;
    let ended = accepted && shown.json()["status"] == "COMPLETED";
    if ended {
        assert_eq!(desk.docket(&["resume", &id]).code, 2, "there is nothing to go on with");
    } else if trial.is_multiple_of(2) {
        let said = desk.docket(&["resume", &id]);
        assert_eq!(said.code, 0, "trial {trial}, killed after {after:?}: {said:?}");
        assert!(said.out.contains("CMA.xlsx"), "{said:?}");
    } else {
        // Any other order brings the earlier one to its end as well.
        let said = desk.docket(&["run", "--service", "CANARY"]);
        assert_eq!(said.code, 0, "trial {trial}, killed after {after:?}: {said:?}");
    }
    if let Some(told) = once_told(&outcome(&desk, &id)) {
        // The killed process had claimed the alert. Nobody can tell whether it was published, so its message waits until the
        // claim ends, in minutes; `tests/it` stops there as well, in virtual time, and sees that it is sent then.
        assert_eq!(&told, expected, "trial {trial}, killed after {after:?}");
        assert!(left(&desk, &id).1 >= 1, "trial {trial}: no message owes the alert");
        return Some(accepted && !ended);
    }
    assert_eq!(&outcome(&desk, &id), expected, "trial {trial}, killed after {after:?}");
    // What the kill left may come once more: a message whose acknowledgement was not on the disk yet, or one that was sent
    // twice and waits. The next process takes it, and it changes nothing.
    assert_eq!(desk.docket(&["run", "--service", "CANARY"]).code, 0);
    assert_eq!(&outcome(&desk, &id), expected, "trial {trial}, killed after {after:?}");
    let (alerts, messages) = left(&desk, &id);
    assert_eq!((alerts.len(), messages), (1, 0), "trial {trial}, killed after {after:?}: {alerts:?}");
    Some(accepted && !ended)
}

/// The outcome with its alert sent, where that is all that is owed.
fn once_told(outcome: &Value) -> Option<Value> {
    let mut told = outcome.clone();
    let owed = told["failures"].as_array_mut()?.iter_mut().find(|failure| failure["alert"] == "owed")?;
    owed["alert"] = Value::from("sent");
    Some(told)
}

#[test]
fn an_order_whose_submission_nobody_took_up_is_resumed_to_its_end() {
    let desk = Desk::new();
    let local = LocalPipeline::open(&desk.path(".docket"), Clock::system()).unwrap();
    let client = local.client().unwrap();
    let id = client.order_id();
    let submission = client.submit_uploaded(id, ServiceCode::Canary, 0, Options::default());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(submission).unwrap();
    drop((client, local));
    let said = desk.docket(&["resume", &id.to_string()]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(desk.show(&id.to_string())["status"], "COMPLETED");
}

#[test]
fn an_order_that_was_interrupted_says_how_to_go_on() {
    let desk = Desk::new();
    let words = [vec!["run".to_owned(), "--service".to_owned(), "CMA".to_owned()], sample()].concat();
    let (mut child, _, err) = desk.start(&words);
    // The first phase is told of while the later ones are still to come.
    while !std::fs::read_to_string(&err).unwrap().contains("extract") {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be interrupted");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let id = std::fs::read_to_string(err).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let said = desk.docket(&["show", &id]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains(&format!("interrupted; continue with: docket resume {id}\n")), "{said:?}");
    let said = desk.docket(&["resume", &id]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(!said.err.contains("extract") && said.err.contains("generate"), "only what is new is told: {said:?}");
}
