//! Orders that the index still lists after a while: overdue ones are moved on, and what only the table holds of those at rest
//! is written to the backup.

use aws::key::Watch;
use aws::store::{Watched, Written};
use domain::audit::Action;
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind};
use domain::lifecycle::{Decision, decide};
use domain::limit::{CLOCK_SKEW_SECS_MAX, HAND_OFF_OVERDUE_SECS};
use domain::order::Order;
use domain::overdue::{OVERDUE, Overdue, overdue};
use domain::phase::Phase;
use jiff::SignedDuration;

use crate::pass::{Compared, Turn};
use crate::unrepairable::{ORDER_DAMAGED, tell};

/// Orders that one turn looks at at most. While the backup is down, those that came to rest stay listed among them.
const ORDER_COUNT_MAX: usize = 10_000;
/// Lines that are written to the backup as one object at most, which a reader takes whole.
const LINE_COUNT_MAX: usize = 100;
/// Time that an order at rest may lack its completion in the backup, in seconds: until the backup is compared up to it.
const BACKUP_OVERDUE_SECS: u32 = CLOCK_SKEW_SECS_MAX + HAND_OFF_OVERDUE_SECS;

/// Moves on what is overdue.
pub(crate) async fn move_on(turn: &mut Turn<'_>) {
    let mut ended = Vec::new();
    for entry in listed(turn).await {
        if !turn.has_time() {
            break;
        }
        match read(turn, &entry).await {
            Ok(Some(order)) => {
                if let Err(error) = one(turn, &order, &mut ended).await {
                    turn.defer(Some(order.order_id), &error);
                }
            }
            Ok(None) => {}
            Err(error) => turn.defer(Some(entry.order_id), &error),
        }
    }
    for (part, some) in ended.chunks(LINE_COUNT_MAX).enumerate() {
        if let Err(error) = append(turn, &format!("ended-{part}"), some).await {
            turn.defer(None, &error);
        }
    }
}

/// Writes to the backup what only the table holds of orders at rest. Only after the backup was compared as far as it goes.
pub(crate) async fn back_up(turn: &mut Turn<'_>) {
    if turn.compared != Compared::CaughtUp {
        return;
    }
    let mut lacking = Vec::new();
    for entry in listed(turn).await {
        if !turn.has_time() {
            break;
        }
        match read(turn, &entry).await {
            Ok(Some(order)) if rests_long(turn, &order) => lacking.push(order),
            Ok(_) => {}
            Err(error) => turn.defer(Some(entry.order_id), &error),
        }
    }
    for (part, some) in lacking.chunks(LINE_COUNT_MAX).enumerate() {
        if !turn.has_time() {
            return;
        }
        let lines: Vec<_> = some.iter().map(|order| complete(order, None)).collect();
        if let Err(error) = append(turn, &format!("repaired-{part}"), &lines).await {
            return turn.defer(None, &error);
        }
        release(turn, some).await;
    }
}

/// Orders that the backup holds as they are leave the index.
async fn release(turn: &mut Turn<'_>, orders: &[Order]) {
    for order in orders {
        let entry = turn.entry(order, Action::BackupRepaired);
        match turn.pipeline.store.unwatch_audited(order, &entry).await {
            Ok(true) => turn.done(order, Action::BackupRepaired),
            Ok(false) => tracing::info!("the order went on meanwhile"),
            Err(error) => turn.defer(Some(order.order_id), &error),
        }
    }
}

/// What the index lists for a while already.
async fn listed(turn: &mut Turn<'_>) -> Vec<Watched> {
    let patience = SignedDuration::from_secs(i64::from(HAND_OFF_OVERDUE_SECS));
    let before = turn.pipeline.clock.now().saturating_sub(patience).unwrap_or_default();
    match turn.pipeline.store.watched(Watch::Orders, before, ORDER_COUNT_MAX).await {
        Ok((listed, unreadable)) => {
            turn.defer_unreadable(unreadable);
            listed
        }
        Err(error) => {
            turn.defer(None, &error);
            Vec::new()
        }
    }
}

/// The order itself; none where the index lags behind, or where it cannot be read, which is told.
async fn read(turn: &Turn<'_>, entry: &Watched) -> Result<Option<Order>, aws::Error> {
    match turn.pipeline.store.order(&entry.firm_id, entry.order_id).await {
        Err(aws::Error::Damaged { .. }) => {
            tell(turn, Some(entry.into()), ORDER_DAMAGED, "").await?;
            Ok(None)
        }
        found => found,
    }
}

fn rests_long(turn: &Turn<'_>, order: &Order) -> bool {
    let rested = turn.pipeline.clock.now().duration_since(order.updated_at).as_secs();
    !order.is_active() && rested >= i64::from(BACKUP_OVERDUE_SECS)
}

async fn one(turn: &mut Turn<'_>, order: &Order, ended: &mut Vec<Completion>) -> Result<(), aws::Error> {
    match overdue(order, turn.pipeline.clock.now()) {
        Overdue::No => Ok(()),
        Overdue::Resend => resend(turn, order).await,
        Overdue::EndPhase => {
            let kind = EventKind::PhaseCompleted { run: order.run, phase: order.phase, artifacts: Vec::new() };
            end(turn, order, kind, Action::PhaseEnded, ended).await
        }
        Overdue::Fail => {
            let kind = EventKind::PhaseFailed { run: order.run, phase: order.phase, failure: OVERDUE };
            end(turn, order, kind, Action::OrderFailed, ended).await
        }
    }
}

/// Sends first and notes it then: a stop between the two sends once more, which is harmless.
async fn resend(turn: &mut Turn<'_>, order: &Order) -> Result<(), aws::Error> {
    send(turn, order).await?;
    let kind = EventKind::HandOffResent { run: order.run, phase: order.phase };
    if let Some(decision) = decided(turn, order, kind)
        && write(turn, order, &decision, Action::HandOffResent).await?
    {
        turn.done(order, Action::HandOffResent);
    }
    Ok(())
}

async fn end(
    turn: &mut Turn<'_>,
    order: &Order,
    kind: EventKind,
    action: Action,
    ended: &mut Vec<Completion>,
) -> Result<(), aws::Error> {
    let Some(decision) = decided(turn, order, kind) else { return Ok(()) };
    if write(turn, order, &decision, action).await? {
        turn.done(order, action);
        ended.push(complete(decision.order(), Some(order.phase)));
        // What cannot be sent now is owed, and overdue in its time.
        send(turn, decision.order()).await?;
    }
    Ok(())
}

fn decided(turn: &Turn<'_>, order: &Order, kind: EventKind) -> Option<Decision> {
    let writer = format!("{}/{}", turn.actor, kind.name());
    decide(order, &Event { at: turn.pipeline.clock.now(), writer, kind }).ok()
}

/// `false`: the order went on meanwhile.
async fn write(turn: &Turn<'_>, order: &Order, decision: &Decision, action: Action) -> Result<bool, aws::Error> {
    let entry = turn.entry(order, action);
    match turn.pipeline.store.write_audited(decision, &entry).await? {
        Written::Done => Ok(true),
        Written::Conflict(_) => Ok(false),
    }
}

async fn send(turn: &Turn<'_>, order: &Order) -> Result<(), aws::Error> {
    turn.pipeline.queues.send(&order.owed_messages()).await.into_iter().collect()
}

/// What the backup is to hold of an order, as the table has it.
fn complete(order: &Order, phase: Option<Phase>) -> Completion {
    let code = order.last_orchestration_error.as_ref().map(|error| error.code.as_str());
    let code = code.filter(|_| order.is_ended() && order.failure_reason.is_some());
    Completion::of(order, phase.unwrap_or(order.phase), None, code, Primary::Written)
}

/// Writes all of it as one object. What cannot be written now is met by a later turn.
async fn append(turn: &Turn<'_>, part: &str, lines: &[Completion]) -> Result<(), aws::Error> {
    if lines.is_empty() {
        return Ok(());
    }
    turn.pipeline.completions.log().append(lines, &format!("{}-{part}", turn.actor), turn.pipeline.clock.now()).await
}
