//! One order.

mod action;
mod row;
mod summary;

use askama::Template;
use domain::history::Estimate;
use domain::limit::REASON_CHARS_MAX;
use domain::person::Role;
use domain::trail::TrailEntry;
use jiff::Timestamp;
use serde_json::Value;

pub use action::{Actions, ReviewSummary, StartChoice};
pub use row::{AlertState, ArtifactRow, DocumentRow, DocumentState, FailureRow, VersionRow};
pub use summary::{OrderSummary, PhaseRow, PhaseState};

use crate::figure::KeyFigures;
use crate::frame::{Frame, Section};
use crate::{asset, html, icon, text, word};

/// `GET /orders/{id}`: everything about one order. With `fragment=progress` the answer is [`OrderPage::progress`], which the
/// page asks for while the order is in progress.
///
/// Its forms post below `/orders/{id}`, each with `idempotency_key`:
///
/// | form | fields |
/// |---|---|
/// | `/process` | |
/// | `/documents`, multipart | `files` |
/// | `/retry` | `run`, `start_from` (a phase), `reason` |
/// | `/regenerate` | `run`, `start_from`, `reason` |
/// | `/cancel` | `run`, `reason`, `confirm` (`true`) |
/// | `/review/extend` | `run`, `reason` |
#[derive(Clone, Debug, PartialEq)]
pub struct OrderPage {
    /// Around it.
    pub frame: Frame,
    /// Makes a repeat of a form harmless.
    pub idempotency_key: String,
    /// When the order was read.
    pub now: Timestamp,
    /// The order itself.
    pub order: OrderSummary,
    /// How long it is likely to take still.
    pub estimate: Estimate,
    /// The five phases; see [`PhaseRow::all`].
    pub phases: Vec<PhaseRow>,
    /// Its documents, by number.
    pub documents: Vec<DocumentRow>,
    /// What went wrong, the newest first.
    pub failures: Vec<FailureRow>,
    /// Versions of the final documents, the newest first.
    pub versions: Vec<VersionRow>,
    /// `figures.json` of the newest version, or only what it has under `figures`. Services without figures have none.
    pub figures: Option<Value>,
    /// What was done to it, the newest first.
    pub audit: Vec<TrailEntry>,
    /// The review that it waits for.
    pub review: Option<ReviewSummary>,
    /// What this person may do now.
    pub actions: Actions,
}

impl OrderPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&Whole { page: self, key_figures: self.figures.as_ref().and_then(KeyFigures::read) })
    }

    pub(crate) fn section(&self) -> Section {
        Section::Orders
    }

    /// What the page was made for. When it changes, forms and tables outside the fragment are out of date.
    fn state(&self) -> String {
        let OrderSummary { run, status, orchestration_status, .. } = &self.order;
        // Phases come and go within the fragment.
        let is_over = !self.order.is_moving();
        format!("{run}-{status}{}", if is_over { orchestration_status.as_str() } else { "" })
    }

    fn is_current(&self, phase: &PhaseRow) -> bool {
        phase.phase == self.order.phase && !matches!(phase.state, PhaseState::Done | PhaseState::Ahead)
    }

    fn is_of_earlier_run(&self, phase: &PhaseRow) -> bool {
        phase.run.is_some_and(|run| run < self.order.run)
    }

    fn artifact_address(&self, version: &VersionRow, artifact: &ArtifactRow) -> String {
        let name = text::encoded(&artifact.name);
        format!("/orders/{}/artifacts/{}/{name}", self.order.order_id, version.number)
    }

    /// Only the status, the progress and the phases, for `fragment=progress`.
    #[must_use]
    pub fn progress(&self) -> String {
        super::text_of(&Progress { page: self })
    }

    /// Failures that no later run healed.
    fn open_failures(&self) -> Vec<&FailureRow> {
        self.failures.iter().filter(|failure| failure.healed_by.is_none()).collect()
    }

    /// Failures that a later run healed.
    fn healed_failures(&self) -> Vec<&FailureRow> {
        self.failures.iter().filter(|failure| failure.healed_by.is_some()).collect()
    }

    fn count_of(&self, state: DocumentState) -> usize {
        self.documents.iter().filter(|document| document.state == state).count()
    }

    fn failed_documents(&self) -> usize {
        self.count_of(DocumentState::Failed)
    }

    fn progress_address(&self) -> String {
        format!("/orders/{}?fragment=progress", self.order.order_id)
    }
}

#[derive(Template)]
#[template(path = "order.html")]
struct Whole<'a> {
    page: &'a OrderPage,
    key_figures: Option<KeyFigures>,
}

#[derive(Template)]
#[template(path = "order.html", block = "progress")]
struct Progress<'a> {
    page: &'a OrderPage,
}
