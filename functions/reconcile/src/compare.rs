//! Compares the two stores of completions, from where the last pass stopped. An idle order whose latest completion is in
//! the backup is removed from the index. If the table holds an older state of an order than the backup, the order is
//! restored.

use std::collections::BTreeMap;

use aws::backup::{Listed, position, reached};
use aws::store::Written;
use domain::audit::AuditAction;
use domain::completion::{Completion, Primary};
use domain::execution;
use domain::id::{FirmId, OrderId, RunNumber};
use domain::lifecycle::{failure_of, restore};
use domain::limit::CLOCK_SKEW_SECS_MAX;
use domain::notice::Notice;
use domain::order::Order;
use domain::phase::Phase;
use domain::run::Run;
use domain::version::{Version, held};
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use futures_util::stream;
use jiff::{SignedDuration, Timestamp};
use runtime::failure::Origin;

use crate::pass::{Compared, Pass};
use crate::unrepairable::{
    BACKUP_DAMAGED, ORDER_DAMAGED, ORDER_LOST, ORDER_REPLACED, origin_of_completion, report_unrepairable,
};

/// Objects of the backup that are listed at a time.
const OBJECT_COUNT_MAX: usize = 2_000;
/// Objects that are read side by side.
const READ_COUNT: usize = 50;
/// Bytes of the objects that are read side by side, unless a single one has more: they are in memory at the same time.
const READ_BYTES_MAX: u64 = 8 * 1024 * 1024;
/// Orders that are compared side by side.
const ORDER_COUNT: usize = 25;

/// How far the comparison may lag, in seconds, before the age of an order in the table is no longer trusted.
const BEHIND_SECS_MAX: i64 = 3_600;

/// The latest completion of each order, with the executions and versions of all its completions. An order that was deleted and
/// submitted again counts as another one.
type Latest = BTreeMap<(FirmId, OrderId, Timestamp), Kept>;

/// What the backup holds of an order.
struct Kept {
    latest: Completion,
    /// The versions that its completions made; each is the current one in its own line.
    versions: BTreeMap<u32, Version>,
    /// Its runs that ended, or stood still for a reviewer, each as it was last seen.
    runs: BTreeMap<RunNumber, (u64, Run)>,
}

pub(crate) async fn compare(pass: &mut Pass<'_>) {
    pass.compared = compare_up_to_now(pass).await;
}

async fn compare_up_to_now(pass: &mut Pass<'_>) -> Compared {
    // A writer's clock may be behind, but what it still writes must not sort before the cursor.
    let margin = SignedDuration::from_secs(i64::from(CLOCK_SKEW_SECS_MAX));
    let until = pass.pipeline.clock.now().saturating_sub(margin).unwrap_or_default();
    // Overdue orders get the other half of the time.
    let half_time = pass.half_time();
    loop {
        let listed = match pass.pipeline.completions.log().list(&pass.lock.cursor, until, OBJECT_COUNT_MAX).await {
            Ok(listed) => listed,
            Err(error) => {
                pass.defer(None, &error);
                return Compared::Unavailable;
            }
        };
        let is_last = listed.len() < OBJECT_COUNT_MAX;
        for some in groups(listed) {
            if pass.pipeline.clock.now() >= half_time {
                return Compared::Behind;
            }
            if !compare_objects(pass, &some).await {
                return Compared::Unavailable;
            }
        }
        if is_last {
            // Past the last object, so that the cursor says until when the backup was compared even if nothing was written.
            pass.lock.cursor = position(until);
            return Compared::CaughtUp;
        }
    }
}

/// Whether the table may be far out of date because it was restored to an earlier point in time. If so, orders must be
/// restored from the backup before their age means anything. A backup that cannot be read says as little as one that is not
/// compared yet.
pub(crate) fn may_be_outdated(pass: &Pass<'_>) -> bool {
    lag_secs(pass) > BEHIND_SECS_MAX
}

/// How much of the backup is not compared yet, as the seconds since the oldest of it was written; 0 if all is. Where nothing
/// is known about it, it counts as more than may be trusted.
pub(crate) fn lag_secs(pass: &Pass<'_>) -> i64 {
    if pass.compared == Compared::CaughtUp {
        return 0;
    }
    let age = |reached: Timestamp| pass.pipeline.clock.now().duration_since(reached).as_secs();
    reached(&pass.lock.cursor).map_or(BEHIND_SECS_MAX + 1, age)
}

/// Splits objects into those that are read side by side.
fn groups(listed: Vec<Listed>) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut weight = 0;
    for Listed { key, bytes } in listed {
        match groups.last_mut() {
            Some(group) if group.len() < READ_COUNT && weight + bytes <= READ_BYTES_MAX => group.push(key),
            _ => {
                weight = 0;
                groups.push(vec![key]);
            }
        }
        weight += bytes;
    }
    groups
}

/// Compares some objects and moves the cursor past them. `false` if the backup or the table is unavailable, so that the
/// next pass starts here.
async fn compare_objects(pass: &mut Pass<'_>, keys: &[String]) -> bool {
    let log = pass.pipeline.completions.log();
    let pages = join_all(keys.iter().map(|key| log.read(key))).await;
    let mut latest = Latest::new();
    let mut can_advance = true;
    for (key, page) in keys.iter().zip(pages) {
        let damaged = match page {
            Ok(page) => {
                page.completions.into_iter().for_each(|completion| keep(&mut latest, completion));
                page.damaged > 0
            }
            Err(aws::Error::TooLarge { .. } | aws::Error::Damaged { .. }) => true,
            // Unavailable or not permitted, which says nothing about the object.
            Err(error) => {
                pass.defer(None, &error);
                return false;
            }
        };
        if damaged && let Err(error) = report_unrepairable(pass, Origin::default(), BACKUP_DAMAGED, key).await {
            can_advance &= can_skip(pass, None, &error);
        }
    }
    let mut history = pass.lock.history.clone();
    if let Some(history) = &mut history {
        latest.values().for_each(|kept| history.add(&kept.latest.order));
    }
    let shared: &Pass<'_> = pass;
    let orders = stream::iter(latest.into_values()).map(|kept| async move {
        match compare_order(shared, &kept).await {
            Ok(()) => true,
            Err(error) => can_skip(shared, Some(kept.latest.order_id), &error),
        }
    });
    can_advance &= orders.buffered(ORDER_COUNT).fold(true, async |all, one| all & one).await;
    if let Some(last) = keys.last().filter(|_| can_advance) {
        pass.lock.cursor.clone_from(last);
        pass.lock.history = history;
        // Saved at once, so that the work is not lost if the pass crashes later.
        match pass.pipeline.store.save_cursor(&pass.lock).await {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => pass.defer(None, &error),
        }
    }
    can_advance
}

/// Defers what could not be compared, and decides whether to skip it: an error that retries do not cure must not block
/// everything after it.
fn can_skip(pass: &Pass<'_>, order: Option<OrderId>, error: &aws::Error) -> bool {
    pass.defer(order, error);
    !matches!(error, aws::Error::Unavailable { .. })
}

fn keep(latest: &mut Latest, mut completion: Completion) {
    let key = (completion.firm_id.clone(), completion.order_id, completion.order.created_at());
    // Of two with the same rank, only one was written to the table.
    let weight = |one: &Completion| (one.rank(), one.primary == Primary::Written);
    let run = (!completion.order.is_active()).then(|| (completion.revision, Run::current(&completion.order)));
    let versions = held(&completion.order).into_iter().map(|version| (version.number(), version));
    match latest.get_mut(&key) {
        Some(Kept { latest: known, versions: all, runs }) => {
            all.extend(versions);
            keep_run(runs, run);
            if weight(known) < weight(&completion) {
                completion.executions.append(&mut known.executions);
                *known = completion;
            } else {
                known.executions.append(&mut completion.executions);
            }
        }
        None => {
            let versions = versions.collect();
            let mut runs = BTreeMap::new();
            keep_run(&mut runs, run);
            latest.insert(key, Kept { latest: completion, versions, runs });
        }
    }
}

/// Keeps a run as its latest line has it.
fn keep_run(runs: &mut BTreeMap<RunNumber, (u64, Run)>, run: Option<(u64, Run)>) {
    let Some((revision, run)) = run else { return };
    if runs.get(&run.number()).is_none_or(|(known, _)| *known < revision) {
        runs.insert(run.number(), (revision, run));
    }
}

async fn compare_order(pass: &Pass<'_>, Kept { latest: kept, versions, runs }: &Kept) -> Result<(), aws::Error> {
    let report =
        async |pass: &Pass<'_>, failure| report_unrepairable(pass, origin_of_completion(kept), failure, "").await;
    let order = match pass.pipeline.store.order(&kept.firm_id, kept.order_id).await {
        Ok(Some(order)) => order,
        Ok(None) => return report(pass, ORDER_LOST).await,
        Err(aws::Error::Damaged { .. }) => return report(pass, ORDER_DAMAGED).await,
        Err(error) => return Err(error),
    };
    if order.created_at() != kept.order.created_at() {
        return report(pass, ORDER_REPLACED).await;
    }
    let current = order.artifact_version().max(kept.order.artifact_version());
    let replaced: Vec<Version> = versions.range(..current).map(|(_, version)| version.clone()).collect();
    pass.pipeline.store.restore_versions(&replaced).await?;
    let followed = runs.range(..order.run().max(kept.run)).map(|(_, (_, run))| run.clone()).collect::<Vec<_>>();
    pass.pipeline.store.restore_runs(&followed).await?;
    if (order.run(), order.revision()) < kept.rank() {
        return restore_order(pass, &order, kept).await;
    }
    // Its lines are not always compared in the order in which they were written, so an order that was restored may still
    // need executions of an earlier line. Later phases read what classification made of them.
    if order.phase() <= Phase::Classify {
        restore_executions(pass, kept).await?;
    }
    // Two completions can have the same rank: one whose write to the table was lost, and the one that was written instead.
    let is_same = kept.rank() == (order.run(), order.revision()) && kept.order.writer() == order.writer();
    if is_same && kept.has_all_executions {
        unwatch_idle(pass, &order).await?;
    }
    Ok(())
}

/// Removes an order from the index once the backup holds it, unless the order is in progress.
async fn unwatch_idle(pass: &Pass<'_>, order: &Order) -> Result<(), aws::Error> {
    if !order.is_active() && !pass.pipeline.store.unwatch(order, pass.review_due(order)).await? {
        tracing::info!("order changed concurrently; skipped");
    }
    Ok(())
}

/// Restores an order from the backup. The failures it holds and the notice it may owe are stored first, so that none is
/// silent.
async fn restore_order(pass: &Pass<'_>, order: &Order, kept: &Completion) -> Result<(), aws::Error> {
    let Some(decision) = restore(order, kept) else { return Ok(()) };
    // First, because the next phase needs them as soon as the order says that they ended.
    restore_executions(pass, kept).await?;
    if let Some(record) = failure_of(decision.order()) {
        pass.pipeline.store.record_failure(&record).await?;
    }
    if let Some(notice) = Notice::of_review(decision.order()) {
        pass.pipeline.store.record_notice(&notice).await?;
    }
    let entry = pass.audit_entry(order, AuditAction::TableRepaired);
    match pass.pipeline.store.write_audited(&decision, &entry).await? {
        Written::Done => {
            pass.report(order, AuditAction::TableRepaired);
            if kept.has_all_executions {
                unwatch_idle(pass, decision.order()).await?;
            }
        }
        Written::Conflict(_) => tracing::info!("order changed concurrently; skipped"),
    }
    Ok(())
}

/// Restores the executions of a completion that the table lacks. Their failures are recorded first, so that none is silent.
async fn restore_executions(pass: &Pass<'_>, kept: &Completion) -> Result<(), aws::Error> {
    for record in kept.executions.iter().filter_map(|one| execution::failure_of(&kept.order, one)) {
        pass.pipeline.store.record_failure(&record).await?;
    }
    pass.pipeline.store.restore_executions(&kept.executions).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_objects_are_read_side_by_side_as_fit_into_memory_but_always_one() {
        let sizes = |bytes: &[u64]| {
            let listed = bytes.iter().map(|bytes| Listed { key: String::new(), bytes: *bytes }).collect();
            groups(listed).iter().map(Vec::len).collect::<Vec<_>>()
        };
        assert_eq!(sizes(&[]), <[usize; 0]>::default());
        assert_eq!(sizes(&[1; READ_COUNT + 1]), [READ_COUNT, 1]);
        assert_eq!(sizes(&[READ_BYTES_MAX - 1, 1, 1]), [2, 1]);
        assert_eq!(sizes(&[READ_BYTES_MAX + 1, 1, 1]), [1, 2]);
    }
}
