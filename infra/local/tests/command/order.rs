//! The commands about orders.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::folder::{Folder, Output, sample};

/// Makes an order that waits for a reviewer, because no classification is that confident.
fn waiting(folder: &Folder) -> (String, Value) {
    let output = folder.order(&["--auto-approve-above", "1"], &sample());
    assert_eq!(output.code, 3, "{output:?}");
    let id = output.order_id();
    let shown = folder.show(&id);
    (id, shown)
}

/// Makes an order that fails.
fn failed(folder: &Folder) -> String {
    let output = folder.order(&[], &[folder.file("empty.xlsx", b"")]);
    assert_eq!(output.code, 1, "{output:?}");
    output.order_id()
}

fn state(report: &Value) -> (&str, &str) {
    (report["status"].as_str().unwrap(), report["orchestration_status"].as_str().unwrap())
}

#[test]
fn a_run_shows_its_progress_and_writes_the_workbook_where_it_says() {
    let folder = Folder::new();
    let output = folder.order(&["--skip-review"], &sample());
    assert_eq!(output.code, 0, "{output:?}");
    for phase in ["extract", "classify", "review", "validate", "generate"] {
        assert!(output.err.contains(&format!("%  {phase}")), "{phase}: {output:?}");
    }
    assert!(output.err.contains("2 of 2 documents"), "{output:?}");
    let workbook = format!("out/{}/CMA.xlsx", output.order_id());
    assert!(output.out.contains(&format!("wrote {workbook}")), "{output:?}");
    assert!(std::fs::read(folder.path(&workbook)).unwrap().starts_with(b"PK"));
    assert!(folder.path(".docket").is_dir(), "the state is kept in .docket unless another folder is given");
}

#[test]
fn json_is_one_object_with_every_field_of_the_contract() {
    let folder = Folder::new();
    let output = folder.order(&["--json", "--skip-review", "--out", "papers", "--data", "state"], &sample());
    assert_eq!((output.code, output.err.as_str()), (0, ""));
    let report = output.json();
    assert_eq!(report["service_code"], "CMA");
    assert_eq!(state(&report), ("COMPLETED", "COMPLETED"));
    assert_eq!(report["progress"], 100);
    assert_eq!(report["failure_reason"], Value::Null);
    assert!(report["order_id"].is_string() && report["factors"].is_object());
    assert_eq!(report["review_items"], serde_json::json!([]));
    assert_eq!(report["aws_calls"]["generate"]["dynamodb:PutItem"], 2, "its rendering begins, and it ends");
    let phases: Vec<_> = report["phases"].as_array().unwrap().iter().map(|p| p["phase"].as_str().unwrap()).collect();
    assert_eq!(phases, ["extract", "classify", "review", "validate", "generate"]);
    for phase in report["phases"].as_array().unwrap() {
        assert!(phase["started_at"].is_string() && phase["completed_at"].is_string(), "{phase}");
        assert!(phase["duration_ms"].is_u64(), "{phase}");
    }
    for (index, execution) in report["executions"].as_array().unwrap().iter().enumerate() {
        assert_eq!(execution["document"], index + 1);
        assert_eq!(execution["status"], "completed");
        assert_eq!(execution["error_code"], Value::Null);
        assert!(execution["processor"].is_string());
    }
    for artifact in report["artifacts"].as_array().unwrap() {
        let (path, sha256) = (artifact["path"].as_str().unwrap(), artifact["sha256"].as_str().unwrap());
        assert_eq!(path, format!("papers/{}", artifact["name"].as_str().unwrap()));
        assert_eq!(digest(&std::fs::read(folder.path(path)).unwrap()), sha256, "{path}");
    }
    let years = report["figures"]["years"].as_array().unwrap().len();
    assert!(years >= 3);
    let rows = report["figures"]["rows"].as_object().unwrap();
    for values in rows.values() {
        assert_eq!(values.as_array().unwrap().len(), years);
    }
    for check in report["checks"].as_array().unwrap() {
        assert!(check["rule"].is_string() && check["passed"].is_boolean() && check["detail"].is_string(), "{check}");
    }
    assert!(!folder.path("out").exists() && !folder.path(".docket").exists());
}

#[test]
fn an_order_in_doubt_waits_and_continues_when_every_proposal_is_accepted() {
    let folder = Folder::new();
    let (id, report) = waiting(&folder);
    assert_eq!(state(&report), ("INTERNAL_REVIEW", "REVIEW_PENDING"));
    let items = report["review_items"].as_array().unwrap();
    assert!(!items.is_empty());
    for item in items {
        assert!(item["file"].is_string() && item["cell"].is_string(), "a reviewer sees where it came from: {item}");
    }
    let output = folder.docket(&["resume", &id]);
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains("CMA.xlsx"), "{output:?}");
    assert!(!output.err.contains("extract"), "phases that were shown before are not shown again: {output:?}");
}

#[test]
fn a_reviewers_decisions_are_applied() {
    let folder = Folder::new();
    let (accepted, _) = waiting(&folder);
    let proposed = folder.docket(&["resume", &accepted, "--json"]);
    assert_eq!(proposed.code, 0, "{proposed:?}");

    let (id, report) = waiting(&folder);
    let items = report["review_items"].as_array().unwrap();
    // A line with an amount, which is the only one of its row.
    let is_only_one = |row: &Value| items.iter().filter(|item| item["row_code"] == *row).count() == 1;
    let has_figure = |row: &Value| proposed.json()["figures"]["rows"][row.as_str().unwrap()][0].is_string();
    let item = items.iter().find(|item| is_only_one(&item["row_code"]) && has_figure(&item["row_code"])).unwrap();
    let (line, row) = (item["line"].as_str().unwrap(), item["row_code"].as_str().unwrap());
    let decisions = format!("line,row_code,reason\n{line},X.ignore,\"seen, and left out\"\n");
    let file = folder.file("decisions.csv", decisions.as_bytes());
    let output = folder.docket(&["resume", &id, "--decisions", &file, "--json"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(state(&output.json()), ("COMPLETED", "COMPLETED"));
    let figure = |report: &Value| report["figures"]["rows"][row].clone();
    let (before, after) = (figure(&proposed.json()), figure(&output.json()));
    assert_ne!(before, after, "row {row} does not show that {line} was left out");
}

#[test]
fn decisions_that_do_not_fit_are_refused_and_the_order_still_waits() {
    let folder = Folder::new();
    let (id, report) = waiting(&folder);
    let line = report["review_items"][0]["line"].as_str().unwrap();
    let wrong = [
        ("no such line", "line,row_code,reason\nd9-s9-r9,X.ignore,why\n".to_owned()),
        ("no such row", format!("line,row_code,reason\n{line},IX.99,why\n")),
        ("no reason", format!("line,row_code,reason\n{line},X.ignore,\n")),
        ("no such column", format!("line,row\n{line},X.ignore\n")),
        ("no decision", "line,row_code,reason\n".to_owned()),
        ("no text", "\u{0}\u{1}\u{2}".to_owned()),
    ];
    for (what, text) in wrong {
        let file = folder.file("wrong.csv", text.as_bytes());
        let output = folder.docket(&["resume", &id, "--decisions", &file]);
        assert_eq!((output.code, output.out.as_str()), (2, ""), "{what}: {output:?}");
        assert!(output.err.starts_with("docket: ") && output.has_no_panic(), "{what}: {output:?}");
        assert_eq!(folder.show(&id)["orchestration_status"], "REVIEW_PENDING", "{what}");
    }
    let output = folder.docket(&["resume", &id, "--decisions", "absent.csv"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert_eq!(folder.docket(&["resume", &id]).code, 0, "the order is unchanged");
}

#[test]
fn a_failed_order_can_be_retried_and_counts_its_runs() {
    let folder = Folder::new();
    let id = failed(&folder);
    let output = folder.docket(&["retry", &id, "--json"]);
    assert_eq!(output.code, 1, "the same file fails again: {output:?}");
    assert_eq!(output.json()["run"], 2);
    let output = folder.docket(&["show", &id]);
    assert!(output.out.contains(&format!("run it again with: docket retry {id}\n")), "{output:?}");
    assert_eq!(
        output.out.matches("alert sent").count(),
        4,
        "two runs, each with its document and its order: {output:?}"
    );
}

#[test]
fn a_retry_starts_at_the_phase_that_failed_or_an_earlier_one() {
    let folder = Folder::new();
    let id = failed(&folder);
    let output = folder.docket(&["retry", &id, "--from", "validate"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("has reached extract; a retry starts there or at an earlier phase"), "{output:?}");
    let output = folder.docket(&["retry", &id, "--from", "render"]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("the phases are extract, classify, review, validate, generate"), "{output:?}");
    assert_eq!(folder.docket(&["retry", &id, "--from", "extract", "--json"]).json()["run"], 2);
}

#[test]
fn a_waiting_order_starts_over_from_a_phase_that_is_named() {
    let folder = Folder::new();
    let (id, _) = waiting(&folder);
    let output = folder.docket(&["retry", &id]);
    assert_eq!(output.code, 2, "{output:?}");
    assert!(output.err.contains("one that waits for a reviewer with --from PHASE"), "{output:?}");
    let output = folder.docket(&["retry", &id, "--from", "review", "--json"]);
    assert_eq!((output.code, &output.json()["run"]), (3, &Value::from(2)), "it is asked again: {output:?}");
    assert_eq!(folder.docket(&["resume", &id]).code, 0);
}

#[test]
fn a_waiting_order_can_be_cancelled_once() {
    let folder = Folder::new();
    let (id, _) = waiting(&folder);
    let output = folder.docket(&["cancel", &id, "--json"]);
    assert_eq!(output.code, 0, "{output:?}");
    assert_eq!(state(&output.json()), ("CANCELLED", "CANCELLED"));
    for again in [["cancel", &id], ["resume", &id], ["retry", &id]] {
        let output = folder.docket(&again);
        assert_eq!(output.code, 2, "{again:?}: {output:?}");
        assert!(output.err.contains("is CANCELLED"), "{output:?}");
    }
}

#[test]
fn orders_are_listed_newest_first() {
    let folder = Folder::new();
    assert!(folder.docket(&["orders"]).out.contains("docket run"), "an empty list says how to begin");
    let first = folder.docket(&["run", "--service", "CANARY"]).order_id();
    let second = failed(&folder);
    let listed: Value = serde_json::from_str(&folder.docket(&["orders", "--json"]).out).unwrap();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&second, &first]);
    let output = folder.docket(&["orders"]);
    let lines: Vec<_> = output.out.lines().collect();
    assert!(lines[0].starts_with(&second) && lines[0].contains("FAILED"), "{output:?}");
    assert!(lines[1].starts_with(&first) && lines[1].contains("COMPLETED"), "{output:?}");
}

#[test]
fn hints_name_the_data_folder_they_need() {
    let folder = Folder::new();
    let file = folder.file("empty.xlsx", b"");
    let output = folder.order(&["--data", "my state"], std::slice::from_ref(&file));
    let id = output.order_id();
    assert!(output.out.contains(&format!("docket retry {id} --data 'my state'")), "{output:?}");
    let output = folder.docket(&["retry", &id, "--data", "my state"]);
    assert_eq!(output.code, 1, "{output:?}");
}

#[test]
fn a_good_file_beside_a_bad_one_completes_and_the_bad_one_is_reported() {
    let folder = Folder::new();
    let bad = folder.file("picture.xlsx", b"\x89PNG\r\n\x1a\n0000");
    let output = folder.order(&["--skip-review"], &[sample(), vec![bad]].concat());
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.out.contains("document 3 failed: ") && output.out.contains("(file.type_unknown)"), "{output:?}");
    assert!(output.err.contains("2 of 3 documents"), "{output:?}");
    let report = folder.show(&output.order_id());
    assert_eq!(report["executions"][2]["error_code"], "file.type_unknown");
    assert_eq!(report["failures"].as_array().unwrap().len(), 1);
    assert_eq!(report["failures"][0]["alert"], "sent");
    assert_eq!(report["failures"][0]["category"], "partial");
}

#[test]
fn a_closed_pipe_does_not_stop_an_order() {
    let folder = Folder::new();
    let words = ["run", "--service", "CMA", "--skip-review"].map(str::to_owned);
    let words = [words.to_vec(), sample()].concat();
    let mut child = Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(&words)
        .current_dir(folder.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let output: Output = folder.docket(&["orders"]);
    assert!(output.out.contains("COMPLETED"), "{output:?}");
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
