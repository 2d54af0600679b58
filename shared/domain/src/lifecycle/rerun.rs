//! Starts further runs: retries of failed runs, and new versions of completed orders.

use jiff::Timestamp;

use super::{Refusal, progress};
use crate::id::RunNumber;
use crate::order::Order;
use crate::phase::Phase;
use crate::status::{OrchestrationStatus, Status};

pub(super) fn retry(order: &mut Order, run: RunNumber, asked: Option<Phase>, at: Timestamp) -> Result<(), Refusal> {
    same_run(order, run)?;
    // An order that waits for a reviewer may be in need of another review, or its results of other code.
    let starts_over = order.is_paused() && asked.is_some();
    if order.orchestration_status != OrchestrationStatus::Failed && !starts_over {
        return Err(Refusal::NotFailed);
    }
    if asked.is_some_and(|asked| asked > order.phase) {
        return Err(Refusal::StartsLater);
    }
    let usual = order.options.start_from.map_or(order.phase, |start| start.min(order.phase));
    start_run(order, asked.unwrap_or(usual), Documents::of(asked, order), at);
    Ok(())
}

pub(super) fn regenerate(order: &mut Order, run: RunNumber, start: Phase, at: Timestamp) -> Result<(), Refusal> {
    same_run(order, run)?;
    if order.status == Status::Draft {
        return Err(Refusal::Draft);
    }
    if !order.is_ended() {
        return Err(Refusal::Busy);
    }
    if !order.has_version() {
        return Err(Refusal::NoVersion);
    }
    // An earlier run that failed or was cancelled may have left phases undone whose results this run would need.
    let undone = Phase::ALL.into_iter().find(|phase| !has_ended(order, *phase));
    let documents = Documents::of(Some(start), order);
    start_run(order, undone.map_or(start, |undone| undone.min(start)), documents, at);
    Ok(())
}

fn has_ended(order: &Order, phase: Phase) -> bool {
    order.phases.get(&phase).is_some_and(|record| record.completed_at.is_some())
}

fn same_run(order: &Order, run: RunNumber) -> Result<(), Refusal> {
    match run.cmp(&order.run) {
        std::cmp::Ordering::Less => Err(Refusal::Stale),
        std::cmp::Ordering::Greater => Err(Refusal::Early),
        std::cmp::Ordering::Equal => Ok(()),
    }
}

/// Which documents a run that starts at `extract` executes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Documents {
    /// All of them, so that nothing is read that an earlier run stored.
    All,
    /// Those without a result.
    Open,
}

impl Documents {
    /// Whoever names `extract` asks for all results anew; an order may force the same for every run.
    fn of(asked: Option<Phase>, order: &Order) -> Self {
        if asked == Some(Phase::Extract) || order.options.force_reprocess { Self::All } else { Self::Open }
    }
}

/// Starts the next run at `start`. Results of earlier phases are kept; everything from `start` on is done again.
fn start_run(order: &mut Order, start: Phase, documents: Documents, at: Timestamp) {
    order.run = order.run.next();
    order.status = if order.has_version() { Status::Regenerating } else { Status::Queued };
    order.failure_reason = None;
    order.failed_at = None;
    order.review_items = 0;
    order.reached_percent = 0;
    order.run_started_at = Some(at);
    if start <= Phase::Review {
        order.decisions_run = None;
    }
    order.phases.retain(|phase, _| *phase < start);
    if start == Phase::Extract {
        if documents == Documents::All {
            order.terminal.clear();
        } else {
            order.terminal = order.terminal.difference(&order.failed).copied().collect();
        }
        order.failed.clear();
        if order.documents > 0 && order.all_documents_ended() {
            // With nothing left to execute no message would ever start the phase, so the last document is executed again.
            order.terminal.pop_last();
        }
    }
    progress::make_due(order, start, at);
}
