//! The two stores of completions, compared from where the last turn stopped. An order at rest whose latest completion the
//! backup holds leaves the index; one that the table holds less of is put back to what the backup kept.

use std::collections::BTreeMap;

use aws::backup::reached;
use aws::store::Written;
use domain::audit::Action;
use domain::completion::{Completion, Primary};
use domain::id::{FirmId, OrderId};
use domain::lifecycle::{failures_of, restore};
use domain::limit::CLOCK_SKEW_SECS_MAX;
use domain::order::Order;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use crate::pass::{Compared, Turn};
use crate::unrepairable::{BACKUP_DAMAGED, ORDER_DAMAGED, ORDER_LOST, ORDER_REPLACED, tell};

/// Objects of the backup that are listed at once.
const OBJECT_COUNT_MAX: usize = 2_000;
/// Objects that are read side by side.
const READ_COUNT: usize = 10;

/// How far the comparison may lag, in seconds, before nothing is concluded any more from how long an order stands.
const BEHIND_SECS_MAX: i64 = 3_600;

/// The latest completion of each order. One that was deleted and submitted again is another one.
type Latest = BTreeMap<(FirmId, OrderId, Timestamp), Completion>;

pub(crate) async fn compare(turn: &mut Turn<'_>) {
    turn.compared = up_to_now(turn).await;
}

async fn up_to_now(turn: &mut Turn<'_>) -> Compared {
    // A writer's clock may be behind: what it writes late must not end up before the place that was reached.
    let margin = SignedDuration::from_secs(i64::from(CLOCK_SKEW_SECS_MAX));
    let until = turn.pipeline.clock.now().saturating_sub(margin).unwrap_or_default();
    // The orders that wait have the other half.
    let half_time = turn.half_time();
    loop {
        let keys = match turn.pipeline.completions.log().keys(&turn.right.cursor, until, OBJECT_COUNT_MAX).await {
            Ok(keys) => keys,
            Err(error) => {
                turn.defer(None, &error);
                return Compared::Away;
            }
        };
        for some in keys.chunks(READ_COUNT) {
            if turn.pipeline.clock.now() >= half_time {
                return Compared::Behind;
            }
            if !step(turn, some).await {
                return Compared::Away;
            }
        }
        if keys.len() < OBJECT_COUNT_MAX {
            return Compared::CaughtUp;
        }
    }
}

/// Whether what the table says of orders may be long out of date, since the backup was not compared for so long: the table was
/// restored to an earlier moment. Nothing is to follow from it before they are put back.
pub(crate) fn may_be_outdated(turn: &Turn<'_>) -> bool {
    let now = turn.pipeline.clock.now();
    let age = |reached: Timestamp| now.duration_since(reached).as_secs();
    turn.compared == Compared::Behind
        && reached(&turn.right.cursor).is_none_or(|reached| age(reached) > BEHIND_SECS_MAX)
}

/// Compares some objects and moves on past them. `false`: the backup or the table is away, so the next turn begins here.
async fn step(turn: &mut Turn<'_>, keys: &[String]) -> bool {
    let log = turn.pipeline.completions.log();
    let pages = join_all(keys.iter().map(|key| log.read(key))).await;
    let mut latest = Latest::new();
    let mut reached = true;
    for (key, page) in keys.iter().zip(pages) {
        let damaged = match page {
            Ok(page) => {
                page.completions.into_iter().for_each(|completion| keep(&mut latest, completion));
                page.damaged > 0
            }
            Err(aws::Error::TooLarge { .. } | aws::Error::Damaged { .. }) => true,
            // Away, or without the right to it: that says nothing about the object.
            Err(error) => {
                turn.defer(None, &error);
                return false;
            }
        };
        if damaged && let Err(error) = tell(turn, None, BACKUP_DAMAGED, key).await {
            reached &= passes_by(turn, None, &error);
        }
    }
    for completion in latest.into_values() {
        if let Err(error) = one(turn, &completion).await {
            reached &= passes_by(turn, Some(completion.order_id), &error);
        }
    }
    if let Some(last) = keys.last().filter(|_| reached) {
        turn.right.cursor.clone_from(last);
        // At once, so that a turn that dies later has not compared in vain.
        match turn.pipeline.store.keep_cursor(&turn.right).await {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => turn.defer(None, &error),
        }
    }
    reached
}

/// Notes what could not be dealt with; whether the comparison goes past it all the same, as it does not pass by itself.
fn passes_by(turn: &Turn<'_>, order: Option<OrderId>, error: &aws::Error) -> bool {
    turn.defer(order, error);
    !matches!(error, aws::Error::Unavailable { .. })
}

fn keep(latest: &mut Latest, completion: Completion) {
    let key = (completion.firm_id.clone(), completion.order_id, completion.order.created_at);
    // Of two of the same rank, one was not written to the table.
    let weight = |one: &Completion| (one.rank(), one.primary == Primary::Written);
    if latest.get(&key).is_none_or(|known| weight(known) < weight(&completion)) {
        latest.insert(key, completion);
    }
}

async fn one(turn: &mut Turn<'_>, kept: &Completion) -> Result<(), aws::Error> {
    let named = Some(kept.into());
    let order = match turn.pipeline.store.order(&kept.firm_id, kept.order_id).await {
        Ok(Some(order)) => order,
        Ok(None) => {
            return tell(turn, named, ORDER_LOST, "").await;
        }
        Err(aws::Error::Damaged { .. }) => {
            return tell(turn, named, ORDER_DAMAGED, "").await;
        }
        Err(error) => return Err(error),
    };
    if order.created_at != kept.order.created_at {
        return tell(turn, named, ORDER_REPLACED, "").await;
    }
    if (order.run, order.revision) < kept.rank() {
        return put_back(turn, &order, kept).await;
    }
    // Of the same rank there can be one whose write to the table was lost, and another one that came instead.
    if kept.rank() == (order.run, order.revision) && kept.order.writer == order.writer {
        rest(turn, &order).await?;
    }
    Ok(())
}

/// An order that the backup holds as it is leaves the index, unless it is under way.
async fn rest(turn: &Turn<'_>, order: &Order) -> Result<(), aws::Error> {
    if !order.is_active() && !turn.pipeline.store.unwatch(order).await? {
        tracing::info!("the order went on meanwhile");
    }
    Ok(())
}

/// The table lacks what the backup holds. The failures that the order knows of are recorded first, so that none is silent.
async fn put_back(turn: &mut Turn<'_>, order: &Order, kept: &Completion) -> Result<(), aws::Error> {
    let Some(decision) = restore(order, kept) else { return Ok(()) };
    for record in failures_of(decision.order()) {
        turn.pipeline.store.record_failure(&record).await?;
    }
    let entry = turn.entry(order, Action::TableRepaired);
    match turn.pipeline.store.write_audited(&decision, &entry).await? {
        Written::Done => {
            turn.done(order, Action::TableRepaired);
            rest(turn, decision.order()).await?;
        }
        Written::Conflict(_) => tracing::info!("the order went on meanwhile"),
    }
    Ok(())
}
