//! An order that waits for a reviewer.

use domain::event::EventKind;
use domain::lifecycle::Refusal;
use domain::notice::{Notice, NoticeKind};
use domain::order::Order;
use domain::phase::Phase;
use domain::review::{Deadlines, Due, InvalidDeadlines, Told, next_due};
use domain::status::{OrchestrationStatus, Status};

use crate::{accepted, accepted_with, apply, at, completed, decision, paused, refusal, regenerate, retry, run, until};

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

const HOUR: i64 = 3_600;

fn deadlines() -> Deadlines {
    Deadlines::from_hours(24, 72, 336).unwrap()
}

/// What is due next, and how many hours after the pause.
fn due(order: &Order) -> Option<(Due, i64)> {
    next_due(order, &deadlines()).map(|(due, when)| (due, (when.as_second() - at(1).as_second()) / HOUR))
}

#[test]
fn deadlines_follow_each_other() {
    for (remind, escalate, expire) in [(0, 1, 2), (2, 2, 3), (3, 2, 4), (1, 3, 3), (1, 5, 4)] {
        assert_eq!(
            Deadlines::from_hours(remind, escalate, expire),
            Err(InvalidDeadlines),
            "{remind} {escalate} {expire}"
        );
    }
    assert!(Deadlines::from_hours(1, 2, 3).is_ok());
}

#[test]
fn reviewers_are_reminded_then_operators_are_told_and_then_the_order_fails() {
    let order = paused(&accepted(1));
    assert_eq!(due(&order), Some((Due::Tell(Told::Reviewers), 24)));

    let reminded = decision(&order, 1 + 24 * HOUR, EventKind::ReviewReminded { run: run(1) });
    let notice = reminded.notice().unwrap().clone();
    assert_eq!((notice.kind, notice.notice_id.as_str()), (NoticeKind::ReviewReminder, "r1-review-reminder"));
    let order = reminded.into_order();
    assert!(order.is_paused() && notice.still_applies(&order));
    assert_eq!(due(&order), Some((Due::Tell(Told::Operators), 72)));
    assert_eq!(refusal(&order, EventKind::ReviewReminded { run: run(1) }), Refusal::Told);

    let told = decision(&order, 1 + 72 * HOUR, EventKind::ReviewEscalated { run: run(1) });
    assert_eq!(told.notice().unwrap().kind, NoticeKind::ReviewEscalated);
    let order = told.into_order();
    assert_eq!(due(&order), Some((Due::Expire, 336)));

    let expired = decision(&order, 1 + 336 * HOUR, EventKind::ReviewExpired { run: run(1) });
    let record = expired.record().unwrap();
    assert_eq!((record.code.as_str(), record.phase), ("review.expired", Phase::Review));
    let order = expired.into_order();
    assert_eq!((order.status(), order.failure_reason().is_some()), (Status::Failed, true));
    assert_eq!(due(&order), None);
    // A retry opens the review again, and its time starts anew.
    let again = paused(&retry(&order));
    assert_eq!((again.run(), again.review_wait().told, again.review_wait().extensions), (run(2), None, 0));
}

#[test]
fn a_wait_that_nobody_was_warned_of_does_not_expire() {
    // Reconciliation was away for a month, or its clock jumped: each step still takes its turn.
    let month = 1 + 720 * HOUR;
    let order = apply(&paused(&accepted(1)), month, EventKind::ReviewReminded { run: run(1) });
    let order = apply(&order, month, EventKind::ReviewEscalated { run: run(1) });
    assert_eq!(due(&order), Some((Due::Expire, 720 + (336 - 72) / 2)));
}

#[test]
fn an_extension_starts_the_wait_anew() {
    let order = apply(&paused(&accepted(1)), 1 + 24 * HOUR, EventKind::ReviewReminded { run: run(1) });
    let stale = Notice::of_reminder(&order).unwrap();
    let order = apply(&order, 1 + 50 * HOUR, EventKind::ReviewExtended { run: run(1) });
    assert_eq!(due(&order), Some((Due::Tell(Told::Reviewers), 50 + 24)));
    assert!(!stale.still_applies(&order), "what was due before the extension is withdrawn");
    let again = decision(&order, 1 + 74 * HOUR, EventKind::ReviewReminded { run: run(1) });
    assert_eq!(again.notice().unwrap().notice_id.as_str(), "r1-review-reminder-1", "it is told once more");
}

#[test]
fn operators_are_told_even_where_the_client_wants_no_notices() {
    let quiet = domain::option::Options { notify_on_review: false, ..Default::default() };
    let order = paused(&accepted_with(1, quiet));
    let reminded = decision(&order, 5, EventKind::ReviewReminded { run: run(1) });
    assert_eq!(reminded.notice(), None);
    assert!(decision(reminded.order(), 6, EventKind::ReviewEscalated { run: run(1) }).notice().is_some());
}

#[test]
fn only_an_order_that_waits_is_reminded_of_extended_or_expires() {
    let resumed = apply(&paused(&accepted(1)), 5, EventKind::Resumed { run: run(1) });
    let second = paused(&regenerate(&completed(1), Phase::Review));
    for (order, in_run, expected) in [
        (&resumed, 1, Refusal::NotPaused),
        (&completed(1), 1, Refusal::NotPaused),
        (&second, 1, Refusal::Stale),
        (&second, 3, Refusal::NotPaused),
    ] {
        let run = run(in_run);
        for kind in [
            EventKind::ReviewReminded { run },
            EventKind::ReviewEscalated { run },
            EventKind::ReviewExtended { run },
            EventKind::ReviewExpired { run },
        ] {
            assert_eq!(refusal(order, kind.clone()), expected, "{kind} of run {in_run}");
        }
    }
    // A version that expires in its review leaves the earlier one standing.
    let expired = apply(&second, 200, EventKind::ReviewExpired { run: run(2) });
    assert_eq!((expired.status(), expired.artifact_version()), (Status::InternalReview, 1));
}
