//! What is recorded when something fails.

use domain::event::EventKind;
use domain::failure::{Category, Failure, FailureId, Vetted};
use domain::lifecycle::failures_of;
use domain::order::{ExecutionStatus, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use serde_json::json;

use crate::{
    accepted, apply, at, broken_file, claim, complete, completed, decision, doc, ended_event, execute, fail_document,
    fail_phase, regenerate, retry, run, stored_with,
};

/// Two documents of which the first failed; classification failed, too.
fn failed_twice() -> Order {
    let order = execute(&fail_document(&accepted(2), 1), 2);
    let order = apply(&order, 1, crate::complete_event(&order, Vec::new()));
    fail_phase(&claim(&order, 2, None), 5)
}

fn ids(order: &Order) -> Vec<String> {
    failures_of(order).iter().map(|record| record.failure_id.to_string()).collect()
}

#[test]
fn a_document_that_fails_is_recorded_as_its_own_failure_and_the_order_goes_on() {
    let order = claim(&accepted(3), 1, Some(doc(3)));
    let decision = decision(&order, 7, ended_event(&order, 3, Some(broken_file())));
    let record = decision.record().unwrap();
    assert_eq!(record.failure_id.as_str(), "r1-extract-d3");
    assert_eq!((record.category, record.code.as_str()), (Category::Partial, "file.broken"));
    assert_eq!(record.error_message, "Upload the file again.");
    assert_eq!(record.doc_type.as_deref(), Some("p_financial_statement"));
    assert_eq!((record.run, record.phase, record.occurred_at), (run(1), Phase::Extract, at(7)));
    assert_eq!((record.service_code, record.firm_id.as_str()), (ServiceCode::Cma, "firm"));
    assert_eq!((record.order_id, record.correlation_id.as_str()), (order.order_id(), "command-1"));

    let order = decision.order();
    assert_eq!((order.status(), order.orchestration_status()), (Status::InProgress, OrchestrationStatus::Extracting));
    let execution = &order.executions()[&doc(3)];
    assert_eq!((execution.status, execution.run), (ExecutionStatus::Failed, run(1)));
    assert_eq!(execution.error_code.as_deref(), Some("file.broken"));
    assert!(order.leases().is_empty(), "a document that has ended is claimed by nobody");
}

#[test]
fn an_outage_of_one_document_stays_transient_so_that_a_retry_is_advised() {
    let outage = Failure::transient("store.unavailable", "Retry.");
    let order = accepted(1);
    let ended = decision(&order, 1, ended_event(&order, 1, Some(outage.clone())));
    assert_eq!(ended.record().unwrap().category, Category::Transient);
    assert_eq!(outage.of_one_document().category, Category::Transient);
    assert_eq!(broken_file().of_one_document().category, Category::Partial);
}

#[test]
fn a_phase_that_fails_ends_the_run_and_clears_what_was_claimed_and_pending() {
    let order = failed_twice();
    assert_eq!((order.status(), order.orchestration_status()), (Status::Failed, OrchestrationStatus::Failed));
    assert!(order.leases().is_empty() && order.hand_off_owed_since().is_none());
    assert_eq!((order.failure_reason(), order.failed_at()), (Some("Say what to do."), Some(at(5))));
    let error = order.last_orchestration_error().unwrap();
    assert_eq!((error.failure_id.as_str(), error.phase), ("r1-classify", Phase::Classify));
    assert_eq!((error.category, error.code.as_str(), error.at), (Category::Permanent, "test.permanent", at(5)));
}

#[test]
fn an_order_lists_the_failures_of_its_current_run_so_that_lost_records_can_be_written_again() {
    let order = failed_twice();
    assert_eq!(ids(&order), ["r1-extract-d1", "r1-classify"]);
    let records = failures_of(&order);
    assert_eq!((records[0].category, records[0].code.as_str()), (Category::Partial, "file.broken"));
    assert_eq!((records[0].occurred_at, records[0].phase), (at(1), Phase::Extract));
    assert_eq!((records[1].category, records[1].code.as_str()), (Category::Permanent, "test.permanent"));
    assert_eq!((records[1].occurred_at, records[1].doc_type.as_deref()), (at(5), None));

    assert_eq!(ids(&accepted(2)), <[&str; 0]>::default());
    assert_eq!(ids(&completed(2)), <[&str; 0]>::default());
    // A further run starts with none, and knows only its own.
    let second = retry(&order);
    assert_eq!(ids(&second), <[&str; 0]>::default());
    assert_eq!(ids(&fail_phase(&second, 110)), ["r2-classify"]);
}

#[test]
fn a_run_in_progress_has_not_failed_whatever_error_is_stored_with_it() {
    let order = stored_with(&failed_twice(), &json!({"status": "IN_PROGRESS", "orchestration_status": "CLASSIFYING"}));
    assert_eq!(ids(&order), ["r1-extract-d1"]);
    let other_run = stored_with(&failed_twice(), &json!({"run": 2}));
    assert_eq!(ids(&other_run), <[&str; 0]>::default());
}

#[test]
fn an_order_none_of_whose_documents_can_be_read_fails() {
    let order = fail_document(&fail_document(&accepted(2), 1), 2);
    let ended = decision(&order, 9, crate::complete_event(&order, Vec::new()));
    assert_eq!(ended.record().unwrap().code, "extract.no_document_left");
    assert_eq!(ended.order().status(), Status::Failed);
    assert_eq!(ids(ended.order()), ["r1-extract-d1", "r1-extract-d2", "r1-extract"]);
}

#[test]
fn a_cancelled_order_ends_and_a_cancelled_further_version_leaves_the_earlier_one() {
    let cancelled = apply(&claim(&accepted(1), 1, Some(doc(1))), 2, EventKind::Cancelled);
    assert_eq!(
        (cancelled.status(), cancelled.orchestration_status()),
        (Status::Cancelled, OrchestrationStatus::Cancelled)
    );
    assert!(cancelled.leases().is_empty() && cancelled.hand_off_owed_since().is_none());
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
