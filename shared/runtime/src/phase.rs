//! The envelope of a phase: claim → work → commit with the hand-off owed → send → acknowledge. Every step may be repeated,
//! and a stop between any two of them loses nothing.

use aws::store::{Claimed, Written};
use domain::claim::Claim;
use domain::event::{Event, EventKind, Unit};
use domain::failure::{Category, Failure};
use domain::lifecycle::decide;
use domain::limit::{CONFLICT_RETRY_COUNT_MAX, TRANSIENT_RETRY_COUNT_MAX};
use domain::message::{MESSAGE_SCHEMA, PhaseMessage};
use domain::order::{Artifact, Lease, Order};
use domain::phase::Phase;
use serde_json::Value;
use tracing::Instrument as _;

use crate::batch::{Answer, Record, answer_batch};
use crate::invocation::Invocation;
use crate::lambda::Fault;
use crate::pipeline::Pipeline;
use crate::settle::{alert, end_unit, fail_unit, repeat_owed};

/// A claimed unit of work.
#[derive(Debug)]
pub struct Job {
    /// The order as the claim left it.
    pub order: Order,
    /// What is to be done.
    pub unit: Unit,
    writer: String,
}

/// What the work came to.
#[derive(Debug)]
pub enum Outcome {
    /// Its result is stored.
    Done,
    /// These final documents are stored.
    Artifacts(Vec<Artifact>),
    /// So many items wait for a reviewer.
    ReviewNeeded(u32),
}

/// A work that ran out of time.
const DEADLINE: Failure = Failure::transient(
    "phase.deadline",
    "The phase did not finish in its time. It is tried again; if it fails again, retry the order or split its files.",
);

/// Handles one invocation of a phase's function: `work` does the phase's own part for one unit.
///
/// # Errors
/// [`Fault`] when the event is not one of SQS.
pub async fn handle(
    pipeline: &Pipeline,
    phase: Phase,
    invocation: &Invocation,
    event: Value,
    work: impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Result<Value, Fault> {
    answer_batch(pipeline, invocation, event, async |record: &Record| {
        let Some(message) = parse(phase, &record.body) else {
            tracing::error!(message.id = %record.message_id, "the message is not one of this phase");
            return Answer::Refuse;
        };
        let span = tracing::info_span!(
            "unit",
            order.id = %message.order_id,
            run = message.run.get(),
            phase = %phase,
            document = message.document.map(|document| document.get()),
            correlation.id = %message.correlation_id,
        );
        one(pipeline, invocation, record, &message, &work).instrument(span).await
    })
    .await
}

fn parse(phase: Phase, body: &str) -> Option<PhaseMessage> {
    let message: PhaseMessage = serde_json::from_str(body).ok()?;
    (message.schema <= MESSAGE_SCHEMA && message.phase == phase).then_some(message)
}

async fn one(
    pipeline: &Pipeline,
    invocation: &Invocation,
    record: &Record,
    message: &PhaseMessage,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Answer {
    let unit = Unit { run: message.run, phase: message.phase, document: message.document };
    let lease =
        Lease { owner: invocation.request_id.clone(), message: record.message_id.clone(), until: invocation.deadline };
    let now = pipeline.clock.now();
    let Claimed { claim, order } =
        match pipeline.store.claim(&message.firm_id, message.order_id, &unit, &lease, now).await {
            Ok(claimed) => claimed,
            Err(aws::Error::Missing { .. }) => {
                tracing::warn!("the order is gone; its message is dropped");
                return Answer::Acknowledge;
            }
            Err(error) => {
                tracing::warn!(error = %error, "the claim could not be made");
                return Answer::later(record);
            }
        };
    let writer = format!("{}/{}", invocation.request_id, record.message_id);
    match claim {
        Claim::Work => {
            tracing::info!(audit = %format_args!("pipeline_{}_start", unit.phase), attempt = order.attempts_of(unit.document));
            let job = Job { order: *order, unit, writer };
            work_on(pipeline, invocation, record, job, work).await
        }
        other => not_ours(pipeline, record, *order, unit, &writer, other).await,
    }
}

/// Answers a message for which there is nothing to work on.
pub(crate) async fn not_ours(
    pipeline: &Pipeline,
    record: &Record,
    order: Order,
    unit: Unit,
    writer: &str,
    claim: Claim,
) -> Answer {
    match claim {
        // A claim that meets itself: the caller decides anew.
        Claim::Work | Claim::Early => Answer::later(record),
        Claim::Busy { until } => Answer::after(until, pipeline.clock.now()),
        Claim::AlreadyDone { resend: false } => Answer::Acknowledge,
        Claim::AlreadyDone { resend: true } => repeat_owed(pipeline, record, order, unit, writer).await,
        Claim::Stale | Claim::Cancelled => {
            tracing::info!(claim = ?claim, "the message changes nothing");
            alert(pipeline, record, &order, unit, writer).await
        }
    }
}

async fn work_on(
    pipeline: &Pipeline,
    invocation: &Invocation,
    record: &Record,
    mut job: Job,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Answer {
    let time = invocation.time_to_work(pipeline.clock.now());
    let result = tokio::time::timeout(time, work(&mut job)).await.unwrap_or(Err(DEADLINE));
    match result {
        Ok(outcome) => end_unit(pipeline, record, job, outcome).await,
        Err(failure)
            if failure.category == Category::Transient
                && job.order.attempts_of(job.unit.document) <= TRANSIENT_RETRY_COUNT_MAX =>
        {
            tracing::warn!(code = %failure.code, attempt = job.order.attempts_of(job.unit.document), "the work is tried again");
            Answer::later(record)
        }
        Err(failure) => fail_unit(pipeline, record, job.order, job.unit, &job.writer, failure).await,
    }
}

impl Job {
    /// Identity of this job's writes.
    #[must_use]
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// Notes that generation begins to draw the documents.
    ///
    /// # Errors
    /// A transient [`Failure`] when it cannot be written now.
    pub async fn start_rendering(&mut self, pipeline: &Pipeline) -> Result<(), Failure> {
        for _ in 0..CONFLICT_RETRY_COUNT_MAX {
            let kind = EventKind::RenderingStarted { run: self.unit.run };
            let event = Event { at: pipeline.clock.now(), writer: format!("{}/rendering", self.writer), kind };
            // An order that takes no rendering any more was cancelled or overtaken; the commit finds out.
            let Ok(decision) = decide(&self.order, &event) else { return Ok(()) };
            match pipeline.store.write(&decision).await.map_err(|error| Failure::vetted(&error))? {
                Written::Done => {
                    self.order = decision.into_order();
                    return Ok(());
                }
                // One that has gone on to another run is not this job's any more.
                Written::Conflict(Some(order)) if order.run == self.unit.run => self.order = *order,
                Written::Conflict(_) => return Ok(()),
            }
        }
        Ok(())
    }
}
