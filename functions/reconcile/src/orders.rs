//! Recovers orders that have been in the index for a while: resends, ends or fails overdue ones, and backs up idle ones
//! that the backup lacks.

use aws::key::WatchList;
use aws::store::{Watched, Written};
use domain::audit::AuditAction;
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind};
use domain::execution::{Execution, held_at};
use domain::lifecycle::{Decision, decide};
use domain::limit::{CLOCK_SKEW_SECS_MAX, HAND_OFF_OVERDUE_SECS};
use domain::order::Order;
use domain::overdue::{OVERDUE, Overdue, overdue};
use domain::phase::Phase;
use jiff::SignedDuration;
use runtime::backup::add_executions;

use crate::pass::{Compared, Pass};
use crate::reviews;
use crate::unrepairable::{ORDER_DAMAGED, origin_of_entry, report_unrepairable};

/// Limit on the orders that one pass checks. While the backup is down, idle orders stay in the index and count too.
const ORDER_COUNT_MAX: usize = 10_000;
/// Limit on the lines of one backup object, because a reader loads the whole object.
const LINE_COUNT_MAX: usize = 100;
/// Limit on the executions in one backup object, unless a single order has more.
const EXECUTION_COUNT_MAX: usize = 2_000;
/// Time after which an idle order should have been found in the backup, in seconds. By then the comparison has reached it.
const BACKUP_OVERDUE_SECS: u32 = CLOCK_SKEW_SECS_MAX + HAND_OFF_OVERDUE_SECS;

/// Resends, ends or fails what is overdue.
pub(crate) async fn recover_overdue(pass: &mut Pass<'_>) {
    let mut ended = Vec::new();
    for entry in listed(pass).await {
        if !pass.has_time() {
            break;
        }
        match read(pass, &entry).await {
            Ok(Some(order)) => {
                if let Err(error) = recover(pass, &order, &mut ended).await {
                    pass.defer(Some(order.order_id()), &error);
                }
            }
            Ok(None) => {}
            Err(error) => pass.defer(Some(entry.order_id), &error),
        }
    }
    append_all(pass, "ended", ended).await;
}

/// Appends lines with their executions to the backup, as objects whose names begin with `name`.
pub(crate) async fn append_all(pass: &Pass<'_>, name: &str, mut lines: Vec<Completion>) {
    add_executions(pass.pipeline, &mut lines).await;
    for (part, some) in parts(lines, weight).into_iter().enumerate() {
        if let Err(error) = append(pass, &format!("{name}-{part}"), &some).await {
            pass.defer(None, &error);
        }
    }
}

/// Writes idle orders that only the table holds to the backup. Which those are is only known once the whole backup was
/// compared.
pub(crate) async fn back_up_idle(pass: &mut Pass<'_>) {
    if pass.compared != Compared::CaughtUp {
        return;
    }
    let mut lacking = Vec::new();
    for entry in listed(pass).await {
        if !pass.has_time() {
            break;
        }
        match read(pass, &entry).await {
            Ok(Some(order)) if is_long_idle(pass, &order) => lacking.push(order),
            Ok(_) => {}
            Err(error) => pass.defer(Some(entry.order_id), &error),
        }
    }
    let weight_of = |order: &Order| usize::try_from(order.documents()).unwrap_or(usize::MAX);
    for (part, some) in parts(lacking, weight_of).into_iter().enumerate() {
        if !pass.has_time() {
            return;
        }
        let mut lines: Vec<_> = some.iter().map(|order| completion_of(order, None)).collect();
        add_executions(pass.pipeline, &mut lines).await;
        // A line without its executions would not restore its order, so that order is left for the next pass.
        let (lines, incomplete): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| !line.lacks_executions());
        if let Err(error) = append(pass, &format!("repaired-{part}"), &lines).await {
            return pass.defer(None, &error);
        }
        let is_complete = |order: &&Order| incomplete.iter().all(|line| line.order_id != order.order_id());
        let complete: Vec<Order> = some.iter().filter(is_complete).cloned().collect();
        unwatch(pass, &complete).await;
    }
}

fn weight(completion: &Completion) -> usize {
    completion.executions.len()
}

/// Splits what becomes lines of the backup, so that no object holds too many lines or executions.
fn parts<T>(all: Vec<T>, executions: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut parts: Vec<Vec<T>> = Vec::new();
    let mut weight = 0;
    for one in all {
        let more = executions(&one);
        match parts.last_mut() {
            Some(part) if part.len() < LINE_COUNT_MAX && weight + more <= EXECUTION_COUNT_MAX => part.push(one),
            _ => {
                weight = 0;
                parts.push(vec![one]);
            }
        }
        weight += more;
    }
    parts
}

/// Removes orders that are now in the backup from the index.
async fn unwatch(pass: &mut Pass<'_>, orders: &[Order]) {
    for order in orders {
        let entry = pass.audit_entry(order, AuditAction::BackupRepaired);
        match pass.pipeline.store.unwatch_audited(order, pass.review_due(order), &entry).await {
            Ok(true) => pass.report(order, AuditAction::BackupRepaired),
            Ok(false) => tracing::info!("order changed concurrently; skipped"),
            Err(error) => pass.defer(Some(order.order_id()), &error),
        }
    }
}

/// The orders that have been in the index for a while.
async fn listed(pass: &mut Pass<'_>) -> Vec<Watched> {
    let patience = SignedDuration::from_secs(i64::from(HAND_OFF_OVERDUE_SECS));
    let before = pass.pipeline.clock.now().saturating_sub(patience).unwrap_or_default();
    match pass.pipeline.store.watched(WatchList::Orders, before, ORDER_COUNT_MAX).await {
        Ok((listed, unreadable)) => {
            pass.defer_unreadable(unreadable);
            listed
        }
        Err(error) => {
            pass.defer(None, &error);
            Vec::new()
        }
    }
}

/// Reads the order itself; `None` if the index lags behind, or if the order cannot be read, which is reported.
pub(crate) async fn read(pass: &Pass<'_>, entry: &Watched) -> Result<Option<Order>, aws::Error> {
    match pass.pipeline.store.order(&entry.firm_id, entry.order_id).await {
        Err(aws::Error::Damaged { .. }) => {
            report_unrepairable(pass, origin_of_entry(entry), ORDER_DAMAGED, "").await?;
            Ok(None)
        }
        found => found,
    }
}

fn is_long_idle(pass: &Pass<'_>, order: &Order) -> bool {
    let idle_secs = pass.pipeline.clock.now().duration_since(order.updated_at()).as_secs();
    !order.is_active() && idle_secs >= i64::from(BACKUP_OVERDUE_SECS)
}

async fn recover(pass: &mut Pass<'_>, order: &Order, ended: &mut Vec<Completion>) -> Result<(), aws::Error> {
    // One that was not found in the backup yet is not listed among the reviews.
    if order.is_paused() {
        return reviews::see_to(pass, order, ended).await;
    }
    let now = pass.pipeline.clock.now();
    // Executions only decide where the order itself does not: most orders are neither overdue nor in extraction.
    let executions = if order.fans_out() && overdue(order, &[], now) != Overdue::No {
        pass.pipeline.store.executions(order.firm_id(), order.order_id()).await?
    } else {
        Vec::new()
    };
    match overdue(order, &executions, now) {
        Overdue::No => Ok(()),
        Overdue::Resend => resend(pass, order, &executions).await,
        Overdue::EndPhase => {
            let kind = EventKind::PhaseCompleted { run: order.run(), phase: order.phase(), artifacts: Vec::new() };
            end(pass, order, kind, AuditAction::PhaseEnded, ended).await
        }
        Overdue::Fail => {
            let kind = EventKind::PhaseFailed { run: order.run(), phase: order.phase(), failure: OVERDUE };
            end(pass, order, kind, AuditAction::OrderFailed, ended).await
        }
    }
}

/// Sends first and records that afterwards: a crash in between causes another resend, which is harmless.
async fn resend(pass: &mut Pass<'_>, order: &Order, executions: &[Execution]) -> Result<(), aws::Error> {
    let held = held_at(order, executions, pass.pipeline.clock.now());
    let mut owed = order.owed_messages();
    owed.retain(|message| message.document.is_none_or(|document| !held.contains(&document)));
    if order.resends() > 0 && may_be_queued(pass, order, owed.len()).await {
        tracing::info!(order.id = %order.order_id(), phase = %order.phase(), "resent before and perhaps still queued");
        return Ok(());
    }
    pass.pipeline.queues.send(&owed).await.into_iter().collect::<Result<(), _>>()?;
    let kind = EventKind::HandOffResent { run: order.run(), phase: order.phase() };
    if let Some(decision) = decision(pass, order, kind)
        && write(pass, order, &decision, AuditAction::HandOffResent).await?
    {
        pass.report(order, AuditAction::HandOffResent);
    }
    Ok(())
}

/// Whether the queue of the order's phase may hold the messages of an earlier resend, as while its function is held. A queue
/// that does not say so is taken for empty: one message too many does no harm.
async fn may_be_queued(pass: &Pass<'_>, order: &Order, owed_count: usize) -> bool {
    let count = pass.message_count(order.phase()).await;
    count.is_some_and(|count| count >= u64::try_from(owed_count).unwrap_or(u64::MAX))
}

async fn end(
    pass: &mut Pass<'_>,
    order: &Order,
    kind: EventKind,
    action: AuditAction,
    ended: &mut Vec<Completion>,
) -> Result<(), aws::Error> {
    let Some(decision) = decision(pass, order, kind) else { return Ok(()) };
    if write(pass, order, &decision, action).await? {
        pass.report(order, action);
        ended.push(completion_of(decision.order(), Some(order.phase())));
        // What cannot be sent now stays pending until it is overdue.
        send(pass, decision.order()).await?;
    }
    Ok(())
}

pub(crate) fn decision(pass: &Pass<'_>, order: &Order, kind: EventKind) -> Option<Decision> {
    let writer = format!("{}/{}", pass.actor, kind.name());
    decide(order, &Event::new(pass.pipeline.clock.now(), writer, kind)).ok()
}

/// Writes a decision with its audit entry; `false` if the order changed concurrently.
pub(crate) async fn write(
    pass: &Pass<'_>,
    order: &Order,
    decision: &Decision,
    action: AuditAction,
) -> Result<bool, aws::Error> {
    let entry = pass.audit_entry(order, action);
    match pass.pipeline.store.write_audited(decision, &entry).await? {
        Written::Done => Ok(true),
        Written::Conflict(_) => Ok(false),
    }
}

async fn send(pass: &Pass<'_>, order: &Order) -> Result<(), aws::Error> {
    pass.pipeline.queues.send(&order.owed_messages()).await.into_iter().collect()
}

/// The completion that represents an order's state in the table.
pub(crate) fn completion_of(order: &Order, phase: Option<Phase>) -> Completion {
    let code = order.last_orchestration_error().as_ref().map(|error| error.code.as_str());
    let code = code.filter(|_| order.is_ended() && order.failure_reason().is_some());
    Completion::of(order, phase.unwrap_or(order.phase()), Vec::new(), code, Primary::Written)
}

/// Appends all lines as one object. What cannot be written now is found again by a later pass.
async fn append(pass: &Pass<'_>, part: &str, lines: &[Completion]) -> Result<(), aws::Error> {
    if lines.is_empty() {
        return Ok(());
    }
    pass.pipeline.completions.log().append(lines, &format!("{}-{part}", pass.actor), pass.pipeline.clock.now()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_holds_at_most_so_many_lines_and_executions_but_always_one_line() {
        let sizes = |all: Vec<usize>| parts(all, |executions| *executions).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![]), <[usize; 0]>::default());
        assert_eq!(sizes(vec![0; LINE_COUNT_MAX + 1]), [LINE_COUNT_MAX, 1]);
        assert_eq!(sizes(vec![1_000, 1_000, 1]), [2, 1]);
        assert_eq!(sizes(vec![EXECUTION_COUNT_MAX + 1, 1, 1]), [1, 2]);
    }
}
