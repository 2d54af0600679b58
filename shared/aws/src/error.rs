//! Errors of calls to AWS, by what the caller does next.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use domain::failure::{Category, REFUSED, Vetted};

/// A failed call. Holds the operation and AWS's error code, never a request or a response.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Try again later: throttled, timed out, connection lost, server error, conflict between transactions.
    #[error("{operation} is temporarily unavailable ({code})")]
    Unavailable {
        /// The API operation.
        operation: &'static str,
        /// AWS's error code, or the kind of connection failure.
        code: String,
    },
    /// Retrying does not help: access denied, a missing table or queue, an invalid request.
    #[error("{operation} was refused ({code}); check the function's permissions and its configuration")]
    Refused {
        /// The API operation.
        operation: &'static str,
        /// AWS's error code.
        code: String,
    },
    /// What was stored is not what was expected.
    #[error("the result of {operation} could not be read: a newer version wrote it, or it is damaged")]
    Damaged {
        /// The API operation.
        operation: &'static str,
    },
    /// Nothing is stored under the key.
    #[error("{operation} found nothing; upload the file again")]
    Missing {
        /// The API operation.
        operation: &'static str,
    },
    /// The object is larger than the reader accepts.
    #[error("the file has {bytes} bytes, more than the limit of {limit_bytes}; split it")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The size limit.
        limit_bytes: u64,
    },
}

/// The code of a transaction that was cancelled because another write held one of its items.
pub(crate) const TRANSACTION_CANCELED: &str = "TransactionCanceled";

/// The code of a call that an open circuit breaker did not let through.
pub(crate) const CIRCUIT_OPEN: &str = "circuit open";

impl Error {
    /// Whether trying again later may help.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether the call may have had its effect although it failed. A code that says that nothing was done, such as throttling, is
    /// only that of the last attempt: an earlier one may have taken effect and lost its answer.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        matches!(self, Self::Unavailable { code, .. } if code != CIRCUIT_OPEN && code != TRANSACTION_CANCELED)
    }

    /// Whether nothing was written because another write held one of the items at that moment.
    #[must_use]
    pub fn is_contention(&self) -> bool {
        matches!(self, Self::Unavailable { code, .. } if code == TRANSACTION_CANCELED)
    }
}

impl Vetted for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "aws.unavailable",
            Self::Refused { .. } => REFUSED,
            Self::Damaged { .. } => "aws.damaged",
            Self::Missing { .. } => "aws.missing",
            Self::TooLarge { .. } => "file.too_large",
        }
    }

    fn category(&self) -> Category {
        match self {
            // A refusal is a matter of permissions or of configuration, which somebody corrects; the work itself is sound.
            Self::Unavailable { .. } | Self::Refused { .. } => Category::Unavailable,
            Self::Damaged { .. } | Self::Missing { .. } | Self::TooLarge { .. } => Category::Permanent,
        }
    }
}

/// Codes of errors that a retry may cure, in addition to every 5xx and every failure to connect.
const TRANSIENT_CODES: &[&str] = &[
    "ConditionalRequestConflict",
    "InternalServerError",
    "InternalError",
    "LimitExceededException",
    "OverLimit",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionConflictException",
    "TransactionInProgressException",
];

/// Converts the SDK's error of `operation` to an [`Error`]. Public for adapters in other crates, whose clients the phases
/// should not link.
pub fn sort<E: ProvideErrorMetadata>(operation: &'static str, error: &SdkError<E>) -> Error {
    let unavailable = |code: &str| Error::Unavailable { operation, code: code.to_owned() };
    match error {
        SdkError::TimeoutError(_) => unavailable("time-out"),
        SdkError::DispatchFailure(_) => unavailable("no connection"),
        SdkError::ResponseError(_) => unavailable("answer cut off"),
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or("unknown");
            if service.raw().status().is_server_error() || TRANSIENT_CODES.contains(&code) {
                unavailable(code)
            } else {
                Error::Refused { operation, code: code.to_owned() }
            }
        }
        _ => Error::Refused { operation, code: "request could not be built".to_owned() },
    }
}
