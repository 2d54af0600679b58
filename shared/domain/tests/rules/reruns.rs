//! Further runs: a retry of what failed, a further version of what stands.

use domain::event::{Event, EventKind};
use domain::lifecycle::{Refusal, decide};
use domain::option::Options;
use domain::order::Order;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};

use crate::{
    accepted, accepted_with, apply, artifact, at, claim, complete_event, completed, execute, fail_document, fail_phase,
    paused, refusal, regenerate, retry, run, until,
};

fn open(order: &Order) -> Vec<u32> {
    order.owed_messages().iter().filter_map(|message| message.document).map(|document| document.get()).collect()
}

#[test]
fn a_retry_starts_a_new_run_at_the_phase_that_failed() {
    let failed = fail_phase(&until(&accepted(2), Phase::Validate), 5);
    let order = retry(&failed);
    assert_eq!((order.run(), order.phase(), order.status()), (run(2), Phase::Validate, Status::Queued));
    assert_eq!(order.orchestration_status(), OrchestrationStatus::Reviewing);
    assert_eq!((order.failure_reason(), order.failed_at()), (None, None));
    assert_eq!((order.run_started_at(), order.watched_since()), (Some(at(100)), at(100)));
    assert_eq!((order.owed_messages().len(), order.owed_messages()[0].run), (1, run(2)));
    assert!(!order.phases().contains_key(&Phase::Validate), "the phase is timed anew");
    assert_eq!(order.result_run(Phase::Review), Some(run(1)), "what was done stays");
    // What still comes from the first run is too late.
    let late = EventKind::PhaseCompleted { run: run(1), phase: Phase::Validate, artifacts: Vec::new() };
    assert_eq!(refusal(&order, late), Refusal::Stale);
    assert_eq!(refusal(&order, EventKind::Retried { run: run(1), start_from: None }), Refusal::Stale);
    assert_eq!(refusal(&order, EventKind::Retried { run: run(2), start_from: None }), Refusal::NotFailed);
    assert_eq!(refusal(&failed, EventKind::Retried { run: run(2), start_from: None }), Refusal::Early);
}

#[test]
fn an_event_of_a_run_that_has_not_begun_changes_nothing() {
    let order = crate::claim(&until(&accepted(1), Phase::Generate), 1, None);
    let failure = crate::broken_file();
    for kind in [
        EventKind::PhaseCompleted { run: run(2), phase: Phase::Generate, artifacts: Vec::new() },
        EventKind::PhaseFailed { run: run(2), phase: Phase::Generate, failure },
        EventKind::RenderingStarted { run: run(2) },
        EventKind::HandOffResent { run: run(2), phase: Phase::Generate },
    ] {
        assert_eq!(refusal(&order, kind.clone()), Refusal::Early, "{kind}");
    }
}

#[test]
fn a_retry_starts_earlier_where_the_order_asks_for_it_and_never_later() {
    let options = Options { start_from: Some(Phase::Extract), ..Options::default() };
    let order = retry(&fail_phase(&until(&accepted_with(1, options), Phase::Validate), 5));
    assert_eq!(order.phase(), Phase::Extract);
    assert_eq!(retry(&fail_phase(&accepted(1), 5)).phase(), Phase::Extract);
}

#[test]
fn a_retry_executes_the_documents_that_have_no_result_and_only_those() {
    // The first is done, the second failed, the third has not ended.
    let order = fail_phase(&fail_document(&execute(&accepted(3), 1), 2), 5);
    let again = retry(&order);
    assert_eq!(open(&again), [2, 3]);
    assert_eq!(again.terminal().len(), 1);
    assert!(again.failed().is_empty());
}

#[test]
fn a_retry_executes_every_document_again_where_the_order_forces_it() {
    let options = Options { force_reprocess: true, ..Options::default() };
    let order = retry(&fail_phase(&fail_document(&execute(&accepted_with(3, options), 1), 2), 5));
    assert_eq!(open(&order), [1, 2, 3]);
    assert!(order.terminal().is_empty() && order.failed().is_empty());
}

#[test]
fn a_retry_of_an_extraction_whose_documents_are_all_done_executes_the_last_one_so_that_it_can_end() {
    let order = retry(&fail_phase(&execute(&execute(&accepted(2), 1), 2), 5));
    assert_eq!(open(&order), [2]);
    assert_eq!(order.terminal().len(), 1);
    let without_documents = retry(&fail_phase(&accepted(0), 5));
    assert_eq!(without_documents.owed_messages().len(), 1);
}

#[test]
fn a_retry_of_a_later_phase_keeps_the_documents_as_they_are() {
    let order = retry(&fail_phase(&until(&fail_document(&accepted(2), 1), Phase::Classify), 5));
    assert_eq!((order.terminal().len(), order.failed().len()), (2, 1));
}

#[test]
fn a_further_version_needs_an_order_that_has_ended_with_a_version() {
    let ask = |order: &Order, in_run| {
        refusal(order, EventKind::Regenerated { run: run(in_run), start_from: Phase::Generate })
    };
    assert_eq!(ask(&accepted(1), 1), Refusal::Busy);
    assert_eq!(ask(&paused(&accepted(1)), 1), Refusal::Busy);
    assert_eq!(ask(&fail_phase(&accepted(1), 5), 1), Refusal::NoVersion);
    assert_eq!(ask(&completed(1), 2), Refusal::Early);
    let order = regenerate(&completed(1), Phase::Validate);
    assert_eq!((order.run(), order.phase(), order.status()), (run(2), Phase::Validate, Status::Regenerating));
    assert_eq!((order.artifact_version(), order.artifacts().len()), (1, 1));
    assert_eq!(ask(&order, 1), Refusal::Stale);
    assert_eq!(ask(&order, 2), Refusal::Busy);
}

#[test]
fn an_order_does_not_grow_with_its_versions() {
    let bytes = |order: &Order| serde_json::to_vec(order).unwrap().len();
    let mut order = completed(1);
    let first = bytes(&order);
    for version in 2..=1_600 {
        order = crate::complete(&regenerate(&order, Phase::Generate));
        assert_eq!((order.artifact_version(), order.artifacts().len()), (version, 1));
    }
    // Numbers get longer, and nothing else does.
    assert!(bytes(&order) < first + 100, "{} bytes, {first} at first", bytes(&order));
}

#[test]
fn an_order_whose_versions_an_earlier_layout_kept_gives_them_up_step_by_step() {
    let mut stored = serde_json::to_value(completed(1)).unwrap();
    let one = stored["artifacts"][0].clone();
    let artifacts = (1..=120).map(|version| {
        let mut artifact = one.clone();
        artifact["version"] = version.into();
        artifact
    });
    stored["artifacts"] = artifacts.collect();
    stored["artifact_version"] = 120.into();
    let mut order: Order = serde_json::from_value(stored).unwrap();
    let mut moved = Vec::new();
    for left in [71, 22, 1] {
        let again = regenerate(&order, Phase::Generate);
        let again = claim(&again, 9, None);
        let event = Event::new(again.updated_at(), "w".to_owned(), complete_event(&again, vec![artifact("a")]));
        let decision = decide(&again, &event).unwrap();
        assert!(decision.versions().len() <= 50, "one transaction takes a hundred items");
        moved.extend(decision.versions().iter().map(|version| version.number()));
        order = decision.into_order();
        assert_eq!(order.artifacts().len(), left);
    }
    assert_eq!(moved, (1..=122).collect::<Vec<_>>());
}

#[test]
fn a_reviewers_decisions_hold_until_the_review_is_done_again() {
    let decided = apply(&paused(&accepted(1)), 5, EventKind::ReviewDecided { run: run(1), remaining: 0 });
    let done = crate::complete(&until(&decided, Phase::Generate));
    for (start, expected) in [
        (Phase::Extract, None),
        (Phase::Classify, None),
        (Phase::Review, None),
        (Phase::Validate, Some(run(1))),
        (Phase::Generate, Some(run(1))),
    ] {
        assert_eq!(regenerate(&done, start).decisions_run(), expected, "from {start} on");
    }
}

#[test]
fn a_further_run_starts_with_no_item_left_for_review_and_does_everything_from_its_start_on_again() {
    let order = regenerate(&completed(2), Phase::Classify);
    assert_eq!(order.review_items(), 0);
    assert_eq!(order.phases().keys().copied().collect::<Vec<_>>(), [Phase::Extract]);
    let failed_in_review = fail_phase(&crate::claim(&regenerate(&completed(2), Phase::Review), 101, None), 102);
    assert_eq!(
        regenerate(&failed_in_review, Phase::Generate).phase(),
        Phase::Review,
        "what was left undone comes first"
    );
    assert_eq!(regenerate(&failed_in_review, Phase::Extract).phase(), Phase::Extract);
}

fn retry_from(order: &Order, start_from: Phase) -> Order {
    apply(order, 100, EventKind::Retried { run: order.run(), start_from: Some(start_from) })
}

#[test]
fn a_retry_starts_at_the_phase_that_is_named_and_does_everything_after_it_again() {
    let decided = apply(&paused(&accepted(2)), 5, EventKind::ReviewDecided { run: run(1), remaining: 0 });
    let failed = fail_phase(&until(&decided, Phase::Validate), 6);
    for start in [Phase::Extract, Phase::Classify, Phase::Review, Phase::Validate] {
        let order = retry_from(&failed, start);
        assert_eq!((order.run(), order.phase(), order.status()), (run(2), start, Status::Queued));
        assert_eq!(order.orchestration_status(), start.due());
        let kept: Vec<_> = order.phases().keys().copied().collect();
        assert_eq!(kept, Phase::ALL.into_iter().filter(|phase| *phase < start).collect::<Vec<_>>(), "from {start} on");
        assert_eq!((order.failure_reason(), order.review_items()), (None, 0), "from {start} on");
        let decisions = if start <= Phase::Review { None } else { Some(run(1)) };
        assert_eq!(order.decisions_run(), decisions, "another review takes other decisions; from {start} on");
        assert!(order.progress_percent() < failed.progress_percent() || start == Phase::Validate, "from {start} on");
    }
    let later = EventKind::Retried { run: run(1), start_from: Some(Phase::Generate) };
    assert_eq!(refusal(&failed, later), Refusal::StartsLater);
}

#[test]
fn whoever_names_extract_has_every_document_executed_again() {
    let failed = fail_phase(&until(&fail_document(&execute(&accepted(3), 1), 2), Phase::Classify), 5);
    for order in [retry_from(&failed, Phase::Extract), regenerate(&completed(3), Phase::Extract)] {
        assert_eq!(open(&order), [1, 2, 3]);
        assert!(order.terminal().is_empty() && order.failed().is_empty());
    }
    let failed = fail_phase(&execute(&accepted(3), 1), 5);
    assert_eq!(open(&retry_from(&failed, Phase::Extract)), [1, 2, 3]);
    assert_eq!(open(&retry(&failed)), [2, 3], "a retry that names no phase keeps what is done");
}

#[test]
fn an_order_that_waits_for_a_reviewer_starts_over_where_a_phase_is_named() {
    let waiting = paused(&accepted(1));
    for start in [Phase::Extract, Phase::Classify, Phase::Review] {
        let order = retry_from(&waiting, start);
        assert_eq!((order.run(), order.phase(), order.status()), (run(2), start, Status::Queued));
        assert_eq!(order.owed_messages().len(), 1, "from {start} on");
    }
    let refused = |start_from| refusal(&waiting, EventKind::Retried { run: run(1), start_from });
    assert_eq!(refused(None), Refusal::NotFailed);
    assert_eq!(refused(Some(Phase::Validate)), Refusal::StartsLater);
}
