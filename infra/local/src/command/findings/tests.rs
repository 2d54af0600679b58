use serde_json::json;

use super::*;

fn text(report: &Value, extent: Extent) -> String {
    let mut lines = Lines::default();
    add(&mut lines, report, extent);
    lines.0
}

fn check(rule: &str, severity: &str, outcome: &str) -> Value {
    let passed = outcome == "holds" || severity == "I" && outcome == "not_made";
    json!({
        "rule": rule, "severity": severity, "year": "31.03.2024", "outcome": outcome, "passed": passed,
        "detail": format!("{rule} {outcome}"),
    })
}

#[test]
fn an_order_without_a_report_prints_nothing() {
    assert_eq!(text(&json!({}), Extent::Full), "");
    assert_eq!(text(&json!({ "checks": [], "unused": [], "answers": [] }), Extent::Full), "");
}

#[test]
fn checks_are_counted_by_outcome_and_the_most_serious_come_first() {
    let checks = [
        check("V01", "E", "holds"),
        check("V04", "W", "fails"),
        check("V08", "E", "fails"),
        check("V09", "I", "not_made"),
        check("V26", "W", "not_made"),
    ];
    let expected = "  checks: 2 fail, 2 could not be made, 1 hold\n    E V08 31.03.2024: V08 fails\n    \
                    W V04 31.03.2024: V04 fails\n    W V26 31.03.2024: V26 not_made\n    I V09 31.03.2024: V09 not_made\n";
    assert_eq!(text(&json!({ "checks": checks }), Extent::Brief), expected);
}

#[test]
fn checks_stored_before_there_were_outcomes_fail_or_hold() {
    let mut checks = [check("V01", "E", "holds"), check("V08", "E", "fails")];
    for check in &mut checks {
        check.as_object_mut().unwrap().remove("outcome");
    }
    let text = text(&json!({ "checks": checks }), Extent::Brief);
    assert!(text.starts_with("  checks: 1 fail, 0 could not be made, 1 hold\n    E V08"), "{text}");
}

fn unused(reason: &str, document: u32, row: u32) -> Value {
    json!({ "reason": reason, "document": document, "file": format!("{document}.xlsx"), "sheet": "BS", "cell": format!("B{row}") })
}

#[test]
fn two_hundred_unused_things_take_a_line_for_each_reason() {
    let mut list: Vec<Value> = (1..=199).map(|row| unused("hidden_row", 1, row)).collect();
    list.push(unused("error_cell", 1, 9));
    let report = json!({ "unused": list });
    let expected = "  seen and not used: 200 things; the sheet Checks of the workbook lists each with its cell\n       \
                    1 error cell             BS!B9\n     199 hidden row             BS!B1, BS!B2, BS!B3 and 196 more\n";
    assert_eq!(text(&report, Extent::Full), expected);
    let brief =
        "  seen and not used: 200 things, on the sheet Checks of the workbook\n    1 error cell, 199 hidden row\n";
    assert_eq!(text(&report, Extent::Brief), brief);
}

#[test]
fn places_name_the_file_when_there_are_several() {
    let report =
        json!({ "unused": [unused("hidden_row", 1, 7), unused("hidden_row", 2, 8), unused("unheard_of", 2, 9)] });
    let text = text(&report, Extent::Full);
    assert!(text.contains("BS!B7 of 1.xlsx, BS!B8 of 2.xlsx\n"), "{text}");
    assert!(text.contains("1 other"), "a reason that this version does not know is still counted: {text}");
}

#[test]
fn a_reviewers_answers_are_counted_and_shown_in_full() {
    let answers = json!({ "answers": [
        { "text": "In which unit?", "answer": "lakh", "reason": "asked the borrower", "by": "R. Iyer" },
        { "text": "Which day?", "answer": "31.03.2024", "reason": "as filed", "by": null },
    ] });
    assert_eq!(text(&answers, Extent::Brief), "  2 answers by a reviewer, not read from the documents\n");
    let full = text(&answers, Extent::Full);
    assert!(full.contains("    In which unit?\n      R. Iyer: lakh (asked the borrower)\n"), "{full}");
    assert!(full.contains("      the reviewer: 31.03.2024 (as filed)\n"), "{full}");
}
