//! When an order that has stopped moving is helped, to the second.

use domain::event::EventKind;
use domain::execution::claim;
use domain::order::{Lease, Order};
use domain::overdue::{Overdue, overdue};
use domain::phase::Phase;

use crate::{accepted, apply, at, claim_event, completed, doc, execute, fail_document, fail_phase, paused, until};

/// The second at which the phase of [`waiting`] became due.
const DUE: i64 = 1;

fn waiting() -> Order {
    until(&accepted(2), Phase::Classify)
}

fn resent(order: &Order, second: i64) -> Order {
    apply(order, second, EventKind::HandOffResent { run: order.run(), phase: order.phase() })
}

fn judged(order: &Order, cases: &[(i64, Overdue)]) {
    for (second, expected) in cases {
        assert_eq!(overdue(order, &[], at(*second)), *expected, "at second {second}");
    }
}

#[test]
fn a_message_is_sent_again_after_fifteen_minutes_then_after_twice_as_long_at_most_two_hours() {
    let order = waiting();
    judged(&order, &[(DUE, Overdue::No), (DUE + 899, Overdue::No), (DUE + 900, Overdue::Resend)]);
    let mut order = order;
    let mut second = 1_000;
    for patience in [1_800, 3_600, 7_200, 7_200, 7_200] {
        order = resent(&order, second);
        judged(&order, &[(second + patience - 1, Overdue::No), (second + patience, Overdue::Resend)]);
        second += patience;
    }
}

#[test]
fn an_order_that_stays_in_one_phase_for_a_day_fails() {
    judged(
        &waiting(),
        &[(DUE + 86_399, Overdue::Resend), (DUE + 86_400, Overdue::Fail), (DUE + 90_000, Overdue::Fail)],
    );
    judged(&resent(&waiting(), 86_000), &[(DUE + 86_399, Overdue::No), (DUE + 86_400, Overdue::Fail)]);
}

#[test]
fn nothing_is_done_while_an_invocation_may_still_be_working() {
    let order = waiting();
    let claimed = apply(&order, 2, claim_event(&order, None, "m", 100_000));
    // Clocks may differ by ten minutes, so a lease is over only then.
    judged(&claimed, &[(5_000, Overdue::No), (100_599, Overdue::No), (100_600, Overdue::Fail)]);
    let short = apply(&order, 2, claim_event(&order, None, "m", 2_000));
    judged(&short, &[(2_599, Overdue::No), (2_600, Overdue::Resend)]);
}

#[test]
fn a_phase_is_ended_when_all_documents_have_ended_and_nobody_ended_it() {
    let one_open = execute(&accepted(2), 1);
    judged(&one_open, &[(899, Overdue::No), (900, Overdue::Resend)]);
    let all_ended = fail_document(&one_open, 2);
    judged(&all_ended, &[(899, Overdue::No), (900, Overdue::EndPhase)]);
    assert!(waiting().all_documents_ended(), "a later phase is sent again nevertheless");
    judged(&waiting(), &[(DUE + 900, Overdue::Resend)]);
}

#[test]
fn an_extraction_is_left_alone_while_somebody_executes_one_of_its_documents() {
    let order = accepted(2);
    let lease = Lease { owner: "o".to_owned(), message: "m".to_owned(), until: at(2_000) };
    let claimed = claim(&order, doc(1), None, &lease, at(1), "w").unwrap().next().clone();
    assert_eq!(overdue(&order, std::slice::from_ref(&claimed), at(2_599)), Overdue::No);
    assert_eq!(overdue(&order, &[claimed], at(2_600)), Overdue::Resend);
    assert_eq!(overdue(&order, &[], at(2_599)), Overdue::Resend);
}

#[test]
fn an_order_that_waits_for_a_person_or_has_ended_is_left_alone() {
    for order in [paused(&waiting()), completed(1), fail_phase(&waiting(), 2), crate::a_draft()] {
        judged(&order, &[(90_000, Overdue::No)]);
    }
}
