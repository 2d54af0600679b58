//! What people are told about an order beside its own failure, and when that no longer applies.

use domain::event::EventKind;
use domain::failure::FailureId;
use domain::notice::{AlertId, Notice, NoticeId, NoticeKind};
use domain::option::Options;
use domain::order::Order;
use domain::phase::Phase;

use crate::{
    accepted, accepted_with, at, claim, complete_event, completed, decision, execute, fail_document, paused,
    regenerate, retry, run, until,
};

/// The notice of a write that ends the current phase.
fn at_the_end(order: &Order) -> Option<Notice> {
    decision(order, 9, complete_event(order, Vec::new())).notice().cloned()
}

fn review_needed(order: &Order) -> Option<Notice> {
    let order = claim(&until(order, Phase::Review), 1, None);
    decision(&order, 9, EventKind::ReviewNeeded { run: order.run(), items: 3 }).notice().cloned()
}

#[test]
fn a_review_that_begins_is_announced_unless_the_client_wants_no_notices() {
    let notice = review_needed(&accepted(1)).unwrap();
    assert_eq!((notice.kind, notice.notice_id.as_str()), (NoticeKind::ReviewNeeded, "r1-review-needed"));
    assert_eq!((notice.run, notice.items, notice.occurred_at), (run(1), 3, at(9)));
    let quiet = Options { notify_on_review: false, ..Options::default() };
    assert_eq!(review_needed(&accepted_with(1, quiet)), None);
    assert_eq!(Notice::of_review(&accepted(1)), None, "it does not wait");
}

#[test]
fn the_announcement_of_a_review_applies_only_while_its_own_run_waits() {
    let first = completed(1);
    let notice = review_needed(&accepted(1)).unwrap();
    assert!(notice.still_applies(&paused(&accepted(1))));
    assert!(!notice.still_applies(&first), "nobody waits");
    let second = paused(&regenerate(&first, Phase::Review));
    assert!(second.is_paused() && !notice.still_applies(&second), "another run waits");
}

#[test]
fn documents_that_failed_are_announced_together_when_extraction_ends() {
    let order = execute(&fail_document(&fail_document(&accepted(3), 1), 2), 3);
    let notice = at_the_end(&order).unwrap();
    assert_eq!((notice.kind, notice.notice_id.as_str()), (NoticeKind::DocumentsFailed, "r1-extract-documents"));
    assert_eq!((notice.items, notice.correlation_id.as_str()), (2, "command-1"));
    assert!(notice.still_applies(&completed(3)), "what failed has failed, whatever becomes of the order");
    assert_eq!(at_the_end(&execute(&accepted(1), 1)), None, "none failed");
}

#[test]
fn documents_that_failed_are_announced_once_and_not_by_every_later_phase() {
    let classifying = claim(&until(&fail_document(&accepted(2), 1), Phase::Classify), 2, None);
    assert_eq!(classifying.failed().len(), 1);
    assert_eq!(at_the_end(&classifying), None);
    assert_eq!(decision(&classifying, 9, EventKind::Cancelled).notice(), None);
}

#[test]
fn an_order_that_is_cancelled_in_extraction_still_announces_its_documents_that_failed() {
    let order = fail_document(&accepted(3), 2);
    let notice = decision(&order, 9, EventKind::Cancelled).notice().cloned();
    assert_eq!(notice.map(|notice| (notice.kind, notice.items)), Some((NoticeKind::DocumentsFailed, 1)));
}

#[test]
fn an_order_that_fails_for_want_of_a_document_has_its_own_alert_and_no_notice_beside_it() {
    let ended = decision(&fail_document(&accepted(1), 1), 9, complete_event(&accepted(1), Vec::new()));
    assert_eq!((ended.record().is_some(), ended.notice()), (true, None));
    assert_eq!(retry(ended.order()).failed().len(), 0);
}

#[test]
fn an_alert_is_named_by_its_failure_or_notice() {
    assert_eq!(AlertId::from(FailureId::stored("r1-extract-d2")).to_string(), "r1-extract-d2");
    assert_eq!(AlertId::from(NoticeId::stored("r1-review")).to_string(), "r1-review");
}

#[test]
fn no_notice_has_the_id_of_a_failure_since_both_are_published() {
    let kinds = [
        NoticeKind::ReviewNeeded,
        NoticeKind::ReviewReminder,
        NoticeKind::ReviewEscalated,
        NoticeKind::DocumentsFailed,
    ];
    for kind in kinds {
        let notice = NoticeId::of(run(1), kind);
        for phase in domain::phase::Phase::ALL {
            for document in [None, Some(crate::doc(1)), Some(crate::doc(1_000))] {
                let failure = domain::failure::FailureId::of(run(1), phase, document);
                assert_ne!(notice.as_str(), failure.as_str());
            }
        }
    }
}
