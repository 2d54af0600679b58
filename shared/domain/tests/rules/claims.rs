//! What to do about a message, case by case.

use domain::claim::{Claim, judge, owes_after};
use domain::event::{EventKind, Unit};
use domain::order::Order;
use domain::phase::Phase;

use crate::{
    a_draft, accepted, at, claim, claim_event, completed, doc, execute, fail_phase, paused, retry, run, until,
};

const DONE: Claim = Claim::AlreadyDone { resend: true };

fn judged(order: &Order, in_run: u32, phase: Phase, document: Option<u32>, message: &str, second: i64) -> Claim {
    let unit = Unit { run: run(in_run), phase, document: document.map(doc) };
    judge(order, &unit, message, at(second))
}

#[test]
fn a_message_for_a_document_is_worked_on_until_the_document_has_ended() {
    // Of three documents the first has ended. Whether the others are claimed is kept with their executions.
    let order = claim(&execute(&accepted(3), 1), 2, Some(doc(2)));
    for (document, message, second, expected) in [
        (Some(1), "m1", 10, DONE),
        (Some(2), "another", 10, Claim::Work),
        (Some(3), "m3", 10, Claim::Work),
        (Some(3), "m2", 10, Claim::Work),
        (Some(4), "m4", 10, Claim::Stale),
        (None, "m", 10, Claim::Stale),
    ] {
        let claim = judged(&order, 1, Phase::Extract, document, message, second);
        assert_eq!(claim, expected, "document {document:?}, message {message}, second {second}");
    }
}

#[test]
fn a_message_for_a_phase_is_worked_on_while_its_phase_is_the_current_one() {
    let order = until(&accepted(2), Phase::Review);
    let claimed = claim(&order, 2, None);
    for (order, phase, document, message, expected) in [
        (&order, Phase::Extract, Some(1), "m", DONE),
        (&order, Phase::Classify, None, "m", DONE),
        (&order, Phase::Review, None, "m", Claim::Work),
        (&order, Phase::Review, Some(1), "m", Claim::Stale),
        (&order, Phase::Validate, None, "m", Claim::Early),
        (&order, Phase::Generate, None, "m", Claim::Early),
        (&claimed, Phase::Review, None, "m", Claim::Work),
        (&claimed, Phase::Review, None, "another", Claim::Busy { until: at(60) }),
    ] {
        assert_eq!(judged(order, 1, phase, document, message, 10), expected, "{phase} {document:?} {message}");
    }
    for (second, expected) in [(59, Claim::Busy { until: at(60) }), (60, Claim::Work), (61, Claim::Work)] {
        assert_eq!(judged(&claimed, 1, Phase::Review, None, "another", second), expected, "second {second}");
    }
}

#[test]
fn extraction_without_documents_is_one_unit_of_work() {
    assert_eq!(judged(&accepted(0), 1, Phase::Extract, None, "m", 1), Claim::Work);
    assert_eq!(judged(&accepted(0), 1, Phase::Extract, Some(1), "m", 1), Claim::Stale);
}

#[test]
fn a_message_of_an_earlier_run_is_stale_and_one_of_a_later_run_is_early() {
    let second_run = retry(&fail_phase(&until(&accepted(1), Phase::Classify), 5));
    for (in_run, expected) in [(1, Claim::Stale), (2, Claim::Work), (3, Claim::Early)] {
        assert_eq!(judged(&second_run, in_run, Phase::Classify, None, "m", 1), expected, "run {in_run}");
    }
    // The run decides before anything else: also of an order that has been cancelled.
    let cancelled = crate::apply(&second_run, 101, EventKind::Cancelled);
    for (in_run, expected) in [(1, Claim::Stale), (2, Claim::Cancelled), (3, Claim::Early)] {
        assert_eq!(judged(&cancelled, in_run, Phase::Classify, None, "m", 1), expected, "run {in_run}");
    }
}

#[test]
fn an_order_that_does_no_work_takes_no_message() {
    assert_eq!(judged(&a_draft(), 1, Phase::Extract, None, "m", 1), Claim::Early);
    assert_eq!(judged(&paused(&accepted(1)), 1, Phase::Review, None, "m", 1), DONE);
    assert_eq!(judged(&completed(1), 1, Phase::Generate, None, "m", 1), DONE);
    assert_eq!(judged(&fail_phase(&accepted(1), 1), 1, Phase::Extract, Some(1), "m", 1), DONE);
}

#[test]
fn a_refused_claim_says_whether_the_unit_is_done_or_none_of_the_order() {
    let order = claim(&execute(&accepted(3), 1), 2, Some(doc(2)));
    for (document, expected) in [
        (Some(doc(1)), domain::lifecycle::Refusal::DocumentEnded),
        (Some(doc(4)), domain::lifecycle::Refusal::NoSuchDocument),
        (None, domain::lifecycle::Refusal::NoSuchDocument),
    ] {
        assert_eq!(crate::refusal(&order, claim_event(&order, document, "another", 90)), expected, "{document:?}");
    }
}

#[test]
fn a_repeat_resends_the_hand_off_only_of_a_phase_before_the_current_one() {
    let order = until(&accepted(1), Phase::Classify);
    assert!(owes_after(&order, Phase::Extract));
    assert!(!owes_after(&order, Phase::Classify));
    assert!(!owes_after(&order, Phase::Review));
    assert!(owes_after(&claim(&order, 2, None), Phase::Extract), "until the phase has ended, also while it is claimed");
    for ended in [fail_phase(&order, 2), completed(1), paused(&order)] {
        assert!(!owes_after(&ended, Phase::Extract), "{} owes nothing", ended.orchestration_status());
    }
}
