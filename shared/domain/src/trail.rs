//! The audit trail of an order: what people and the pipeline did to it, in one list.
//!
//! Entries about commands and repairs are stored. What the phases did is told from the runs themselves, which hold when each
//! phase began and ended, so it costs no write and cannot be lost by itself.

use jiff::Timestamp;

use crate::audit::AuditEntry;
use crate::id::RunNumber;
use crate::run::Run;

/// Who does what the phases do.
const PIPELINE: &str = "pipeline";

/// An entry of an order's audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailEntry {
    /// When.
    pub at: Timestamp,
    /// Who: a person, an invocation of a function, or the pipeline.
    pub actor: String,
    /// What: the word of an [`AuditAction`](crate::audit::AuditAction), or the name of a [`Step`](crate::run::Step).
    pub action: String,
    /// The order's run at that time.
    pub run: RunNumber,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// Milliseconds that what it completes took.
    pub duration_ms: Option<i64>,
    /// Code of the failure that ended the run.
    pub code: Option<String>,
}

/// The audit trail, oldest first.
#[must_use]
pub fn trail(entries: Vec<AuditEntry>, runs: &[Run]) -> Vec<TrailEntry> {
    let stored = entries.into_iter().map(|entry| TrailEntry {
        at: entry.at,
        actor: entry.actor,
        action: entry.action.as_str().to_owned(),
        run: entry.run,
        reason: entry.reason,
        duration_ms: None,
        code: None,
    });
    let told = runs.iter().flat_map(|run| {
        run.steps().into_iter().map(|step| TrailEntry {
            at: step.at,
            actor: PIPELINE.to_owned(),
            action: step.kind.name(),
            run: run.number(),
            reason: None,
            duration_ms: step.duration_ms,
            code: step.code,
        })
    });
    let mut trail: Vec<TrailEntry> = stored.chain(told).collect();
    // A stable sort: of the same moment, a command comes before what it starts.
    trail.sort_by_key(|entry| entry.at);
    trail
}
