//! An order as a store holds it: every field reads back, and one of an older layout does, too.

use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind};
use domain::execution::ExecutionStatus;
use domain::id::DocumentNumber;
use domain::lifecycle::{Refusal, decide, renew, restore};
use domain::option::Options;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use serde_json::json;

use crate::{at, doc, run};

fn stored() -> serde_json::Value {
    json!({
        "schema": 3, "order_id": "01KE6P4YM00000000000000007", "firm_id": "ca-firm-7", "service_code": "CMA",
        "status": "INTERNAL_REVIEW", "orchestration_status": "FAILED", "run": 3, "phase": "review",
        "options": {"skip_validation": true, "auto_approve_above": 0.9}, "documents": 4, "terminal": "1-2",
        "failed": "2", "lease": {"owner": "o", "message": "m", "until": 1_800_000_060_000_i64}, "phase_attempts": 5,
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
    assert_eq!((order.schema(), order.order_id().to_string()), (3, "01KE6P4YM00000000000000007".to_owned()));
    assert_eq!((order.firm_id().as_str(), order.service_code()), ("ca-firm-7", ServiceCode::Cma));
    let statuses = (order.status(), order.orchestration_status());
    assert_eq!(statuses, (Status::InternalReview, OrchestrationStatus::Failed));
    assert_eq!((order.run(), order.phase(), order.documents()), (run(3), Phase::Review, 4));
    let (default, options) = (Options::default(), order.options());
    assert!(options.skip_validation && !options.skip_review && options.notify_on_review == default.notify_on_review);
    assert_eq!(order.terminal().iter().copied().collect::<Vec<_>>(), [doc(1), doc(2)]);
    assert_eq!(order.failed().iter().copied().collect::<Vec<_>>(), [doc(2)]);
    assert_eq!((order.lease().unwrap().until, order.phase_attempts()), (at(60), 5));
    assert_eq!(serde_json::to_value(&order).unwrap()["terminal"], "1-2");
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

/// An order of the previous layout in extraction: of four documents the first is done, the second failed, the third was
/// claimed five times, the fourth is untouched.
fn previous() -> Order {
    let mut value = stored();
    let fields = json!({
        "schema": 2, "status": "IN_PROGRESS", "orchestration_status": "EXTRACTING", "phase": "extract", "run": 2,
        "terminal": [1, 2], "failed_at": null, "failure_reason": null, "last_orchestration_error": null,
        "executions": {
            "1": {"processor": "p_earlier_name", "run": 1, "status": "completed", "ended_at": at(1)},
            "2": {"processor": "p_financial_statement", "run": 2, "status": "failed", "error_code": "file.broken",
                  "error_message": "Upload it again.", "ended_at": at(2)},
        },
        "leases": {"d3": {"owner": "o", "message": "m3", "until": 1_800_000_060_000_i64}},
        "attempts": {"d1": 1, "d2": 4, "d3": 5},
    });
    let object = value.as_object_mut().unwrap();
    for name in ["failed", "lease", "phase_attempts"] {
        object.remove(name);
    }
    object.extend(fields.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn result(_: &Order, run: domain::id::RunNumber, number: DocumentNumber) -> String {
    format!("runs/{run}/{number}")
}

#[test]
fn an_order_of_the_previous_layout_is_taken_over_with_its_executions() {
    let (decision, executions) = renew(&previous(), "w", result);
    assert_eq!((decision.seen(), decision.order().revision()), (10, 11));
    let order = decision.order();
    assert_eq!((order.schema(), order.writer()), (3, "w"));
    assert_eq!(order.terminal().iter().copied().collect::<Vec<_>>(), [doc(1), doc(2)]);
    assert_eq!(order.failed().iter().copied().collect::<Vec<_>>(), [doc(2)]);
    assert_eq!((order.status(), order.hand_off_owed_since()), (Status::InProgress, Some(at(2))));

    let [first, second, third] = executions.as_slice() else { unreachable!("the fourth was never claimed") };
    assert_eq!((first.number(), first.run(), first.status()), (doc(1), run(1), ExecutionStatus::Completed));
    assert_eq!((first.result(), first.ended_at()), (Some("runs/1/1"), Some(at(1))));
    assert_eq!((first.processor(), first.attempts(), first.writer()), ("p_earlier_name", 1, "w"));
    assert_eq!((second.number(), second.run(), second.status()), (doc(2), run(2), ExecutionStatus::Failed));
    assert_eq!((second.error_code(), second.error_message()), (Some("file.broken"), Some("Upload it again.")));
    assert_eq!((third.number(), third.run(), third.status()), (doc(3), run(2), ExecutionStatus::Working));
    assert_eq!((third.attempts(), third.lease().unwrap().message.as_str()), (5, "m3"));
    assert_eq!((third.processor(), third.writer()), ("p_financial_statement", "w"));
    assert_eq!(third.subject().to_string(), "document-0003");

    let stored = serde_json::to_value(order).unwrap();
    for name in ["executions", "leases", "attempts"] {
        assert!(stored.get(name).is_none(), "{name} is gone");
    }
}

#[test]
fn a_backup_of_the_previous_layout_is_restored_in_the_current_one_under_its_own_revision() {
    let kept = Completion::of(&previous(), Phase::Extract, Vec::new(), None, Primary::Written);
    let mut value = serde_json::to_value(previous()).unwrap();
    value["revision"] = 9.into();
    let behind: Order = serde_json::from_value(value).unwrap();
    let restored = restore(&behind, &kept).unwrap().into_order();
    assert_eq!((restored.schema(), restored.revision(), restored.writer()), (3, 10, "w11"));
    assert_eq!(restored.failed().iter().copied().collect::<Vec<_>>(), [doc(2)]);
}

#[test]
fn the_lease_and_the_attempts_of_a_phase_are_taken_over_too() {
    let mut value = serde_json::to_value(previous()).unwrap();
    let fields = json!({
        "orchestration_status": "CLASSIFYING", "phase": "classify",
        "leases": {"phase": {"owner": "o", "message": "m", "until": 1_800_000_060_000_i64}}, "attempts": {"phase": 3},
    });
    value.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let (decision, _) = renew(&serde_json::from_value(value).unwrap(), "w", result);
    assert_eq!((decision.order().phase_attempts(), decision.order().lease().unwrap().until), (3, at(60)));
}

#[test]
fn nothing_is_decided_about_an_order_of_an_earlier_layout_because_its_executions_would_be_lost() {
    let event = Event::new(at(9), "w".to_owned(), EventKind::Cancelled);
    assert_eq!(decide(&previous(), &event).unwrap_err().why, Refusal::EarlierLayout);
}
