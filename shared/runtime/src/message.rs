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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_without_an_id_did_not_come_from_the_queue() {
        let read = |id: Option<&str>, count: Option<&str>| {
            let mut record = SqsMessage::default();
            record.message_id = id.map(str::to_owned);
            record.body = Some("{}".to_owned());
            record.receipt_handle = Some("receipt".to_owned());
            record.event_source_arn = Some("arn".to_owned());
            record.attributes.extend(count.map(|count| ("ApproximateReceiveCount".to_owned(), count.to_owned())));
            Message::read(record)
        };
        assert!(read(None, None).is_none() && read(Some(""), None).is_none());
        let Some(message) = read(Some("m1"), Some("4")) else { unreachable!("the record has an id") };
        assert_eq!((message.id.as_str(), message.receive_count, message.body.as_str()), ("m1", 4, "{}"));
        assert_eq!((message.receipt_handle.as_str(), message.queue_arn.as_str()), ("receipt", "arn"));
        for count in [None, Some("many")] {
            assert_eq!(read(Some("m1"), count).map(|message| message.receive_count), Some(1), "{count:?}");
        }
    }
}
