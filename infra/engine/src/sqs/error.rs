//! SQS's errors, with its wording and format.

use serde_json::json;

use crate::wire::Reply;

pub(super) const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// Why a call fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("The specified queue does not exist.")]
    QueueDoesNotExist,
    #[error("The input receipt handle is invalid.")]
    ReceiptHandleIsInvalid,
    #[error("The message referred to isn't in flight.")]
    MessageNotInflight,
    #[error("The batch request contains more entries than permissible.")]
    TooManyEntriesInBatchRequest,
    #[error("The batch request doesn't contain any entries.")]
    EmptyBatchRequest,
    #[error("Two or more batch entries in the request have the same Id.")]
    BatchEntryIdsNotDistinct,
    #[error("The Id of a batch entry in a batch request doesn't abide by the specification.")]
    InvalidBatchEntryId,
    #[error("The length of all the messages put together is more than the limit.")]
    BatchRequestTooLong,
    #[error("The message contains characters outside the allowed set.")]
    InvalidMessageContents,
    #[error("{0}")]
    InvalidParameterValue(&'static str),
    #[error("The request must contain the parameter {0}.")]
    MissingParameter(&'static str),
    #[error("The request cannot be read.")]
    Serialization(#[from] serde_json::Error),
    #[error("{0} is not supported by the engine.")]
    Unsupported(String),
    #[error("The queues cannot be read or written.")]
    Store(#[from] rusqlite::Error),
}

impl Error {
    /// The codes of the JSON protocol and of the older query protocol, which SDKs still match.
    pub(super) fn codes(&self) -> (&'static str, &'static str) {
        match self {
            Self::QueueDoesNotExist => ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"),
            Self::ReceiptHandleIsInvalid => ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
            Self::MessageNotInflight => ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"),
            Self::TooManyEntriesInBatchRequest => {
                ("TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
            }
            Self::EmptyBatchRequest => ("EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"),
            Self::BatchEntryIdsNotDistinct => {
                ("BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
            }
            Self::InvalidBatchEntryId => ("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId"),
            Self::BatchRequestTooLong => ("BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong"),
            Self::InvalidMessageContents => ("InvalidMessageContents", "InvalidMessageContents"),
            Self::InvalidParameterValue(_) => ("InvalidParameterValue", "InvalidParameterValue"),
            Self::MissingParameter(_) => ("MissingParameter", "MissingParameter"),
            Self::Serialization(_) => ("SerializationException", "SerializationException"),
            Self::Unsupported(_) => ("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation"),
            Self::Store(_) => ("InternalError", "InternalError"),
        }
    }

    /// The whole answer.
    pub(super) fn reply(&self) -> Reply {
        let (code, query_code) = self.codes();
        let status = if matches!(self, Self::Store(_)) { 500 } else { 400 };
        shaped(status, code, query_code, &self.to_string())
    }
}

/// An error answer in SQS's shape.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Reply {
    shaped(status, code, code, message)
}

fn shaped(status: u16, code: &str, query_code: &str, message: &str) -> Reply {
    let side = if status < 500 { "Sender" } else { "Receiver" };
    let body = json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": message });
    Reply::new(status, CONTENT_TYPE, body.to_string()).with("x-amzn-query-error", format!("{query_code};{side}"))
}
