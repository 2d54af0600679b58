//! Processes that are killed without warning: the next process completes what they had accepted.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::option::Options;
use domain::service::ServiceCode;
use engine::Clock;
use pipeline::LocalPipeline;
use serde_json::Value;

use crate::folder::{Folder, sample};

const TRIAL_COUNT: u32 = 15;
/// Stands for the order's id, which differs.
const ORDER: &str = "ORDER";

/// The outcome of an order, without its id and times.
fn outcome(folder: &Folder, id: &str) -> Value {
    let mut report = folder.show(id);
    let artifacts = report["artifacts"].as_array().unwrap();
    // The workbook contains the order's id, so its digest differs; that of the figures is the same for every order.
    let digest = |artifact: &Value| (artifact["name"] == "figures.json").then(|| artifact["sha256"].clone());
    let kept: Vec<_> = artifacts.iter().map(|a| serde_json::json!([a["name"], a["version"], digest(a)])).collect();
    let mut failures = report["failures"].take();
    for failure in failures.as_array_mut().unwrap() {
        if let Some(sent_as) = failure["alert_sent_as"].as_str() {
            failure["alert_sent_as"] = Value::from(sent_as.replace(id, ORDER));
        }
        for moving in ["order_id", "occurred_at", "correlation_id"] {
            failure.as_object_mut().unwrap().remove(moving);
        }
    }
    let mut executions = report["executions"].take();
    for execution in executions.as_array_mut().unwrap() {
        // A kill may make another attempt, at another time.
        for moving in ["attempts", "started_at", "ended_at", "duration_ms"] {
            execution.as_object_mut().unwrap().remove(moving);
        }
    }
    serde_json::json!({
        "status": report["status"],
        "orchestration_status": report["orchestration_status"],
        "run": report["run"],
        "executions": executions,
        "artifacts": kept,
        "failures": failures,
    })
}

/// The ids of the alerts published about the order, and the number of messages left in all queues.
fn left(folder: &Folder, id: &str) -> (BTreeSet<String>, u64) {
    let local = LocalPipeline::open(&folder.path(".docket"), Clock::system()).unwrap();
    let alerts = local.aws.publications(0).unwrap();
    let ids = alerts.iter().map(|alert| alert.attributes["id"].to_string()).filter(|alert| alert.contains(id));
    let depths = local.stack.queues.values().filter_map(|queue| local.aws.queue_depth(&queue.name));
    (ids.collect(), depths.map(|depth| depth.total()).sum())
}

/// The sample and an unreadable file: one workbook, one failure, one alert.
fn files(folder: &Folder) -> Vec<String> {
    let bad = folder.file("picture.xlsx", b"\x89PNG\r\n\x1a\n0000");
    [sample(), vec![bad]].concat()
}

#[test]
fn an_accepted_order_survives_a_kill_at_any_moment_and_completes_once() {
    let folder = Folder::new();
    let started = Instant::now();
    let undisturbed = folder.order(&["--skip-review"], &files(&folder));
    let usual = started.elapsed();
    assert_eq!(undisturbed.code, 0, "{undisturbed:?}");
    let expected = outcome(&folder, &undisturbed.order_id());

    let mut random = fastrand::Rng::with_seed(20_261_122);
    let (mut in_progress, mut announced) = (0, 0);
    for trial in 0..TRIAL_COUNT {
        let after = usual.mul_f64(random.f64());
        let Some(found) = killed(trial, after, &expected) else { continue };
        announced += 1;
        in_progress += u32::from(found);
    }
    eprintln!(
        "{TRIAL_COUNT} kills within {usual:?}: {announced} orders were announced, {in_progress} of them in progress"
    );
    assert!(in_progress >= TRIAL_COUNT / 3, "too few kills hit an order in progress to prove anything");
}

/// Kills a run after a while and lets another process continue. Returns `None` when the run had not announced an order yet,
/// and otherwise whether the order was in progress.
fn killed(trial: u32, after: Duration, expected: &Value) -> Option<bool> {
    let folder = Folder::new();
    let words = ["run", "--service", "CMA", "--skip-review"].map(str::to_owned);
    let words = [words.to_vec(), files(&folder)].concat();
    let (mut child, _, err) = folder.start(&words);
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();

    let output = std::fs::read_to_string(err).unwrap();
    let id = output.lines().find_map(|line| line.strip_prefix("order "))?.split_whitespace().next()?.to_owned();
    let shown = folder.docket(&["show", &id, "--json"]);
    let accepted = shown.code == 0;
    let ended = accepted && shown.json()["status"] == "COMPLETED";
    if ended {
        assert_eq!(folder.docket(&["resume", &id]).code, 2, "there is nothing to continue");
    } else if trial.is_multiple_of(2) {
        let output = folder.docket(&["resume", &id]);
        assert_eq!(output.code, 0, "trial {trial}, killed after {after:?}: {output:?}");
        assert!(output.out.contains("CMA.xlsx"), "{output:?}");
    } else {
        // A new order completes the earlier one too.
        let output = folder.docket(&["run", "--service", "CANARY"]);
        assert_eq!(output.code, 0, "trial {trial}, killed after {after:?}: {output:?}");
    }
    if let Some(alerted) = once_alerted(&outcome(&folder, &id)) {
        // The killed process had claimed the alert. It is unknown whether it was published, so the message waits until the claim
        // expires, in minutes. `tests/it` covers this in virtual time and checks that the alert is sent then.
        assert_eq!(&alerted, expected, "trial {trial}, killed after {after:?}");
        assert!(left(&folder, &id).1 >= 1, "trial {trial}: no message is left that will send the alert");
        return Some(accepted && !ended);
    }
    assert_eq!(&outcome(&folder, &id), expected, "trial {trial}, killed after {after:?}");
    // A message may be delivered once more after the kill: its deletion was not on disk yet, or it was sent twice. The next
    // process receives it, and it changes nothing.
    assert_eq!(folder.docket(&["run", "--service", "CANARY"]).code, 0);
    assert_eq!(&outcome(&folder, &id), expected, "trial {trial}, killed after {after:?}");
    let (alerts, messages) = left(&folder, &id);
    assert_eq!((alerts.len(), messages), (1, 0), "trial {trial}, killed after {after:?}: {alerts:?}");
    Some(accepted && !ended)
}

/// The outcome as it will be once the pending alert is sent, if there is one.
fn once_alerted(outcome: &Value) -> Option<Value> {
    let mut alerted = outcome.clone();
    let pending = alerted["failures"].as_array_mut()?.iter_mut().find(|failure| failure["alert"] == "owed")?;
    pending["alert"] = Value::from("sent");
    pending["alert_sent_as"] = Value::from(format!("{ORDER}/r1-extract-documents"));
    Some(alerted)
}

#[test]
fn an_order_with_an_unclaimed_submission_can_be_resumed() {
    let folder = Folder::new();
    let local = LocalPipeline::open(&folder.path(".docket"), Clock::system()).unwrap();
    let client = local.client().unwrap();
    let id = client.order_id();
    let submission = client.submit_uploaded(id, ServiceCode::Canary, 0, Options::default());
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(submission).unwrap();
    drop((client, local));
    let output = folder.docket(&["resume", &id.to_string()]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(folder.show(&id.to_string())["status"], "COMPLETED");
}

#[test]
fn an_interrupted_order_says_how_to_continue_it() {
    let folder = Folder::new();
    let words = ["run", "--service", "CMA", "--skip-review"].map(str::to_owned);
    let words = [words.to_vec(), sample()].concat();
    let (mut child, _, err) = folder.start(&words);
    // The first phase is printed while the later ones are still to come.
    while !std::fs::read_to_string(&err).unwrap().contains("extract") {
        assert!(child.try_wait().unwrap().is_none(), "the run ended before it could be interrupted");
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let id = std::fs::read_to_string(err).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    let output = folder.docket(&["show", &id]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains(&format!("interrupted; continue with: docket resume {id}\n")), "{output:?}");
    let output = folder.docket(&["resume", &id]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(
        !output.err.contains("extract") && output.err.contains("generate"),
        "phases that were shown before are not shown again: {output:?}"
    );
}
