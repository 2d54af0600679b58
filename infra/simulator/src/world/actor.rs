//! Carries out the plan of an order: submits it, repeats the submission, cancels, retries and reviews it.

use std::time::Duration;

use domain::message::Command;
use domain::order::Order;
use domain::status::{OrchestrationStatus, Status};
use futures_util::future::join_all;

use crate::judge::audit::Accepted;
use crate::plan::workload::{OrderPlan, Stray, Target};
use crate::world::clients::Clients;
use engine::{Account, Stack};

/// Time between two checks of an order.
const LOOK_EVERY: Duration = Duration::from_secs(4 * 60);

/// Carries out the plan of one order.
pub(crate) async fn play(clients: Clients, plan: OrderPlan, accepted: Accepted) {
    tokio::time::sleep(Duration::from_millis(plan.at_ms)).await;
    clients.upload(&plan.firm, plan.id, &plan.files).await;
    submit(&clients, &plan, "submit").await;
    accepted.borrow_mut().insert(partition(&plan));
    futures_util::join!(
        repeat(&clients, &plan),
        cancel(&clients, &plan),
        remove(&clients, &plan),
        send_commands(&clients, &plan),
        look_after(&clients, &plan)
    );
}

/// Puts a stray message into a queue.
pub(crate) async fn stray(clients: Clients, url: String, stray: Stray) {
    tokio::time::sleep(Duration::from_millis(stray.at_ms)).await;
    clients.send_stray(&url, &stray.body).await;
}

/// The URL of the target queue.
pub(crate) fn queue_url(stack: &Stack, account: &Account, target: Target) -> Option<String> {
    let queue = match target {
        Target::Any(number) => {
            let all: Vec<_> = stack.queues.values().filter(|queue| queue.redrive.is_some()).collect();
            let index = usize::try_from(number % all.len().max(1) as u64).unwrap_or(0);
            &all.get(index)?.name
        }
        Target::Of(id) => &stack.queues.get(id)?.name,
        Target::DeadLettersOf(id) => &stack.queues.get(id)?.redrive.as_ref()?.target,
    };
    Some(account.queue_url(queue))
}

/// The partition of a planned order in the table.
pub(crate) fn partition(plan: &OrderPlan) -> String {
    format!("FIRM#{}#ORDER#{}", plan.firm, plan.id)
}

async fn submit(clients: &Clients, plan: &OrderPlan, id: &str) {
    let (service_code, documents, options) = (plan.service, plan.documents, plan.options.clone());
    let command = Command::Submit { service_code, documents, options };
    clients.command(&plan.firm, plan.id, id.to_owned(), command).await;
}

async fn repeat(clients: &Clients, plan: &OrderPlan) {
    if let Some(after_ms) = plan.again_after_ms {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        submit(clients, plan, "submit-again").await;
    }
}

async fn cancel(clients: &Clients, plan: &OrderPlan) {
    if let Some(after_ms) = plan.cancel_after_ms {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        clients.command(&plan.firm, plan.id, "cancel".to_owned(), Command::Cancel { run: None }).await;
    }
}

async fn remove(clients: &Clients, plan: &OrderPlan) {
    if let Some(after_ms) = plan.remove_after_ms {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        clients.remove(&plan.firm, plan.id).await;
    }
}

async fn send_commands(clients: &Clients, plan: &OrderPlan) {
    let send = async |(number, (after_ms, command)): (usize, &(u64, Command))| {
        tokio::time::sleep(Duration::from_millis(*after_ms)).await;
        if matches!(command, Command::ReviewDecided { .. })
            && let Some(order) = clients.order(&plan.firm, plan.id).await
        {
            clients.decide(&order).await;
        }
        clients.command(&plan.firm, plan.id, format!("given-{number}"), command.clone()).await;
    };
    join_all(plan.given.iter().enumerate().map(send)).await;
}

async fn look_after(clients: &Clients, plan: &OrderPlan) {
    for look in 0..plan.looks {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(order) = clients.order(&plan.firm, plan.id).await else { continue };
        if let Some(command) = needed_command(clients, plan, &order).await {
            clients.command(&plan.firm, plan.id, format!("look-{look}"), command).await;
        }
    }
}

/// The command that an order in this state needs.
async fn needed_command(clients: &Clients, plan: &OrderPlan, order: &Order) -> Option<Command> {
    let run = order.run();
    if order.is_paused() {
        if plan.decides {
            clients.decide(order).await;
            return Some(Command::ReviewDecided { run });
        }
        return Some(Command::Resume { run });
    }
    if order.orchestration_status() == OrchestrationStatus::Failed {
        return Some(Command::Retry { run, start_from: None });
    }
    let regenerates = plan.regenerates && order.status() == Status::Completed && order.has_version();
    regenerates.then_some(Command::Regenerate { run, start_from: None })
}
