//! Handles dead letters that hold a command.

use domain::limit::{COMMAND_RESEND_COUNT_MAX, COMMAND_RESEND_DELAY_SECS};
use domain::message::{Command, CommandMessage};
use runtime::answer::Answer;
use runtime::delivery::Delivery;
use runtime::failure::Origin;
use runtime::rejection::{Reason, reject};
use tracing::Instrument as _;

use crate::{Resources, find};

pub(crate) async fn handle(resources: &Resources, delivery: &Delivery<'_>, message: CommandMessage) -> Answer {
    let span = tracing::info_span!(
        "dead letter",
        order.id = %message.order_id,
        command.id = %message.command_id,
        correlation.id = %message.command_id,
    );
    async {
        let submits = matches!(message.command, Command::Submit { .. });
        match find(&resources.pipeline.store, &message.firm_id, message.order_id).await {
            // The order was accepted after all; at most its hand-off is pending.
            Ok(Some(order)) if order.is_submitted_by(&message.command) => Answer::Send(order.owed_messages()),
            // Also when another order has its id: intake rejects the command then, as it would have without the outage.
            Ok(found) if found.is_some() || submits => resend(resources, delivery, message).await,
            Ok(_) => give_up(delivery, &message).await,
            Err(answer) => answer,
        }
    }
    .instrument(span)
    .await
}

/// Sends the command again, for some hours. Intake itself rejects bad commands, so the ones that end up here failed in an
/// outage.
async fn resend(resources: &Resources, delivery: &Delivery<'_>, message: CommandMessage) -> Answer {
    if message.resends >= COMMAND_RESEND_COUNT_MAX {
        return give_up(delivery, &message).await;
    }
    let next = CommandMessage { resends: message.resends + 1, ..message };
    match resources.commands.send_later(&next, COMMAND_RESEND_DELAY_SECS).await {
        Ok(()) => {
            tracing::info!(resends = next.resends, "command failed in an outage; sent again");
            Answer::Acknowledge
        }
        Err(error) => {
            tracing::warn!(error = %error, "command not sent again yet; will retry");
            Answer::Refuse
        }
    }
}

async fn give_up(delivery: &Delivery<'_>, message: &CommandMessage) -> Answer {
    tracing::error!("command failed for good; rejected");
    reject(delivery, Origin::from(message), Reason::CommandFailed).await
}
