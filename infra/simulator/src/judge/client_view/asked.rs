//! What commands may do: each names the run that it is about, and changes no later one.

use domain::message::Command;
use domain::order::Order;
use domain::phase::Phase;
use domain::status::OrchestrationStatus;

/// A step of an order that none of the commands `asked` for.
pub(super) fn step(before: &Order, next: &Order, asked: &[Command]) -> Option<String> {
    if next.run() != before.run() {
        return new_run(before, next, asked);
    }
    let became = |step| next.orchestration_status() == step && before.orchestration_status() != step;
    let is_about = |run| run == before.run();
    if became(OrchestrationStatus::Cancelled) {
        let cancels = |command: &Command| match command {
            Command::Cancel { run } => run.is_none_or(|run| run >= before.run()),
            _ => false,
        };
        return none_of(asked, cancels, || format!("run {} was cancelled", before.run()));
    }
    // A review that nobody ends expires.
    if before.is_paused() && !next.is_paused() && next.orchestration_status() != OrchestrationStatus::Failed {
        let continues = |command: &Command| match *command {
            Command::Resume { run } | Command::ReviewDecided { run } => is_about(run),
            _ => false,
        };
        return none_of(asked, continues, || format!("the review of run {} ended", before.run()));
    }
    None
}

fn new_run(before: &Order, next: &Order, asked: &[Command]) -> Option<String> {
    if next.run() != before.run().next() || before.is_active() {
        return Some(format!("run {} follows run {}, which was {}", next.run(), before.run(), before.status()));
    }
    let start = next.phase();
    let begins = |command: &Command| match *command {
        Command::Retry { run, start_from } => {
            let has_failed = before.orchestration_status() == OrchestrationStatus::Failed;
            let usual = before.options().start_from.map_or(before.phase(), |first| first.min(before.phase()));
            let is_due = has_failed || before.is_paused() && start_from.is_some();
            run == before.run() && is_due && start == start_from.unwrap_or(usual)
        }
        Command::Regenerate { run, start_from } => {
            // It starts earlier than asked if an earlier phase was left undone.
            run == before.run() && start == start_from.unwrap_or(Phase::Generate).min(first_undone(before))
        }
        _ => false,
    };
    none_of(asked, begins, || format!("run {} began at {start}", next.run()))
}

/// The first phase that an order has not finished; the last one if it finished all.
fn first_undone(order: &Order) -> Phase {
    let is_done = |phase: Phase| order.phases().get(&phase).is_some_and(|record| record.completed_at.is_some());
    Phase::ALL.into_iter().find(|phase| !is_done(*phase)).unwrap_or(Phase::Generate)
}

fn none_of(asked: &[Command], fits: impl Fn(&Command) -> bool, what: impl Fn() -> String) -> Option<String> {
    (!asked.iter().any(fits)).then(|| format!("{} although no command asked for it", what()))
}
