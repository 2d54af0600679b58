//! Ends an order without completing it: failed or cancelled.

use jiff::Timestamp;

use super::{Refusal, fence_phase};
use crate::failure::{Category, Failure, FailureId, FailureRecord};
use crate::id::{DocumentNumber, RunNumber};
use crate::order::{Execution, ExecutionStatus, OrchestrationError, Order};
use crate::phase::Phase;
use crate::status::{OrchestrationStatus, Status};

pub(super) fn fail_phase(
    order: &mut Order,
    run: RunNumber,
    phase: Phase,
    failure: &Failure,
    at: Timestamp,
) -> Result<FailureRecord, Refusal> {
    fence_phase(order, run, phase)?;
    let record = record(order, phase, None, failure, at);
    order.orchestration_status = OrchestrationStatus::Failed;
    order.hand_off_owed_since = None;
    order.leases.clear();
    order.last_orchestration_error = Some(OrchestrationError {
        failure_id: record.failure_id.clone(),
        phase,
        category: record.category,
        code: record.code.clone(),
        message: record.error_message.clone(),
        at,
    });
    if order.has_version() {
        // The earlier version is still valid, so the order itself has not failed.
        order.status = Status::InternalReview;
    } else {
        order.status = Status::Failed;
        order.failure_reason = Some(record.error_message.clone());
        order.failed_at = Some(at);
    }
    Ok(record)
}

pub(super) fn cancel(order: &mut Order) -> Result<(), Refusal> {
    if order.is_ended() {
        return Err(Refusal::Ended);
    }
    // A cancelled regeneration leaves the client with the earlier version.
    order.status = if order.has_version() { Status::Completed } else { Status::Cancelled };
    order.orchestration_status = OrchestrationStatus::Cancelled;
    order.hand_off_owed_since = None;
    order.review_items = 0;
    order.leases.clear();
    Ok(())
}

/// The record of a failure of the order's current run.
pub(super) fn record(
    order: &Order,
    phase: Phase,
    document: Option<DocumentNumber>,
    failure: &Failure,
    at: Timestamp,
) -> FailureRecord {
    FailureRecord {
        failure_id: FailureId::of(order.run, phase, document),
        order_id: order.order_id,
        firm_id: order.firm_id.clone(),
        service_code: order.service_code,
        doc_type: document.map(|_| order.service_code.document_processor().to_owned()),
        prompt_version_used: None,
        phase,
        run: order.run,
        category: failure.category,
        code: failure.code.clone().into_owned(),
        error_message: failure.message.clone().into_owned(),
        occurred_at: at,
        correlation_id: order.correlation_id.clone(),
    }
}

/// The records of the failures that the order itself holds.
pub(super) fn known(order: &Order) -> Vec<FailureRecord> {
    let failed = |execution: &&Execution| execution.run == order.run && execution.status == ExecutionStatus::Failed;
    let of_documents =
        order.executions.iter().filter(|(_, execution)| failed(execution)).map(|(document, execution)| {
            let failure = Failure {
                category: Category::Partial,
                code: execution.error_code.clone().unwrap_or_default().into(),
                message: execution.error_message.clone().unwrap_or_default().into(),
            };
            record(order, Phase::Extract, Some(*document), &failure, execution.ended_at)
        });
    let of_run = order.last_orchestration_error.iter().filter(|error| {
        order.orchestration_status == OrchestrationStatus::Failed
            && error.failure_id == FailureId::of(order.run, error.phase, None)
    });
    let of_run = of_run.map(|error| {
        let failure = Failure {
            category: error.category,
            code: error.code.clone().into(),
            message: error.message.clone().into(),
        };
        record(order, error.phase, None, &failure, error.at)
    });
    of_documents.chain(of_run).collect()
}
