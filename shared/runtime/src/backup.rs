//! Writes completions to the backup, and reports the outcome of each completion's two writes.

use domain::completion::{Backup, Completion, Durability, Primary};
use domain::execution::ExecutionStatus;
use domain::id::DocumentNumber;
use domain::status::OrchestrationStatus;
use futures_util::future::join_all;

use crate::invocation::Invocation;
use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// Writes what an invocation completed to the backup. An error does not fail the invocation: reconciliation keeps an order
/// in its index until the backup holds it, and writes what is missing.
pub async fn back_up(pipeline: &Pipeline, invocation: &Invocation, mut completions: Vec<Completion>) {
    if completions.is_empty() {
        return;
    }
    count_failed(pipeline, &completions);
    add_executions(pipeline, &mut completions).await;
    let log = pipeline.completions.log();
    let backup = match log.append(&completions, &invocation.request_id, pipeline.clock.now()).await {
        Ok(()) => Backup::Written,
        Err(error) => {
            tracing::warn!(error = %error, lines = completions.len(), "completions not written to the backup");
            Backup::Lost
        }
    };
    let mut lost = 0;
    for completion in &completions {
        lost += u32::from(report(pipeline, completion, completion.durability(backup)));
    }
    if lost > 0 {
        alert_loss(pipeline, lost).await;
    }
    pipeline.metrics.count(Metric::CircuitsOpened, log.breaker().take_openings());
}

/// Counts the executions that failed with these completions, where the table holds them.
fn count_failed(pipeline: &Pipeline, completions: &[Completion]) {
    let stored = completions.iter().filter(|completion| completion.primary == Primary::Written);
    let failed = stored.flat_map(|completion| &completion.executions).filter(|e| e.status() == ExecutionStatus::Failed);
    pipeline.metrics.count(Metric::ExecutionsFailed, failed.count() as u64);
}

/// Orders whose executions are read side by side.
const QUERY_COUNT: usize = 10;

/// Adds all executions of their order to completions of orders that have ended or wait. Where they cannot be read now, the
/// line goes without them, and reconciliation writes another one later.
pub async fn add_executions(pipeline: &Pipeline, completions: &mut [Completion]) {
    for some in completions.chunks_mut(QUERY_COUNT) {
        let lacking = some.iter_mut().filter(|completion| completion.lacks_executions());
        join_all(lacking.map(|completion| add_executions_of(pipeline, completion))).await;
    }
}

async fn add_executions_of(pipeline: &Pipeline, completion: &mut Completion) {
    match pipeline.store.executions(&completion.firm_id, completion.order_id).await {
        Ok(mut executions) => {
            executions.retain(|one| one.is_of(&completion.order));
            let has_ended =
                |number: &DocumentNumber| executions.iter().any(|one| one.number() == *number && one.has_ended());
            completion.has_all_executions = completion.order.terminal().iter().all(has_ended);
            completion.executions = executions;
        }
        Err(error) => tracing::warn!(error = %error, "executions not read for the backup; written later"),
    }
}

/// Counts and logs where a completion is stored; `true` when it is stored nowhere.
fn report(pipeline: &Pipeline, completion: &Completion, durability: Durability) -> bool {
    let (order, phase, correlation) = (completion.order_id, completion.phase, completion.correlation_id.as_str());
    match durability {
        Durability::Both => {
            pipeline.metrics.count(Metric::CompletionsBoth, 1);
            count_end(pipeline, completion);
        }
        Durability::PrimaryOnly => {
            pipeline.metrics.count(Metric::CompletionsPrimaryOnly, 1);
            count_end(pipeline, completion);
            tracing::warn!(order.id = %order, phase = %phase, correlation.id = correlation, "completion stored in the table only");
        }
        Durability::BackupOnly => {
            pipeline.metrics.count(Metric::CompletionsBackupOnly, 1);
            tracing::warn!(order.id = %order, phase = %phase, correlation.id = correlation, "completion stored in the backup only");
        }
        Durability::Neither => {
            pipeline.metrics.count(Metric::CompletionsNeither, 1);
            tracing::error!(order.id = %order, phase = %phase, correlation.id = correlation, "critical: completion stored in neither store; the message will be retried");
            return true;
        }
    }
    false
}

/// Counts what ended, for a completion that the table holds.
fn count_end(pipeline: &Pipeline, completion: &Completion) {
    let order = &completion.order;
    // The end of some documents alone, without their phase.
    if order.fans_out() && order.is_active() {
        return;
    }
    match order.orchestration_status() {
        OrchestrationStatus::Completed => pipeline.metrics.count(Metric::OrdersCompleted, 1),
        OrchestrationStatus::Failed => pipeline.metrics.count(Metric::OrdersFailed, 1),
        OrchestrationStatus::ReviewPending => pipeline.metrics.count(Metric::OrdersPaused, 1),
        _ => {}
    }
    if let Some(duration_ms) = order.phases().get(&completion.phase).and_then(|record| record.duration_ms()) {
        pipeline.metrics.record(Metric::PhaseDuration, duration_ms);
    }
}

/// Publishes an alert at once if SNS works. The messages of these completions are retried, so nothing depends on the alert.
async fn alert_loss(pipeline: &Pipeline, lost: u32) {
    let now = pipeline.clock.now();
    if !pipeline.completions.take_alert(now) {
        return;
    }
    if let Err(error) = pipeline.alerts.publish_loss(lost, now).await {
        pipeline.metrics.count(Metric::NotificationsDropped, 1);
        tracing::warn!(error = %error, "alert about lost completions dropped");
    }
}

#[cfg(test)]
mod tests {
    use domain::completion::Primary;
    use domain::event::EventKind;
    use domain::execution::{Execution, ExecutionEnd, end};
    use domain::failure::Failure;
    use domain::id::DocumentNumber;
    use domain::order::Order;
    use domain::phase::Phase;
    use serde_json::Value;

    use super::*;
    use crate::testing::{accepted, apply, at, claim, complete, environment, working};

    /// What is counted for an order's completion, and whether it was lost.
    fn reported(
        order: &Order,
        executions: Vec<Execution>,
        code: Option<&str>,
        durability: Durability,
    ) -> (Value, bool) {
        let (environment, lines) = environment(&[]);
        let Ok(pipeline) = Pipeline::new(&environment, &[]) else { unreachable!("nothing is missing") };
        let phase = if order.is_active() { Phase::Extract } else { order.phase() };
        let completion = Completion::of(order, phase, executions, code, Primary::Written);
        count_failed(&pipeline, std::slice::from_ref(&completion));
        let lost = report(&pipeline, &completion, durability);
        pipeline.metrics.flush(at(0));
        (lines.the_line(), lost)
    }

    fn counted(line: &Value) -> Vec<(&str, i64)> {
        let names = ["OrdersCompleted", "OrdersFailed", "OrdersPaused", "ExecutionsFailed", "PhaseDuration"];
        names.into_iter().filter_map(|name| Some((name, line[name].as_i64()?))).collect()
    }

    #[test]
    fn only_a_completion_that_no_store_holds_is_lost() {
        let order = complete(&working(Phase::Extract), 3);
        for (durability, name, lost) in [
            (Durability::Both, "CompletionsBoth", false),
            (Durability::PrimaryOnly, "CompletionsPrimaryOnly", false),
            (Durability::BackupOnly, "CompletionsBackupOnly", false),
            (Durability::Neither, "CompletionsNeither", true),
        ] {
            let (line, is_lost) = reported(&order, Vec::new(), None, durability);
            assert_eq!((&line[name], is_lost), (&1.into(), lost), "{durability:?}");
            // What ended counts once the table holds it.
            let stored = matches!(durability, Durability::Both | Durability::PrimaryOnly);
            let expected = if stored { vec![("PhaseDuration", 2_000)] } else { Vec::new() };
            assert_eq!(counted(&line), expected, "{durability:?}");
        }
    }

    #[test]
    fn orders_count_by_how_they_end_and_documents_by_whether_they_failed() {
        let counts = |order: &Order, executions, code| {
            let (line, _) = reported(order, executions, code, Durability::Both);
            counted(&line).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(counts(&complete(&working(Phase::Generate), 3), Vec::new(), None), "OrdersCompleted PhaseDuration");
        let failure = Failure::permanent("test.permanent", "Say what to do.");
        let working_on = working(Phase::Classify);
        let run = working_on.run();
        let failed = apply(&working_on, 3, EventKind::PhaseFailed { run, phase: Phase::Classify, failure });
        assert_eq!(counts(&failed, Vec::new(), Some("test.permanent")), "OrdersFailed");
        let paused = apply(&working(Phase::Review), 3, EventKind::ReviewNeeded { run, items: 2 });
        assert_eq!(counts(&paused, Vec::new(), None), "OrdersPaused");
        let Some(document) = DocumentNumber::all(1).next() else { unreachable!("a number") };
        let order = claim(&accepted(2), 1, Some(document));
        let ended = |how| end(&order, document, None, &how, at(2), "w").map(|change| change.next().clone());
        let failed = ended(ExecutionEnd::Failed(Failure::permanent("file.broken", "Upload it again.")));
        assert_eq!(counts(&order, failed.into_iter().collect(), None), "ExecutionsFailed");
        assert_eq!(counts(&order, ended(ExecutionEnd::Completed(None)).into_iter().collect(), None), "");
    }
}
