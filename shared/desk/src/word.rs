//! Words for statuses and phases, as people read them, and how they look.

use domain::failure::Category;
use domain::phase::Phase;
use domain::status::{OrchestrationStatus, Status};

/// The look of a status. The word and the symbol say the same, so that nothing depends on colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) word: &'static str,
    pub(crate) class: &'static str,
}

pub(crate) fn status(status: &Status) -> Look {
    let (word, class) = match status {
        Status::Draft => ("Draft", "draft"),
        Status::Queued => ("Queued", "queue"),
        Status::InProgress => ("In progress", "busy"),
        Status::Regenerating => ("Regenerating", "busy"),
        Status::InternalReview => ("Internal review", "wait"),
        Status::Completed => ("Completed", "good"),
        Status::Failed => ("Failed", "bad"),
        Status::Cancelled => ("Cancelled", "quiet"),
    };
    Look { word, class }
}

pub(crate) fn orchestration(status: &OrchestrationStatus) -> &'static str {
    match status {
        OrchestrationStatus::IntakeLocked => "Intake locked",
        OrchestrationStatus::Extracting => "Extracting",
        OrchestrationStatus::Extracted => "Extracted",
        OrchestrationStatus::Classifying => "Classifying",
        OrchestrationStatus::Classified => "Classified",
        OrchestrationStatus::Reviewing => "Reviewing",
        OrchestrationStatus::Validating => "Validating",
        OrchestrationStatus::Validated => "Validated",
        OrchestrationStatus::Generating => "Generating",
        OrchestrationStatus::Rendering => "Rendering",
        OrchestrationStatus::ReviewPending => "Review pending",
        OrchestrationStatus::Completed => "Completed",
        OrchestrationStatus::Failed => "Failed",
        OrchestrationStatus::Cancelled => "Cancelled",
    }
}

/// Whether the status within the pipeline says more than the one that the client sees. A draft is in no pipeline yet.
pub(crate) fn adds_detail(seen: &Status, within: &OrchestrationStatus) -> bool {
    *seen != Status::Draft && status(seen).word != orchestration(within)
}

pub(crate) fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Extract => "Extract",
        Phase::Classify => "Classify",
        Phase::Review => "Review",
        Phase::Validate => "Validate",
        Phase::Generate => "Generate",
    }
}

pub(crate) fn phases(phases: &[Phase]) -> String {
    phases.iter().map(phase).collect::<Vec<_>>().join(", ")
}

pub(crate) fn category(category: &Category) -> &'static str {
    match category {
        Category::Transient => "Transient",
        Category::Unavailable => "Unavailable",
        Category::Permanent => "Permanent",
        Category::Partial => "Partial",
    }
}

/// A stored word such as `review_extended` as people read it: `Review extended`.
pub(crate) fn plain(stored: &str) -> String {
    let text = stored.replace('_', " ").replace("hand off", "hand-off");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
