//! The rows that are made of stored orders.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail it by panicking")]

use desk::page::{OrderRow, OrderSummary, PhaseRow, PhaseState};
use domain::order::Order;
use serde_json::{Value, json};

fn order(changes: &Value) -> Order {
    let mut stored = json!({
        "schema": 3, "order_id": "01KB9Z3V5T8Q4M7N2P6R9S1W3X", "firm_id": "rao", "service_code": "CMA",
        "status": "IN_PROGRESS", "orchestration_status": "CLASSIFYING", "run": 2, "phase": "classify",
        "options": {}, "documents": 2, "phases": {
            "extract": {"run": 1, "started_at": "2026-11-30T17:00:00Z", "completed_at": "2026-11-30T17:00:02Z"},
            "classify": {"run": 2, "started_at": "2026-11-30T17:01:00Z"},
            "generate": {"run": 1, "started_at": "2026-11-30T16:00:00Z", "completed_at": "2026-11-30T16:00:02Z"}
        },
        "reached_percent": 31, "correlation_id": "c-1", "created_at": "2026-11-30T16:00:00Z",
        "updated_at": "2026-11-30T17:01:00Z", "revision": 9, "writer": "w"
    });
    for (name, value) in changes.as_object().unwrap() {
        stored[name] = value.clone();
    }
    serde_json::from_value(stored).unwrap()
}

fn states(order: &Order) -> Vec<PhaseState> {
    PhaseRow::all(order).into_iter().map(|row| row.state).collect()
}

#[test]
fn phases_are_those_of_the_current_run() {
    use PhaseState::{Ahead, Cancelled, Done, Failed, Skipped, Waiting, Working};
    let running = order(&json!({}));
    // An earlier run generated; this one has not.
    assert_eq!(states(&running), [Done, Working, Ahead, Ahead, Ahead]);
    let rows = PhaseRow::all(&running);
    assert_eq!((rows[0].duration_ms, rows[0].run.map(|run| run.get())), (Some(2_000), Some(1)));
    assert_eq!((rows[4].started_at, rows[4].duration_ms), (None, None));

    let failed = json!({"status": "FAILED", "orchestration_status": "FAILED"});
    assert_eq!(states(&order(&failed)), [Done, Failed, Ahead, Ahead, Ahead]);
    let cancelled = json!({"status": "CANCELLED", "orchestration_status": "CANCELLED"});
    assert_eq!(states(&order(&cancelled)), [Done, Cancelled, Ahead, Ahead, Ahead]);
    let draft = json!({"status": "DRAFT", "orchestration_status": "INTAKE_LOCKED", "phase": "extract", "phases": {}});
    assert_eq!(states(&order(&draft)), [Ahead; 5]);

    let done =
        |run: u32| json!({"run": run, "started_at": "2026-11-30T17:00:00Z", "completed_at": "2026-11-30T17:00:02Z"});
    let skipped = json!({"run": 2, "started_at": "2026-11-30T17:00:00Z", "completed_at": "2026-11-30T17:00:00Z", "skipped": true});
    let review = json!({
        "status": "INTERNAL_REVIEW", "orchestration_status": "REVIEW_PENDING", "phase": "review",
        "phases": {"extract": done(1), "classify": done(2), "review": {"run": 2, "started_at": "2026-11-30T17:00:00Z"}}
    });
    assert_eq!(states(&order(&review)), [Done, Done, Waiting, Ahead, Ahead]);
    let completed = json!({
        "status": "COMPLETED", "orchestration_status": "COMPLETED", "phase": "generate",
        "phases": {"extract": done(1), "classify": done(2), "review": skipped, "validate": done(2), "generate": done(2)}
    });
    assert_eq!(states(&order(&completed)), [Done, Done, Skipped, Done, Done]);
    assert_eq!(OrderRow::from(&order(&completed)).percent, 100);
}

#[test]
fn a_summary_says_why_the_last_run_failed() {
    let error = json!({
        "failure_id": "r2-classify", "phase": "classify", "category": "permanent", "code": "phase.timeout",
        "message": "Retry the order.", "at": "2026-11-30T17:01:00Z"
    });
    let failed = order(&json!({
        "status": "INTERNAL_REVIEW", "orchestration_status": "FAILED", "last_orchestration_error": error, "makers": ["m.rao"]
    }));
    let summary = OrderSummary::from(&failed);
    assert_eq!(summary.failure, Some(("phase.timeout".to_owned(), "Retry the order.".to_owned())));
    assert_eq!((summary.makers, summary.percent), (vec!["m.rao".to_owned()], 31));
    assert_eq!(OrderRow::from(&failed).failure_code.as_deref(), Some("phase.timeout"));
}
