//! What a person may do to an order: by role, and by the four eyes that a review needs. What the pipeline does itself, and
//! commands from its queue, which access to the queue guards, come from no person.

use super::Refusal;
use crate::event::{Event, EventKind};
use crate::limit::MAKER_COUNT_MAX;
use crate::option::{Confidence, Options};
use crate::order::Order;
use crate::person::{Person, Role};

/// Checks that whoever is behind an event may cause it.
pub(super) fn check(order: &Order, event: &Event) -> Result<(), Refusal> {
    let Some(person) = &event.by else { return Ok(()) };
    if person.firm != order.firm_id {
        return Err(Refusal::WrongRole);
    }
    let Some(allowed) = roles(&event.kind) else { return Err(Refusal::WrongRole) };
    if !person.is_any_of(allowed) {
        return Err(Refusal::WrongRole);
    }
    if is_decision(&event.kind) && order.makers.contains(&person.user) {
        return Err(Refusal::OwnWork);
    }
    Ok(())
}

/// The roles that may cause an event; none for what only the pipeline does.
fn roles(kind: &EventKind) -> Option<&'static [Role]> {
    match kind {
        EventKind::DocumentsAdded { .. }
        | EventKind::Submitted
        | EventKind::Regenerated { .. }
        | EventKind::Cancelled => Some(&[Role::Preparer, Role::Operator]),
        EventKind::ReviewDecided { .. } | EventKind::Resumed { .. } => Some(&[Role::Reviewer]),
        EventKind::ReviewExtended { .. } => Some(&[Role::Reviewer, Role::Operator]),
        EventKind::Retried { .. } => Some(&[Role::Operator]),
        EventKind::Claimed { .. }
        | EventKind::Released { .. }
        | EventKind::DocumentsEnded { .. }
        | EventKind::PhaseCompleted { .. }
        | EventKind::RenderingStarted { .. }
        | EventKind::ReviewNeeded { .. }
        | EventKind::ReviewReminded { .. }
        | EventKind::ReviewEscalated { .. }
        | EventKind::ReviewExpired { .. }
        | EventKind::PhaseFailed { .. }
        | EventKind::HandOffResent { .. } => None,
    }
}

/// Whether an event ends a review, which takes somebody who has not made the order.
fn is_decision(kind: &EventKind) -> bool {
    matches!(kind, EventKind::ReviewDecided { .. } | EventKind::Resumed { .. })
}

/// Whether an event makes an order's content: whoever causes it may not decide its review.
fn is_making(kind: &EventKind) -> bool {
    matches!(kind, EventKind::DocumentsAdded { .. } | EventKind::Submitted | EventKind::Regenerated { .. })
}

/// Remembers who made an order's content.
pub(super) fn record(order: &mut Order, event: &Event) -> Result<(), Refusal> {
    match &event.by {
        Some(person) if is_making(&event.kind) => {
            order.makers.insert(person.user.clone());
            if order.makers.len() > MAKER_COUNT_MAX { Err(Refusal::TooManyMakers) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// Whether a person may order with these options. Whatever takes an order past its reviewers needs one of them, or an operator.
pub(super) fn may_order_with(person: &Person, options: &Options) -> bool {
    let weakens = options.skip_review || options.auto_approve_above < Confidence::DEFAULT_THRESHOLD;
    !weakens || person.is_any_of(&[Role::Reviewer, Role::Operator])
}
