//! An execution is claimed by one invocation at a time, ends once, and its end stands.

use domain::claim::Claim;
use domain::execution::{
    Execution, ExecutionChange, ExecutionEnd, ExecutionStatus, claim, completed, current, end, failure_of, held_at,
    release,
};
use domain::failure::{Category, Failure};
use domain::id::{InvalidId, Subject};
use domain::order::{Lease, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;

use crate::{accepted, at, broken_file, doc, execute, fail_document, fail_phase, retry, run};

const DONE: Claim = Claim::AlreadyDone { resend: true };

fn lease(message: &str, until: i64) -> Lease {
    Lease { owner: format!("invocation of {message}"), message: message.to_owned(), until: at(until) }
}

fn claimed(order: &Order, number: u32) -> Execution {
    claim(order, doc(number), None, &lease("m", 60), at(1), "w1").unwrap().next().clone()
}

fn ended(order: &Order, number: u32, how: &ExecutionEnd) -> ExecutionChange {
    end(order, doc(number), Some(&claimed(order, number)), how, at(5), "w2").unwrap()
}

fn completed_at(order: &Order, number: u32) -> Execution {
    ended(order, number, &ExecutionEnd::Completed(Some(format!("key-{}-{number}", order.run())))).next().clone()
}

#[test]
fn the_first_claim_makes_the_execution_and_says_that_there_was_none() {
    let change = claim(&accepted(3), doc(2), None, &lease("m", 60), at(7), "w").unwrap();
    assert_eq!((change.seen(), change.record()), (None, None));
    let execution = change.next();
    assert_eq!((execution.number(), execution.run(), execution.attempts()), (doc(2), run(1), 1));
    assert_eq!((execution.processor(), execution.subject()), ("p_financial_statement", &Subject::Document(doc(2))));
    assert_eq!((execution.status(), execution.has_ended()), (ExecutionStatus::Working, false));
    assert_eq!((execution.started_at(), execution.ended_at(), execution.duration_ms()), (Some(at(7)), None, None));
    assert_eq!((execution.lease(), execution.writer()), (Some(&lease("m", 60)), "w"));
}

#[test]
fn a_reader_sees_the_layout_that_an_execution_is_stored_in() {
    let mut value = serde_json::to_value(claimed(&accepted(1), 1)).unwrap();
    assert_eq!((&value["schema"], &value["subject"]), (&1.into(), &"document-0001".into()));
    value["schema"] = 2.into();
    assert_eq!(serde_json::from_value::<Execution>(value).unwrap().schema(), 2);
}

#[test]
fn an_execution_is_held_by_one_message_until_its_lease_ends() {
    let order = accepted(1);
    let held = claimed(&order, 1);
    let judged = |message: &str, second| {
        claim(&order, doc(1), Some(&held), &lease(message, 200), at(second), "w2")
            .map(|change| change.next().attempts())
    };
    assert_eq!(judged("another", 59), Err(Claim::Busy { until: at(60) }));
    assert_eq!(judged("another", 60), Ok(2));
    // A queue delivers a message again only when its consumer is dead, so it may take over its own lease.
    assert_eq!(judged("m", 2), Ok(2));
    let again = claim(&order, doc(1), Some(&held), &lease("m", 200), at(9), "w2").unwrap();
    assert_eq!((again.seen(), again.next().started_at()), (Some("w1"), Some(at(1))), "since the first claim");
}

#[test]
fn a_claim_that_is_given_back_counts_no_attempt_and_leaves_no_lease() {
    let order = accepted(1);
    let given_back = release(&claimed(&order, 1), "w2");
    assert_eq!(given_back.seen(), Some("w1"));
    assert_eq!(
        (given_back.next().attempts(), given_back.next().lease(), given_back.next().has_ended()),
        (0, None, false)
    );
    let again = claim(&order, doc(1), Some(given_back.next()), &lease("another", 90), at(2), "w3").unwrap();
    assert_eq!(again.next().attempts(), 1);
}

#[test]
fn an_execution_ends_once_and_whoever_comes_later_finds_it_done() {
    let order = accepted(1);
    let change = ended(&order, 1, &ExecutionEnd::Completed(Some("key".to_owned())));
    assert_eq!((change.seen(), change.record()), (Some("w1"), None));
    let done = change.next();
    assert_eq!((done.status(), done.result(), done.lease()), (ExecutionStatus::Completed, Some("key"), None));
    assert_eq!((done.ended_at(), done.duration_ms()), (Some(at(5)), Some(4_000)));
    assert_eq!(end(&order, doc(1), Some(done), &ExecutionEnd::Failed(broken_file()), at(6), "w3"), None);
    assert_eq!(claim(&order, doc(1), Some(done), &lease("m", 90), at(6), "w3"), Err(DONE));
}

#[test]
fn an_execution_that_fails_is_recorded_as_its_own_failure() {
    let order = accepted(3);
    let change = ended(&order, 3, &ExecutionEnd::Failed(broken_file()));
    let record = change.record().unwrap();
    assert_eq!(record.failure_id.as_str(), "r1-extract-d3");
    assert_eq!((record.category, record.code.as_str()), (Category::Partial, "file.broken"));
    assert_eq!(
        (record.error_message.as_str(), record.doc_type.as_deref()),
        ("Upload the file again.", Some("p_financial_statement"))
    );
    assert_eq!((record.run, record.phase, record.occurred_at), (run(1), Phase::Extract, at(5)));
    assert_eq!((record.service_code, record.firm_id.as_str()), (ServiceCode::Cma, "firm"));
    assert_eq!((record.order_id, record.correlation_id.as_str()), (order.order_id(), "command-1"));
    let failed = change.next();
    assert_eq!(
        (failed.status(), failed.error_code(), failed.result()),
        (ExecutionStatus::Failed, Some("file.broken"), None)
    );
    assert_eq!(failed.error_message(), Some("Upload the file again."));
    // The record can be made again from the execution alone.
    assert_eq!(failure_of(&order, failed).as_ref(), Some(record));
    assert_eq!(failure_of(&order, &completed_at(&order, 1)), None);

    let outage = ended(&order, 1, &ExecutionEnd::Failed(Failure::transient("store.unavailable", "Retry.")));
    assert_eq!(outage.record().unwrap().category, Category::Transient);
}

#[test]
fn an_execution_that_was_never_claimed_can_fail_as_a_dead_letter_does() {
    let change = end(&accepted(1), doc(1), None, &ExecutionEnd::Failed(broken_file()), at(5), "w").unwrap();
    assert_eq!((change.seen(), change.next().attempts(), change.next().started_at()), (None, 0, None));
    assert_eq!(change.next().status(), ExecutionStatus::Failed);
}

#[test]
fn by_the_clock_of_another_machine_an_execution_never_ends_before_it_began() {
    let late = end(&accepted(1), doc(1), Some(&claimed(&accepted(1), 1)), &ExecutionEnd::Completed(None), at(0), "w");
    assert_eq!(late.unwrap().next().duration_ms(), Some(0));
}

#[test]
fn the_results_that_count_are_the_latest_of_the_documents_that_completed() {
    // The first document completes in both runs, the second fails in the first run and completes in the second, the third
    // fails in both.
    let first = fail_document(&fail_document(&execute(&accepted(3), 1), 2), 3);
    let second = fail_document(&execute(&retry(&fail_phase(&first, 5)), 2), 3);
    let all = [
        completed_at(&first, 1),
        ended(&first, 2, &ExecutionEnd::Failed(broken_file())).next().clone(),
        ended(&first, 3, &ExecutionEnd::Failed(broken_file())).next().clone(),
        completed_at(&second, 2),
        ended(&second, 3, &ExecutionEnd::Failed(broken_file())).next().clone(),
    ];
    let keys = |all: &[Execution]| {
        completed(&second, all)
            .map(|done| done.iter().filter_map(|one| one.result()).map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(keys(&all), Some(vec!["key-1-1".to_owned(), "key-2-2".to_owned()]));
    assert_eq!(keys(&all[1..]), None, "one that completed is missing, so nothing may go on without it");
    let runs: Vec<_> = current(&second, &all).iter().map(|one| (one.number().get(), one.run().get())).collect();
    assert_eq!(runs, [(1, 1), (2, 2), (3, 2)]);
}

#[test]
fn an_execution_is_held_while_its_lease_lasts_and_only_in_its_run() {
    let first = accepted(2);
    let all = [claimed(&first, 1), completed_at(&first, 2)];
    assert_eq!(held_at(&first, &all, at(59)).into_iter().collect::<Vec<_>>(), [doc(1)]);
    assert!(held_at(&first, &all, at(60)).is_empty());
    assert!(held_at(&retry(&fail_phase(&first, 5)), &all, at(59)).is_empty());
}

#[test]
fn a_subject_is_a_document_a_group_or_the_application_and_reads_back() {
    let group = Subject::group("owner_identity").unwrap();
    for (subject, text) in [
        (Subject::Document(doc(7)), "document-0007"),
        (group, "group-owner_identity"),
        (Subject::Application, "application"),
    ] {
        assert_eq!(subject.to_string(), text);
        assert_eq!(text.parse(), Ok(subject.clone()));
        assert_eq!(String::from(subject), text);
    }
    for nonsense in ["", "document-0", "document-", "document-x", "group-", "group-A#b", "applications"] {
        assert!(nonsense.parse::<Subject>().is_err(), "{nonsense}");
    }
    assert_eq!(Subject::group(&"a".repeat(65)), Err(InvalidId::Subject));
    assert!(Subject::group(&"a".repeat(64)).is_ok());
}

#[test]
fn an_execution_of_a_deleted_order_says_nothing_about_another_order_under_its_id() {
    let earlier = accepted(1);
    let done = completed_at(&earlier, 1);
    let later = crate::stored_with(&earlier, &serde_json::json!({"created_at": at(500)}));
    assert!(done.is_of(&earlier) && !done.is_of(&later));
    let claim = claim(&later, doc(1), Some(&done), &lease("m", 900), at(501), "w9").unwrap();
    assert_eq!((claim.seen(), claim.next().attempts(), claim.next().has_ended()), (Some("w2"), 1, false));
    let failed = end(&later, doc(1), Some(&done), &ExecutionEnd::Failed(broken_file()), at(502), "w10").unwrap();
    assert_eq!((failed.seen(), failed.next().result()), (Some("w2"), None));
    assert_eq!(
        completed(&crate::stored_with(&later, &serde_json::json!({"terminal": "1"})), std::slice::from_ref(&done)),
        None
    );
    assert!(current(&later, std::slice::from_ref(&done)).is_empty() && held_at(&later, &[done], at(2)).is_empty());
}
