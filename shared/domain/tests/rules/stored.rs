//! An order as a store holds it: every field reads back, and one of an older layout does, too.

use domain::option::Options;
use domain::order::{ExecutionStatus, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use serde_json::json;

use crate::{at, doc, run};

fn stored() -> serde_json::Value {
    json!({
        "schema": 2, "order_id": "01KE6P4YM00000000000000007", "firm_id": "ca-firm-7", "service_code": "CMA",
        "status": "INTERNAL_REVIEW", "orchestration_status": "FAILED", "run": 3, "phase": "review",
        "options": {"skip_validation": true, "auto_approve_above": 0.9}, "documents": 4, "terminal": [1, 2],
        "executions": {"2": {"processor": "p", "run": 2, "status": "failed", "error_code": "file.broken", "ended_at": at(1)}},
        "leases": {"d3": {"owner": "o", "message": "m", "until": 1_800_000_060_000_i64}}, "attempts": {"d3": 5},
        "phases": {"extract": {"run": 2, "started_at": at(1), "completed_at": at(3)}},
        "hand_off_owed_since": at(2), "resent_at": at(3), "resends": 6, "review_items": 7, "decisions_run": 2,
        "failure_reason": "Say what to do.", "failed_at": at(4),
        "last_orchestration_error": {
            "failure_id": "r3-review", "phase": "review", "category": "transient", "code": "c", "message": "m", "at": at(4)
        },
        "artifact_version": 8, "artifacts": [{"version": 1, "run": 1, "name": "cma.xlsx", "sha256": "00", "bytes": 9}],
        "reached_percent": 61, "correlation_id": "command-9", "created_at": at(0), "run_started_at": at(5),
        "updated_at": at(6), "revision": 10, "writer": "w11",
    })
}

#[test]
fn a_stored_order_reads_back_field_by_field() {
    let order: Order = serde_json::from_value(stored()).unwrap();
    assert_eq!((order.schema(), order.order_id().to_string()), (2, "01KE6P4YM00000000000000007".to_owned()));
    assert_eq!((order.firm_id().as_str(), order.service_code()), ("ca-firm-7", ServiceCode::Cma));
    let statuses = (order.status(), order.orchestration_status());
    assert_eq!(statuses, (Status::InternalReview, OrchestrationStatus::Failed));
    assert_eq!((order.run(), order.phase(), order.documents()), (run(3), Phase::Review, 4));
    let (default, options) = (Options::default(), order.options());
    assert!(options.skip_validation && !options.skip_review && options.notify_on_review == default.notify_on_review);
    assert_eq!(order.terminal().iter().copied().collect::<Vec<_>>(), [doc(1), doc(2)]);
    assert_eq!(order.executions()[&doc(2)].status, ExecutionStatus::Failed);
    assert_eq!((order.leases()["d3"].until, order.attempts()["d3"]), (at(60), 5));
    assert_eq!(order.phases()[&Phase::Extract].duration_ms(), Some(2_000));
    assert_eq!((order.hand_off_owed_since(), order.resent_at(), order.resends()), (Some(at(2)), Some(at(3)), 6));
    assert_eq!((order.review_items(), order.decisions_run()), (7, Some(run(2))));
    assert_eq!((order.failure_reason(), order.failed_at()), (Some("Say what to do."), Some(at(4))));
    assert_eq!(order.last_orchestration_error().unwrap().failure_id.as_str(), "r3-review");
    assert_eq!((order.artifact_version(), order.artifacts()[0].name.as_str()), (8, "cma.xlsx"));
    assert_eq!((order.reached_percent(), order.correlation_id()), (61, "command-9"));
    assert_eq!((order.created_at(), order.run_started_at(), order.updated_at()), (at(0), Some(at(5)), at(6)));
    assert_eq!((order.revision(), order.writer()), (10, "w11"));
}

#[test]
fn an_order_of_the_first_layout_is_watched_from_its_creation_on() {
    let mut first = stored();
    first.as_object_mut().unwrap().retain(|name, _| name != "run_started_at");
    let order: Order = serde_json::from_value(first).unwrap();
    assert_eq!((order.run_started_at(), order.watched_since()), (None, at(0)));
}
