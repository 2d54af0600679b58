//! When an order shows a failure, and which.

use domain::failure::FailureId;
use domain::order::Order;
use domain::status::{OrchestrationStatus, Status};

/// What is wrong about the failure that an order shows: a failed one shows that of its current run, and no other order shows
/// a reason. A completed one shows no failure of an earlier run either.
pub(super) fn wrong(order: &Order) -> Option<String> {
    let has_failed = order.status() == Status::Failed;
    if order.failure_reason().is_some() != has_failed {
        return Some(format!("it is {} and its failure reason is {:?}", order.status(), order.failure_reason()));
    }
    if order.failed_at().is_some() != has_failed {
        return Some(format!("it is {} and failed at {:?}", order.status(), order.failed_at()));
    }
    let error = order.last_orchestration_error();
    if order.status() == Status::Completed && error.is_some() {
        return Some("it is completed and shows the failure of an earlier run".to_owned());
    }
    if order.orchestration_status() != OrchestrationStatus::Failed {
        return None;
    }
    let Some(error) = error else { return Some("its run failed without an error".to_owned()) };
    if error.failure_id != FailureId::of(order.run(), error.phase, None) {
        return Some(format!("run {} failed and shows the failure {}", order.run(), error.failure_id));
    }
    let differs = has_failed && order.failure_reason() != Some(error.message.as_str());
    differs.then(|| "its failure reason is not the message of its last error".to_owned())
}
