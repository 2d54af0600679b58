//! Random histories keep the invariants that the lifecycle alone can keep.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use domain::claim::{Claim, judge};
use domain::event::{Event, EventKind, NewOrder, Unit};
use domain::failure::Failure;
use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::lifecycle::{Refusal, decide, diagram, submit};
use domain::option::Options;
use domain::order::{Artifact, Lease, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use jiff::Timestamp;
use proptest::prelude::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn new_order(documents: u32, options: Options) -> NewOrder {
    NewOrder {
        order_id: OrderId::from_parts(1, 1),
        firm_id: FirmId::try_from("firm".to_owned()).unwrap(),
        service_code: ServiceCode::Canary,
        documents,
        options,
        correlation_id: "c".to_owned(),
    }
}

fn start(documents: u32, options: Options) -> Order {
    submit(new_order(documents, options), at(0), "w0").unwrap().into_order()
}

fn apply(order: &Order, kind: EventKind) -> Order {
    decide(order, &Event::new(at(1), "w".to_owned(), kind)).unwrap().into_order()
}

/// Takes up a unit of the current phase.
fn claim(order: &Order, document: Option<DocumentNumber>) -> Order {
    let unit = Unit { run: order.run(), phase: order.phase(), document };
    let lease = Lease { owner: "o".to_owned(), message: "m".to_owned(), until: at(60) };
    apply(order, EventKind::Claimed { unit, lease })
}

fn artifact() -> Artifact {
    Artifact { version: 0, run: RunNumber::FIRST, name: "a".to_owned(), sha256: "0".to_owned(), bytes: 1 }
}

/// An order whose first generation is done.
fn completed() -> Order {
    let mut order = start(0, Options::default());
    for phase in Phase::ALL {
        let artifacts = if phase == Phase::Generate { vec![artifact()] } else { Vec::new() };
        order = apply(&claim(&order, None), EventKind::PhaseCompleted { run: order.run(), phase, artifacts });
    }
    order
}

fn any_phase() -> impl Strategy<Value = Phase> {
    prop::sample::select(Phase::ALL.to_vec())
}

fn any_kind() -> impl Strategy<Value = EventKind> {
    let run = || (1u32..4).prop_map(|n| RunNumber::try_from(n).unwrap());
    let document = || (1u32..4).prop_map(|n| DocumentNumber::try_from(n).unwrap());
    let documents = || prop::collection::btree_set(document(), 0..3);
    prop_oneof![
        1 => Just(EventKind::Submitted),
        1 => (0u32..3).prop_map(|count| EventKind::DocumentsAdded { count }),
        8 => (run(), any_phase(), prop::option::of(document()), 0u8..3, 0i64..40).prop_map(
            |(run, phase, document, owner, until)| EventKind::Claimed {
                unit: Unit { run, phase, document },
                lease: Lease { owner: format!("o{owner}"), message: format!("m{owner}"), until: at(until) },
            }
        ),
        4 => (run(), documents(), documents())
            .prop_map(|(run, completed, failed)| EventKind::DocumentsEnded { run, completed, failed }),
        2 => (run(), any_phase(), 0u8..3, 0i64..40).prop_map(|(run, phase, owner, until)| EventKind::Released {
            run,
            phase,
            lease: Lease { owner: format!("o{owner}"), message: format!("m{owner}"), until: at(until) },
        }),
        6 => (run(), any_phase())
            .prop_map(|(run, phase)| EventKind::PhaseCompleted { run, phase, artifacts: vec![artifact()] }),
        1 => run().prop_map(|run| EventKind::RenderingStarted { run }),
        1 => (run(), 1u32..4).prop_map(|(run, items)| EventKind::ReviewNeeded { run, items }),
        1 => (run(), 0u32..3).prop_map(|(run, remaining)| EventKind::ReviewDecided { run, remaining }),
        1 => run().prop_map(|run| EventKind::Resumed { run }),
        1 => (run(), 0u8..8).prop_map(|(run, which)| match which {
            0..=2 => EventKind::ReviewReminded { run },
            3..=4 => EventKind::ReviewEscalated { run },
            5..=6 => EventKind::ReviewExtended { run },
            _ => EventKind::ReviewExpired { run },
        }),
        1 => (run(), any_phase()).prop_map(|(run, phase)| EventKind::PhaseFailed {
            run,
            phase,
            failure: Failure::permanent("test.permanent", "Test."),
        }),
        1 => (run(), prop::option::of(any_phase()))
            .prop_map(|(run, start_from)| EventKind::Retried { run, start_from }),
        1 => (run(), any_phase()).prop_map(|(run, start_from)| EventKind::Regenerated { run, start_from }),
        1 => Just(EventKind::Cancelled),
        1 => (run(), any_phase()).prop_map(|(run, phase)| EventKind::HandOffResent { run, phase }),
    ]
}

/// The same event for what the order is at, so that histories get far.
fn aim(kind: EventKind, order: &Order) -> EventKind {
    let (run, phase) = (order.run(), order.phase());
    let open = DocumentNumber::all(order.documents()).find(|document| !order.terminal().contains(document));
    match kind {
        EventKind::Claimed { lease, .. } => {
            let document = if order.fans_out() { open } else { None };
            EventKind::Claimed { unit: Unit { run, phase, document }, lease }
        }
        EventKind::DocumentsEnded { mut completed, failed, .. } => {
            completed.extend(open);
            EventKind::DocumentsEnded { run, completed, failed }
        }
        EventKind::Released { lease, .. } => {
            EventKind::Released { run, phase, lease: order.lease().cloned().unwrap_or(lease) }
        }
        EventKind::PhaseCompleted { artifacts, .. } => EventKind::PhaseCompleted { run, phase, artifacts },
        EventKind::RenderingStarted { .. } => EventKind::RenderingStarted { run },
        EventKind::ReviewNeeded { items, .. } => EventKind::ReviewNeeded { run, items },
        EventKind::ReviewDecided { remaining, .. } => EventKind::ReviewDecided { run, remaining },
        EventKind::Resumed { .. } => EventKind::Resumed { run },
        EventKind::ReviewReminded { .. } => EventKind::ReviewReminded { run },
        EventKind::ReviewEscalated { .. } => EventKind::ReviewEscalated { run },
        EventKind::ReviewExtended { .. } => EventKind::ReviewExtended { run },
        EventKind::ReviewExpired { .. } => EventKind::ReviewExpired { run },
        EventKind::PhaseFailed { failure, .. } => EventKind::PhaseFailed { run, phase, failure },
        EventKind::Retried { start_from, .. } => EventKind::Retried { run, start_from },
        EventKind::Regenerated { start_from, .. } => EventKind::Regenerated { run, start_from },
        EventKind::HandOffResent { .. } => EventKind::HandOffResent { run, phase },
        other @ (EventKind::DocumentsAdded { .. } | EventKind::Submitted | EventKind::Cancelled) => other,
    }
}

fn event_run(kind: &EventKind) -> Option<RunNumber> {
    match kind {
        EventKind::Claimed { unit, .. } => Some(unit.run),
        EventKind::Released { run, .. }
        | EventKind::DocumentsEnded { run, .. }
        | EventKind::PhaseCompleted { run, .. }
        | EventKind::RenderingStarted { run }
        | EventKind::ReviewNeeded { run, .. }
        | EventKind::ReviewDecided { run, .. }
        | EventKind::Resumed { run }
        | EventKind::ReviewReminded { run }
        | EventKind::ReviewEscalated { run }
        | EventKind::ReviewExtended { run }
        | EventKind::ReviewExpired { run }
        | EventKind::PhaseFailed { run, .. }
        | EventKind::Retried { run, .. }
        | EventKind::Regenerated { run, .. }
        | EventKind::HandOffResent { run, .. } => Some(*run),
        EventKind::DocumentsAdded { .. } | EventKind::Submitted | EventKind::Cancelled => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_one_effect_fencing_and_monotone_progress(
        documents in 0u32..4,
        skip_review: bool,
        skip_validation: bool,
        kinds in prop::collection::vec((any_kind(), prop::bool::weighted(0.7)), 1..60),
    ) {
        let mut order = start(documents, Options { skip_review, skip_validation, ..Options::default() });
        let mut versions: BTreeMap<u32, RunNumber> = BTreeMap::new();
        let mut records = BTreeSet::new();
        for (second, (kind, aimed)) in kinds.into_iter().enumerate() {
            let kind = if aimed { aim(kind, &order) } else { kind };
            let event = Event::new(at(i64::try_from(second).unwrap()), format!("w{second}"), kind);
            let before = order.clone();
            let mut replaced = 0;
            match decide(&order, &event) {
                Err(refused) => {
                    prop_assert_eq!(&order, &before);
                    prop_assert_eq!(refused.event, event.kind.name());
                }
                Ok(decision) => {
                    // I5: an event of another run changes nothing.
                    if let Some(run) = event_run(&event.kind) {
                        prop_assert_eq!(run, before.run());
                    }
                    // I3 within the lifecycle, I4: each failure is recorded, and once.
                    if let Some(record) = decision.record() {
                        prop_assert!(records.insert(record.failure_id.clone()), "recorded twice");
                        prop_assert_eq!(record.run, before.run());
                    }
                    let failed_now = decision.order().orchestration_status() == OrchestrationStatus::Failed
                        && before.orchestration_status() != OrchestrationStatus::Failed;
                    prop_assert!(!failed_now || decision.record().is_some(), "failed without a record");
                    for version in decision.versions() {
                        prop_assert_eq!(version.artifacts(), before.artifacts());
                        replaced += 1;
                    }
                    order = decision.into_order();
                    prop_assert_eq!(order.revision(), before.revision() + 1);
                }
            }
            // I6: progress never goes down within a run.
            if order.run() == before.run() {
                prop_assert!(order.progress_percent() >= before.progress_percent());
            }
            // I4: a run makes at most one version, and no version changes afterwards.
            for artifact in order.artifacts() {
                let run = *versions.entry(artifact.version).or_insert(artifact.run);
                prop_assert_eq!(run, artifact.run);
            }
            let runs: BTreeSet<_> = versions.values().collect();
            prop_assert_eq!(runs.len(), versions.len(), "two versions of one run");
            prop_assert!(order.artifacts() == before.artifacts() || order.artifact_version() > before.artifact_version());
            prop_assert!(order.artifacts().iter().all(|artifact| artifact.version == order.artifact_version()));
            prop_assert_eq!(replaced, usize::from(before.has_version() && order.artifact_version() > before.artifact_version()));
            // I1 within the lifecycle: an active order owes the message that carries it on, or is still fanning in.
            if order.is_active() {
                let fanned_in = order.fans_out() && order.all_documents_ended();
                prop_assert!(fanned_in || !order.owed_messages().is_empty(), "active and nothing owed");
            }
            // What an earlier run failed of is in its record; an order that completed no longer shows it.
            if order.status() == Status::Completed {
                let shown = (order.last_orchestration_error(), order.failure_reason(), order.failed_at());
                prop_assert_eq!(shown, (None, None, None), "completed, and shows a failure");
            }
            // The two statuses agree about the end.
            prop_assert_eq!(
                order.status() == Status::Failed,
                order.orchestration_status() == OrchestrationStatus::Failed && !order.has_version()
            );
        }
    }

    #[test]
    fn a_claim_is_taken_exactly_when_the_verdict_is_work(
        documents in 0u32..4,
        kinds in prop::collection::vec(any_kind(), 0..30),
        phase in any_phase(),
        run in 1u32..3,
        document in prop::option::of(1u32..5),
        owner in 0u8..3,
        second in 0i64..50,
    ) {
        let mut order = start(documents, Options::default());
        for kind in kinds {
            let event = Event::new(at(1), "w".to_owned(), kind);
            order = decide(&order, &event).map_or(order, domain::lifecycle::Decision::into_order);
        }
        let document = document.map(|n| DocumentNumber::try_from(n).unwrap());
        let unit = Unit { run: RunNumber::try_from(run).unwrap(), phase, document };
        let (owner, message) = (format!("o{owner}"), format!("m{owner}"));
        let verdict = judge(&order, &unit, &message, at(second));
        let lease = Lease { owner, message, until: at(second + 60) };
        let event = Event::new(at(second), "w".to_owned(), EventKind::Claimed { unit, lease });
        match decide(&order, &event) {
            // Only a repeat of the same claim has work and changes nothing.
            Err(refused) if refused.why == Refusal::Claimed => prop_assert_eq!(verdict, Claim::Work),
            decided => prop_assert_eq!(decided.is_ok(), verdict == Claim::Work, "{:?}", verdict),
        }
    }
}

#[test]
fn an_order_walks_all_five_phases() {
    let order = completed();
    assert_eq!((order.status(), order.orchestration_status()), (Status::Completed, OrchestrationStatus::Completed));
    assert_eq!(order.progress_percent(), 100);
    assert_eq!(order.artifact_version(), 1);
    assert!(order.owed_messages().is_empty());
}

#[test]
fn a_failed_regeneration_leaves_the_earlier_version_standing() {
    let order = completed();
    let order = apply(&order, EventKind::Regenerated { run: order.run(), start_from: Phase::Generate });
    assert_eq!(order.status(), Status::Regenerating);
    let failure = Failure::permanent("generate.template_missing", "The template is missing.");
    let order = apply(&order, EventKind::PhaseFailed { run: order.run(), phase: Phase::Generate, failure });
    assert_eq!((order.status(), order.orchestration_status()), (Status::InternalReview, OrchestrationStatus::Failed));
    assert_eq!(order.failure_reason(), None);
    assert_eq!(order.last_orchestration_error().as_ref().unwrap().code, "generate.template_missing");
    assert_eq!(order.artifacts(), completed().artifacts());
}

#[test]
fn a_further_version_makes_up_for_what_the_run_before_left_undone() {
    let again = |order: &Order, start_from| apply(order, EventKind::Regenerated { run: order.run(), start_from });
    // A reviewer is asked once more, and the run ends before the answer: by cancellation, or by a failure.
    let reviewing = again(&completed(), Phase::Review);
    let paused = apply(&claim(&reviewing, None), EventKind::ReviewNeeded { run: reviewing.run(), items: 3 });
    let failure = Failure::permanent("test.permanent", "Test.");
    let (run, phase) = (reviewing.run(), Phase::Review);
    let failed = apply(&claim(&reviewing, None), EventKind::PhaseFailed { run, phase, failure });
    for ended in [apply(&paused, EventKind::Cancelled), failed] {
        assert_eq!(again(&ended, Phase::Generate).phase(), Phase::Review);
        assert_eq!(again(&ended, Phase::Classify).phase(), Phase::Classify);
    }
    assert_eq!(again(&completed(), Phase::Generate).phase(), Phase::Generate);
    let skipped = start(0, Options { skip_review: true, skip_validation: true, ..Options::default() });
    let whole = [Phase::Extract, Phase::Classify, Phase::Generate].into_iter().fold(skipped, |order, phase| {
        let artifacts = if phase == Phase::Generate { vec![artifact()] } else { Vec::new() };
        apply(&claim(&order, None), EventKind::PhaseCompleted { run: order.run(), phase, artifacts })
    });
    assert_eq!(again(&whole, Phase::Generate).phase(), Phase::Generate, "a phase that is left out is not undone");
}

#[test]
fn a_failed_first_generation_fails_both_statuses_and_says_why() {
    let order = start(0, Options::default());
    let failure = Failure::permanent("test.permanent", "Say what to do.");
    let order = apply(&order, EventKind::PhaseFailed { run: order.run(), phase: Phase::Extract, failure });
    assert_eq!((order.status(), order.orchestration_status()), (Status::Failed, OrchestrationStatus::Failed));
    assert_eq!(order.failure_reason(), Some("Say what to do."));
    assert_eq!(order.failed_at(), Some(at(1)));
}

#[test]
fn one_failed_document_does_not_stop_the_others_and_all_failed_do() {
    let one = DocumentNumber::try_from(1).unwrap();
    let two = DocumentNumber::try_from(2).unwrap();
    let run = RunNumber::FIRST;
    let ended = |order: &Order, document, fails| {
        let (these, none) = (BTreeSet::from([document]), BTreeSet::new());
        let (completed, failed) = if fails { (none, these) } else { (these, none) };
        apply(&claim(order, Some(document)), EventKind::DocumentsEnded { run, completed, failed })
    };
    let extracted = EventKind::PhaseCompleted { run, phase: Phase::Extract, artifacts: vec![] };

    let partial = ended(&start(2, Options::default()), one, true);
    let partial = apply(&ended(&partial, two, false), extracted.clone());
    assert_eq!(partial.orchestration_status(), OrchestrationStatus::Extracted);

    let none = ended(&start(2, Options::default()), one, true);
    let none = apply(&ended(&none, two, true), extracted);
    assert_eq!(none.status(), Status::Failed);

    // A retry executes what failed, and only that.
    let retried = apply(&none, EventKind::Retried { run, start_from: None });
    assert_eq!(retried.owed_messages().len(), 2);
}

#[test]
fn a_phase_that_nobody_took_up_has_no_result() {
    let order = start(0, Options::default());
    let kind = EventKind::PhaseCompleted { run: order.run(), phase: Phase::Extract, artifacts: vec![] };
    let refused = decide(&order, &Event::new(at(2), "w".to_owned(), kind)).unwrap_err();
    assert_eq!(refused.why, Refusal::NotClaimed);
}

#[test]
fn a_cancelled_order_takes_nothing_any_more() {
    let order = apply(&start(0, Options::default()), EventKind::Cancelled);
    assert_eq!(order.status(), Status::Cancelled);
    let late = EventKind::PhaseCompleted { run: order.run(), phase: Phase::Extract, artifacts: vec![] };
    let refused = decide(&order, &Event::new(at(2), "w".to_owned(), late)).unwrap_err();
    assert_eq!(refused.why, Refusal::NotActive);
    assert_eq!(
        refused.to_string(),
        "'phase completed' does not apply to an order that is CANCELLED / CANCELLED: no phase of the order is in progress"
    );
}

#[test]
fn the_diagram_reaches_every_status_and_uses_every_event() {
    let ways = diagram::transitions();
    let reached: BTreeSet<_> = ways.iter().flat_map(|(from, _, to)| [*from, *to]).collect();
    for status in Status::ALL {
        assert!(reached.iter().any(|(reached, _)| reached == status), "{status} is never reached");
    }
    for status in OrchestrationStatus::ALL {
        assert!(reached.iter().any(|(_, reached)| reached == status), "{status} is never reached");
    }
    let used: BTreeSet<_> = ways.iter().map(|(_, name, _)| *name).collect();
    assert_eq!(used, EventKind::NAMES.iter().copied().collect());
}

#[test]
fn an_order_survives_json() {
    let order = apply(
        &start(3, Options::default()),
        EventKind::DocumentsEnded {
            run: RunNumber::FIRST,
            completed: BTreeSet::new(),
            failed: BTreeSet::from([DocumentNumber::try_from(2).unwrap()]),
        },
    );
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
}
