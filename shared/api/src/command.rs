//! Carries out a command of a person: decided by the lifecycle, written once, backed up, and handed off.

use aws::store::Commanded;
use axum::http::StatusCode;
use domain::audit::{AuditAction, AuditEntry};
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind, NewOrder};
use domain::id::OrderId;
use domain::lifecycle::{create, decide};
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::order::Order;
use domain::person::Person;
use domain::receipt::Receipt;
use domain::status::Status;
use futures_util::future::join;
use runtime::backup::back_up;
use runtime::invocation::Invocation;
use runtime::metric::Metric;

use crate::Api;
use crate::problem::Problem;
use crate::request::IdempotencyKey;

/// A command of a person.
pub(crate) struct Command<'a> {
    /// Who gives it.
    pub(crate) by: &'a Person,
    /// By which a repeat of it is recognised.
    pub(crate) key: &'a IdempotencyKey,
    /// Digest of everything that it asks for, so that another command under the same key is refused.
    pub(crate) fingerprint: String,
    /// What its audit entry says.
    pub(crate) action: AuditAction,
    /// Why it is given.
    pub(crate) reason: Option<String>,
}

/// The order with this id, if it is one of the person's firm.
pub(crate) async fn find(api: &Api, by: &Person, id: OrderId) -> Result<Order, Problem> {
    match api.pipeline.store.view(&by.firm, id).await? {
        Some((order, _)) => Ok(order),
        None => Err(Problem::no_order()),
    }
}

/// Creates an order as a draft. A repeat finds the draft that the first one made.
pub(crate) async fn create_order(api: &Api, command: Command<'_>, new: NewOrder) -> Result<Receipt, Problem> {
    let now = api.pipeline.clock.now();
    let key = command.key.digest(command.by);
    let id = new.order_id;
    let decision = create(new, command.by, now, &writer(&key)).map_err(|error| Problem::from(&error))?;
    // There was no order before.
    let entry = AuditEntry { revision: 0, ..entry(&command, decision.order(), now) };
    let receipt = Receipt::of(None, decision.order(), key.clone(), command.fingerprint.clone());
    match api.pipeline.store.create_commanded(&decision, &entry, &receipt).await? {
        Commanded::Done => Ok(receipt),
        Commanded::Repeated(earlier) => check_repeat(earlier, &command),
        // The id follows from the key, so the order can only be the one that this key made.
        Commanded::Conflict(_) => match api.pipeline.store.receipt(&command.by.firm, id, &key).await? {
            Some(earlier) => check_repeat(earlier, &command),
            None => Err(Problem::changed()),
        },
    }
}

/// Carries out a command on an order. `kind` says which event it is, given the order as it stands. A repeat changes nothing more
/// and is answered like the first.
pub(crate) async fn change(
    api: &Api,
    command: Command<'_>,
    id: OrderId,
    kind: impl Fn(&Order) -> Result<EventKind, Problem>,
) -> Result<Receipt, Problem> {
    let store = &api.pipeline.store;
    let key = command.key.digest(command.by);
    let mut order = store.order(&command.by.firm, id).await?.ok_or_else(Problem::no_order)?;
    if let Some(earlier) = earlier(api, command.by, command.key, id).await? {
        return check_repeat(earlier, &command);
    }
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        let now = api.pipeline.clock.now();
        let event = Event { by: Some(command.by.clone()), ..Event::new(now, writer(&key), kind(&order)?) };
        let decision = decide(&order, &event).map_err(|refused| Problem::refused(&refused, &order))?;
        let receipt = Receipt::of(Some(&order), decision.order(), key.clone(), command.fingerprint.clone());
        match store.write_commanded(&decision, &entry(&command, &order, now), &receipt).await? {
            Commanded::Done => {
                finish(api, decision.order(), &receipt).await;
                return Ok(receipt);
            }
            Commanded::Repeated(earlier) => return check_repeat(earlier, &command),
            Commanded::Conflict(Some(now)) => order = *now,
            Commanded::Conflict(None) => return Err(Problem::no_order()),
        }
    }
    Err(Problem::unavailable())
}

/// The receipt of the command with this key, if it was carried out before. It may have been stopped before it handed off, so
/// that is made up for.
pub(crate) async fn earlier(
    api: &Api,
    by: &Person,
    key: &IdempotencyKey,
    id: OrderId,
) -> Result<Option<Receipt>, Problem> {
    let store = &api.pipeline.store;
    let Some(receipt) = store.receipt(&by.firm, id, &key.digest(by)).await? else { return Ok(None) };
    if let Some(order) = store.order(&by.firm, id).await? {
        send(api, &order, &receipt).await;
    }
    Ok(Some(receipt))
}

/// Backs the changed order up and hands it off. Neither fails the command: it has taken effect, and reconciliation does what is
/// missing.
async fn finish(api: &Api, order: &Order, receipt: &Receipt) {
    let invocation = Invocation { request_id: writer(&receipt.key), deadline: api.pipeline.clock.now() };
    // Nothing of a draft has to be restored.
    let completions = match order.status() {
        Status::Draft => Vec::new(),
        _ => vec![Completion::of(order, order.phase(), Vec::new(), None, Primary::Written)],
    };
    // Side by side: a backup that does not answer must not keep the order waiting.
    join(back_up(&api.pipeline, &invocation, completions), send(api, order, receipt)).await;
}

/// Sends the hand-off that the command made due.
async fn send(api: &Api, order: &Order, receipt: &Receipt) {
    if order.revision() != receipt.revision {
        return;
    }
    let sent = api.pipeline.queues.send(&order.owed_messages()).await;
    let failed = sent.iter().filter(|result| result.is_err()).count();
    if failed > 0 {
        tracing::warn!(order.id = %order.order_id(), failed, "hand-off of a command not sent; reconciliation sends it");
        api.pipeline.metrics.count(Metric::HandOffsFailed, failed as u64);
    }
}

/// The receipt of the same command; another command under its key is refused.
fn check_repeat(earlier: Receipt, command: &Command<'_>) -> Result<Receipt, Problem> {
    if earlier.fingerprint == command.fingerprint {
        return Ok(earlier);
    }
    Err(key_reused())
}

/// A key was used for another command before.
pub(crate) fn key_reused() -> Problem {
    let action = "Use a new Idempotency-Key for each command, and the same one only to repeat it.";
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    Problem::new(unprocessable, "request.key_reused", "The key belongs to another command", action)
}

fn entry(command: &Command<'_>, order: &Order, at: jiff::Timestamp) -> AuditEntry {
    AuditEntry {
        reason: command.reason.clone(),
        ..AuditEntry::about(order, command.action, at, command.by.user.as_str())
    }
}

/// Id of the write of a command.
fn writer(key: &str) -> String {
    format!("api/{}", key.get(..32).unwrap_or(key))
}
