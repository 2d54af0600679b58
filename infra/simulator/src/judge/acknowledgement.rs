//! Finds messages that were acknowledged too early. Reconciliation would recover the work later, but no function may rely
//! on that.
//!
//! Unless the simulation made a message of the order vanish, pending work always has a message in some queue. If the last message of an
//! order's run is deleted while the order is active or its alert is pending, the function acknowledged it too early.

use domain::failure::FailureId;
use domain::message::{CommandMessage, PhaseMessage};
use domain::order::Order;

use crate::judge::item::{FAILURE, Key};
use crate::judge::model::{Invoked, Model, NO_ORDER};
use crate::judge::violation::{Kind, Violation};
use engine::{Aws, Ended};

/// Finds work that an invocation abandoned by acknowledging its messages.
pub(crate) fn abandoned_work(
    aws: &Aws,
    queues: &[String],
    model: &Model,
    by: &Invoked,
    ended: &Ended,
) -> Vec<Violation> {
    let mut found = unrecorded(aws, queues, model, by, ended);
    for (id, pk) in &by.commands {
        let acknowledged = !ended.failed.contains(id) && ended.error.is_none();
        let is_left = |order: &Order| order.is_active() && !model.is_worked_on(pk, order) && !model.bereft.contains(pk);
        let has_work = model.orders.get(pk).is_some_and(is_left);
        if acknowledged && has_work && !is_in_a_queue(aws, queues, pk) {
            found.push(Violation::new(
                Kind::Stuck,
                "I2",
                format!("a command of {pk} was acknowledged, and no message continues the order"),
            ));
        }
    }
    for (id, (pk, message)) in by.ids.iter().zip(&by.units) {
        if ended.failed.contains(id) || ended.error.is_some() || model.bereft.contains(pk) {
            continue;
        }
        let Some(order) = model.orders.get(pk) else { continue };
        let has_work = order.is_active() && order.run() == message.run;
        let alert = pending_alert(model, pk, message);
        if (has_work || alert.is_some()) && !is_in_a_queue(aws, queues, pk) {
            let unit = format!("{pk} {} {:?} of run {}", message.phase, message.document, message.run);
            match alert {
                Some(id) => found.push(Violation::new(
                    Kind::Silent,
                    "I3",
                    format!("{unit} was acknowledged while the alert of {id} is pending"),
                )),
                None => found.push(Violation::new(
                    Kind::Stuck,
                    "I2",
                    format!("{unit} was acknowledged, and no message continues the order"),
                )),
            }
        }
    }
    found
}

/// Finds dead letters acknowledged without a record: texts that are not messages, and commands for unknown orders.
fn unrecorded(aws: &Aws, queues: &[String], model: &Model, by: &Invoked, ended: &Ended) -> Vec<Violation> {
    if by.function != "DeadLetterFunction" || ended.error.is_some() {
        return Vec::new();
    }
    let foreign = by.foreign.iter().map(|id| (id, NO_ORDER));
    let undone = |(_, pk): &&(String, String)| !model.orders.contains_key(pk) && !is_in_a_queue(aws, queues, pk);
    let commands = by.commands.iter().filter(undone).map(|(id, pk)| (id, pk.as_str()));
    let acknowledged = foreign.chain(commands).filter(|(id, _)| !ended.failed.contains(id));
    let silent = acknowledged.filter(|(id, pk)| {
        let sk = format!("{FAILURE}{}", FailureId::of_message(id));
        !model.alerts.contains_key(&Key { pk: (*pk).to_owned(), sk })
    });
    silent
        .map(|(id, _)| {
            Violation::new(Kind::Silent, "I3", format!("the dead letter {id} was acknowledged without a record"))
        })
        .collect()
}

/// A failure of the unit of `message` whose alert is pending, and is not to be announced in a digest.
fn pending_alert(model: &Model, pk: &str, message: &PhaseMessage) -> Option<FailureId> {
    let of_unit = FailureId::of(message.run, message.phase, message.document);
    let of_phase = FailureId::of(message.run, message.phase, None);
    let key = |id: &FailureId| Key { pk: pk.to_owned(), sk: format!("{FAILURE}{id}") };
    // The digest that announces the failure of a phase announces those of its documents too.
    let is_left = |id: &FailureId| [id, &of_phase].into_iter().any(|id| model.left_for_digest.contains(&key(id)));
    let is_pending = |id: &FailureId| model.alerts.get(&key(id)).is_some_and(|alert| alert != "sent") && !is_left(id);
    [of_unit, of_phase.clone()].into_iter().find(is_pending)
}

/// Whether any queue holds a message of the order.
fn is_in_a_queue(aws: &Aws, queues: &[String], pk: &str) -> bool {
    let of = |firm: &dyn std::fmt::Display, order: &dyn std::fmt::Display| format!("FIRM#{firm}#ORDER#{order}");
    queues.iter().flat_map(|queue| aws.peek(queue)).any(|body| {
        let phase = serde_json::from_str::<PhaseMessage>(&body).map(|message| of(&message.firm_id, &message.order_id));
        let named = phase.or_else(|_| {
            serde_json::from_str::<CommandMessage>(&body).map(|message| of(&message.firm_id, &message.order_id))
        });
        named.is_ok_and(|named| named == pk)
    })
}
