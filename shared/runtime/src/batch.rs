//! A batch of messages, answered item by item: one bad message never fails its neighbours, and none is dropped.

use std::cell::RefCell;

use aws::queue::Delay;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::completion::Completion;
use domain::message::PhaseMessage;
use futures_util::future::{join, join_all};
use jiff::Timestamp;
use serde_json::Value;

use crate::backup::back_up;
use crate::invocation::Invocation;
use crate::lambda::Fault;
use crate::metric::Metric;
use crate::pipeline::Pipeline;
use crate::settle::backoff_secs;

/// One message of a batch, as far as a function looks at it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The queue's id of the message; the same over its deliveries.
    pub message_id: String,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// Its text.
    pub body: String,
    /// ARN of the queue it came from.
    pub queue_arn: String,
    receipt_handle: String,
    completions: RefCell<Vec<Completion>>,
}

impl Record {
    /// What tells this delivery of the message from any other.
    #[must_use]
    pub fn delivery(&self) -> &str {
        &self.receipt_handle
    }

    /// Notes what the handling of the message completed, for the backup.
    pub fn note(&self, completion: Completion) {
        self.completions.borrow_mut().push(completion);
    }
}

/// What is to become of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a message without an answer is lost"]
pub enum Answer {
    /// It is done with.
    Acknowledge,
    /// It is done with as soon as these are sent.
    Send(Vec<PhaseMessage>),
    /// It is to be delivered again after so many seconds.
    Retry {
        /// Seconds.
        secs: u32,
    },
    /// It is to be delivered again when the queue's own time-out is over, and in the end to the dead-letter queue.
    Refuse,
}

impl Answer {
    /// Another try once `until` is over.
    pub fn after(until: Timestamp, now: Timestamp) -> Self {
        let wait = until.as_second() - now.as_second() + 1;
        Self::Retry { secs: u32::try_from(wait.max(1)).unwrap_or(1) }
    }

    /// Another try after a delay that grows with the deliveries so far.
    pub fn later(record: &Record) -> Self {
        Self::Retry { secs: backoff_secs(record.receive_count) }
    }
}

/// Handles the messages of an SQS event side by side, sends what they hand off in batches, and answers as the event source
/// mapping wants it: the ids of those to be delivered again.
///
/// # Errors
/// [`Fault`] when the event is not one of SQS; then the whole batch is delivered again.
pub async fn answer_batch(
    pipeline: &Pipeline,
    invocation: &Invocation,
    event: Value,
    handle: impl AsyncFn(&Record) -> Answer,
) -> Result<Value, Fault> {
    let event: SqsEvent = serde_json::from_value(event).map_err(|_| Fault::UnknownEvent)?;
    let records = event.records.into_iter().map(record).collect::<Result<Vec<_>, _>>()?;
    // Boxed: the future of a whole hand-off is large, and a batch holds up to ten of them.
    let mut answers = join_all(records.iter().map(|record| Box::pin(handle(record)))).await;
    let completions: Vec<_> = records.iter().flat_map(|record| record.completions.take()).collect();
    join(send(pipeline, &records, &mut answers), back_up(pipeline, invocation, &completions)).await;

    let mut response = SqsBatchResponse::default();
    let mut delays = Vec::new();
    for (record, answer) in records.into_iter().zip(answers) {
        match answer {
            Answer::Acknowledge => {}
            Answer::Refuse => {
                pipeline.metrics.count(Metric::MessagesRefused, 1);
                response.add_failure(record.message_id);
            }
            Answer::Retry { secs } => {
                delays.push(Delay { receipt_handle: record.receipt_handle, secs });
                pipeline.metrics.count(Metric::MessagesRetried, 1);
                response.add_failure(record.message_id);
            }
            // `send` left only what could not be sent.
            Answer::Send(_) => response.add_failure(record.message_id),
        }
    }
    if let Some(source) = &pipeline.source
        && !delays.is_empty()
    {
        source.delay(&delays).await;
    }
    pipeline.metrics.count(Metric::CircuitsOpened, pipeline.store.breaker().take_openings());
    pipeline.metrics.flush(pipeline.clock.now());
    serde_json::to_value(response).map_err(|_| Fault::UnknownEvent)
}

/// Sends all hand-offs of the batch together. What went out makes its message acknowledged; one whose hand-off did not go
/// out is delivered again and hands off then.
async fn send(pipeline: &Pipeline, records: &[Record], answers: &mut [Answer]) {
    let owed: Vec<(usize, PhaseMessage)> = answers
        .iter()
        .enumerate()
        .filter_map(|(index, answer)| match answer {
            Answer::Send(messages) => Some(messages.iter().map(move |message| (index, message.clone()))),
            Answer::Acknowledge | Answer::Retry { .. } | Answer::Refuse => None,
        })
        .flatten()
        .collect();
    let messages: Vec<_> = owed.iter().map(|(_, message)| message.clone()).collect();
    let results = pipeline.queues.send(&messages).await;
    let failed: Vec<usize> =
        owed.iter().zip(&results).filter(|(_, result)| result.is_err()).map(|((index, _), _)| *index).collect();
    pipeline.metrics.count(Metric::HandOffsFailed, failed.len() as u64);
    for (index, (answer, record)) in answers.iter_mut().zip(records).enumerate() {
        if matches!(answer, Answer::Send(_)) {
            *answer = if failed.contains(&index) { Answer::later(record) } else { Answer::Acknowledge };
        }
    }
}

fn record(message: SqsMessage) -> Result<Record, Fault> {
    let count = message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
    Ok(Record {
        message_id: message.message_id.filter(|id| !id.is_empty()).ok_or(Fault::UnknownEvent)?,
        receive_count: count.unwrap_or(1),
        body: message.body.unwrap_or_default(),
        queue_arn: message.event_source_arn.unwrap_or_default(),
        receipt_handle: message.receipt_handle.unwrap_or_default(),
        completions: RefCell::default(),
    })
}
