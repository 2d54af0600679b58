//! The versions of an order's documents.

use domain::order::Order;
use domain::service::ServiceCode;
use domain::status::OrchestrationStatus;

/// What is wrong with the versions of an order: it has the documents of the version that it says, made by one run, and a
/// completed run of a service that makes documents made that version.
pub(super) fn wrong(order: &Order) -> Option<String> {
    let number = order.artifact_version();
    let current: Vec<u32> = order
        .artifacts()
        .iter()
        .filter(|artifact| artifact.version == number)
        .map(|artifact| artifact.run.get())
        .collect();
    if order.artifacts().iter().any(|artifact| artifact.version > number) || current.is_empty() != (number == 0) {
        return Some(format!("it says version {number} and has {} documents of it", current.len()));
    }
    let run = current.first().copied().unwrap_or(0);
    if current.iter().any(|other| *other != run) || run > order.run().get() {
        return Some(format!("version {number} was made by several runs, or by one that has not begun"));
    }
    let is_complete = order.orchestration_status() == OrchestrationStatus::Completed;
    let is_owed = is_complete && order.service_code() == ServiceCode::Cma && run != order.run().get();
    is_owed.then(|| format!("run {} is complete and made no version", order.run()))
}

/// A step that versions may not make: only the completion of a run adds one, and none changes.
pub(super) fn step(before: &Order, next: &Order) -> Option<String> {
    let (was, is) = (before.artifact_version(), next.artifact_version());
    let completes = next.orchestration_status() == OrchestrationStatus::Completed
        && before.orchestration_status() != OrchestrationStatus::Completed;
    if is != was && !(is == was + 1 && completes) {
        return Some(format!("version {is} follows {was} as it became {}", next.orchestration_status()));
    }
    let changed =
        next.artifacts().iter().any(|artifact| artifact.version <= was && !before.artifacts().contains(artifact));
    let is_lost = is == was && next.artifacts() != before.artifacts();
    (changed || is_lost).then(|| "an earlier version was changed".to_owned())
}
