//! What the backup may restore, and what a completion holds.

use domain::completion::{Backup, Completion, Durability, Primary};
use domain::lifecycle::restore;
use domain::order::Order;
use domain::phase::Phase;
use serde_json::json;

use crate::{
    accepted, at, claim, completed, execute, fail_document, fail_phase, regenerate, retry, run, stored_with, until,
};

fn kept(order: &Order) -> Completion {
    Completion::of(order, order.phase(), Vec::new(), None, Primary::Written)
}

#[test]
fn a_backup_that_is_ahead_of_the_table_replaces_the_order() {
    let behind = accepted(2);
    let ahead = execute(&behind, 1);
    let restored = restore(&behind, &kept(&ahead)).unwrap();
    assert_eq!(restored.seen(), 1, "only while the table still holds what was compared");
    assert_eq!(restored.into_order(), ahead);
    let claimed = claim(&until(&fail_document(&behind, 1), Phase::Classify), 5, None);
    assert_eq!(restore(&behind, &kept(&claimed)).unwrap().into_order(), claimed, "with its lease and what failed");
    let later_run = retry(&fail_phase(&ahead, 5));
    assert_eq!(restore(&ahead, &kept(&later_run)).unwrap().into_order(), later_run);
}

#[test]
fn an_older_backup_never_replaces_a_newer_order() {
    let older = accepted(2);
    let newer = execute(&older, 1);
    assert_eq!(restore(&newer, &kept(&older)), None);
    assert_eq!(restore(&newer, &kept(&newer)), None, "nor does an equal one");
    // A later run is newer, even if an earlier one had been written more often.
    let second_run = regenerate(&completed(1), Phase::Generate);
    let first_run = stored_with(&completed(1), &json!({"revision": 99}));
    assert_eq!(restore(&second_run, &kept(&first_run)), None);
    assert_eq!(restore(&first_run, &kept(&second_run)).unwrap().into_order(), second_run);
}

#[test]
fn a_backup_of_another_order_or_firm_replaces_nothing() {
    let order = accepted(2);
    let ahead = execute(&order, 1);
    for other in [json!({"created_at": at(-9)}), json!({"firm_id": "another"}), json!({"order_id": "0".repeat(26)})] {
        assert_eq!(restore(&order, &kept(&stored_with(&ahead, &other))), None, "{other}");
    }
}

#[test]
fn a_completion_holds_the_order_and_what_it_is_about() {
    let order = execute(&accepted(2), 2);
    let completion = Completion::of(&order, Phase::Extract, Vec::new(), Some("file.broken"), Primary::Lost);
    assert_eq!((completion.schema, completion.order_id), (2, order.order_id()));
    assert_eq!((completion.run, completion.revision, completion.rank()), (run(1), 3, (run(1), 3)));
    assert_eq!(completion.phase, Phase::Extract);
    assert_eq!((completion.status, completion.orchestration_status), (order.status(), order.orchestration_status()));
    assert_eq!((completion.error_code.as_deref(), completion.primary), (Some("file.broken"), Primary::Lost));
    assert_eq!((completion.at, completion.correlation_id.as_str()), (at(1), "command-1"));
    assert_eq!(completion.order, order);
}

#[test]
fn a_completion_is_in_both_stores_in_one_or_in_none() {
    for (primary, backup, expected) in [
        (Primary::Written, Backup::Written, Durability::Both),
        (Primary::Written, Backup::Lost, Durability::PrimaryOnly),
        (Primary::Lost, Backup::Written, Durability::BackupOnly),
        (Primary::Lost, Backup::Lost, Durability::Neither),
    ] {
        let completion = Completion::of(&accepted(1), Phase::Extract, Vec::new(), None, primary);
        assert_eq!(completion.durability(backup), expected);
    }
}

#[test]
fn the_completion_of_an_order_that_has_ended_or_waits_lacks_the_executions_until_they_are_added() {
    let lacks =
        |order: &Order| Completion::of(order, Phase::Extract, Vec::new(), None, Primary::Written).lacks_executions();
    assert!(!lacks(&execute(&accepted(2), 1)), "an order in progress needs only what ended");
    for order in [completed(1), crate::paused(&accepted(1)), fail_phase(&accepted(1), 5)] {
        assert!(lacks(&order), "{}", order.orchestration_status());
    }
    assert!(!lacks(&completed(0)), "an order without documents has none");
    let full = Completion { has_all_executions: true, ..kept(&completed(1)) };
    assert!(!full.lacks_executions());
}
