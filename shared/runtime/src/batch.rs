//! Answers a batch message by message: one bad message never fails the others, and none is dropped.

use std::iter::repeat_n;

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
use crate::pipeline::Pipeline;

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
    answer_batch(pipeline, invocation, event, async |deliveries: &[Delivery<'_>]| {
        // Boxed, because the future that handles a message is large and a batch has up to ten of them.
        join_all(deliveries.iter().map(|delivery| Box::pin(handle(delivery)))).await
    })
    .await
}

/// Handles the messages of an SQS event together, sends their hand-offs in batches, and returns what the event source
/// mapping expects: the ids of the messages to deliver again. `handle` returns an answer for each delivery, in the same order.
///
/// # Errors
/// [`Fault`] when the event is not from SQS; then the whole batch is delivered again.
pub async fn answer_batch(
    pipeline: &Pipeline,
    invocation: &Invocation,
    event: Value,
    handle: impl AsyncFn(&[Delivery<'_>]) -> Vec<Answer>,
) -> Result<Value, Fault> {
    let deliveries = deliveries(pipeline, invocation, event)?;
    let mut answers = handle(&deliveries).await;
    let completions: Vec<_> = deliveries.iter().flat_map(Delivery::take_completions).collect();
    join(send(pipeline, &deliveries, &mut answers), back_up(pipeline, invocation, completions)).await;
    let response = respond(pipeline, deliveries, answers).await;
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

/// Lists the messages to deliver again, and sets when.
async fn respond(pipeline: &Pipeline, deliveries: Vec<Delivery<'_>>, answers: Vec<Answer>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut delays = Vec::new();
    for (Message { id, receipt_handle, .. }, answer) in deliveries.into_iter().map(|one| one.message).zip(answers) {
        match answer {
            Answer::Acknowledge => {}
            Answer::Refuse => {
                pipeline.metrics.count(Metric::MessagesRefused, 1);
                response.add_failure(id);
            }
            Answer::Retry { secs } => {
                delays.push(Delay { receipt_handle, secs });
                pipeline.metrics.count(Metric::MessagesRetried, 1);
                response.add_failure(id);
            }
            // `send` has already replaced all of these.
            Answer::Send(_) => response.add_failure(id),
        }
    }
    if let Some(source) = &pipeline.source
        && !delays.is_empty()
    {
        source.delay(&delays).await;
    }
    response
}
