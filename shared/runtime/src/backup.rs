//! The second store of completions, and what is made of the outcome of the two.

use std::cell::Cell;

use aws::backup::BackupLog;
use domain::completion::{Backup, Completion, Durability};
use domain::order::Order;
use domain::status::OrchestrationStatus;
use jiff::{SignedDuration, Timestamp};

use crate::invocation::Invocation;
use crate::metric::Metric;
use crate::pipeline::Pipeline;

/// Time within which one process alerts only once that completions are lost in both stores, in seconds.
const QUIET_SECS: i64 = 300;

/// The backup, and when its loss together with the table's was last alerted.
#[derive(Clone, Debug)]
pub struct Completions {
    log: BackupLog,
    alerted: Cell<Option<Timestamp>>,
}

impl Completions {
    /// Completions backed up in `log`.
    #[must_use]
    pub fn new(log: BackupLog) -> Self {
        Self { log, alerted: Cell::new(None) }
    }

    /// The backup.
    #[must_use]
    pub fn log(&self) -> &BackupLog {
        &self.log
    }
}

/// Writes what an invocation completed to the backup, and counts what became of the pair of writes. It never fails an
/// invocation: what the backup lacks is written again by reconciliation, which keeps an order in its index until then.
pub(crate) async fn back_up(pipeline: &Pipeline, invocation: &Invocation, completions: &[Completion]) {
    if completions.is_empty() {
        return;
    }
    let written = pipeline.completions.log.append(completions, &invocation.request_id, pipeline.clock.now()).await;
    let backup = match &written {
        Ok(()) => Backup::Written,
        Err(error) => {
            tracing::warn!(error = %error, lines = completions.len(), "completions could not be backed up");
            Backup::Lost
        }
    };
    let mut lost = 0;
    for completion in completions {
        lost += u32::from(tell(pipeline, completion, completion.durability(backup)));
    }
    if lost > 0 {
        alert_loss(pipeline, lost).await;
    }
    pipeline.metrics.count(Metric::CircuitsOpened, pipeline.completions.log.breaker().take_openings());
}

/// Counts and logs where a completion is stored; `true` when it is nowhere.
fn tell(pipeline: &Pipeline, completion: &Completion, durability: Durability) -> bool {
    let (order, phase, correlation) = (completion.order_id, completion.phase, completion.correlation_id.as_str());
    match durability {
        Durability::Both => {
            pipeline.metrics.count(Metric::CompletionsBoth, 1);
            measure(pipeline, &completion.order, completion);
        }
        Durability::PrimaryOnly => {
            pipeline.metrics.count(Metric::CompletionsPrimaryOnly, 1);
            measure(pipeline, &completion.order, completion);
            tracing::warn!(order.id = %order, phase = %phase, correlation.id = correlation, "warning: a completion is in the table only");
        }
        Durability::BackupOnly => {
            pipeline.metrics.count(Metric::CompletionsBackupOnly, 1);
            tracing::warn!(order.id = %order, phase = %phase, correlation.id = correlation, "warning: a completion is in the backup only");
        }
        Durability::Neither => {
            pipeline.metrics.count(Metric::CompletionsNeither, 1);
            tracing::error!(order.id = %order, phase = %phase, correlation.id = correlation, "critical: a completion is in neither store");
            return true;
        }
    }
    false
}

/// Figures of what the table holds.
fn measure(pipeline: &Pipeline, order: &Order, completion: &Completion) {
    if completion.document.is_some() {
        pipeline.metrics.count(Metric::ExecutionsFailed, u64::from(completion.error_code.is_some()));
        return;
    }
    match order.orchestration_status {
        OrchestrationStatus::Completed => pipeline.metrics.count(Metric::OrdersCompleted, 1),
        OrchestrationStatus::Failed => pipeline.metrics.count(Metric::OrdersFailed, 1),
        OrchestrationStatus::ReviewPending => pipeline.metrics.count(Metric::OrdersPaused, 1),
        _ => {}
    }
    if let Some(duration_ms) = order.phases.get(&completion.phase).and_then(|record| record.duration_ms()) {
        pipeline.metrics.record(Metric::PhaseDuration, duration_ms);
    }
}

/// Tells people at once, as far as SNS works: the messages of these completions come again, so nothing is lost by it.
async fn alert_loss(pipeline: &Pipeline, lost: u32) {
    let now = pipeline.clock.now();
    let quiet = SignedDuration::from_secs(QUIET_SECS);
    if pipeline.completions.alerted.get().is_some_and(|last| now.duration_since(last) < quiet) {
        return;
    }
    pipeline.completions.alerted.set(Some(now));
    if let Err(error) = pipeline.alerts.publish_loss(lost, now).await {
        pipeline.metrics.count(Metric::NotificationsDropped, 1);
        tracing::warn!(error = %error, "the loss could not be published");
    }
}
