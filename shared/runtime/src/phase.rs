//! Handles the messages of one phase: parse, claim, work, settle, answer. Every step may be repeated, and a crash between
//! any two of them loses nothing.

use aws::store::Claimed;
use domain::claim::Claim;
use domain::event::Unit;
use domain::failure::{Category, Failure};
use domain::limit::TRANSIENT_RETRY_COUNT_MAX;
use domain::message::{MESSAGE_SCHEMA, PhaseMessage};
use domain::order::Lease;
use domain::phase::Phase;
use serde_json::Value;
use tracing::Instrument as _;

use crate::answer::Answer;
use crate::batch::answer_batch;
use crate::delivery::Delivery;
use crate::invocation::Invocation;
pub use crate::job::{Job, Outcome};
use crate::lambda::Fault;
use crate::pipeline::Pipeline;
use crate::settle::{answer_unclaimed, complete_unit, fail_unit};

/// The work ran out of time.
const DEADLINE: Failure = Failure::transient(
    "phase.deadline",
    "The phase ran out of time on every attempt. Retry the order; if it fails again, split its files.",
);

/// Handles one invocation of a phase's function. `work` does the phase's own work for one unit.
///
/// # Errors
/// [`Fault`] when the event is not from SQS.
pub async fn handle(
    pipeline: &Pipeline,
    phase: Phase,
    invocation: &Invocation,
    event: Value,
    work: impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Result<Value, Fault> {
    answer_batch(pipeline, invocation, event, async |delivery: &Delivery<'_>| {
        let Some(message) = parse(phase, &delivery.message.body) else {
            tracing::error!(message.id = %delivery.message.id, "message is not for this phase; refused");
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
        let answer = async {
            match claim(delivery, &message).await {
                Ok((job, Claim::Work)) => work_and_settle(delivery, job, &work).await,
                Ok((job, claim)) => answer_unclaimed(delivery, job, claim).await,
                Err(answer) => answer,
            }
        };
        answer.instrument(span).await
    })
    .await
}

fn parse(phase: Phase, body: &str) -> Option<PhaseMessage> {
    let message: PhaseMessage = serde_json::from_str(body).ok()?;
    (message.schema <= MESSAGE_SCHEMA && message.phase == phase).then_some(message)
}

async fn claim(delivery: &Delivery<'_>, message: &PhaseMessage) -> Result<(Job, Claim), Answer> {
    let unit = Unit { run: message.run, phase: message.phase, document: message.document };
    let lease = Lease {
        owner: delivery.invocation.request_id.clone(),
        message: delivery.message.id.clone(),
        until: delivery.invocation.deadline,
    };
    let store = &delivery.pipeline.store;
    match store.claim(&message.firm_id, message.order_id, &unit, &lease, delivery.now()).await {
        Ok(Claimed { claim, order }) => Ok((Job::new(delivery, *order, unit), claim)),
        Err(aws::Error::Missing { .. }) => {
            tracing::warn!("order not found; its message is dropped");
            Err(Answer::Acknowledge)
        }
        Err(error) => {
            tracing::warn!(error = %error, "claim failed; the message will be retried");
            Err(delivery.back_off())
        }
    }
}

async fn work_and_settle(
    delivery: &Delivery<'_>,
    mut job: Job,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Answer {
    let attempt = job.order.attempts_of(job.unit.document);
    tracing::info!(audit = %format_args!("pipeline_{}_start", job.unit.phase), attempt);
    let time = delivery.invocation.time_to_work(delivery.now());
    let result = tokio::time::timeout(time, work(&mut job)).await.unwrap_or(Err(DEADLINE));
    match result {
        Ok(outcome) => complete_unit(delivery, job, outcome).await,
        Err(failure) => {
            // The work may have replaced the order with a newer state of it.
            let attempt = job.order.attempts_of(job.unit.document);
            if failure.category == Category::Transient && attempt <= TRANSIENT_RETRY_COUNT_MAX {
                tracing::warn!(code = %failure.code, attempt, "work failed; will retry");
                return delivery.back_off();
            }
            fail_unit(delivery, job, failure).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{complete, working};

    #[test]
    fn a_phase_takes_its_own_messages_in_a_layout_that_it_knows() {
        let message = |schema| {
            let classify = complete(&working(Phase::Extract), 2).owed_messages().remove(0);
            serde_json::to_string(&PhaseMessage { schema, ..classify }).unwrap_or_default()
        };
        for schema in [0, 1] {
            assert!(parse(Phase::Classify, &message(schema)).is_some(), "layout {schema}");
            assert_eq!(parse(Phase::Extract, &message(schema)), None);
        }
        assert_eq!(parse(Phase::Classify, &message(2)), None, "a newer layout waits for newer code");
        assert_eq!(parse(Phase::Extract, "{}"), None);
    }
}
