//! Writes the end of a unit to the table, and remembers for the backup what was or could not be written.

use aws::store::Written;
use domain::completion::{Completion, Primary};
use domain::failure::FailureRecord;
use domain::lifecycle::{Decision, IllegalTransition};
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::order::Order;
use domain::phase::Phase;

use crate::answer::Answer;
use crate::delivery::Delivery;
use crate::job::Job;
use crate::release::release_held;

/// Why nothing was committed.
#[derive(Debug)]
pub(crate) enum NotCommitted {
    /// The order does not accept the event.
    Refused(IllegalTransition),
    /// The write failed; this is the answer for the message.
    Failed(Answer),
}

/// Writes what `change` decides, and decides again if another write came first. Afterwards the job holds the order as
/// written, or the order that refused the event.
pub(crate) async fn commit(
    delivery: &Delivery<'_>,
    job: &mut Job,
    change: impl Fn(&Order) -> Result<Decision, IllegalTransition>,
) -> Result<(), NotCommitted> {
    let phase = job.unit.phase;
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        let decision = change(&job.order).map_err(NotCommitted::Refused)?;
        match delivery.pipeline.store.write(&decision).await {
            Ok(Written::Done) => {
                if let Some(record) = decision.record() {
                    log_failure(record);
                }
                log_audit(decision.order(), phase);
                add_completion(delivery, phase, &decision, Primary::Written);
                job.order = decision.into_order();
                return Ok(());
            }
            Ok(Written::Conflict(Some(order))) => job.order = *order,
            Ok(Written::Conflict(None)) => {
                tracing::warn!("order not found; its result is dropped");
                return Err(NotCommitted::Failed(Answer::Acknowledge));
            }
            Err(error) => {
                tracing::warn!(error = %error, "commit failed; the message will be retried");
                add_completion(delivery, phase, &decision, Primary::Lost);
                // A refusal may be due to what the work made, so that counts.
                if error.is_unavailable() {
                    release_held(delivery, &job.order, &job.unit).await;
                }
                return Err(NotCommitted::Failed(delivery.back_off()));
            }
        }
    }
    Err(NotCommitted::Failed(delivery.back_off()))
}

fn add_completion(delivery: &Delivery<'_>, phase: Phase, decision: &Decision, primary: Primary) {
    let code = decision.record().map(|failure| failure.code.as_str());
    delivery.add_completion(Completion::of(decision.order(), phase, Vec::new(), code, primary));
}

pub(crate) fn log_failure(failure: &FailureRecord) {
    tracing::error!(failure.id = %failure.failure_id, code = %failure.code, "failure recorded");
}

/// Logs the end of each phase and of the order, and how long they took, for audits.
pub(crate) fn log_audit(order: &Order, phase: Phase) {
    if let Some(duration_ms) = order.phases().get(&phase).and_then(|record| record.duration_ms()) {
        tracing::info!(audit = %format_args!("pipeline_{phase}_complete"), duration_ms);
    }
    if order.is_ended() {
        let duration_ms = order.updated_at().as_millisecond() - order.watched_since().as_millisecond();
        tracing::info!(audit = "pipeline_complete", status = %order.status(), duration_ms);
    }
}
