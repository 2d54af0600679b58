//! Orders from the first command to the last.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::desk::{Desk, Said, sample};

/// An order that waits for its reviewer, because nothing is this sure.
fn waiting(desk: &Desk) -> (String, Value) {
    let said = desk.order(&["--auto-approve-above", "1"], &sample());
    assert_eq!(said.code, 3, "{said:?}");
    let id = said.order_id();
    let shown = desk.show(&id);
    (id, shown)
}

/// An order that failed.
fn failed(desk: &Desk) -> String {
    let said = desk.order(&[], &[desk.file("empty.xlsx", b"")]);
    assert_eq!(said.code, 1, "{said:?}");
    said.order_id()
}

fn state(report: &Value) -> (&str, &str) {
    (report["status"].as_str().unwrap(), report["orchestration_status"].as_str().unwrap())
}

#[test]
fn a_run_tells_its_progress_and_writes_the_workbook_where_it_says() {
    let desk = Desk::new();
    let said = desk.order(&[], &sample());
    assert_eq!(said.code, 0, "{said:?}");
    for phase in ["extract", "classify", "review", "validate", "generate"] {
        assert!(said.err.contains(&format!("%  {phase}")), "{phase}: {said:?}");
    }
    assert!(said.err.contains("2 of 2 documents"), "{said:?}");
    let workbook = format!("out/{}/CMA.xlsx", said.order_id());
    assert!(said.out.contains(&format!("wrote {workbook}")), "{said:?}");
    assert!(std::fs::read(desk.path(&workbook)).unwrap().starts_with(b"PK"));
    assert!(desk.path(".docket").is_dir(), "the state is kept in .docket unless another folder is given");
}

#[test]
fn json_is_one_object_with_every_field_of_the_contract() {
    let desk = Desk::new();
    let said = desk.order(&["--json", "--out", "papers", "--data", "state"], &sample());
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let report = said.json();
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
        assert_eq!(digest(&std::fs::read(desk.path(path)).unwrap()), sha256, "{path}");
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
    assert!(!desk.path("out").exists() && !desk.path(".docket").exists());
}

#[test]
fn an_order_in_doubt_waits_and_goes_on_when_every_proposal_is_accepted() {
    let desk = Desk::new();
    let (id, report) = waiting(&desk);
    assert_eq!(state(&report), ("INTERNAL_REVIEW", "REVIEW_PENDING"));
    let items = report["review_items"].as_array().unwrap();
    assert!(!items.is_empty());
    for item in items {
        assert!(item["file"].is_string() && item["cell"].is_string(), "a reviewer sees where it came from: {item}");
    }
    let said = desk.docket(&["resume", &id]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("CMA.xlsx"), "{said:?}");
    assert!(!said.err.contains("extract"), "only what is new is told: {said:?}");
}

#[test]
fn a_reviewers_decisions_count() {
    let desk = Desk::new();
    let (id, report) = waiting(&desk);
    let item = &report["review_items"][0];
    let line = item["line"].as_str().unwrap();
    let decisions = format!("line,row_code,reason\n{line},X.ignore,\"seen, and left out\"\n");
    let file = desk.file("decisions.csv", decisions.as_bytes());
    let said = desk.docket(&["resume", &id, "--decisions", &file, "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(state(&said.json()), ("COMPLETED", "COMPLETED"));
}

#[test]
fn decisions_that_do_not_fit_are_refused_and_the_order_still_waits() {
    let desk = Desk::new();
    let (id, report) = waiting(&desk);
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
        let file = desk.file("wrong.csv", text.as_bytes());
        let said = desk.docket(&["resume", &id, "--decisions", &file]);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{what}: {said:?}");
        assert!(said.err.starts_with("docket: ") && said.has_no_panic(), "{what}: {said:?}");
        assert_eq!(desk.show(&id)["orchestration_status"], "REVIEW_PENDING", "{what}");
    }
    let said = desk.docket(&["resume", &id, "--decisions", "absent.csv"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert_eq!(desk.docket(&["resume", &id]).code, 0, "the order was never hurt");
}

#[test]
fn a_failed_order_can_be_tried_again_and_counts_its_runs() {
    let desk = Desk::new();
    let id = failed(&desk);
    let said = desk.docket(&["retry", &id, "--json"]);
    assert_eq!(said.code, 1, "the same file fails again: {said:?}");
    assert_eq!(said.json()["run"], 2);
    let said = desk.docket(&["show", &id]);
    assert!(said.out.contains(&format!("run it again with: docket retry {id}\n")), "{said:?}");
    assert_eq!(said.out.matches("alert sent").count(), 4, "two runs, each with its document and its order: {said:?}");
}

#[test]
fn a_waiting_order_can_be_cancelled_once() {
    let desk = Desk::new();
    let (id, _) = waiting(&desk);
    let said = desk.docket(&["cancel", &id, "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert_eq!(state(&said.json()), ("CANCELLED", "CANCELLED"));
    for again in [["cancel", &id], ["resume", &id], ["retry", &id]] {
        let said = desk.docket(&again);
        assert_eq!(said.code, 2, "{again:?}: {said:?}");
        assert!(said.err.contains("is CANCELLED"), "{said:?}");
    }
}

#[test]
fn orders_are_listed_newest_first() {
    let desk = Desk::new();
    assert!(desk.docket(&["orders"]).out.contains("docket run"), "an empty list says how to begin");
    let first = desk.docket(&["run", "--service", "CANARY"]).order_id();
    let second = failed(&desk);
    let listed: Value = serde_json::from_str(&desk.docket(&["orders", "--json"]).out).unwrap();
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&second, &first]);
    let said = desk.docket(&["orders"]);
    let lines: Vec<_> = said.out.lines().collect();
    assert!(lines[0].starts_with(&second) && lines[0].contains("FAILED"), "{said:?}");
    assert!(lines[1].starts_with(&first) && lines[1].contains("COMPLETED"), "{said:?}");
}

#[test]
fn hints_name_the_data_folder_they_need() {
    let desk = Desk::new();
    let file = desk.file("empty.xlsx", b"");
    let said = desk.order(&["--data", "my state"], std::slice::from_ref(&file));
    let id = said.order_id();
    assert!(said.out.contains(&format!("docket retry {id} --data 'my state'")), "{said:?}");
    let said = desk.docket(&["retry", &id, "--data", "my state"]);
    assert_eq!(said.code, 1, "{said:?}");
}

#[test]
fn one_good_file_beside_a_bad_one_completes_and_tells_of_the_bad_one() {
    let desk = Desk::new();
    let bad = desk.file("picture.xlsx", b"\x89PNG\r\n\x1a\n0000");
    let said = desk.order(&[], &[sample(), vec![bad]].concat());
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("document 3 failed: ") && said.out.contains("(file.type_unknown)"), "{said:?}");
    assert!(said.err.contains("2 of 3 documents"), "{said:?}");
    let report = desk.show(&said.order_id());
    assert_eq!(report["executions"][2]["error_code"], "file.type_unknown");
    assert_eq!(report["failures"].as_array().unwrap().len(), 1);
    assert_eq!(report["failures"][0]["alert"], "sent");
    assert_eq!(report["failures"][0]["category"], "partial");
}

#[test]
fn a_reader_who_stops_reading_does_not_stop_an_order() {
    let desk = Desk::new();
    let words = [vec!["run".to_owned(), "--service".to_owned(), "CMA".to_owned()], sample()].concat();
    let mut child = Command::new(env!("CARGO_BIN_EXE_docket"))
        .args(&words)
        .current_dir(desk.path("."))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let said: Said = desk.docket(&["orders"]);
    assert!(said.out.contains("COMPLETED"), "{said:?}");
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    let digest: [u8; 32] = sha2::Sha256::digest(bytes).into();
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
