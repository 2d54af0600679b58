//! Carries out the plan of an order: submits it, repeats the submission, cancels, retries and reviews it.

use std::time::Duration;

use domain::id::RunNumber;
use domain::message::Command;
use domain::order::Order;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};
use futures_util::future::join_all;

use crate::judge::audit::Accepted;
use crate::plan::mark;
use crate::plan::workload::{OrderPlan, SecondThoughts, Stray, Target};
use crate::world::clients::Clients;
use engine::{Account, Stack};

/// Time between two checks of an order.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(4 * 60);

/// Carries out the plan of one order.
pub(crate) async fn play(clients: Clients, plan: OrderPlan, accepted: Accepted) {
    tokio::time::sleep(Duration::from_millis(plan.at_ms)).await;
    order(&clients, &plan).await;
    accepted.borrow_mut().insert(partition(&plan));
    futures_util::join!(
        repeat(&clients, &plan),
        cancel(&clients, &plan),
        remove(&clients, &plan),
        send_commands(&clients, &plan),
        look_after(&clients, &plan)
    );
}

/// Uploads the files of an order and submits it.
pub(crate) async fn order(clients: &Clients, plan: &OrderPlan) {
    clients.upload(&plan.firm, plan.id, &plan.files).await;
    submit(clients, plan, "submit").await;
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

pub(crate) async fn repeat(clients: &Clients, plan: &OrderPlan) {
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

pub(crate) async fn remove(clients: &Clients, plan: &OrderPlan) {
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
            clients.decide(&order, &mark::decisions(plan.habits.leaves_out)).await;
        }
        clients.command(&plan.firm, plan.id, format!("given-{number}"), command.clone()).await;
    };
    join_all(plan.given.iter().enumerate().map(send)).await;
}

async fn look_after(clients: &Clients, plan: &OrderPlan) {
    for look in 0..plan.looks {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(order) = clients.order(&plan.firm, plan.id).await else { continue };
        if let Some(command) = needed_command(clients, plan, look, &order).await {
            let run = if starts_run(&command) { order.run().next() } else { order.run() };
            clients.command(&plan.firm, plan.id, format!("look-{look}"), command).await;
            reconsider(clients, plan, look, (order.run(), run)).await;
        }
    }
}

/// Cancels what a command started, if the client has second thoughts: the run that it is in, or the one `before` it.
async fn reconsider(clients: &Clients, plan: &OrderPlan, look: u32, (before, run): (RunNumber, RunNumber)) {
    let Some(SecondThoughts { after_ms, is_stale }) = plan.habits.second_thoughts else { return };
    tokio::time::sleep(Duration::from_millis(after_ms)).await;
    let cancel = Command::Cancel { run: Some(if is_stale { before } else { run }) };
    clients.command(&plan.firm, plan.id, format!("look-{look}-cancel"), cancel).await;
}

fn starts_run(command: &Command) -> bool {
    matches!(command, Command::Retry { .. } | Command::Regenerate { .. })
}

/// The command that an order in this state needs.
async fn needed_command(clients: &Clients, plan: &OrderPlan, look: u32, order: &Order) -> Option<Command> {
    let run = order.run();
    if order.is_paused() {
        if plan.decides {
            clients.decide(order, &mark::decisions(plan.habits.leaves_out)).await;
            return Some(Command::ReviewDecided { run });
        }
        return Some(Command::Resume { run });
    }
    let again = plan.regenerates && order.has_version();
    let has_failed = order.orchestration_status() == OrchestrationStatus::Failed;
    if has_failed && plan.habits.mends_file && !order.has_version() && order.phase() == Phase::Extract {
        clients.replace(plan, look + 1).await;
        return Some(Command::Retry { run, start_from: Some(Phase::Extract) });
    }
    if has_failed && !(again && plan.habits.orders_again) {
        return Some(Command::Retry { run, start_from: None });
    }
    if !again || !has_failed && order.status() != Status::Completed {
        return None;
    }
    let is_complete = order.orchestration_status() == OrchestrationStatus::Completed;
    if is_complete && plan.habits.replaces_file {
        clients.replace(plan, look + 1).await;
        return Some(Command::Regenerate { run, start_from: Some(Phase::Extract) });
    }
    Some(Command::Regenerate { run, start_from: None })
}
