//! One command.

use aws::store::Written;
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind, NewOrder, Unit};
use domain::failure::Failure;
use domain::lifecycle::{decide, submit};
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use domain::order::{Order, lease_key};
use domain::phase::Phase;
use domain::service::ServiceCode;
use runtime::invocation::Invocation;
use runtime::pipeline::Pipeline;
use runtime::rejection::{Origin, Reason, report};
use runtime::{Answer, Record, fail_unit};
use tracing::Instrument as _;

const NOT_OFFERED: Failure =
    Failure::permanent("service.not_offered", "This installation does not offer the service. Order another one.");

pub(crate) async fn apply(pipeline: &Pipeline, invocation: &Invocation, record: &Record) -> Answer {
    let message = serde_json::from_str::<CommandMessage>(&record.body).ok();
    let Some(message) = message.filter(|message| message.schema <= MESSAGE_SCHEMA) else {
        tracing::error!(message.id = %record.message_id, "the message is no command");
        return Answer::Refuse;
    };
    let span = tracing::info_span!(
        "command",
        order.id = %message.order_id,
        command.id = %message.command_id,
        // The submission's id follows the order; other commands are told apart by theirs.
        correlation.id = %message.command_id,
    );
    // The same command may come in two messages of one batch: each writes in a name of its own.
    let writer = format!("{}/{}", invocation.request_id, record.message_id);
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
                accept(pipeline, record, new, &writer).await
            }
            _ => change(pipeline, record, &message, &writer).await,
        }
    }
    .instrument(span)
    .await
}

/// Accepts a new order. One that is there already is the same command come again.
async fn accept(pipeline: &Pipeline, record: &Record, new: NewOrder, writer: &str) -> Answer {
    let origin = Origin {
        order: Some((new.firm_id.clone(), new.order_id)),
        service_code: Some(new.service_code),
        correlation_id: Some(new.correlation_id.clone()),
    };
    let decision = match submit(new, pipeline.clock.now(), writer) {
        Ok(decision) => decision,
        Err(unacceptable) => {
            tracing::error!(why = %unacceptable, "the order cannot be accepted");
            return report(pipeline, record, origin, Reason::Unacceptable).await;
        }
    };
    let order = match pipeline.store.create(&decision).await {
        Ok(Written::Done) => {
            note(record, decision.order());
            decision.into_order()
        }
        Ok(Written::Conflict(Some(order))) if !is_same(&order, decision.order()) => {
            tracing::error!("another order has the id");
            return report(pipeline, record, origin, Reason::IdTaken).await;
        }
        Ok(Written::Conflict(Some(order))) => *order,
        Ok(Written::Conflict(None)) => return Answer::later(record),
        Err(error) => {
            tracing::warn!(error = %error, "the order could not be written");
            return Answer::later(record);
        }
    };
    hand_off(pipeline, record, order, writer).await
}

/// Whether two are the same order, submitted again.
fn is_same(one: &Order, other: &Order) -> bool {
    let submitted = |order: &Order| (order.service_code, order.documents, order.options.clone());
    submitted(one) == submitted(other)
}

/// Sends what the order owes; an order for what is not offered fails instead, as a whole and once.
async fn hand_off(pipeline: &Pipeline, record: &Record, order: Order, writer: &str) -> Answer {
    match order.service_code {
        ServiceCode::Cma | ServiceCode::Canary => send_owed(pipeline, &order),
        ServiceCode::Underwriting | ServiceCode::RepositoryDocs => {
            let unit = Unit { run: order.run, phase: order.phase, document: None };
            fail_unit(pipeline, record, order, unit, writer, NOT_OFFERED).await
        }
    }
}

/// Applies any other command to the order as it stands.
async fn change(pipeline: &Pipeline, record: &Record, message: &CommandMessage, writer: &str) -> Answer {
    let mut order = match pipeline.store.order(&message.firm_id, message.order_id).await {
        Ok(Some(order)) => order,
        Ok(None) => {
            tracing::error!("there is no such order");
            return Answer::Refuse;
        }
        Err(error) => {
            tracing::warn!(error = %error, "the order could not be read");
            return Answer::later(record);
        }
    };
    let Some(kind) = event_of(&message.command) else { return Answer::Refuse };
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        if matches!(message.command, Command::Cancel { run: Some(run) } if run < order.run) {
            tracing::warn!(why = "the order is in a later run", "the command changes nothing");
            return hand_off(pipeline, record, order, writer).await;
        }
        let event = Event { at: pipeline.clock.now(), writer: writer.to_owned(), kind: kind.clone() };
        let decision = match decide(&order, &event) {
            Ok(decision) => decision,
            Err(refused) => {
                tracing::warn!(why = %refused, "the command changes nothing");
                return hand_off(pipeline, record, order, writer).await;
            }
        };
        match pipeline.store.write(&decision).await {
            Ok(Written::Done) => {
                note(record, decision.order());
                return hand_off(pipeline, record, decision.into_order(), writer).await;
            }
            Ok(Written::Conflict(Some(now))) => order = *now,
            Ok(Written::Conflict(None)) => return Answer::Refuse,
            Err(error) => {
                tracing::warn!(error = %error, "the order could not be written");
                return Answer::later(record);
            }
        }
    }
    Answer::later(record)
}

/// Remembers in the backup what a command made of the order.
fn note(record: &Record, order: &Order) {
    record.note(Completion::of(order, order.phase, None, None, Primary::Written));
}

fn event_of(command: &Command) -> Option<EventKind> {
    match *command {
        Command::Submit { .. } => None,
        Command::Retry { run } => Some(EventKind::Retried { run }),
        Command::Resume { run } => Some(EventKind::Resumed { run }),
        Command::ReviewDecided { run } => Some(EventKind::ReviewDecided { run, remaining: 0 }),
        Command::Regenerate { run, start_from } => {
            Some(EventKind::Regenerated { run, start_from: start_from.unwrap_or(Phase::Generate) })
        }
        Command::Cancel { .. } => Some(EventKind::Cancelled),
    }
}

/// Sends again what the order owes, unless somebody works on it: then it has evidently arrived.
fn send_owed(pipeline: &Pipeline, order: &Order) -> Answer {
    let now = pipeline.clock.now();
    let open =
        |message: &PhaseMessage| order.leases.get(&lease_key(message.document)).is_none_or(|lease| lease.until <= now);
    Answer::Send(order.owed_messages().into_iter().filter(open).collect())
}
