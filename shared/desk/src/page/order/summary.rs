//! The state of an order, and its phases.

use domain::id::{OrderId, RunNumber};
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use jiff::Timestamp;

use crate::word;

/// The state of an order. Made from a stored one by [`OrderSummary::from`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderSummary {
    /// Identity.
    pub order_id: OrderId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// Its status as the client sees it.
    pub status: Status,
    /// Its status within the pipeline.
    pub orchestration_status: OrchestrationStatus,
    /// The current attempt.
    pub run: RunNumber,
    /// The phase that it is in, or reached.
    pub phase: Phase,
    /// Progress, 0 to 100.
    pub percent: u8,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Who made its content. They do not decide its review.
    pub makers: Vec<String>,
    /// The failure of the last run, if it failed: code and message.
    pub failure: Option<(String, String)>,
    /// Follows it through the logs.
    pub correlation_id: String,
}

impl From<&Order> for OrderSummary {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id(),
            service_code: order.service_code(),
            status: order.status(),
            orchestration_status: order.orchestration_status(),
            run: order.run(),
            phase: order.phase(),
            percent: order.progress_percent(),
            created_at: order.created_at(),
            updated_at: order.updated_at(),
            makers: order.makers().iter().map(ToString::to_string).collect(),
            failure: order.last_orchestration_error().map(|error| (error.code.clone(), error.message.clone())),
            correlation_id: order.correlation_id().to_owned(),
        }
    }
}

impl OrderSummary {
    /// Whether its status within the pipeline says more than its status.
    pub(crate) fn adds_detail(&self) -> bool {
        word::adds_detail(&self.status, &self.orchestration_status)
    }

    /// Whether its progress changes without anybody's doing.
    pub(crate) fn is_moving(&self) -> bool {
        matches!(self.status, Status::Queued | Status::InProgress | Status::Regenerating)
    }

    /// Whether an earlier version of its documents stands although the last run failed.
    pub(crate) fn keeps_an_earlier_version(&self) -> bool {
        self.status != Status::Failed && self.orchestration_status == OrchestrationStatus::Failed
    }
}

/// A phase of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseRow {
    /// Which.
    pub phase: Phase,
    /// How far it is.
    pub state: PhaseState,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Milliseconds from its start to its end.
    pub duration_ms: Option<i64>,
    /// The run that worked on it last.
    pub run: Option<RunNumber>,
}

/// How far a phase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhaseState {
    /// It has not begun.
    Ahead,
    /// It is due or in progress.
    Working,
    /// It waits for a reviewer.
    Waiting,
    /// It is done.
    Done,
    /// The order's options made it skip the phase.
    Skipped,
    /// It failed.
    Failed,
    /// The order was cancelled in it.
    Cancelled,
}

impl PhaseRow {
    /// The five phases of an order.
    #[must_use]
    pub fn all(order: &Order) -> Vec<Self> {
        Phase::ALL.into_iter().map(|phase| Self::of(order, phase)).collect()
    }

    fn of(order: &Order, phase: Phase) -> Self {
        let record = order.phases().get(&phase);
        let is_done = record.is_some_and(|record| record.completed_at.is_some());
        let state = match record {
            Some(record) if record.skipped => PhaseState::Skipped,
            // An earlier run may have done a phase that this run does again.
            _ if phase == order.phase() => PhaseState::at(order, is_done),
            _ if phase < order.phase() && is_done => PhaseState::Done,
            _ => PhaseState::Ahead,
        };
        let record = record.filter(|_| state != PhaseState::Ahead);
        Self {
            phase,
            state,
            started_at: record.map(|record| record.started_at),
            ended_at: record.and_then(|record| record.completed_at),
            duration_ms: record.and_then(domain::order::PhaseRecord::duration_ms),
            run: record.map(|record| record.run),
        }
    }
}

impl PhaseState {
    /// The state of the phase that the order is in.
    fn at(order: &Order, is_done: bool) -> Self {
        match (order.orchestration_status(), order.status()) {
            (OrchestrationStatus::ReviewPending, _) => Self::Waiting,
            (OrchestrationStatus::Failed, _) => Self::Failed,
            (OrchestrationStatus::Cancelled, _) => Self::Cancelled,
            (_, Status::Draft) => Self::Ahead,
            (OrchestrationStatus::Completed, _) => Self::Done,
            _ if is_done => Self::Done,
            _ => Self::Working,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ahead => "Not started",
            Self::Working => "In progress",
            Self::Waiting => "Waits for a reviewer",
            Self::Done => "Done",
            Self::Skipped => "Skipped",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Ahead => "ahead",
            Self::Skipped | Self::Cancelled => "quiet",
            Self::Working => "busy",
            Self::Waiting => "wait",
            Self::Done => "good",
            Self::Failed => "bad",
        }
    }
}
