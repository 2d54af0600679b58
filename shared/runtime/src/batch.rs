//! Answers a batch message by message: one bad message never fails the others, and none is dropped.

use std::cmp::Reverse;
use std::iter::repeat_n;
use std::mem::take;

use aws::queue::Delay;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::future::{join, join_all};
use serde_json::Value;

use crate::answer::Answer;
use crate::backup::back_up;
use crate::delivery::Delivery;
use crate::invocation::Invocation;
use crate::lambda::Fault;
use crate::message::Message;
use crate::metric::Metric;
use crate::panics::catch;
use crate::pipeline::Pipeline;

/// Time between the next deliveries of messages that are given back together, in seconds.
const SUSPECTS_APART_SECS: u32 = 2;

/// Handles each message of an SQS event by itself, all of them concurrently. Otherwise like [`answer_batch`].
///
/// # Errors
/// [`Fault`] when the event is not from SQS; then the whole batch is delivered again.
pub async fn answer_each(
    pipeline: &Pipeline,
    invocation: &Invocation,
    event: Value,
    handle: impl AsyncFn(&Delivery<'_>) -> Answer,
) -> Result<Value, Fault> {
    answer_batch(
        pipeline,
        invocation,
        event,
        async |_| false,
        async |deliveries: &[Delivery<'_>]| {
            // Boxed, because the future that handles a message is large and a batch has up to ten of them.
            join_all(deliveries.iter().map(|delivery| Box::pin(handle(delivery)))).await
        },
    )
    .await
}

/// Handles the messages of an SQS event together, sends their hand-offs in batches, and returns what the event source
/// mapping expects: the ids of the messages to deliver again. `handle` returns an answer for each delivery, in the same order.
///
/// A message whose work may have crashed the function before, as `is_suspect` says, is worked on alone, after all others: if
/// it crashes the function again, no other message is lost with it. Further suspects are given back first.
///
/// # Errors
/// [`Fault`] when the event is not from SQS; then the whole batch is delivered again.
pub async fn answer_batch(
    pipeline: &Pipeline,
    invocation: &Invocation,
    event: Value,
    is_suspect: impl AsyncFn(&Delivery<'_>) -> bool,
    handle: impl AsyncFn(&[Delivery<'_>]) -> Vec<Answer>,
) -> Result<Value, Fault> {
    let (mut suspects, others) = divide(deliveries(pipeline, invocation, event)?, is_suspect).await;
    let mut answered = handle_together(pipeline, invocation, others, &handle).await;
    // One that begins late would run into its deadline through no fault of its own.
    let rest =
        if suspects.first().is_some_and(Delivery::has_time) { suspects.split_off(1) } else { take(&mut suspects) };
    let given_back = give_back(pipeline, rest).await;
    answered.extend(handle_together(pipeline, invocation, suspects, &handle).await);
    let response = respond(pipeline, answered, given_back).await;
    pipeline.metrics.count(Metric::CircuitsOpened, pipeline.store.breaker().take_openings());
    pipeline.metrics.flush(pipeline.clock.now());
    serde_json::to_value(response).map_err(|_| Fault::UnknownEvent)
}

fn deliveries<'a>(
    pipeline: &'a Pipeline,
    invocation: &'a Invocation,
    event: Value,
) -> Result<Vec<Delivery<'a>>, Fault> {
    let event: SqsEvent = serde_json::from_value(event).map_err(|_| Fault::UnknownEvent)?;
    let read = |record| {
        let message = Message::read(record).ok_or(Fault::UnknownEvent)?;
        Ok(Delivery::new(pipeline, invocation, message))
    };
    event.records.into_iter().map(read).collect()
}

/// Sorts out the deliveries whose work may have crashed the function before, those first that their queue will deliver the
/// fewest times more. A batch of one message has none: there is nothing that it could take with it.
async fn divide<'a>(
    deliveries: Vec<Delivery<'a>>,
    is_suspect: impl AsyncFn(&Delivery<'_>) -> bool,
) -> (Vec<Delivery<'a>>, Vec<Delivery<'a>>) {
    let is_alone = deliveries.len() == 1;
    // Side by side: a table that does not answer must not use up the time of the invocation.
    let suspected = deliveries
        .iter()
        .map(async |delivery| !is_alone && delivery.message.receive_count > 1 && is_suspect(delivery).await);
    let suspected = join_all(suspected).await;
    let (mut suspects, mut others) = (Vec::new(), Vec::new());
    for (delivery, suspected) in deliveries.into_iter().zip(suspected) {
        if suspected { &mut suspects } else { &mut others }.push(delivery);
    }
    suspects.sort_by_key(|delivery: &Delivery<'_>| Reverse(delivery.message.receive_count));
    (suspects, others)
}

/// Makes messages visible to other invocations soon, at different times so that they rather arrive one by one. From then on
/// another invocation may have them, so this one no longer touches them. Returns their ids, for the answer.
async fn give_back(pipeline: &Pipeline, deliveries: Vec<Delivery<'_>>) -> Vec<String> {
    if deliveries.is_empty() {
        return Vec::new();
    }
    tracing::warn!(messages = deliveries.len(), "another message may crash the function; given back");
    pipeline.metrics.count(Metric::MessagesRetried, deliveries.len() as u64);
    let answers = (0..).map(|index| Answer::Retry { secs: index * SUSPECTS_APART_SECS });
    let given_back: Vec<_> = deliveries.into_iter().zip(answers).collect();
    delay(pipeline, &given_back).await;
    given_back.into_iter().map(|(delivery, _)| delivery.message.id).collect()
}

/// Handles deliveries together, sends their hand-offs and writes their completions to the backup.
async fn handle_together<'a>(
    pipeline: &Pipeline,
    invocation: &Invocation,
    deliveries: Vec<Delivery<'a>>,
    handle: &impl AsyncFn(&[Delivery<'_>]) -> Vec<Answer>,
) -> Vec<(Delivery<'a>, Answer)> {
    if deliveries.is_empty() {
        return Vec::new();
    }
    let mut answers = catch(handle(&deliveries)).await.unwrap_or_else(|_| {
        tracing::error!("the function panicked outside the work of a phase; its messages will be retried");
        deliveries.iter().map(Delivery::back_off).collect()
    });
    let completions: Vec<_> = deliveries.iter().flat_map(Delivery::take_completions).collect();
    join(send(pipeline, &deliveries, &mut answers), back_up(pipeline, invocation, completions)).await;
    deliveries.into_iter().zip(answers).collect()
}

/// Sends the hand-offs of the whole batch together. A message is acknowledged once its hand-offs are sent; one whose
/// hand-off failed is retried and hands off then.
async fn send(pipeline: &Pipeline, deliveries: &[Delivery<'_>], answers: &mut [Answer]) {
    let (mut owed, mut senders) = (Vec::new(), Vec::new());
    for (index, answer) in answers.iter_mut().enumerate() {
        if let Answer::Send(messages) = answer {
            senders.extend(repeat_n(index, messages.len()));
            owed.append(messages);
        }
    }
    let results = pipeline.queues.send(&owed).await;
    let failed: Vec<usize> =
        senders.into_iter().zip(results).filter(|(_, result)| result.is_err()).map(|(index, _)| index).collect();
    pipeline.metrics.count(Metric::HandOffsFailed, failed.len() as u64);
    for (index, (answer, delivery)) in answers.iter_mut().zip(deliveries).enumerate() {
        if matches!(answer, Answer::Send(_)) {
            *answer = if failed.contains(&index) { delivery.back_off() } else { Answer::Acknowledge };
        }
    }
}

/// Lists the messages to deliver again, and sets when for those that are not given back already.
async fn respond(
    pipeline: &Pipeline,
    answered: Vec<(Delivery<'_>, Answer)>,
    given_back: Vec<String>,
) -> SqsBatchResponse {
    delay(pipeline, &answered).await;
    let mut response = SqsBatchResponse::default();
    given_back.into_iter().for_each(|id| response.add_failure(id));
    for (Delivery { message: Message { id, .. }, .. }, answer) in answered {
        match answer {
            Answer::Acknowledge => continue,
            Answer::Refuse => pipeline.metrics.count(Metric::MessagesRefused, 1),
            Answer::Retry { .. } => pipeline.metrics.count(Metric::MessagesRetried, 1),
            // `send` has already replaced all of these.
            Answer::Send(_) => {}
        }
        response.add_failure(id);
    }
    response
}

/// Sets when the queue delivers again what is to be retried.
async fn delay(pipeline: &Pipeline, answered: &[(Delivery<'_>, Answer)]) {
    let delays = answered.iter().filter_map(|(delivery, answer)| match answer {
        Answer::Retry { secs } => Some(Delay { receipt_handle: delivery.message.receipt_handle.clone(), secs: *secs }),
        _ => None,
    });
    let delays: Vec<_> = delays.collect();
    if let Some(source) = &pipeline.source
        && !delays.is_empty()
    {
        source.delay(&delays).await;
    }
}
