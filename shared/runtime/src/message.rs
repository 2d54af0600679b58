//! One message of an SQS event.

use aws_lambda_events::sqs::SqsMessage;

/// A message as delivered, reduced to what functions use.
#[derive(Clone, Debug)]
pub struct Message {
    /// The queue's id of the message, the same for every delivery.
    pub id: String,
    /// How often it was delivered, including this time.
    pub receive_count: u32,
    /// Its text.
    pub body: String,
    /// ARN of the queue it came from.
    pub queue_arn: String,
    /// Identifies this delivery to the queue; another delivery of the same message has a different one.
    pub receipt_handle: String,
}

impl Message {
    /// The message of an event's record; `None` when the record has no id and therefore did not come from SQS.
    pub(crate) fn read(record: SqsMessage) -> Option<Self> {
        let count = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok());
        Some(Self {
            id: record.message_id.filter(|id| !id.is_empty())?,
            receive_count: count.unwrap_or(1),
            body: record.body.unwrap_or_default(),
            queue_arn: record.event_source_arn.unwrap_or_default(),
            receipt_handle: record.receipt_handle.unwrap_or_default(),
        })
    }
}
