//! What is recorded when something fails.

use domain::event::EventKind;
use domain::failure::{Category, Failure, FailureId, Vetted};
use domain::lifecycle::failure_of;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use serde_json::json;

use crate::{
    accepted, apply, at, broken_file, claim, complete, completed, decision, doc, ended_event, execute, fail_document,
    fail_phase, regenerate, retry, run, stored_with, until,
};

/// Two documents of which the first failed; classification failed, too.
fn failed_twice() -> Order {
    let order = execute(&fail_document(&accepted(2), 1), 2);
    let order = apply(&order, 1, crate::complete_event(&order, Vec::new()));
    fail_phase(&claim(&order, 2, None), 5)
}

fn id(order: &Order) -> Option<String> {
    failure_of(order).map(|record| record.failure_id.to_string())
}

#[test]
fn an_order_continues_without_a_document_that_failed() {
    let order = apply(&accepted(3), 7, ended_event(&accepted(3), 3, true));
    assert_eq!((order.status(), order.orchestration_status()), (Status::InProgress, OrchestrationStatus::Extracting));
    assert!(order.failed().contains(&doc(3)) && order.terminal().contains(&doc(3)));
}

#[test]
fn an_outage_of_one_document_stays_transient_so_that_a_retry_is_advised() {
    let outage = Failure::transient("store.unavailable", "Retry.");
    assert_eq!(outage.of_one_document().category, Category::Transient);
    assert_eq!(broken_file().of_one_document().category, Category::Partial);
}

#[test]
fn a_phase_that_fails_ends_the_run_and_clears_what_was_claimed_and_pending() {
    let order = failed_twice();
    assert_eq!((order.status(), order.orchestration_status()), (Status::Failed, OrchestrationStatus::Failed));
    assert!(order.lease().is_none() && order.hand_off_owed_since().is_none());
    assert_eq!((order.failure_reason(), order.failed_at()), (Some("Say what to do."), Some(at(5))));
    let error = order.last_orchestration_error().unwrap();
    assert_eq!((error.failure_id.as_str(), error.phase), ("r1-classify", Phase::Classify));
    assert_eq!((error.category, error.code.as_str(), error.at), (Category::Permanent, "test.permanent", at(5)));
}

#[test]
fn an_order_knows_the_failure_that_its_last_run_ended_with_so_that_a_lost_record_can_be_written_again() {
    let order = failed_twice();
    let record = failure_of(&order).unwrap();
    assert_eq!(record.failure_id.as_str(), "r1-classify");
    assert_eq!((record.category, record.code.as_str()), (Category::Permanent, "test.permanent"));
    assert_eq!((record.occurred_at, record.doc_type.as_deref()), (at(5), None));
    assert_eq!((record.service_code, record.firm_id.as_str()), (ServiceCode::Cma, "firm"));
    assert_eq!((record.order_id, record.correlation_id.as_str()), (order.order_id(), "command-1"));
    assert_eq!((id(&accepted(2)), id(&completed(2))), (None, None));
    // A further run starts with none, and knows only its own.
    let second = retry(&order);
    assert_eq!(id(&second), None);
    assert_eq!(id(&fail_phase(&second, 110)).as_deref(), Some("r2-classify"));
}

#[test]
fn a_run_in_progress_has_not_failed_whatever_error_is_stored_with_it() {
    let order = stored_with(&failed_twice(), &json!({"status": "IN_PROGRESS", "orchestration_status": "CLASSIFYING"}));
    assert_eq!(id(&order), None);
    assert_eq!(id(&stored_with(&failed_twice(), &json!({"run": 2}))), None);
}

#[test]
fn an_order_none_of_whose_documents_can_be_read_fails() {
    let order = fail_document(&fail_document(&accepted(2), 1), 2);
    let ended = decision(&order, 9, crate::complete_event(&order, Vec::new()));
    assert_eq!(ended.record().unwrap().code, "extract.no_document_left");
    assert_eq!(ended.order().status(), Status::Failed);
    assert_eq!(id(ended.order()).as_deref(), Some("r1-extract"));
}

#[test]
fn a_cancelled_order_ends_and_a_cancelled_further_version_leaves_the_earlier_one() {
    let cancelled = apply(&claim(&accepted(1), 1, Some(doc(1))), 2, EventKind::Cancelled);
    assert_eq!(
        (cancelled.status(), cancelled.orchestration_status()),
        (Status::Cancelled, OrchestrationStatus::Cancelled)
    );
    assert!(cancelled.lease().is_none() && cancelled.hand_off_owed_since().is_none());
    assert_eq!(crate::refusal(&cancelled, EventKind::Cancelled), domain::lifecycle::Refusal::Ended);

    let paused = crate::paused(&accepted(1));
    assert_eq!(apply(&paused, 2, EventKind::Cancelled).review_items(), 0);

    let further = apply(&regenerate(&completed(1), Phase::Review), 101, EventKind::Cancelled);
    assert_eq!((further.status(), further.orchestration_status()), (Status::Completed, OrchestrationStatus::Cancelled));
    assert_eq!(further.artifact_version(), 1);
}

#[test]
fn a_failed_further_version_waits_for_a_person_and_the_earlier_one_stands() {
    let order = fail_phase(&regenerate(&completed(1), Phase::Generate), 101);
    assert_eq!((order.status(), order.orchestration_status()), (Status::InternalReview, OrchestrationStatus::Failed));
    assert_eq!((order.failure_reason(), order.failed_at()), (None, None));
    let done = complete(&retry(&order));
    assert_eq!((done.status(), done.artifact_version()), (Status::Completed, 2));
}

#[test]
fn an_order_that_is_completed_in_the_end_does_not_show_what_an_earlier_run_failed_of() {
    let failed = fail_phase(&regenerate(&completed(1), Phase::Generate), 101);
    let again = retry(&failed);
    let first = complete(&until(&retry(&fail_phase(&accepted(1), 5)), Phase::Generate));
    for order in [complete(&again), apply(&again, 105, EventKind::Cancelled), first] {
        assert_eq!(order.status(), Status::Completed);
        assert_eq!((order.last_orchestration_error(), order.failure_reason(), order.failed_at()), (None, None, None));
    }
}

#[test]
fn a_failures_id_tells_run_phase_and_document_so_that_it_is_recorded_once() {
    assert_eq!(FailureId::of(run(2), Phase::Generate, None).as_str(), "r2-generate");
    assert_eq!(FailureId::of(run(1), Phase::Extract, Some(doc(12))).to_string(), "r1-extract-d12");
    assert_eq!(FailureId::of_message("abc").as_str(), "message-abc");
    assert_eq!(FailureId::of_comparison("backup.newer").as_str(), "reconcile-backup.newer");
    assert_eq!(FailureId::stored("r2-generate"), FailureId::of(run(2), Phase::Generate, None));
}

#[test]
fn an_error_with_limits_becomes_a_failure_with_its_code_and_sentence() {
    struct TooLarge;
    impl std::fmt::Display for TooLarge {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a file has at most 10 MB")
        }
    }
    impl Vetted for TooLarge {
        fn code(&self) -> &'static str {
            "file.too_large"
        }
    }
    assert_eq!(Failure::vetted(&TooLarge), Failure::permanent("file.too_large", "a file has at most 10 MB"));
}
