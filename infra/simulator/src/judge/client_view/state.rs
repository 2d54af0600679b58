//! Which statuses go together, and with which phase.

use domain::order::Order;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus as Step, Status};

/// A combination that no order may show.
pub(super) fn wrong(order: &Order) -> Option<String> {
    let (status, step) = (order.status(), order.orchestration_status());
    if !go_together(status, step) {
        return Some(format!("it is {status} / {step}"));
    }
    // A regeneration leaves the earlier version valid, so an order with a version never fails or ends as a whole.
    let of_first_version = matches!(status, Status::Queued | Status::InProgress | Status::Failed | Status::Cancelled);
    let of_later_version = status == Status::Regenerating
        || matches!((status, step), (Status::InternalReview, Step::Failed) | (Status::Completed, Step::Cancelled));
    let versions = order.artifact_version();
    if of_first_version && versions > 0 || of_later_version && versions == 0 {
        return Some(format!("it is {status} / {step} with {versions} versions"));
    }
    let fits = phases(step).contains(&order.phase());
    (!fits).then(|| format!("it is {step} in {}", order.phase()))
}

fn go_together(status: Status, step: Step) -> bool {
    let is_due =
        matches!(step, Step::IntakeLocked | Step::Extracted | Step::Classified | Step::Reviewing | Step::Validated);
    let is_begun = matches!(
        step,
        Step::Extracting
            | Step::Extracted
            | Step::Classifying
            | Step::Classified
            | Step::Reviewing
            | Step::Validating
            | Step::Validated
            | Step::Generating
            | Step::Rendering
    );
    match status {
        Status::Draft => step == Step::IntakeLocked,
        Status::Queued => is_due,
        Status::InProgress => is_begun,
        Status::Regenerating => is_due || is_begun,
        Status::InternalReview => matches!(step, Step::ReviewPending | Step::Failed),
        Status::Completed => matches!(step, Step::Completed | Step::Cancelled),
        Status::Failed => step == Step::Failed,
        Status::Cancelled => step == Step::Cancelled,
    }
}

/// The phases in which an order may be at this step.
fn phases(step: Step) -> &'static [Phase] {
    match step {
        Step::IntakeLocked | Step::Extracting => &[Phase::Extract],
        Step::Extracted | Step::Classifying => &[Phase::Classify],
        Step::Classified | Step::ReviewPending => &[Phase::Review],
        Step::Reviewing => &[Phase::Review, Phase::Validate],
        Step::Validating => &[Phase::Validate],
        Step::Validated | Step::Generating | Step::Rendering | Step::Completed => &[Phase::Generate],
        Step::Failed | Step::Cancelled => &Phase::ALL,
    }
}
