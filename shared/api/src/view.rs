//! What the API says about an order.

use domain::execution::{Execution, current};
use domain::history::Estimate;
use domain::order::{Artifact, OrchestrationError, Order};
use domain::phase::Phase;
use domain::version::Version;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// An order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderView {
    /// Id of the order.
    pub order_id: String,
    /// What was ordered.
    pub service_code: String,
    /// Status as its client sees it.
    pub status: String,
    /// Status within the pipeline.
    pub orchestration_status: String,
    /// The phase that is due or in progress, or the last one it reached.
    pub phase: String,
    /// The current attempt, from 1.
    pub run: u32,
    /// Progress in percent.
    pub progress: u8,
    /// How many documents it has.
    pub documents: u32,
    /// Items that wait for a reviewer.
    pub review_items: u32,
    /// Why it failed, while it is failed.
    pub failure_reason: Option<String>,
    /// When it failed.
    pub failed_at: Option<String>,
    /// Why the last run that failed did so.
    pub last_orchestration_error: Option<ErrorView>,
    /// The current version of its final documents; 0 before the first.
    pub version: u32,
    /// When it was created, UTC.
    pub created_at: String,
    /// When it last changed, UTC.
    pub updated_at: String,
}

/// Why a run failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErrorView {
    /// The phase that failed.
    pub phase: String,
    /// Stable code.
    pub code: String,
    /// What is done about it.
    pub category: String,
    /// What happened and what to do.
    pub message: String,
    /// When, UTC.
    pub at: String,
}

impl From<&OrchestrationError> for ErrorView {
    fn from(error: &OrchestrationError) -> Self {
        Self {
            phase: error.phase.as_str().to_owned(),
            code: error.code.clone(),
            category: error.category.as_str().to_owned(),
            message: error.message.clone(),
            at: error.at.to_string(),
        }
    }
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id().to_string(),
            service_code: order.service_code().as_str().to_owned(),
            status: order.status().to_string(),
            orchestration_status: order.orchestration_status().to_string(),
            phase: order.phase().as_str().to_owned(),
            run: order.run().get(),
            progress: order.progress_percent(),
            documents: order.documents(),
            review_items: order.review_items(),
            failure_reason: order.failure_reason().map(str::to_owned),
            failed_at: order.failed_at().map(|at| at.to_string()),
            last_orchestration_error: order.last_orchestration_error().map(ErrorView::from),
            version: order.artifact_version(),
            created_at: order.created_at().to_string(),
            updated_at: order.updated_at().to_string(),
        }
    }
}

/// How far an order is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProgressView {
    /// Id of the order.
    pub order_id: String,
    /// Status as its client sees it.
    pub status: String,
    /// Status within the pipeline.
    pub orchestration_status: String,
    /// The current attempt, from 1.
    pub run: u32,
    /// The phase that is due or in progress, or the last one it reached.
    pub phase: String,
    /// What is being done, in words.
    pub step: String,
    /// Progress in percent; within a run it never falls.
    pub percent: u8,
    /// Whether a phase is due or in progress.
    pub is_processing: bool,
    /// Each phase of the latest pass, in order.
    pub phases: Vec<PhaseView>,
    /// What is known about the time it will take still: `range`, `unknown` until enough orders of its service have completed,
    /// `longer_than_usual`, or `idle` while nothing is due or in progress.
    pub estimate: &'static str,
    /// How long it is likely to take still, unless it has to wait for a reviewer. Given with the estimate `range`.
    pub estimated_remaining_seconds: Option<RangeView>,
    /// When to ask again, in seconds; none when nothing will change by itself.
    pub poll_after_seconds: Option<u32>,
}

/// What is known about the time that an order will take still.
pub(crate) fn estimate_name(estimate: Estimate) -> &'static str {
    match estimate {
        Estimate::Idle => "idle",
        Estimate::Unknown => "unknown",
        Estimate::LongerThanUsual => "longer_than_usual",
        Estimate::Seconds { .. } => "range",
    }
}

/// A range of seconds.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct RangeView {
    /// In half of all cases it takes at most this long.
    pub p50: u64,
    /// In nine of ten cases it takes at most this long.
    pub p90: u64,
}

impl RangeView {
    /// The range of an estimate that has one.
    pub(crate) fn of(estimate: Estimate) -> Option<Self> {
        match estimate {
            Estimate::Seconds { p50, p90 } => Some(Self { p50, p90 }),
            Estimate::Idle | Estimate::Unknown | Estimate::LongerThanUsual => None,
        }
    }
}

/// One phase.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PhaseView {
    /// The phase.
    pub phase: String,
    /// When it began, UTC.
    pub started_at: Option<String>,
    /// When it ended, UTC.
    pub completed_at: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Whether the order's options left it out.
    pub skipped: bool,
}

/// Each of the five phases, whether it has begun or not.
pub(crate) fn phases(order: &Order) -> Vec<PhaseView> {
    let one = |phase: Phase| {
        let record = order.phases().get(&phase);
        let text = |at: Timestamp| at.to_string();
        PhaseView {
            phase: phase.as_str().to_owned(),
            started_at: record.map(|record| text(record.started_at)),
            completed_at: record.and_then(|record| record.completed_at).map(text),
            duration_ms: record.and_then(|record| record.duration_ms()),
            skipped: record.is_some_and(|record| record.skipped),
        }
    };
    Phase::ALL.into_iter().map(one).collect()
}

/// Seconds after which a program should ask for the progress again.
const POLL_SECS: u32 = 4;

impl ProgressView {
    /// The progress of an order.
    pub(crate) fn of(order: &Order, estimate: Estimate) -> Self {
        Self {
            order_id: order.order_id().to_string(),
            status: order.status().to_string(),
            orchestration_status: order.orchestration_status().to_string(),
            run: order.run().get(),
            phase: order.phase().as_str().to_owned(),
            step: step(order),
            percent: order.progress_percent(),
            is_processing: order.is_active(),
            phases: phases(order),
            estimate: estimate_name(estimate),
            estimated_remaining_seconds: RangeView::of(estimate),
            poll_after_seconds: order.is_active().then_some(POLL_SECS),
        }
    }
}

/// What is being done about an order, in words.
fn step(order: &Order) -> String {
    if order.fans_out() && order.is_active() {
        return format!("{} of {} documents read", order.terminal().len(), order.documents());
    }
    if order.is_paused() {
        return match order.review_items() {
            1 => "1 item waits for a reviewer".to_owned(),
            items => format!("{items} items wait for a reviewer"),
        };
    }
    order.orchestration_status().to_string().to_lowercase().replace('_', " ")
}

/// The execution of one document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExecutionView {
    /// Number of the document.
    pub document: u32,
    /// What worked on it.
    pub processor: String,
    /// Its status.
    pub status: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed: the stable code.
    pub error_code: Option<String>,
    /// Why it failed, and what to do.
    pub error_message: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// The executions that count for an order's current state.
pub(crate) fn executions(order: &Order, all: &[Execution]) -> Vec<ExecutionView> {
    let one = |execution: &Execution| ExecutionView {
        document: execution.number().get(),
        processor: execution.processor().to_owned(),
        status: serde_json::to_value(execution.status())
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default(),
        attempts: execution.attempts(),
        error_code: execution.error_code().map(str::to_owned),
        error_message: execution.error_message().map(str::to_owned),
        duration_ms: execution.duration_ms(),
    };
    current(order, all).into_iter().map(one).collect()
}

/// A version of an order's final documents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VersionView {
    /// Its number, from 1.
    pub version: u32,
    /// The run that made it.
    pub run: u32,
    /// Whether it is the current one.
    pub is_current: bool,
    /// Its files.
    pub artifacts: Vec<ArtifactView>,
}

/// A final document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArtifactView {
    /// File name.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

impl VersionView {
    /// A version of an order.
    pub(crate) fn of(order: &Order, version: &Version) -> Self {
        let one = |artifact: &Artifact| ArtifactView {
            name: artifact.name.clone(),
            bytes: artifact.bytes,
            sha256: artifact.sha256.clone(),
        };
        Self {
            version: version.number(),
            run: version.run().get(),
            is_current: version.number() == order.artifact_version(),
            artifacts: version.artifacts().iter().map(one).collect(),
        }
    }
}
