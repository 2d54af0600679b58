//! Runs of an order. The order holds its current one; a run that a later one has followed is an item of its own, so that what
//! happened in it can still be told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{FirmId, OrderId, RunNumber};
use crate::order::{Order, PhaseRecord};
use crate::phase::Phase;
use crate::status::{OrchestrationStatus, Status};

/// The schema number that runs are written with. Readers take this one and the one before.
pub const RUN_SCHEMA: u32 = 1;

/// What a run did, phase by phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    schema: u32,
    order_id: OrderId,
    firm_id: FirmId,
    order_created_at: Timestamp,
    run: RunNumber,
    status: Status,
    orchestration_status: OrchestrationStatus,
    phase: Phase,
    phases: BTreeMap<Phase, PhaseRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    updated_at: Timestamp,
}

impl Run {
    /// The run that an order is in, or ended with.
    #[must_use]
    pub fn current(order: &Order) -> Self {
        let phases = order.phases.iter().filter(|(_, record)| record.run == order.run);
        let error = order.last_orchestration_error.as_ref();
        let has_failed = order.orchestration_status == OrchestrationStatus::Failed;
        Self {
            schema: RUN_SCHEMA,
            order_id: order.order_id,
            firm_id: order.firm_id.clone(),
            order_created_at: order.created_at,
            run: order.run,
            status: order.status,
            orchestration_status: order.orchestration_status,
            phase: order.phase,
            phases: phases.map(|(phase, record)| (*phase, record.clone())).collect(),
            error_code: error.filter(|_| has_failed).map(|error| error.code.clone()),
            started_at: order.run_started_at.filter(|_| order.status != Status::Draft),
            updated_at: order.updated_at,
        }
    }

    /// Layout of this value.
    #[must_use]
    pub fn schema(&self) -> u32 {
        self.schema
    }

    /// The order.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// The firm that the order belongs to.
    #[must_use]
    pub fn firm_id(&self) -> &FirmId {
        &self.firm_id
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(&self) -> RunNumber {
        self.run
    }

    /// Whether it belongs to this order, and not to an earlier one that was deleted and whose id was used again.
    #[must_use]
    pub fn is_of(&self, order: &Order) -> bool {
        (self.order_id, self.order_created_at) == (order.order_id, order.created_at)
    }

    /// What happened in it, oldest first.
    #[must_use]
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        steps.extend(self.started_at.map(|at| Step { at, kind: StepKind::RunStarted, duration_ms: None, code: None }));
        for (phase, record) in &self.phases {
            let started =
                Step { at: record.started_at, kind: StepKind::Started(*phase), duration_ms: None, code: None };
            if record.skipped {
                steps.push(Step { kind: StepKind::Skipped(*phase), ..started });
                continue;
            }
            steps.push(started);
            steps.extend(record.completed_at.map(|at| Step {
                at,
                kind: StepKind::Completed(*phase),
                duration_ms: record.duration_ms(),
                code: None,
            }));
        }
        steps.extend(self.end());
        steps
    }

    /// How it ended, or why it stands still.
    fn end(&self) -> Option<Step> {
        let kind = match self.orchestration_status {
            OrchestrationStatus::Completed => StepKind::RunCompleted,
            OrchestrationStatus::Failed => StepKind::RunFailed(self.phase),
            OrchestrationStatus::Cancelled => StepKind::RunCancelled,
            OrchestrationStatus::ReviewPending => StepKind::ReviewNeeded,
            _ => return None,
        };
        let took = |since: Timestamp| self.updated_at.as_millisecond() - since.as_millisecond();
        let ended =
            Step { at: self.updated_at, kind, duration_ms: self.started_at.map(took), code: self.error_code.clone() };
        match self.phases.get(&Phase::Review) {
            // Reminders and extensions change the order while it waits.
            Some(review) if kind == StepKind::ReviewNeeded => {
                Some(Step { at: review.started_at, duration_ms: None, ..ended })
            }
            _ => Some(ended),
        }
    }
}

/// Something that the pipeline did in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: StepKind,
    /// Milliseconds since what it completes began.
    pub duration_ms: Option<i64>,
    /// Code of the failure that ended the run.
    pub code: Option<String>,
}

/// What the pipeline did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It accepted the run.
    RunStarted,
    /// It began a phase.
    Started(Phase),
    /// It completed a phase.
    Completed(Phase),
    /// It skipped a phase, as the order's options ask.
    Skipped(Phase),
    /// It waits for a reviewer.
    ReviewNeeded,
    /// It completed the run.
    RunCompleted,
    /// The run failed in this phase.
    RunFailed(Phase),
    /// The run was cancelled.
    RunCancelled,
}

impl StepKind {
    /// Its name in the audit trail, such as `pipeline_extract_complete`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::RunStarted => "pipeline_start".to_owned(),
            Self::Started(phase) => format!("pipeline_{phase}_start"),
            Self::Completed(phase) => format!("pipeline_{phase}_complete"),
            Self::Skipped(phase) => format!("pipeline_{phase}_skip"),
            Self::ReviewNeeded => "pipeline_review_needed".to_owned(),
            Self::RunCompleted => "pipeline_complete".to_owned(),
            Self::RunFailed(phase) => format!("pipeline_{phase}_fail"),
            Self::RunCancelled => "pipeline_cancel".to_owned(),
        }
    }
}
