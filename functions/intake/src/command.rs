//! Applies one command.

use aws::store::Written;
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind, NewOrder, Unit};
use domain::execution::held_at;
use domain::failure::NOT_OFFERED;
use domain::lifecycle::{decide, submit};
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA};
use domain::order::Order;
use domain::phase::Phase;
use runtime::answer::Answer;
use runtime::delivery::Delivery;
use runtime::failure::Origin;
use runtime::job::Job;
use runtime::rejection::{Reason, reject};
use runtime::settle::fail_unit;
use tracing::Instrument as _;

pub(crate) async fn apply(delivery: &Delivery<'_>) -> Answer {
    let message = serde_json::from_str::<CommandMessage>(&delivery.message.body).ok();
    let Some(message) = message.filter(|message| message.schema <= MESSAGE_SCHEMA) else {
        tracing::error!(message.id = %delivery.message.id, "message is not a command; refused");
        return Answer::Refuse;
    };
    let span = tracing::info_span!(
        "command",
        order.id = %message.order_id,
        command.id = %message.command_id,
        // An order's correlation id is the id of the command that submitted it; later commands have other ids.
        correlation.id = %message.command_id,
    );
    async {
        match message.command.clone() {
            Command::Submit { service_code, documents, options } => {
                let new = NewOrder {
                    order_id: message.order_id,
                    firm_id: message.firm_id.clone(),
                    service_code,
                    documents,
                    options,
                    correlation_id: message.command_id.clone(),
                };
                accept(delivery, &message, new).await
            }
            _ => change(delivery, &message).await,
        }
    }
    .instrument(span)
    .await
}

/// Accepts a new order. If it exists already, this is a repeat of the same command.
async fn accept(delivery: &Delivery<'_>, message: &CommandMessage, new: NewOrder) -> Answer {
    let decision = match submit(new, delivery.now(), delivery.writer()) {
        Ok(decision) => decision,
        Err(unacceptable) => {
            tracing::error!(why = %unacceptable, "order not acceptable; rejected");
            return reject(delivery, Origin::from(message), Reason::Unacceptable).await;
        }
    };
    let order = match delivery.pipeline.store.create(&decision).await {
        Ok(Written::Done) => {
            add_completion(delivery, decision.order());
            decision.into_order()
        }
        Ok(Written::Conflict(Some(order))) if !order.is_submitted_by(&message.command) => {
            tracing::error!("order id belongs to another order; rejected");
            return reject(delivery, Origin::from(message), Reason::IdTaken).await;
        }
        Ok(Written::Conflict(Some(order))) => *order,
        Ok(Written::Conflict(None)) => return delivery.back_off(),
        Err(error) => {
            tracing::warn!(error = %error, "order not written; the command will be retried");
            return delivery.back_off();
        }
    };
    hand_off(delivery, order).await
}

/// Sends the order's hand-off. An order for a service that is not offered fails here instead.
async fn hand_off(delivery: &Delivery<'_>, order: Order) -> Answer {
    if order.service_code().is_offered() {
        return send_owed(delivery, &order).await;
    }
    let unit = Unit { run: order.run(), phase: order.phase(), document: None };
    fail_unit(delivery, Job::new(delivery, order, unit), NOT_OFFERED).await
}

/// Applies any other command to the current order.
async fn change(delivery: &Delivery<'_>, message: &CommandMessage) -> Answer {
    let store = &delivery.pipeline.store;
    let mut order = match store.order(&message.firm_id, message.order_id).await {
        Ok(Some(order)) => order,
        Ok(None) => {
            tracing::error!("order not found; command refused");
            return Answer::Refuse;
        }
        Err(error) => {
            tracing::warn!(error = %error, "order not read; the command will be retried");
            return delivery.back_off();
        }
    };
    let Some(kind) = event_of(&message.command) else { return Answer::Refuse };
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        if matches!(message.command, Command::Cancel { run: Some(run) } if run < order.run()) {
            tracing::warn!(why = "the order is in a later run", "command has no effect");
            return hand_off(delivery, order).await;
        }
        let event = Event::new(delivery.now(), delivery.writer().to_owned(), kind.clone());
        let decision = match decide(&order, &event) {
            Ok(decision) => decision,
            Err(refused) => {
                tracing::warn!(why = %refused, "command has no effect");
                return hand_off(delivery, order).await;
            }
        };
        match store.write(&decision).await {
            Ok(Written::Done) => {
                add_completion(delivery, decision.order());
                return hand_off(delivery, decision.into_order()).await;
            }
            Ok(Written::Conflict(Some(now))) => order = *now,
            Ok(Written::Conflict(None)) => return Answer::Refuse,
            Err(error) => {
                tracing::warn!(error = %error, "order not written; the command will be retried");
                return delivery.back_off();
            }
        }
    }
    delivery.back_off()
}

/// Adds the order as changed by a command to what is backed up.
fn add_completion(delivery: &Delivery<'_>, order: &Order) {
    delivery.add_completion(Completion::of(order, order.phase(), Vec::new(), None, Primary::Written));
}

fn event_of(command: &Command) -> Option<EventKind> {
    match *command {
        Command::Submit { .. } => None,
        Command::Retry { run, start_from } => Some(EventKind::Retried { run, start_from }),
        Command::Resume { run } => Some(EventKind::Resumed { run }),
        Command::ReviewDecided { run } => Some(EventKind::ReviewDecided { run, remaining: 0 }),
        Command::Regenerate { run, start_from } => {
            Some(EventKind::Regenerated { run, start_from: start_from.unwrap_or(Phase::Generate) })
        }
        Command::Cancel { .. } => Some(EventKind::Cancelled),
    }
}

/// Sends the order's pending hand-off, except for units with a live lease, whose message has arrived.
async fn send_owed(delivery: &Delivery<'_>, order: &Order) -> Answer {
    let now = delivery.now();
    let mut owed = order.owed_messages();
    if order.lease().is_some_and(|lease| lease.until > now) {
        owed.clear();
    }
    // Nobody can have claimed an execution before the order was first changed.
    if order.fans_out() && order.revision() > 1 {
        match delivery.pipeline.store.executions(order.firm_id(), order.order_id()).await {
            Ok(executions) => {
                let held = held_at(order, &executions, now);
                owed.retain(|message| message.document.is_none_or(|document| !held.contains(&document)));
            }
            Err(error) => {
                tracing::warn!(error = %error, "executions not read; the command will be retried");
                return delivery.back_off();
            }
        }
    }
    Answer::Send(owed)
}
