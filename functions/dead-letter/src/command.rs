//! Dead letters that were to tell intake something.

use domain::limit::{COMMAND_RESEND_COUNT_MAX, COMMAND_RESEND_DELAY_SECS};
use domain::message::{Command, CommandMessage};
use runtime::rejection::{Origin, Reason, report};
use runtime::{Answer, Record};
use tracing::Instrument as _;

use crate::{Resources, find};

pub(crate) async fn bury(resources: &Resources, record: &Record, message: CommandMessage) -> Answer {
    let span = tracing::info_span!(
        "dead letter",
        order.id = %message.order_id,
        command.id = %message.command_id,
        correlation.id = %message.command_id,
    );
    async {
        let submits = matches!(message.command, Command::Submit { .. });
        match find(&resources.pipeline.store, &message.firm_id, message.order_id).await {
            // The order was accepted after all; only its hand-off may be owed.
            Ok(Some(order)) if submits => Answer::Send(order.owed_messages()),
            Ok(found) if found.is_some() || submits => again(resources, record, message).await,
            Ok(_) => give_up(resources, record, &message).await,
            Err(answer) => answer,
        }
    }
    .instrument(span)
    .await
}

/// What intake refuses it reports itself, so what dies here met an outage: it is sent again, for some hours.
async fn again(resources: &Resources, record: &Record, message: CommandMessage) -> Answer {
    if message.resends >= COMMAND_RESEND_COUNT_MAX {
        return give_up(resources, record, &message).await;
    }
    let next = CommandMessage { resends: message.resends + 1, ..message };
    match resources.commands.send_later(&next, COMMAND_RESEND_DELAY_SECS).await {
        Ok(()) => {
            tracing::info!(resends = next.resends, "the command died of an outage; it is sent anew");
            Answer::Acknowledge
        }
        Err(error) => {
            tracing::warn!(error = %error, "the command could not be sent anew");
            Answer::Refuse
        }
    }
}

async fn give_up(resources: &Resources, record: &Record, message: &CommandMessage) -> Answer {
    tracing::error!("the command could not be carried out");
    let service_code = match message.command {
        Command::Submit { service_code, .. } => Some(service_code),
        _ => None,
    };
    let origin = Origin {
        order: Some((message.firm_id.clone(), message.order_id)),
        service_code,
        correlation_id: Some(message.command_id.clone()),
    };
    report(&resources.pipeline, record, origin, Reason::Undone).await
}
