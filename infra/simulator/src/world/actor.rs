//! How a planned order is carried out: submitted, submitted again, cancelled, looked after.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use domain::message::Command;
use domain::order::Order;
use domain::status::{OrchestrationStatus, Status};
use futures_util::future::join_all;

use crate::world::clients::Desk;
use crate::plan::workload::{Stray, Target, Wish};
use engine::{Place, Stack};

/// How long somebody waits before looking at an order again.
const LOOK_EVERY: Duration = Duration::from_secs(4 * 60);

/// Partitions of the orders that were accepted.
pub(crate) type Accepted = Rc<RefCell<BTreeSet<String>>>;

/// Carries out one order.
pub(crate) async fn play(desk: Desk, wish: Wish, accepted: Accepted) {
    tokio::time::sleep(Duration::from_millis(wish.at_ms)).await;
    desk.upload(&wish.firm, wish.order, &wish.files).await;
    submit(&desk, &wish, "submit").await;
    accepted.borrow_mut().insert(partition(&wish));
    futures_util::join!(
        repeat(&desk, &wish),
        cancel(&desk, &wish),
        remove(&desk, &wish),
        give(&desk, &wish),
        look_after(&desk, &wish)
    );
}

/// Sends a stray text.
pub(crate) async fn stray(desk: Desk, url: String, stray: Stray) {
    tokio::time::sleep(Duration::from_millis(stray.at_ms)).await;
    desk.foreign(&url, &stray.body).await;
}

/// The address of the queue that is meant.
pub(crate) fn address(stack: &Stack, place: &Place, target: Target) -> Option<String> {
    let queue = match target {
        Target::Any(number) => {
            let all: Vec<_> = stack.queues.values().filter(|queue| queue.redrive.is_some()).collect();
            let index = usize::try_from(number % all.len().max(1) as u64).unwrap_or(0);
            &all.get(index)?.name
        }
        Target::Of(id) => &stack.queues.get(id)?.name,
        Target::DeadLettersOf(id) => &stack.queues.get(id)?.redrive.as_ref()?.target,
    };
    Some(place.queue_url(queue))
}

/// Partition of a wish's order in the table.
pub(crate) fn partition(wish: &Wish) -> String {
    format!("FIRM#{}#ORDER#{}", wish.firm, wish.order)
}

async fn submit(desk: &Desk, wish: &Wish, id: &str) {
    let (service_code, documents, options) = (wish.service, wish.documents, wish.options.clone());
    let command = Command::Submit { service_code, documents, options };
    desk.command(&wish.firm, wish.order, id.to_owned(), command).await;
}

async fn repeat(desk: &Desk, wish: &Wish) {
    if let Some(after_ms) = wish.again_after_ms {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        submit(desk, wish, "submit-again").await;
    }
}

async fn cancel(desk: &Desk, wish: &Wish) {
    if let Some(after_ms) = wish.cancel_after_ms {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        desk.command(&wish.firm, wish.order, "cancel".to_owned(), Command::Cancel { run: None }).await;
    }
}

async fn remove(desk: &Desk, wish: &Wish) {
    if let Some(after_ms) = wish.remove_after_ms {
        tokio::time::sleep(Duration::from_millis(after_ms)).await;
        desk.remove(&wish.firm, wish.order).await;
    }
}

async fn give(desk: &Desk, wish: &Wish) {
    let give = async |(number, (after_ms, command)): (usize, &(u64, Command))| {
        tokio::time::sleep(Duration::from_millis(*after_ms)).await;
        if matches!(command, Command::ReviewDecided { .. })
            && let Some(order) = desk.order(&wish.firm, wish.order).await
        {
            desk.decide(&order).await;
        }
        desk.command(&wish.firm, wish.order, format!("given-{number}"), command.clone()).await;
    };
    join_all(wish.given.iter().enumerate().map(give)).await;
}

async fn look_after(desk: &Desk, wish: &Wish) {
    for look in 0..wish.looks {
        tokio::time::sleep(LOOK_EVERY).await;
        let Some(order) = desk.order(&wish.firm, wish.order).await else { continue };
        if let Some(command) = next(desk, wish, &order).await {
            desk.command(&wish.firm, wish.order, format!("look-{look}"), command).await;
        }
    }
}

/// What somebody who looks at the order does about it.
async fn next(desk: &Desk, wish: &Wish, order: &Order) -> Option<Command> {
    let run = order.run;
    if order.is_paused() {
        if wish.decides {
            desk.decide(order).await;
            return Some(Command::ReviewDecided { run });
        }
        return Some(Command::Resume { run });
    }
    if order.orchestration_status == OrchestrationStatus::Failed {
        return Some(Command::Retry { run });
    }
    let regenerates = wish.regenerates && order.status == Status::Completed && order.has_version();
    regenerates.then_some(Command::Regenerate { run, start_from: None })
}
