//! What the end of a phase, of a document and of an order changes.

use std::collections::BTreeSet;

use domain::event::{Event, EventKind};
use domain::lifecycle::{Refusal, Unacceptable, decide, submit};
use domain::option::Options;
use domain::order::{Artifact, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};

use crate::{
    a_draft, accepted, accepted_with, apply, artifact, at, claim, claim_event, complete, complete_event, completed,
    decision, doc, ended_event, execute, fail_document, new_order, refusal, regenerate, run, until,
};

#[test]
fn an_order_needs_documents_where_its_service_does_and_takes_at_most_a_thousand() {
    let taken = |service, documents| {
        submit(new_order(service, documents, Options::default()), at(0), "w")
            .map(|decision| decision.order().documents())
    };
    assert_eq!(taken(ServiceCode::Cma, 0), Err(Unacceptable::NoDocuments));
    assert_eq!(taken(ServiceCode::Cma, 1), Ok(1));
    assert_eq!(taken(ServiceCode::Canary, 0), Ok(0));
    assert_eq!(taken(ServiceCode::Cma, 999), Ok(999));
    assert_eq!(taken(ServiceCode::Cma, 1_000), Ok(1_000));
    assert_eq!(taken(ServiceCode::Cma, 1_001), Err(Unacceptable::TooManyDocuments));
}

#[test]
fn a_first_run_starts_at_extraction() {
    let starting = |phase| {
        let options = Options { start_from: phase, ..Options::default() };
        submit(new_order(ServiceCode::Cma, 1, options), at(0), "w").map(|decision| decision.order().phase())
    };
    assert_eq!(starting(None), Ok(Phase::Extract));
    assert_eq!(starting(Some(Phase::Extract)), Ok(Phase::Extract));
    assert_eq!(starting(Some(Phase::Generate)), Err(Unacceptable::StartsLate));
}

#[test]
fn a_draft_is_submitted_once_and_takes_nothing_before() {
    let draft = a_draft();
    assert_eq!((draft.status(), draft.revision(), draft.hand_off_owed_since()), (Status::Draft, 0, None));
    let submitted = apply(&draft, 3, EventKind::Submitted);
    assert_eq!(
        (submitted.status(), submitted.orchestration_status()),
        (Status::Queued, OrchestrationStatus::IntakeLocked)
    );
    assert_eq!(submitted.hand_off_owed_since(), Some(at(3)));
    assert_eq!(refusal(&submitted, EventKind::Submitted), Refusal::Submitted);
    assert_eq!(refusal(&draft, EventKind::RenderingStarted { run: run(1) }), Refusal::Draft);
    let regenerated = EventKind::Regenerated { run: run(1), start_from: Phase::Generate };
    assert_eq!(refusal(&draft, regenerated), Refusal::Draft);
}

#[test]
fn every_write_names_the_revision_it_saw_and_counts_one() {
    let accepted = submit(new_order(ServiceCode::Cma, 2, Options::default()), at(0), "w").unwrap();
    assert_eq!((accepted.seen(), accepted.order().revision()), (0, 1));
    let mut order = accepted.into_order();
    for (document, seen) in [(1, 1), (2, 3)] {
        let claimed = decision(&order, 1, crate::claim_event(&order, Some(doc(document)), "m", 60));
        assert_eq!((claimed.seen(), claimed.order().revision()), (seen, seen + 1));
        order = claimed.into_order();
        let ended = decision(&order, 2, ended_event(&order, document, false));
        assert_eq!((ended.seen(), ended.order().revision()), (seen + 1, seen + 2));
        assert_eq!(ended.order().writer(), "writer-2");
        order = ended.into_order();
    }
}

#[test]
fn two_steps_in_one_write_count_as_one_revision() {
    let stored = claim(&accepted(1), 1, Some(doc(1)));
    let ended = decision(&stored, 2, ended_event(&stored, 1, false));
    let both = decision(ended.order(), 2, complete_event(ended.order(), Vec::new())).folded_into(&stored);
    assert_eq!((both.seen(), stored.revision()), (2, 2));
    assert_eq!(both.order().revision(), 3);
    assert_eq!(both.order().phase(), Phase::Classify);
}

#[test]
fn a_document_ends_once_and_only_if_the_order_has_it() {
    let order = accepted(3);
    let claimed = claim(&order, 1, Some(doc(3)));
    assert_eq!(
        (claimed.status(), claimed.orchestration_status()),
        (Status::InProgress, OrchestrationStatus::Extracting)
    );
    assert_eq!(claimed.lease(), None, "its execution holds the lease");
    let ended = apply(&claimed, 4, ended_event(&claimed, 3, false));
    assert_eq!(ended.terminal().iter().copied().collect::<Vec<_>>(), [doc(3)]);
    assert_eq!(refusal(&ended, ended_event(&ended, 3, false)), Refusal::DocumentEnded);
    assert_eq!(refusal(&ended, ended_event(&ended, 4, false)), Refusal::NoSuchDocument);
    let without_documents = claim(&accepted(0), 1, None);
    assert_eq!(refusal(&without_documents, ended_event(&without_documents, 1, false)), Refusal::NoSuchDocument);
}

#[test]
fn documents_that_end_together_are_added_in_one_write_and_known_ones_change_nothing() {
    let set = |numbers: &[u32]| numbers.iter().map(|number| doc(*number)).collect::<BTreeSet<_>>();
    let ended = |completed: &[u32], failed: &[u32]| EventKind::DocumentsEnded {
        run: run(1),
        completed: set(completed),
        failed: set(failed),
    };
    let order = apply(&accepted(5), 1, ended(&[1, 4], &[2]));
    assert_eq!((order.terminal(), order.failed()), (&set(&[1, 2, 4]), &set(&[2])));
    assert_eq!((order.revision(), order.orchestration_status()), (2, OrchestrationStatus::Extracting));
    // How a document first ended stands.
    let order = apply(&order, 2, ended(&[2, 3], &[1]));
    assert_eq!((order.terminal(), order.failed()), (&set(&[1, 2, 3, 4]), &set(&[2])));
    assert_eq!(refusal(&order, ended(&[1, 2], &[3, 4])), Refusal::DocumentEnded);
    assert_eq!(refusal(&order, ended(&[], &[])), Refusal::DocumentEnded, "nothing ended");
    assert_eq!(refusal(&order, ended(&[5, 6], &[])), Refusal::NoSuchDocument);
}

#[test]
fn extraction_ends_when_each_document_has_ended_not_when_one_has_ended_as_often() {
    let order = execute(&accepted(2), 1);
    assert!(!order.all_documents_ended());
    assert_eq!(refusal(&order, complete_event(&order, Vec::new())), Refusal::DocumentsOpen);
    // The same document once more is refused and counts nothing.
    assert_eq!(refusal(&order, ended_event(&order, 1, true)), Refusal::DocumentEnded);
    assert_eq!(order.terminal().iter().map(|document| document.get()).collect::<Vec<_>>(), [1]);
    let order = fail_document(&order, 2);
    assert!(order.all_documents_ended());
    let order = apply(&order, 2, complete_event(&order, Vec::new()));
    assert_eq!((order.phase(), order.orchestration_status()), (Phase::Classify, OrchestrationStatus::Extracted));
    assert_eq!((order.failed().len(), order.has_completed_document()), (1, true));
}

#[test]
fn the_end_of_a_phase_clears_its_lease_and_attempts() {
    let order = until(&accepted(3), Phase::Classify);
    assert_eq!((order.lease(), order.phase_attempts()), (None, 0));
    let order = claim(&claim(&claim(&order, 2, None), 3, None), 4, None);
    assert_eq!((order.phase_attempts(), order.lease().unwrap().message.as_str()), (3, "m"));
    let order = apply(&order, 5, complete_event(&order, Vec::new()));
    assert_eq!((order.lease(), order.phase_attempts()), (None, 0));
}

#[test]
fn a_claim_that_is_repeated_for_the_same_delivery_counts_once() {
    let order = until(&accepted(1), Phase::Classify);
    let once = apply(&order, 2, claim_event(&order, None, "m", 60));
    assert_eq!(refusal(&once, claim_event(&order, None, "m", 60)), Refusal::Claimed);
    assert_eq!(apply(&once, 3, claim_event(&order, None, "m", 61)).phase_attempts(), 2, "of another invocation");
}

#[test]
fn a_claim_that_is_given_back_counts_no_attempt_and_its_phase_stays_begun() {
    let first = claim(&until(&accepted(1), Phase::Classify), 2, None);
    let second = apply(&first, 3, claim_event(&first, None, "m", 61));
    let release = |order: &Order| {
        let lease = order.lease().unwrap().clone();
        EventKind::Released { run: order.run(), phase: order.phase(), lease }
    };
    let released = apply(&second, 4, release(&second));
    assert_eq!((released.lease(), released.phase_attempts()), (None, 1));
    assert_eq!(released.orchestration_status(), OrchestrationStatus::Classifying);
    // Only the delivery that holds the claim can give it back, and only once.
    assert_eq!(refusal(&second, release(&first)), Refusal::NotHeld);
    assert_eq!(refusal(&released, release(&second)), Refusal::NotHeld);
    // It can be claimed at once, also by another message, and what was given back can end.
    let again = apply(&released, 5, claim_event(&released, None, "other", 70));
    assert_eq!(again.phase_attempts(), 2);
    assert_eq!(refusal(&again, release(&second)), Refusal::NotHeld);
}

#[test]
fn an_order_that_pauses_or_completes_keeps_no_lease() {
    assert_eq!(crate::paused(&accepted(1)).lease(), None);
    assert_eq!(completed(1).lease(), None);
    assert!(completed(1).hand_off_owed_since().is_none());
}

#[test]
fn a_phase_is_timed_from_its_first_claim_to_its_end() {
    let order = claim(&until(&accepted(1), Phase::Classify), 10, None);
    let order = claim(&order, 20, None);
    assert_eq!(order.phases()[&Phase::Classify].duration_ms(), None);
    let order = apply(&order, 25, complete_event(&order, Vec::new()));
    let classify = &order.phases()[&Phase::Classify];
    assert_eq!((classify.started_at, classify.completed_at, classify.run), (at(10), Some(at(25)), run(1)));
    assert_eq!(classify.duration_ms(), Some(15_000));
    // By the clock of another machine the end may come before the start.
    let order = claim(&order, 40, None);
    let order = apply(&order, 30, complete_event(&order, Vec::new()));
    assert_eq!(order.phases()[&Phase::Review].duration_ms(), Some(0));
}

#[test]
fn a_phase_is_timed_from_the_first_document_even_if_that_was_never_claimed() {
    let order = apply(&accepted(2), 5, ended_event(&accepted(2), 1, true));
    assert_eq!(order.phases()[&Phase::Extract].started_at, at(5));
}

#[test]
fn skipped_phases_are_recorded_as_skipped_and_have_no_result() {
    let options = Options { skip_review: true, skip_validation: true, ..Options::default() };
    let order = complete(&until(&accepted_with(1, options), Phase::Classify));
    assert_eq!((order.phase(), order.orchestration_status()), (Phase::Generate, OrchestrationStatus::Validated));
    assert_eq!(order.phases().iter().filter(|(_, record)| record.skipped).count(), 2);
    assert_eq!(order.phases()[&Phase::Review].completed_at, Some(at(1)));
    assert_eq!((order.result_run(Phase::Review), order.result_run(Phase::Validate)), (None, None));
    assert_eq!(order.result_run(Phase::Classify), Some(run(1)));

    let review_only = Options { skip_validation: true, ..Options::default() };
    assert_eq!(complete(&until(&accepted_with(1, review_only), Phase::Classify)).phase(), Phase::Review);
}

#[test]
fn the_result_of_a_phase_is_found_under_the_run_that_made_it() {
    let order = claim(&until(&accepted(1), Phase::Classify), 2, None);
    assert_eq!(order.result_run(Phase::Extract), Some(run(1)));
    assert_eq!(order.result_run(Phase::Classify), None, "it has begun and not ended");
    assert_eq!(order.result_run(Phase::Review), None);
    let second = complete(&regenerate(&completed(1), Phase::Validate));
    let runs = Phase::ALL.map(|phase| second.result_run(phase).map(|run| run.get()));
    assert_eq!(runs, [Some(1), Some(1), Some(1), Some(2), None]);
}

#[test]
fn only_the_end_of_generation_makes_a_version_and_it_numbers_it() {
    let order = until(&accepted(0), Phase::Classify);
    let early = apply(&claim(&order, 1, None), 1, complete_event(&order, vec![artifact("early.xlsx")]));
    assert_eq!((early.artifact_version(), early.artifacts()), (0, &[][..]));

    let order = until(&order, Phase::Generate);
    let empty = apply(&claim(&order, 1, None), 1, complete_event(&order, Vec::new()));
    assert_eq!((empty.status(), empty.artifact_version(), empty.has_version()), (Status::Completed, 0, false));

    let both = vec![artifact("cma.xlsx"), artifact("rows.csv")];
    let first = apply(&claim(&order, 1, None), 1, complete_event(&order, both));
    let again = claim(&regenerate(&first, Phase::Generate), 9, None);
    let event = Event::new(again.updated_at(), "w".to_owned(), complete_event(&again, vec![artifact("cma.xlsx")]));
    let decision = decide(&again, &event).unwrap();
    let made = |artifacts: &[Artifact]| -> Vec<_> {
        artifacts.iter().map(|a| (a.version, a.run.get(), a.name.clone())).collect()
    };
    assert_eq!(made(decision.order().artifacts()), [(2, 2, "cma.xlsx".to_owned())]);
    let [earlier] = decision.versions() else { panic!("the first version is stored by itself") };
    assert_eq!((earlier.number(), earlier.run().get()), (1, 1));
    assert_eq!(made(earlier.artifacts()), [(1, 1, "cma.xlsx".to_owned()), (1, 1, "rows.csv".to_owned())]);
    assert!(first.has_version());
}

#[test]
fn a_result_is_taken_only_of_a_phase_that_was_claimed() {
    let order = until(&accepted(1), Phase::Generate);
    let rendering = EventKind::RenderingStarted { run: run(1) };
    assert_eq!(refusal(&order, rendering.clone()), Refusal::NotClaimed);
    assert_eq!(refusal(&order, complete_event(&order, Vec::new())), Refusal::NotClaimed);
    let claimed = claim(&order, 1, None);
    let rendering_order = apply(&claimed, 2, rendering.clone());
    assert_eq!(rendering_order.orchestration_status(), OrchestrationStatus::Rendering);
    for order in [&claimed, &rendering_order] {
        let done = apply(order, 3, complete_event(order, vec![artifact("cma.xlsx")]));
        assert_eq!(done.status(), Status::Completed);
    }
    let classifying = claim(&until(&accepted(1), Phase::Classify), 1, None);
    assert_eq!(refusal(&classifying, rendering), Refusal::OtherPhase);
    let review = until(&accepted(1), Phase::Classify);
    assert_eq!(refusal(&review, EventKind::ReviewNeeded { run: run(1), items: 1 }), Refusal::OtherPhase);
}

#[test]
fn an_order_is_active_paused_ended_or_a_draft_and_one_of_them_only() {
    let kinds = |order: &Order| (order.is_active(), order.is_paused(), order.is_ended());
    assert_eq!(kinds(&a_draft()), (false, false, false));
    let cancelled = apply(&accepted(1), 1, EventKind::Cancelled);
    for active in [accepted(1), until(&accepted(1), Phase::Review), regenerate(&completed(1), Phase::Generate)] {
        assert_eq!(kinds(&active), (true, false, false), "{}", active.status());
    }
    assert_eq!(kinds(&crate::paused(&accepted(1))), (false, true, false));
    for ended in [completed(1), cancelled, crate::fail_phase(&accepted(1), 1)] {
        assert_eq!(kinds(&ended), (false, false, true), "{}", ended.status());
    }
}

#[test]
fn an_event_never_sets_an_orders_time_back() {
    let order = apply(&accepted(2), 50, ended_event(&accepted(2), 1, true));
    assert_eq!(order.updated_at(), at(50));
    assert_eq!(execute(&order, 2).updated_at(), at(50));
}

#[test]
fn a_refused_event_is_explained_in_words() {
    let event = domain::event::Event::new(at(1), "w".to_owned(), EventKind::Submitted);
    assert_eq!(
        decide(&accepted(1), &event).unwrap_err().to_string(),
        "'submitted' does not apply to an order that is QUEUED / INTAKE_LOCKED: the order was submitted before"
    );
}
