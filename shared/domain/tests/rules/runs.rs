//! What a run did, and the audit trail that tells it.

use domain::audit::{AuditAction, AuditEntry};
use domain::event::EventKind;
use domain::failure::Failure;
use domain::order::Order;
use domain::phase::Phase;
use domain::run::Run;
use domain::trail::trail;
use serde_json::json;

use crate::{
    accepted, accepted_with, apply, at, claim, complete, complete_event, completed, decision, paused, regenerate, run,
    stored_with, until,
};

fn names(run: &Run) -> Vec<String> {
    run.steps().into_iter().map(|step| step.kind.name()).collect()
}

/// An order whose extraction takes from second 10 to 14 and whose classification fails in second 20.
fn failed_in_classify() -> Order {
    let extracting = claim(&accepted(0), 10, None);
    let classifying = claim(&apply(&extracting, 14, complete_event(&extracting, Vec::new())), 17, None);
    let failure = Failure::permanent("test.permanent", "Say what to do.");
    apply(&classifying, 20, EventKind::PhaseFailed { run: run(1), phase: Phase::Classify, failure })
}

#[test]
fn a_run_tells_each_phase_with_its_times_and_how_it_ended() {
    let steps = Run::current(&failed_in_classify()).steps();
    let told: Vec<_> = steps.iter().map(|step| (step.at, step.kind.name(), step.duration_ms)).collect();
    let expected = [
        (at(0), "pipeline_start", None),
        (at(10), "pipeline_extract_start", None),
        (at(14), "pipeline_extract_complete", Some(4_000)),
        (at(17), "pipeline_classify_start", None),
        (at(20), "pipeline_classify_fail", Some(20_000)),
    ];
    assert_eq!(told, expected.map(|(at, name, took)| (at, name.to_owned(), took)));
    assert_eq!(steps.last().and_then(|last| last.code.as_deref()), Some("test.permanent"));
}

#[test]
fn a_completed_run_tells_all_phases_skipped_ones_included() {
    let all = names(&Run::current(&completed(1)));
    assert_eq!(
        (all.len(), all.first().unwrap().as_str(), all.last().unwrap().as_str()),
        (12, "pipeline_start", "pipeline_complete")
    );
    let options = domain::option::Options { skip_review: true, ..Default::default() };
    let skipped = names(&Run::current(&complete(&until(&accepted_with(1, options), Phase::Generate))));
    assert!(skipped.contains(&"pipeline_review_skip".to_owned()), "{skipped:?}");
    assert!(!skipped.contains(&"pipeline_review_start".to_owned()), "{skipped:?}");
}

#[test]
fn a_run_that_waits_or_was_cancelled_says_so() {
    let waiting = paused(&accepted(1));
    assert_eq!(names(&Run::current(&waiting)).last().unwrap(), "pipeline_review_needed");
    let cancelled = apply(&waiting, 50, EventKind::Cancelled);
    assert_eq!(names(&Run::current(&cancelled)).last().unwrap(), "pipeline_cancel");
    assert!(Run::current(&crate::a_draft()).steps().is_empty(), "nothing has happened to a draft");
}

#[test]
fn a_new_run_is_written_together_with_the_one_before_it() {
    let failed = failed_in_classify();
    let again = decision(&failed, 100, EventKind::Retried { run: run(1), start_from: None });
    let ended = again.ended_run().unwrap();
    assert_eq!((ended.number(), ended.schema(), ended.order_id()), (run(1), 1, failed.order_id()));
    assert_eq!(ended.firm_id(), failed.firm_id());
    assert_eq!(names(ended).last().unwrap(), "pipeline_classify_fail");
    // The new run tells only what it did itself: extraction was not done again.
    assert_eq!(names(&Run::current(again.order())), ["pipeline_start"]);
    assert_eq!(Run::current(again.order()).number(), run(2));
}

#[test]
fn a_run_is_only_stored_when_another_one_begins() {
    let paused = paused(&accepted(1));
    assert!(decision(&paused, 50, EventKind::Cancelled).ended_run().is_none());
    assert!(decision(&paused, 50, EventKind::Resumed { run: run(1) }).ended_run().is_none());
    let again = decision(&completed(1), 100, EventKind::Regenerated { run: run(1), start_from: Phase::Generate });
    assert_eq!(names(again.ended_run().unwrap()).last().unwrap(), "pipeline_complete");
}

#[test]
fn a_run_of_a_deleted_order_is_none_of_another_order_under_its_id() {
    let order = regenerate(&completed(1), Phase::Generate);
    let ended = Run::current(&completed(1));
    assert!(ended.is_of(&order));
    for other in [json!({"created_at": at(500)}), json!({"order_id": "0".repeat(26)})] {
        assert!(!ended.is_of(&stored_with(&order, &other)), "{other}");
    }
}

#[test]
fn the_trail_holds_commands_and_steps_in_the_order_of_time() {
    let failed = failed_in_classify();
    let retried = apply(&failed, 100, EventKind::Retried { run: run(1), start_from: None });
    let entry = |order: &Order, action, second, reason: &str| AuditEntry {
        reason: Some(reason.to_owned()),
        ..AuditEntry::about(order, action, at(second), "ops@rao.example")
    };
    let entries = vec![entry(&failed, AuditAction::OrderRetried, 100, "the template is back")];
    let told = trail(entries, &[Run::current(&failed), Run::current(&retried)]);
    let actions: Vec<&str> = told.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions[4..], ["pipeline_classify_fail", "order_retried", "pipeline_start"]);
    let by_person = &told[5];
    assert_eq!(
        (by_person.actor.as_str(), by_person.reason.as_deref()),
        ("ops@rao.example", Some("the template is back"))
    );
    assert_eq!((by_person.run, by_person.duration_ms), (run(1), None));
    let failed_step = &told[4];
    assert_eq!((failed_step.actor.as_str(), failed_step.code.as_deref()), ("pipeline", Some("test.permanent")));
    assert_eq!(told[6].run, run(2));
}
