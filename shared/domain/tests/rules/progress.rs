//! The percentage that a client sees, computed by hand.

use domain::event::EventKind;
use domain::phase::Phase;

use crate::{
    accepted, apply, claim, complete, completed, execute, fail_document, fail_phase, regenerate, retry, run, until,
};

#[test]
fn extraction_makes_the_first_quarter_shared_by_the_documents() {
    // A quarter of 25 % each: 6.25, 12.5, 18.75, rounded down.
    let mut order = accepted(4);
    assert_eq!(order.progress_percent(), 0);
    for (document, expected) in [(3, 6), (1, 12), (4, 18)] {
        order = execute(&order, document);
        assert_eq!((order.progress_percent(), order.reached_percent()), (expected, expected), "document {document}");
    }
    order = fail_document(&order, 2);
    assert_eq!(order.progress_percent(), 25, "a document that failed has been dealt with, too");
}

#[test]
fn each_phase_starts_where_the_one_before_it_ended() {
    for (phase, expected) in [(Phase::Classify, 25), (Phase::Review, 50), (Phase::Validate, 60), (Phase::Generate, 80)]
    {
        let order = until(&accepted(3), phase);
        assert_eq!(order.progress_percent(), expected, "{phase} is due");
        assert_eq!(claim(&order, 2, None).progress_percent(), expected, "{phase} is claimed");
    }
    let order = claim(&until(&accepted(3), Phase::Generate), 2, None);
    let rendering = apply(&order, 3, EventKind::RenderingStarted { run: run(1) });
    assert_eq!(rendering.progress_percent(), 90, "half-way through generation");
    assert_eq!(completed(3).progress_percent(), 100);
}

#[test]
fn without_documents_extraction_is_at_its_start_until_it_ends() {
    assert_eq!(claim(&accepted(0), 1, None).progress_percent(), 0);
    assert_eq!(complete(&accepted(0)).progress_percent(), 25);
}

#[test]
fn a_failed_or_cancelled_order_keeps_what_it_reached_and_a_further_run_starts_where_it_starts() {
    let order = until(&accepted(2), Phase::Validate);
    assert_eq!(fail_phase(&order, 2).progress_percent(), 60);
    assert_eq!(apply(&order, 2, EventKind::Cancelled).progress_percent(), 60);
    assert_eq!(regenerate(&completed(2), Phase::Classify).progress_percent(), 25);
    // Of three documents the first is done, the second failed: the retry starts with a third of 25 %.
    let order = fail_document(&execute(&accepted(3), 1), 2);
    assert_eq!(order.progress_percent(), 16);
    assert_eq!(retry(&fail_phase(&order, 2)).progress_percent(), 8);
}
