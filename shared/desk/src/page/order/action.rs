//! What a person may do to an order.

use domain::phase::Phase;
use jiff::Timestamp;

/// What this person may do to an order now. Each that is allowed has its form on the page.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Actions {
    /// Have a draft processed.
    pub process: bool,
    /// Upload more files to a draft.
    pub upload: bool,
    /// Whether the page's module uploads them itself, each with a request that the API signs.
    pub uploads_directly: bool,
    /// Retry the run that failed, or start one that waits for a reviewer over.
    pub retry: Option<StartChoice>,
    /// Make another version of the documents.
    pub regenerate: Option<StartChoice>,
    /// Cancel it.
    pub cancel: bool,
    /// Let it wait for a reviewer for longer.
    pub extend_review: bool,
    /// Open the review desk, to decide or only to read.
    pub review: bool,
}

/// The phases that a new run may start at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartChoice {
    /// The phases, in their order.
    pub phases: Vec<Phase>,
    /// The one that is proposed.
    pub proposed: Phase,
}

impl StartChoice {
    /// A choice of all phases up to the one that is proposed.
    #[must_use]
    pub fn up_to(proposed: Phase) -> Self {
        Self { phases: Phase::ALL.into_iter().filter(|phase| *phase <= proposed).collect(), proposed }
    }
}

impl Actions {
    /// Whether there is anything to do.
    pub(crate) fn any(&self) -> bool {
        let Self { process, upload, retry, regenerate, cancel, extend_review, review: _, uploads_directly: _ } = self;
        *process || *upload || retry.is_some() || regenerate.is_some() || *cancel || *extend_review
    }
}

/// The review that an order waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewSummary {
    /// How many items are to be decided.
    pub items: u32,
    /// Since when it waits.
    pub since: Timestamp,
    /// When the order fails unless its review is ended or extended.
    pub expires_at: Option<Timestamp>,
    /// Who holds the claim, if anybody does.
    pub claimed_by: Option<String>,
}
