//! Draws the lifecycle by exploring the function itself, so that diagram and code cannot disagree.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

use jiff::Timestamp;

use super::{decide, draft};
use crate::event::{Event, EventKind, NewOrder, Unit};
use crate::failure::Failure;
use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::option::Options;
use crate::order::{Artifact, Lease, Order};
use crate::phase::Phase;
use crate::service::ServiceCode;
use crate::status::{OrchestrationStatus, Status};

/// A state as the diagram shows it.
pub type State = (Status, OrchestrationStatus);

/// A transition from one state to another: `(from, event name, to)`.
pub type Transition = (State, &'static str, State);

/// Every transition between the states that an order can reach.
#[must_use]
pub fn transitions() -> BTreeSet<Transition> {
    let flags = [(false, false), (true, false), (false, true), (true, true)];
    let starts = flags.into_iter().flat_map(|(review, validation)| [0, 1].map(|n| start(n, review, validation)));
    walk(starts.collect(), RunNumber::FIRST.next().next())
}

/// Every transition of orders from `starts` on, in runs up to `last`.
fn walk(starts: Vec<Order>, last: RunNumber) -> BTreeSet<Transition> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open: VecDeque<Order> = starts.into();
    while let Some(order) = open.pop_front() {
        if !seen.insert(abstraction(&order)) {
            continue;
        }
        for kind in every_event(&order) {
            let event = Event::new(Timestamp::UNIX_EPOCH, "diagram".to_owned(), kind);
            if let Ok(decision) = decide(&order, &event) {
                let next = decision.into_order();
                if next.run <= last {
                    found.insert((state(&order), event.kind.name(), state(&next)));
                    open.push_back(next);
                }
            }
        }
    }
    found
}

/// The transitions of a first run that skips nothing, in Mermaid's notation. Cancellation and the failure of a phase are
/// left out, because they lead from every state to the same one.
#[must_use]
pub fn mermaid() -> String {
    let walk = walk(vec![start(1, false, false)], RunNumber::FIRST);
    let edges = walk.into_iter().filter(|(from, name, to)| {
        let first = |state: &State| !matches!(state.0, Status::Regenerating | Status::Completed | Status::Cancelled);
        let ends = to.1 == OrchestrationStatus::Completed && name == &"phase completed" && from.0 == Status::InProgress;
        (first(from) && first(to) && to.1 != OrchestrationStatus::Failed && from != to) || ends
    });
    let edges = group(edges);
    let mut text = String::from("stateDiagram-v2\n");
    for state in edges.keys().flat_map(|(from, to)| [*from, *to]).collect::<BTreeSet<_>>() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {}: {} / {}", node(state), state.0, state.1);
    }
    for ((from, to), names) in edges {
        let _ = writeln!(text, "    {} --> {}: {}", node(from), node(to), names.join(", "));
    }
    text
}

/// Every transition, as a Markdown table in a stable order.
#[must_use]
pub fn table() -> String {
    let mut text = String::from("| from | event | to |\n|---|---|---|\n");
    for ((from, to), names) in group(transitions()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} / {} | {} | {} / {} |", from.0, from.1, names.join(", "), to.0, to.1);
    }
    text
}

fn group(edges: impl IntoIterator<Item = Transition>) -> BTreeMap<(State, State), Vec<&'static str>> {
    let mut grouped: BTreeMap<(State, State), Vec<&'static str>> = BTreeMap::new();
    for (from, name, to) in edges {
        grouped.entry((from, to)).or_default().push(name);
    }
    grouped
}

fn node(state: State) -> String {
    format!("{}__{}", state.0, state.1)
}

fn state(order: &Order) -> State {
    (order.status, order.orchestration_status)
}

/// The parts of an order that decide its further transitions. Orders that agree in them are explored once.
fn abstraction(order: &Order) -> impl Ord + use<> {
    (
        state(order),
        order.phase,
        (order.documents, order.terminal.len()),
        order.has_version(),
        order.has_completed_document(),
        order.review_items,
        (order.options.skip_review, order.options.skip_validation),
    )
}

fn start(documents: u32, skip_review: bool, skip_validation: bool) -> Order {
    let new = NewOrder {
        order_id: OrderId::from_parts(0, 0),
        firm_id: FirmId::try_from("firm".to_owned()).unwrap_or_else(|_| unreachable!("a valid firm id")),
        service_code: ServiceCode::Canary,
        documents,
        options: Options { skip_review, skip_validation, ..Options::default() },
        correlation_id: String::new(),
    };
    draft(new, Timestamp::UNIX_EPOCH, "diagram").unwrap_or_else(|_| unreachable!("an acceptable order"))
}

fn every_event(order: &Order) -> Vec<EventKind> {
    let run = order.run;
    let failure = Failure::permanent("diagram", "diagram");
    let artifact = Artifact { version: 0, run, name: String::new(), sha256: String::new(), bytes: 0 };
    let lease = Lease { owner: String::new(), message: String::new(), until: Timestamp::UNIX_EPOCH };
    let first = DocumentNumber::all(order.documents).next();
    let mut events = vec![
        EventKind::DocumentsAdded { count: 1 },
        EventKind::Submitted,
        EventKind::RenderingStarted { run },
        EventKind::ReviewNeeded { run, items: 1 },
        EventKind::ReviewDecided { run, remaining: 0 },
        EventKind::ReviewDecided { run, remaining: 1 },
        EventKind::Resumed { run },
        EventKind::ReviewReminded { run },
        EventKind::ReviewEscalated { run },
        EventKind::ReviewExtended { run },
        EventKind::ReviewExpired { run },
        EventKind::Cancelled,
    ];
    if let Some(document) = first {
        let (one, none) = (BTreeSet::from([document]), BTreeSet::new());
        events.push(EventKind::DocumentsEnded { run, completed: one.clone(), failed: none.clone() });
        events.push(EventKind::DocumentsEnded { run, completed: none, failed: one });
    }
    for phase in Phase::ALL {
        let document = if phase == Phase::Extract { first } else { None };
        events.push(EventKind::Claimed { unit: Unit { run, phase, document }, lease: lease.clone() });
        events.push(EventKind::Released { run, phase, lease: lease.clone() });
        events.push(EventKind::PhaseCompleted { run, phase, artifacts: vec![artifact.clone()] });
        events.push(EventKind::PhaseFailed { run, phase, failure: failure.clone() });
        events.push(EventKind::HandOffResent { run, phase });
        events.push(EventKind::Retried { run, start_from: Some(phase) });
        events.push(EventKind::Regenerated { run: RunNumber::FIRST.max(run), start_from: phase });
    }
    events
}
