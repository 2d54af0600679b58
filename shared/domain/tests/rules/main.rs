//! The rules of an order by examples: states and events by hand, and what must come of them. They are kept sharp by changing
//! the rules line by line and expecting a test to fail; docs/evidence/MUTANTS.md has the numbers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod claims;
mod executions;
mod failures;
mod history;
mod messages;
mod notices;
mod overdue;
mod people;
mod phases;
mod progress;
mod reruns;
mod restore;
mod retrying;
mod review;
mod runs;
mod stored;
mod versions;
mod words;

use std::collections::BTreeSet;

use domain::event::{Event, EventKind, NewOrder, Unit};
use domain::failure::Failure;
use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::lifecycle::{Decision, Refusal, decide, draft, submit};
use domain::option::Options;
use domain::order::{Artifact, Lease, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;

/// A moment, in seconds after the order was accepted.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn doc(number: u32) -> DocumentNumber {
    DocumentNumber::try_from(number).unwrap()
}

fn run(number: u32) -> RunNumber {
    RunNumber::try_from(number).unwrap()
}

fn new_order(service_code: ServiceCode, documents: u32, options: Options) -> NewOrder {
    NewOrder {
        order_id: OrderId::from_parts(1_800_000_000_000, 1),
        firm_id: FirmId::try_from("firm".to_owned()).unwrap(),
        service_code,
        documents,
        options,
        correlation_id: "command-1".to_owned(),
    }
}

/// A CMA order that has just been accepted.
fn accepted(documents: u32) -> Order {
    accepted_with(documents, Options::default())
}

fn accepted_with(documents: u32, options: Options) -> Order {
    let service = if documents == 0 { ServiceCode::Canary } else { ServiceCode::Cma };
    submit(new_order(service, documents, options), at(0), "submitter").unwrap().into_order()
}

fn a_draft() -> Order {
    draft(new_order(ServiceCode::Canary, 0, Options::default()), at(0), "submitter").unwrap()
}

fn decision(order: &Order, second: i64, kind: EventKind) -> Decision {
    decide(order, &Event::new(at(second), format!("writer-{second}"), kind)).unwrap()
}

fn apply(order: &Order, second: i64, kind: EventKind) -> Order {
    decision(order, second, kind).into_order()
}

fn refusal(order: &Order, kind: EventKind) -> Refusal {
    decide(order, &Event::new(at(1), "w".to_owned(), kind)).unwrap_err().why
}

fn claim_event(order: &Order, document: Option<DocumentNumber>, message: &str, until: i64) -> EventKind {
    let lease = Lease { owner: format!("invocation-{until}"), message: message.to_owned(), until: at(until) };
    EventKind::Claimed { unit: Unit { run: order.run(), phase: order.phase(), document }, lease }
}

/// Claims a unit of the current phase until second 60, each time for another delivery.
fn claim(order: &Order, second: i64, document: Option<DocumentNumber>) -> Order {
    let message = document.map_or_else(|| "m".to_owned(), |document| format!("m{document}"));
    let kind = claim_event(order, document, &message, 60);
    let EventKind::Claimed { unit, lease } = kind else { unreachable!("a claim") };
    let lease = Lease { owner: format!("invocation at {second}"), ..lease };
    apply(order, second, EventKind::Claimed { unit, lease })
}

fn complete_event(order: &Order, artifacts: Vec<Artifact>) -> EventKind {
    EventKind::PhaseCompleted { run: order.run(), phase: order.phase(), artifacts }
}

fn ended_event(order: &Order, document: u32, failed: bool) -> EventKind {
    let (one, none) = (BTreeSet::from([doc(document)]), BTreeSet::new());
    let (completed, failed) = if failed { (none, one) } else { (one, none) };
    EventKind::DocumentsEnded { run: order.run(), completed, failed }
}

/// Claims and ends the execution of a document with success.
fn execute(order: &Order, document: u32) -> Order {
    let order = claim(order, 1, Some(doc(document)));
    apply(&order, 1, ended_event(&order, document, false))
}

fn fail_document(order: &Order, document: u32) -> Order {
    apply(order, 1, ended_event(order, document, true))
}

fn broken_file() -> Failure {
    Failure::permanent("file.broken", "Upload the file again.")
}

fn fail_phase(order: &Order, second: i64) -> Order {
    let failure = Failure::permanent("test.permanent", "Say what to do.");
    apply(order, second, EventKind::PhaseFailed { run: order.run(), phase: order.phase(), failure })
}

/// Claims and completes phases until `phase` is due; executes every document on the way.
fn until(order: &Order, phase: Phase) -> Order {
    let mut order = order.clone();
    while order.phase() < phase {
        let before = order.phase();
        order = complete(&order);
        assert!(order.phase() > before, "{before} was completed and nothing else is due");
    }
    order
}

/// Claims and completes the current phase.
fn complete(order: &Order) -> Order {
    let mut order = order.clone();
    if order.fans_out() {
        let open: Vec<_> = DocumentNumber::all(order.documents()).filter(|d| !order.terminal().contains(d)).collect();
        for document in open {
            order = execute(&order, document.get());
        }
    } else {
        order = claim(&order, 1, None);
    }
    let artifacts = if order.phase() == Phase::Generate { vec![artifact("cma.xlsx")] } else { Vec::new() };
    apply(&order, 1, complete_event(&order, artifacts))
}

/// An order that is through all phases, with one version of its documents.
fn completed(documents: u32) -> Order {
    complete(&until(&accepted(documents), Phase::Generate))
}

/// An order that waits for a reviewer with three items.
fn paused(order: &Order) -> Order {
    let order = claim(&until(order, Phase::Review), 1, None);
    apply(&order, 1, EventKind::ReviewNeeded { run: order.run(), items: 3 })
}

fn artifact(name: &str) -> Artifact {
    Artifact { version: 0, run: run(9), name: name.to_owned(), sha256: "00".to_owned(), bytes: 1 }
}

fn regenerate(order: &Order, start_from: Phase) -> Order {
    apply(order, 100, EventKind::Regenerated { run: order.run(), start_from })
}

fn retry(order: &Order) -> Order {
    apply(order, 100, EventKind::Retried { run: order.run(), start_from: None })
}

/// The order with some stored fields replaced, as a store may hold it.
fn stored_with(order: &Order, fields: &serde_json::Value) -> Order {
    let mut value = serde_json::to_value(order).unwrap();
    for (name, field) in fields.as_object().unwrap() {
        value.as_object_mut().unwrap().insert(name.clone(), field.clone());
    }
    serde_json::from_value(value).unwrap()
}
