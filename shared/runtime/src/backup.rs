//! Writes completions to the backup, and reports the outcome of each completion's two writes.

use domain::completion::{Backup, Completion, Durability};
use domain::status::OrchestrationStatus;

use crate::invocation::Invocation;
use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// Writes what an invocation completed to the backup. An error does not fail the invocation: reconciliation keeps an order
/// in its index until the backup holds it, and writes what is missing.
pub(crate) async fn back_up(pipeline: &Pipeline, invocation: &Invocation, completions: &[Completion]) {
    if completions.is_empty() {
        return;
    }
    let log = pipeline.completions.log();
    let backup = match log.append(completions, &invocation.request_id, pipeline.clock.now()).await {
        Ok(()) => Backup::Written,
        Err(error) => {
            tracing::warn!(error = %error, lines = completions.len(), "completions not written to the backup");
            Backup::Lost
        }
    };
    let mut lost = 0;
    for completion in completions {
        lost += u32::from(report(pipeline, completion, completion.durability(backup)));
    }
    if lost > 0 {
        alert_loss(pipeline, lost).await;
    }
    pipeline.metrics.count(Metric::CircuitsOpened, log.breaker().take_openings());
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
    if completion.document.is_some() {
        pipeline.metrics.count(Metric::ExecutionsFailed, u64::from(completion.error_code.is_some()));
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
