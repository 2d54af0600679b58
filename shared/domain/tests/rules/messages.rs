//! Which messages an order still has to send.

use domain::event::EventKind;
use domain::order::Order;
use domain::phase::Phase;
use serde_json::json;

use crate::{
    a_draft, accepted, apply, at, claim, completed, execute, fail_document, fail_phase, paused, regenerate, run,
    stored_with, until,
};

fn documents(order: &Order) -> Vec<Option<u32>> {
    order.owed_messages().iter().map(|message| message.document.map(|document| document.get())).collect()
}

#[test]
fn extraction_is_started_by_one_message_for_each_document_that_has_not_ended() {
    assert_eq!(documents(&accepted(3)), [Some(1), Some(2), Some(3)]);
    assert_eq!(documents(&execute(&accepted(3), 2)), [Some(1), Some(3)]);
    assert_eq!(documents(&fail_document(&execute(&accepted(3), 2), 1)), [Some(3)], "a failed document has ended, too");
    assert_eq!(documents(&accepted(0)), [None]);
}

#[test]
fn a_message_names_the_order_its_run_and_its_phase() {
    let order = regenerate(&completed(1), Phase::Validate);
    let messages = order.owed_messages();
    assert_eq!(messages.len(), 1);
    let message = &messages[0];
    assert_eq!((message.order_id, message.firm_id.as_str()), (order.order_id(), "firm"));
    assert_eq!((message.run, message.phase, message.document), (run(2), Phase::Validate, None));
    assert_eq!((message.schema, message.correlation_id.as_str()), (1, "command-1"));
}

#[test]
fn a_message_stays_pending_until_its_phase_has_ended() {
    let order = until(&accepted(2), Phase::Classify);
    assert_eq!(documents(&order), [None]);
    let claimed = claim(&order, 5, None);
    assert_eq!(claimed.owed_messages(), order.owed_messages());
    assert_eq!(claimed.hand_off_owed_since(), Some(at(1)), "since the phase before ended");
}

#[test]
fn an_order_that_waits_or_has_ended_sends_nothing() {
    let ended = [a_draft(), paused(&accepted(1)), completed(1), fail_phase(&accepted(1), 1)];
    let cancelled = apply(&accepted(1), 1, EventKind::Cancelled);
    for order in ended.iter().chain([&cancelled]) {
        assert_eq!(order.owed_messages(), [], "{} / {}", order.status(), order.orchestration_status());
        let stored = stored_with(order, &json!({"hand_off_owed_since": at(1)}));
        assert_eq!(stored.owed_messages(), [], "{}: also with a hand-off stored", order.status());
    }
}

#[test]
fn sending_again_is_counted_until_the_next_phase_is_due() {
    let order = until(&accepted(1), Phase::Classify);
    let resent = |order: &Order, second| {
        apply(order, second, EventKind::HandOffResent { run: order.run(), phase: order.phase() })
    };
    let twice = resent(&resent(&order, 900), 2_700);
    assert_eq!((twice.resends(), twice.resent_at()), (2, Some(at(2_700))));
    assert_eq!(twice.hand_off_owed_since(), order.hand_off_owed_since(), "the wait counts from the first sending");
    let next = until(&twice, Phase::Review);
    assert_eq!((next.resends(), next.resent_at()), (0, None));
    let other = EventKind::HandOffResent { run: run(1), phase: Phase::Extract };
    assert_eq!(crate::refusal(&order, other), domain::lifecycle::Refusal::OtherPhase);
}
