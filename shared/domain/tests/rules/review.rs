//! An order that waits for a reviewer.

use domain::event::EventKind;
use domain::lifecycle::Refusal;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};

use crate::{accepted, apply, at, completed, paused, refusal, regenerate, run, until};

#[test]
fn an_order_waits_until_no_item_is_left() {
    let order = paused(&accepted(1));
    assert_eq!(
        (order.status(), order.orchestration_status()),
        (Status::InternalReview, OrchestrationStatus::ReviewPending)
    );
    assert_eq!((order.review_items(), order.decisions_run(), order.hand_off_owed_since()), (3, None, None));

    let decided = |order: &_, remaining| apply(order, 5, EventKind::ReviewDecided { run: run(1), remaining });
    let one_left = decided(&order, 1);
    assert_eq!((one_left.review_items(), one_left.is_paused(), one_left.phase()), (1, true, Phase::Review));
    assert_eq!(one_left.decisions_run(), Some(run(1)));
    assert_eq!(decided(&one_left, 2).review_items(), 1, "what is decided stays decided");

    let done = decided(&one_left, 0);
    assert_eq!((done.status(), done.orchestration_status()), (Status::InProgress, OrchestrationStatus::Reviewing));
    assert_eq!((done.phase(), done.hand_off_owed_since()), (Phase::Validate, Some(at(5))));
    assert_eq!(done.result_run(Phase::Review), Some(run(1)));
}

#[test]
fn an_order_goes_on_with_what_was_proposed() {
    let order = apply(&paused(&accepted(1)), 5, EventKind::Resumed { run: run(1) });
    assert_eq!((order.phase(), order.status(), order.review_items()), (Phase::Validate, Status::InProgress, 0));
    assert_eq!(order.decisions_run(), None, "nobody decided anything");
}

#[test]
fn a_further_version_goes_on_as_a_further_version() {
    let order = paused(&regenerate(&completed(1), Phase::Review));
    let order = apply(&order, 105, EventKind::Resumed { run: run(2) });
    assert_eq!((order.phase(), order.status()), (Phase::Validate, Status::Regenerating));
}

#[test]
fn a_decision_counts_only_for_the_run_that_waits() {
    let second = paused(&regenerate(&completed(1), Phase::Review));
    let both = |run| [EventKind::Resumed { run }, EventKind::ReviewDecided { run, remaining: 0 }];
    for (order, in_run, expected) in [
        (&second, 1, Refusal::Stale),
        (&second, 3, Refusal::NotPaused),
        (&until(&accepted(1), Phase::Review), 1, Refusal::NotPaused),
        (&completed(1), 1, Refusal::NotPaused),
    ] {
        for kind in both(run(in_run)) {
            assert_eq!(refusal(order, kind.clone()), expected, "{kind} of run {in_run}");
        }
    }
}

#[test]
fn nothing_happens_to_an_order_that_waits_but_what_ends_the_wait() {
    let order = paused(&accepted(1));
    for kind in [
        EventKind::ReviewNeeded { run: run(1), items: 1 },
        crate::complete_event(&order, Vec::new()),
        crate::claim_event(&order, None, "m", 60),
        EventKind::HandOffResent { run: run(1), phase: Phase::Review },
    ] {
        assert_eq!(refusal(&order, kind.clone()), Refusal::NotActive, "{kind}");
    }
    let unclaimed = until(&accepted(1), Phase::Review);
    // The status of a review that is claimed and of one that is done is the same word; a pause needs the claim.
    assert_eq!(refusal(&unclaimed, EventKind::ReviewNeeded { run: run(1), items: 1 }), Refusal::NotClaimed);
}
