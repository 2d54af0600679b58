//! Handles the messages of one phase: parse, claim, work, settle, answer. Every step may be repeated, and a crash between
//! any two of them loses nothing.

use std::collections::BTreeMap;

use aws::store::Claimed;
use domain::claim::{Claim, judge};
use domain::event::Unit;
use domain::failure::Failure;
use domain::id::{FirmId, OrderId, RunNumber};
use domain::message::{MESSAGE_SCHEMA, PhaseMessage};
use domain::order::Lease;
use domain::phase::Phase;
use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::Timestamp;
use serde_json::Value;
use tracing::Instrument as _;

use crate::answer::Answer;
use crate::batch::answer_batch;
use crate::delivery::Delivery;
use crate::documents::{self, Part};
use crate::invocation::Invocation;
pub use crate::job::{Job, Outcome};
use crate::lambda::Fault;
use crate::pipeline::Pipeline;
use crate::release::{release_after, release_held};
use crate::settle::{answer_unclaimed, complete_unit, fail_unit};
use crate::work::{note_unavailable, work_within_deadline};

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
    let is_suspect = async |delivery: &Delivery<'_>| match parse(phase, &delivery.message.body) {
        Some(message) => may_have_crashed(delivery, &message).await,
        None => false,
    };
    answer_batch(pipeline, invocation, event, is_suspect, async |deliveries: &[Delivery<'_>]| {
        let mut groups: BTreeMap<Group, Vec<(usize, Part<'_>)>> = BTreeMap::new();
        let mut alone = Vec::new();
        for (index, delivery) in deliveries.iter().enumerate() {
            let message = parse(phase, &delivery.message.body);
            match message.as_ref().and_then(|message| Some((message, message.document?))) {
                Some((message, document)) => {
                    let part = Part { delivery, unit: unit_of(message), document };
                    groups.entry(Group::of(message)).or_default().push((index, part));
                }
                None => alone.push((index, delivery, message)),
            }
        }
        let work = &work;
        // Boxed, because the future that handles a message is large and a batch has up to ten of them.
        let alone = alone.into_iter().map(|(index, delivery, message)| {
            async move { vec![(index, handle_one(delivery, message, work).await)] }.boxed_local()
        });
        let groups = groups.into_iter().map(|(Group { firm, order, correlation, .. }, parts)| {
            let (indexes, parts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
            async move {
                let correlation = tracing::field::display(correlation);
                let span =
                    tracing::info_span!("documents", order.id = %order, phase = %phase, correlation.id = correlation);
                let answers = documents::handle(&firm, order, &parts, work).instrument(span).await;
                indexes.into_iter().zip(answers).collect()
            }
            .boxed_local()
        });
        let mut answers: Vec<(usize, Answer)> = join_all(alone.chain(groups)).await.into_iter().flatten().collect();
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    })
    .await
}

/// What messages have in common that are handled together: they are about documents of the same run of an order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group {
    firm: FirmId,
    order: OrderId,
    run: RunNumber,
    correlation: String,
}

impl Group {
    fn of(message: &PhaseMessage) -> Self {
        Self {
            firm: message.firm_id.clone(),
            order: message.order_id,
            run: message.run,
            correlation: message.correlation_id.clone(),
        }
    }
}

async fn handle_one(
    delivery: &Delivery<'_>,
    message: Option<PhaseMessage>,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Answer {
    let Some(message) = message else {
        tracing::error!(message.id = %delivery.message.id, "message is not for this phase; refused");
        return Answer::Refuse;
    };
    let span = tracing::info_span!(
        "unit",
        order.id = %message.order_id,
        run = message.run.get(),
        phase = %message.phase,
        correlation.id = %message.correlation_id,
    );
    let answer = async {
        match claim(delivery, &message).await {
            Ok((job, Claim::Work)) => work_and_settle(delivery, job, work).await,
            Ok((job, claim)) => answer_unclaimed(delivery, job, claim).await,
            Err(answer) => answer,
        }
    };
    answer.instrument(span).await
}

/// Whether an earlier delivery of a message claimed its unit and neither ended the work nor gave it back, as after a crash.
async fn may_have_crashed(delivery: &Delivery<'_>, message: &PhaseMessage) -> bool {
    let (store, id) = (&delivery.pipeline.store, &delivery.message.id);
    let Ok(Some(order)) = store.order(&message.firm_id, message.order_id).await else { return false };
    if judge(&order, &unit_of(message), id, delivery.now()) != Claim::Work {
        return false;
    }
    let lease = match message.document {
        Some(document) => store.execution(&order, document).await.ok().flatten().and_then(|one| one.lease().cloned()),
        None => order.lease().cloned(),
    };
    lease.is_some_and(|lease| lease.message == *id)
}

fn unit_of(message: &PhaseMessage) -> Unit {
    Unit { run: message.run, phase: message.phase, document: message.document }
}

fn parse(phase: Phase, body: &str) -> Option<PhaseMessage> {
    let message: PhaseMessage = serde_json::from_str(body).ok()?;
    (message.schema <= MESSAGE_SCHEMA && message.phase == phase).then_some(message)
}

async fn claim(delivery: &Delivery<'_>, message: &PhaseMessage) -> Result<(Job, Claim), Answer> {
    let unit = unit_of(message);
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
            release_after(delivery, &message.firm_id, message.order_id, &unit, &lease, &error).await;
            Err(delivery.back_off())
        }
    }
}

async fn work_and_settle(
    delivery: &Delivery<'_>,
    mut job: Job,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Answer {
    let attempt = job.order.phase_attempts();
    let result = work_within_deadline(delivery, &mut job, attempt, work).await;
    match result {
        Ok(outcome) => complete_unit(delivery, job, outcome).await,
        Err(failure) if failure.is_waited_out(began(&job), delivery.now()) => {
            let answer = Answer::wait_longer(began(&job), delivery.now());
            note_unavailable(delivery, &failure);
            release_held(delivery, &job.order, &job.unit).await;
            answer
        }
        Err(failure) => {
            // The work may have replaced the order with a newer state of it.
            let attempt = job.order.phase_attempts();
            if attempt <= failure.retry_count_max() {
                tracing::warn!(code = %failure.code, attempt, "work failed; will retry");
                return delivery.back_off();
            }
            fail_unit(delivery, job, failure.recorded()).await
        }
    }
}

/// When the current run began the phase.
fn began(job: &Job) -> Option<Timestamp> {
    job.order.phases().get(&job.unit.phase).map(|record| record.started_at)
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
