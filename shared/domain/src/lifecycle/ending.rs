//! Ends an order without completing it: failed or cancelled.

use jiff::Timestamp;

use super::{Refusal, fence_phase};
use crate::failure::{Failure, FailureId, FailureRecord};
use crate::id::{DocumentNumber, RunNumber};
use crate::order::{OrchestrationError, Order};
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
    Ok(fail(order, phase, failure, at))
}

/// Ends the current run as failed. The caller has checked that the order may fail.
pub(super) fn fail(order: &mut Order, phase: Phase, failure: &Failure, at: Timestamp) -> FailureRecord {
    let record = record(order, phase, None, failure, at);
    order.orchestration_status = OrchestrationStatus::Failed;
    order.hand_off_owed_since = None;
    order.lease = None;
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
    record
}

pub(super) fn cancel(order: &mut Order) -> Result<(), Refusal> {
    if order.is_ended() {
        return Err(Refusal::Ended);
    }
    // A cancelled regeneration leaves the client with the earlier version.
    if order.has_version() {
        order.status = Status::Completed;
        forget_failure(order);
    } else {
        order.status = Status::Cancelled;
    }
    order.orchestration_status = OrchestrationStatus::Cancelled;
    order.hand_off_owed_since = None;
    order.review_items = 0;
    order.lease = None;
    Ok(())
}

/// Clears what an earlier run failed of: a completed order does not show it. It stays in the failure's record.
pub(super) fn forget_failure(order: &mut Order) {
    order.failure_reason = None;
    order.failed_at = None;
    order.last_orchestration_error = None;
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
        doc_type: document.map(|number| order.service_code.execution(number).0.to_owned()),
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

/// The record of the failure that the order's last run ended with.
pub(super) fn known(order: &Order) -> Option<FailureRecord> {
    let error = order.last_orchestration_error.as_ref().filter(|error| {
        order.orchestration_status == OrchestrationStatus::Failed
            && error.failure_id == FailureId::of(order.run, error.phase, None)
    })?;
    let failure =
        Failure { category: error.category, code: error.code.clone().into(), message: error.message.clone().into() };
    Some(record(order, error.phase, None, &failure, error.at))
}
