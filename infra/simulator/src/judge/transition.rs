//! Checks that each write of an order is a step of its lifecycle, as defined by [`domain::lifecycle::decide`].

use std::borrow::Cow;
use std::collections::BTreeSet;

use domain::event::{Event, EventKind, Unit};
use domain::failure::Failure;
use domain::id::DocumentNumber;
use domain::lifecycle::decide;
use domain::order::{Lease, Order};
use domain::phase::Phase;

/// The reason why `next` must not follow `before`, if there is one.
pub(crate) fn forbidden(before: &Order, next: &Order) -> Option<String> {
    let step = || {
        format!(
            "{}/{} to {}/{}",
            before.status(),
            before.orchestration_status(),
            next.status(),
            next.orchestration_status()
        )
    };
    if next.revision() != before.revision() + 1 {
        return Some(format!("revision {} follows {} ({})", next.revision(), before.revision(), step()));
    }
    if next.run() < before.run() {
        return Some(format!("run {} follows run {}", next.run(), before.run()));
    }
    if next.run() == before.run() && next.progress_percent() < before.progress_percent() {
        return Some(format!("progress {} % follows {} %", next.progress_percent(), before.progress_percent()));
    }
    let is_new = next.artifact_version() > before.artifact_version();
    if !is_new && next.artifacts() != before.artifacts() {
        return Some("the current version was changed".to_owned());
    }
    let known = candidates(before, next).into_iter().any(|events| leads_to(before, &events, next));
    if known { None } else { Some(format!("no event leads from {}", step())) }
}

/// Whether these events, written together, turn `before` into `next`.
fn leads_to(before: &Order, events: &[EventKind], next: &Order) -> bool {
    let mut order = before.clone();
    for kind in events {
        let event = Event::new(next.updated_at(), next.writer().to_owned(), kind.clone());
        match decide(&order, &event) {
            Ok(decision) => order = decision.into_order(),
            Err(_) => return false,
        }
    }
    shape(&order) == shape(next)
}

/// The parts of an order that a step must get right: all but times.
fn shape(order: &Order) -> impl PartialEq + use<> {
    let lease = order.lease().map(|lease| (lease.owner.clone(), lease.message.clone()));
    let error = order.last_orchestration_error().as_ref().map(|error| error.failure_id.clone());
    let artifacts: Vec<_> =
        order.artifacts().iter().map(|a| (a.version, a.run, a.name.clone(), a.sha256.clone())).collect();
    (
        (
            order.status(),
            order.orchestration_status(),
            order.run(),
            order.phase(),
            order.documents(),
            order.terminal().clone(),
            order.failed().clone(),
            lease,
        ),
        (artifacts, order.artifact_version(), order.hand_off_owed_since().is_some(), order.review_items()),
        (order.decisions_run(), order.failure_reason().is_some(), error, order.resends(), order.phase_attempts()),
    )
}

/// The events that may have happened, judging by what is new in `next`.
fn candidates(before: &Order, next: &Order) -> Vec<Vec<EventKind>> {
    let run = before.run();
    let phase = before.phase();
    let is_new = next.artifact_version() > before.artifact_version();
    let artifacts = next.artifacts().iter().filter(|artifact| is_new && artifact.version == next.artifact_version());
    let artifacts: Vec<_> = artifacts.cloned().collect();
    let completed = EventKind::PhaseCompleted { run, phase, artifacts };
    let mut all = vec![
        vec![completed.clone()],
        vec![EventKind::DocumentsAdded { count: next.documents().saturating_sub(before.documents()) }],
        vec![EventKind::Submitted],
        vec![EventKind::RenderingStarted { run }],
        vec![EventKind::ReviewNeeded { run, items: next.review_items() }],
        vec![EventKind::ReviewDecided { run, remaining: next.review_items() }],
        vec![EventKind::Resumed { run }],
        vec![EventKind::ReviewReminded { run }],
        vec![EventKind::ReviewEscalated { run }],
        vec![EventKind::ReviewExtended { run }],
        vec![EventKind::ReviewExpired { run }],
        vec![EventKind::Retried { run, start_from: None }],
        vec![EventKind::Cancelled],
        vec![EventKind::HandOffResent { run, phase }],
        vec![EventKind::PhaseFailed { run, phase, failure: last_failure(next) }],
    ];
    all.extend(before.lease().map(|lease| vec![EventKind::Released { run, phase, lease: lease.clone() }]));
    all.extend(Phase::ALL.into_iter().map(|start_from| vec![EventKind::Regenerated { run, start_from }]));
    all.extend(Phase::ALL.map(|phase| vec![EventKind::Retried { run, start_from: Some(phase) }]));
    let failed: BTreeSet<_> = next.failed().difference(before.failed()).copied().collect();
    let ended = next.terminal().difference(before.terminal()).copied();
    let ended = EventKind::DocumentsEnded { run, completed: ended.filter(|n| !failed.contains(n)).collect(), failed };
    all.push(vec![ended.clone()]);
    // The end of the last documents also ends their phase, in one write.
    all.push(vec![ended, completed.clone()]);
    all.extend(claims(before, next).map(|event| vec![event]));
    all
}

fn claims<'a>(before: &'a Order, next: &'a Order) -> impl Iterator<Item = EventKind> + 'a {
    let unit = Unit { run: before.run(), phase: before.phase(), document: None };
    let of_phase = next.lease().map(|lease| EventKind::Claimed { unit, lease: lease.clone() });
    // The claim of a document is stored with its execution; the order only shows that its phase has begun.
    let nobody = Lease { owner: String::new(), message: String::new(), until: before.updated_at() };
    let open = DocumentNumber::all(before.documents()).find(|document| !before.terminal().contains(document));
    let unit = Unit { document: open, ..unit };
    let of_document = open.map(|_| EventKind::Claimed { unit, lease: nobody });
    of_phase.into_iter().chain(of_document)
}

fn last_failure(order: &Order) -> Failure {
    match &order.last_orchestration_error() {
        Some(error) => Failure {
            category: error.category,
            code: Cow::Owned(error.code.clone()),
            message: Cow::Owned(error.message.clone()),
        },
        None => Failure::permanent("none", "none"),
    }
}

#[cfg(test)]
mod tests {
    use domain::event::NewOrder;
    use domain::id::{OrderId, RunNumber};
    use domain::lifecycle::submit;
    use domain::option::Options;
    use domain::service::ServiceCode;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::*;

    fn accepted() -> Order {
        let new = NewOrder {
            order_id: OrderId::from_parts(1, 1),
            firm_id: "alpha".parse().unwrap(),
            service_code: ServiceCode::Canary,
            documents: 0,
            options: Options::default(),
            correlation_id: "c".to_owned(),
        };
        submit(new, Timestamp::UNIX_EPOCH, "w").unwrap().into_order()
    }

    fn claimed(order: &Order) -> Order {
        let owner = format!("o{}", order.revision());
        let lease = Lease { owner, message: "m".to_owned(), until: Timestamp::UNIX_EPOCH };
        let unit = Unit { run: order.run(), phase: order.phase(), document: None };
        let event = Event::new(order.updated_at(), "o".to_owned(), EventKind::Claimed { unit, lease });
        decide(order, &event).unwrap().into_order()
    }

    /// An order that no step of the lifecycle leads to, made by changing its stored form.
    fn altered(order: &Order, fields: &Value) -> Order {
        let mut stored = json!(order);
        let fields = fields.as_object().unwrap().clone();
        stored.as_object_mut().unwrap().extend(fields);
        serde_json::from_value(stored).unwrap()
    }

    #[test]
    fn a_step_of_the_lifecycle_is_known() {
        let order = accepted();
        assert_eq!(forbidden(&order, &claimed(&order)), None);
        // A redelivery takes its lease over.
        let once = claimed(&order);
        assert_eq!(forbidden(&once, &claimed(&once)), None);
    }

    #[test]
    fn a_lost_update_a_step_back_and_a_leap_are_found() {
        let before = claimed(&accepted());
        let after = claimed(&before);
        let lost = altered(&after, &json!({ "revision": before.revision() }));
        assert!(forbidden(&before, &lost).is_some_and(|why| why.contains("revision")));
        let earlier = altered(&after, &json!({ "run": RunNumber::FIRST }));
        let later = altered(&before, &json!({ "run": RunNumber::FIRST.next() }));
        assert!(forbidden(&later, &earlier).is_some_and(|why| why.contains("run 1 follows run 2")));
        let backwards = altered(&after, &json!({ "reached_percent": 0 }));
        let reached = altered(&before, &json!({ "reached_percent": 50 }));
        assert!(forbidden(&reached, &backwards).is_some_and(|why| why.contains("progress")));
        let leap = altered(&after, &json!({ "status": "COMPLETED", "orchestration_status": "COMPLETED" }));
        assert!(forbidden(&before, &leap).is_some_and(|why| why.contains("no event leads")));
    }

    #[test]
    fn a_failure_that_names_another_cause_than_the_orders_is_no_step() {
        let before = claimed(&accepted());
        let failed = altered(&claimed(&before), &json!({ "status": "FAILED" }));
        assert!(forbidden(&before, &failed).is_some());
    }
}
