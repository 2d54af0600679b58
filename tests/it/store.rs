//! Compares the table with the lifecycle: DynamoDB's conditions and updates must do what the pure function decides.

use std::collections::BTreeSet;

use aws::store::{ALERT_LEASE_SECS, AlertClaim, Owed, Rated, Store, Written};
use domain::claim::{Claim, judge};
use domain::event::{Event, EventKind, NewOrder, Unit};
use domain::failure::{Failure, FailureRecord};
use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::lifecycle::{Refusal, decide, submit};
use domain::option::Options;
use domain::order::{Artifact, Lease, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;
use pipeline::LocalPipeline;
use serde_json::{Value, json};
use tests::pipeline::Pipeline;

fn store(local: &LocalPipeline) -> Store {
    local.environment("IntakeFunction").unwrap().store().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn new_order(order: u128, documents: u32, options: Options) -> NewOrder {
    NewOrder {
        order_id: OrderId::from_parts(1, order),
        firm_id: FirmId::try_from("firm".to_owned()).unwrap(),
        service_code: ServiceCode::Canary,
        documents,
        options,
        correlation_id: "c".to_owned(),
    }
}

/// An order as it is stored, with the progress that the next whole write would store.
fn comparable(order: &Order) -> Value {
    let mut stored = json!(order);
    stored["reached_percent"] = json!(order.progress_percent());
    stored
}

fn any_kind(random: &mut fastrand::Rng, order: &Order) -> EventKind {
    let run = if random.u8(..8) == 0 { RunNumber::FIRST } else { order.run() };
    let phase = if random.u8(..3) == 0 { Phase::ALL[random.usize(..5)] } else { order.phase() };
    let document = DocumentNumber::try_from(random.u32(1..=4)).unwrap();
    let failure = Failure::permanent("test.permanent", "Test.");
    let artifact = Artifact { version: 0, run, name: "a".to_owned(), sha256: "0".to_owned(), bytes: 1 };
    match random.u8(..22) {
        20 | 21 => {
            let other = Lease { owner: "o1".to_owned(), message: "m1".to_owned(), until: at(30) };
            let held = order.lease().filter(|_| random.u8(..4) > 0).cloned();
            EventKind::Released { run, phase, lease: held.unwrap_or(other) }
        }
        0..=5 => {
            let fanned = order.documents() > 0 && phase == Phase::Extract;
            let document = (fanned ^ (random.u8(..6) == 0)).then_some(document);
            let who = random.u8(..3);
            let until = at(i64::from(random.u8(..60)));
            let lease = Lease { owner: format!("o{who}"), message: format!("m{who}"), until };
            EventKind::Claimed { unit: Unit { run, phase, document }, lease }
        }
        6..=9 => {
            let some = |random: &mut fastrand::Rng| DocumentNumber::all(3).filter(|_| random.u8(..3) == 0).collect();
            let (mut completed, failed): (BTreeSet<_>, BTreeSet<_>) = (some(random), some(random));
            completed.insert(document);
            EventKind::DocumentsEnded { run, completed: completed.difference(&failed).copied().collect(), failed }
        }
        10..=14 => EventKind::PhaseCompleted { run, phase, artifacts: vec![artifact] },
        15 => EventKind::RenderingStarted { run },
        16 => EventKind::ReviewNeeded { run, items: random.u32(1..4) },
        17 => EventKind::Resumed { run },
        18 => match random.u8(..3) {
            0 => EventKind::PhaseFailed { run, phase, failure },
            1 => EventKind::Retried { run, start_from: None },
            _ => EventKind::Regenerated { run, start_from: phase },
        },
        _ => match random.u8(..8) {
            0 => EventKind::Cancelled,
            _ => EventKind::ReviewDecided { run, remaining: random.u32(..2) },
        },
    }
}

/// Applies one event to the table, as the functions do, and to the model; both must agree on whether it is accepted and
/// on the resulting order.
async fn apply(store: &Store, model: Order, event: &Event) -> Order {
    // The table records the lease's owner as the writer of a claim.
    let event = &match &event.kind {
        EventKind::Claimed { lease, .. } => Event { writer: lease.owner.clone(), ..event.clone() },
        _ => event.clone(),
    };
    let decided = decide(&model, event);
    match &event.kind {
        EventKind::Claimed { unit, lease } if unit.document.is_none() => {
            let claimed = store.claim(model.firm_id(), model.order_id(), unit, lease, event.at).await.unwrap();
            assert_eq!(claimed.claim, judge(&model, unit, &lease.message, event.at), "{event:?}\n{model:?}");
            let decision = match decided {
                Ok(decision) => decision,
                Err(refused) => {
                    // A repeat of the same claim has work and changes nothing.
                    assert_eq!(claimed.claim == Claim::Work, refused.why == Refusal::Claimed, "{event:?}\n{model:?}");
                    assert_eq!(*claimed.order, model);
                    return model;
                }
            };
            assert_eq!(claimed.claim, Claim::Work, "{event:?}\n{model:?}");
            let expected = decision.into_order();
            assert_eq!(comparable(&claimed.order), comparable(&expected));
            *claimed.order
        }
        EventKind::Released { run, phase, lease } => {
            let unit = Unit { run: *run, phase: *phase, document: None };
            let release = || store.release(model.firm_id(), model.order_id(), &unit, lease, event.at, &event.writer);
            assert_eq!(release().await.unwrap(), decided.is_ok(), "{event:?}\n{model:?}");
            // Repeating it after a lost answer changes nothing.
            assert!(!release().await.unwrap());
            let after = store.order(model.firm_id(), model.order_id()).await.unwrap().unwrap();
            let expected = decided.map_or(model, |decision| decision.into_order());
            assert_eq!(comparable(&after), comparable(&expected), "{event:?}");
            after
        }
        EventKind::DocumentsEnded { completed, failed, .. } => {
            let Ok(decision) = decided else { return model };
            let ended = completed.union(failed).copied().collect();
            // How a document that ended before had ended is known from its execution.
            let failed = failed.difference(model.terminal()).copied().collect();
            let after = store.add_ended(&decision, &ended, &failed).await.unwrap();
            assert_eq!(comparable(&after), comparable(decision.order()));
            // Adding documents again changes nothing.
            assert_eq!(store.add_ended(&decision, &ended, &failed).await.unwrap(), after);
            after
        }
        _ => {
            let Ok(decision) = decided else { return model };
            assert_eq!(store.write(&decision).await.unwrap(), Written::Done);
            let after = decision.order().clone();
            // Repeating a write after a lost answer succeeds; a stale write does not.
            assert_eq!(store.write(&decision).await.unwrap(), Written::Done, "{event:?}");
            assert_eq!(store.order(after.firm_id(), after.order_id()).await.unwrap(), Some(after.clone()));
            after
        }
    }
}

#[tokio::test(start_paused = true)]
async fn random_histories_end_the_same_in_the_table_and_the_model() {
    let pipeline = Pipeline::new();
    let store = store(&pipeline.local);
    let mut random = fastrand::Rng::with_seed(20_260_105);
    let mut accepted = 0;
    for history in 0..300 {
        let options = Options { skip_review: random.bool(), skip_validation: random.bool(), ..Options::default() };
        let decision = submit(new_order(history, random.u32(..4), options), at(0), "w").unwrap();
        assert_eq!(store.create(&decision).await.unwrap(), Written::Done);
        let mut order = decision.into_order();
        for step in 0..25 {
            let kind = any_kind(&mut random, &order);
            let event = Event::new(at(step * 2), format!("w{history}/{step}"), kind);
            let before = order.revision();
            order = apply(&store, order, &event).await;
            accepted += u32::from(order.revision() > before);
        }
    }
    assert!(accepted > 1_000, "too few events were accepted: {accepted}");
}

#[tokio::test(start_paused = true)]
async fn a_stale_write_conflicts_and_returns_the_current_order() {
    let pipeline = Pipeline::new();
    let store = store(&pipeline.local);
    let decision = submit(new_order(1, 0, Options::default()), at(0), "w").unwrap();
    assert_eq!(store.create(&decision).await.unwrap(), Written::Done);
    let unit = Unit { run: RunNumber::FIRST, phase: Phase::Extract, document: None };
    let lease = Lease { owner: "o".to_owned(), message: "m".to_owned(), until: at(60) };
    let (firm, id) = (decision.order().firm_id().clone(), decision.order().order_id());
    let order = *store.claim(&firm, id, &unit, &lease, at(1)).await.unwrap().order;
    let event = |writer: &str, kind| Event::new(at(1), writer.to_owned(), kind);
    let cancelled = decide(&order, &event("a", EventKind::Cancelled)).unwrap();
    let run = order.run();
    let completed = EventKind::PhaseCompleted { run, phase: Phase::Extract, artifacts: vec![] };
    let completed = decide(&order, &event("b", completed)).unwrap();
    assert_eq!(store.write(&cancelled).await.unwrap(), Written::Done);
    let conflict = store.write(&completed).await.unwrap();
    assert_eq!(conflict, Written::Conflict(Some(Box::new(cancelled.order().clone()))));
    // The same holds when the transaction also records a failure, and then nothing is recorded.
    let failure = Failure::permanent("test.permanent", "Test.");
    let failed = decide(&order, &event("c", EventKind::PhaseFailed { run, phase: Phase::Extract, failure })).unwrap();
    assert_eq!(store.write(&failed).await.unwrap(), Written::Conflict(Some(Box::new(cancelled.order().clone()))));
    assert_eq!(store.failures(order.firm_id(), order.order_id()).await.unwrap(), []);
}

/// The record of an order that failed.
fn failed_once() -> FailureRecord {
    let order = submit(new_order(1, 0, Options::default()), at(0), "w").unwrap().into_order();
    let failure = Failure::permanent("test.permanent", "Test.");
    let kind = EventKind::PhaseFailed { run: order.run(), phase: Phase::Extract, failure };
    let decision = decide(&order, &Event::new(at(1), "w".to_owned(), kind)).unwrap();
    decision.record().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn only_one_delivery_publishes_an_alert_even_for_the_same_message() {
    let pipeline = Pipeline::new();
    let store = store(&pipeline.local);
    let record = &failed_once();
    store.record_failure(record).await.unwrap();
    let (firm, id, failure) = (&record.firm_id, record.order_id, &record.failure_id.clone().into());
    let claim = async |owner: &str, second| store.claim_alert(firm, id, failure, owner, at(second)).await.unwrap();
    assert!(matches!(claim("invocation-1/message", 1).await, AlertClaim::Publish(_)));
    assert!(matches!(claim("invocation-2/message", 2).await, AlertClaim::Busy { .. }));
    // A claim is released when publishing fails; otherwise it expires.
    store.release_alert(firm, id, failure, "invocation-1/message", Rated::No).await;
    assert!(matches!(claim("invocation-2/message", 3).await, AlertClaim::Publish(_)));
    let later = 4 + i64::from(ALERT_LEASE_SECS);
    assert!(matches!(claim("invocation-3/message", later).await, AlertClaim::Publish(_)));
    store.mark_alert_sent(firm, id, failure, "p").await.unwrap();
    assert_eq!(claim("invocation-4/message", later).await, AlertClaim::NothingOwed);
}

#[tokio::test(start_paused = true)]
async fn an_alert_remembers_that_it_was_counted_and_that_it_is_left_for_a_digest() {
    let pipeline = Pipeline::new();
    let store = store(&pipeline.local);
    let record = &failed_once();
    store.record_failure(record).await.unwrap();
    let (firm, id, failure) = (&record.firm_id, record.order_id, &record.failure_id.clone().into());
    let claim = async |owner: &str| match store.claim_alert(firm, id, failure, owner, at(1)).await.unwrap() {
        AlertClaim::Publish(Owed::Failure(found)) => found.rated,
        other => panic!("{other:?}"),
    };
    assert_eq!(claim("one").await, Rated::No);
    store.release_alert(firm, id, failure, "one", Rated::Counted).await;
    assert_eq!(claim("two").await, Rated::Counted);
    store.release_alert(firm, id, failure, "two", Rated::No).await;
    assert_eq!(claim("three").await, Rated::Counted, "what is known is kept");
    store.leave_alert_for_digest(firm, id, failure, "three").await.unwrap();
    store.leave_alert_for_digest(firm, id, failure, "three").await.unwrap();
    assert_eq!(claim("four").await, Rated::LeftForDigest);
    store.leave_alert_for_digest(firm, id, failure, "somebody else").await.unwrap();
    let busy = store.claim_alert(firm, id, failure, "five", at(2)).await.unwrap();
    assert!(matches!(busy, AlertClaim::Busy { .. }), "a claim is released by its owner: {busy:?}");
}

#[tokio::test(start_paused = true)]
async fn alerts_are_counted_by_cause_in_windows_of_ten_minutes() {
    let pipeline = Pipeline::new();
    let store = store(&pipeline.local);
    let count = async |code: &str, second| store.count_alert(code, at(second)).await.unwrap();
    for expected in 1..=12 {
        assert_eq!(count("a.one", 100).await, expected);
    }
    assert_eq!(count("a.two", 100).await, 1, "each cause has its own window");
    assert_eq!((count("a.one", 699).await, count("a.one", 700).await), (13, 1));
    assert_eq!(count("a.one", 1_299).await, 2);
    // A window that a clock began far in the future does not last until then.
    assert_eq!((count("a.two", 100_000).await, count("a.two", 99_000).await), (1, 1));
    // One that began a little later by another clock is the present one.
    assert_eq!(count("a.two", 98_900).await, 2);
}

#[tokio::test(start_paused = true)]
async fn one_firm_never_sees_another_firms_order() {
    let pipeline = Pipeline::new();
    let store = store(&pipeline.local);
    let decision = submit(new_order(1, 0, Options::default()), at(0), "w").unwrap();
    assert_eq!(store.create(&decision).await.unwrap(), Written::Done);
    let other = FirmId::try_from("other".to_owned()).unwrap();
    let id = decision.order().order_id();
    assert_eq!(store.order(&other, id).await.unwrap(), None);
    assert_eq!(store.order_ids(&other, 10).await.unwrap(), []);
    let unit = Unit { run: RunNumber::FIRST, phase: Phase::Extract, document: None };
    let lease = Lease { owner: "o".to_owned(), message: "m".to_owned(), until: at(60) };
    assert!(matches!(store.claim(&other, id, &unit, &lease, at(1)).await, Err(aws::Error::Missing { .. })));
    assert_eq!(store.order(decision.order().firm_id(), id).await.unwrap().as_ref(), Some(decision.order()));
}
