//! The faults that can hit one call, before or after its effect.

use std::fmt;
use std::str::FromStr;

use engine::{Service, Verdict};

/// A fault of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The service takes no more calls for the moment.
    Throttle,
    /// A server error before the effect.
    Error500,
    /// The service is not available.
    Error503,
    /// The connection breaks before the effect.
    Reset,
    /// No answer comes, and nothing happened.
    Hang,
    /// The function is killed before the effect.
    Crash,
    /// The function stands still from before the effect until its time-out.
    Stall,
    /// The service is not available, nor for any repetition of the call by the SDK.
    Lasting503,
    /// A transaction met another one.
    Conflict,
    /// The first entry of a batch is not taken, and the answer says so.
    Untaken,
    /// The function has no right to the call.
    Denied,
    /// The connection breaks after the effect.
    ResetAfter,
    /// No answer comes, and it happened.
    HangAfter,
    /// The connection breaks after the effect, and again after that of every repetition by the SDK.
    LastingResetAfter,
    /// A server error after the effect.
    Error500After,
    /// The connection breaks in the middle of an object that is read.
    Cut,
    /// An object that is read arrives with a bit flipped.
    Garbled,
    /// The function is killed after the effect.
    CrashAfter,
    /// The function stands still from after the effect until its time-out.
    StallAfter,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Throttle,
        Self::Error500,
        Self::Error503,
        Self::Reset,
        Self::Hang,
        Self::Crash,
        Self::Stall,
        Self::Lasting503,
        Self::Conflict,
        Self::Untaken,
        Self::Denied,
        Self::ResetAfter,
        Self::HangAfter,
        Self::LastingResetAfter,
        Self::Error500After,
        Self::Cut,
        Self::Garbled,
        Self::CrashAfter,
        Self::StallAfter,
    ];

    /// Its name in plans and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Error500 => "error-500",
            Self::Error503 => "error-503",
            Self::Reset => "reset",
            Self::Hang => "hang",
            Self::Crash => "crash",
            Self::Stall => "stall",
            Self::Lasting503 => "lasting-503",
            Self::Conflict => "conflict",
            Self::Untaken => "untaken",
            Self::Denied => "denied",
            Self::ResetAfter => "reset-after",
            Self::HangAfter => "hang-after",
            Self::LastingResetAfter => "lasting-reset-after",
            Self::Error500After => "error-500-after",
            Self::Cut => "cut",
            Self::Garbled => "garbled",
            Self::CrashAfter => "crash-after",
            Self::StallAfter => "stall-after",
        }
    }

    /// Whether the effect happens and only its answer is lost.
    #[must_use]
    pub fn is_after(self) -> bool {
        matches!(
            self,
            Self::ResetAfter
                | Self::HangAfter
                | Self::LastingResetAfter
                | Self::Error500After
                | Self::Cut
                | Self::Garbled
                | Self::CrashAfter
                | Self::StallAfter
        )
    }

    /// Whether it meets the repetitions of the call by the SDK as well.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(self, Self::Lasting503 | Self::LastingResetAfter)
    }

    /// Whether the fault can meet a call of `operation`: transactions alone conflict, batches alone are taken in part, objects
    /// alone are cut off or garbled on their way (the SDK reads any other answer whole before it gives it on, and TLS shows
    /// what was changed), and only functions are killed.
    /// Missing rights are no passing fault, so a plan has to name them.
    #[must_use]
    pub fn applies(self, operation: &str, by_function: bool) -> bool {
        match self {
            Self::Conflict => operation == "TransactWriteItems",
            Self::Untaken => matches!(operation, "SendMessageBatch" | "ChangeMessageVisibilityBatch"),
            Self::Cut | Self::Garbled => operation == "GetObject",
            Self::Crash | Self::Stall | Self::CrashAfter | Self::StallAfter => by_function,
            Self::Denied => false,
            _ => true,
        }
    }

    /// What it does to a call of `service`.
    pub(crate) fn verdict(self, service: Service) -> Verdict {
        let fail = |status, code: &str| Verdict::Fail { status, code: code.to_owned() };
        match self {
            Self::Throttle => throttled(service),
            Self::Error500 | Self::Error500After => fail(500, internal(service)),
            Self::Error503 | Self::Lasting503 => fail(503, "ServiceUnavailable"),
            Self::Denied => fail(if service == Service::DynamoDb { 400 } else { 403 }, denied(service)),
            Self::Reset | Self::ResetAfter | Self::LastingResetAfter => Verdict::Reset,
            Self::Hang | Self::HangAfter => Verdict::Hang,
            Self::Crash | Self::CrashAfter => Verdict::Crash,
            Self::Stall | Self::StallAfter => Verdict::Stall,
            Self::Conflict => Verdict::Conflict,
            Self::Untaken => Verdict::Untaken,
            Self::Cut => Verdict::Cut,
            Self::Garbled => Verdict::Garbled,
        }
    }
}

/// Each service has words of its own for too many calls.
fn throttled(service: Service) -> Verdict {
    let (status, code) = match service {
        Service::DynamoDb => (400, "ProvisionedThroughputExceededException"),
        Service::Sqs => (400, "RequestThrottled"),
        Service::Sns => (429, "Throttled"),
        Service::Lambda => (429, "TooManyRequestsException"),
        Service::S3 => (503, "SlowDown"),
    };
    Verdict::Fail { status, code: code.to_owned() }
}

fn internal(service: Service) -> &'static str {
    match service {
        Service::DynamoDb => "InternalServerError",
        Service::Sqs => "InternalFailure",
        Service::Sns | Service::S3 => "InternalError",
        Service::Lambda => "ServiceException",
    }
}

fn denied(service: Service) -> &'static str {
    match service {
        Service::DynamoDb | Service::Sqs | Service::Lambda => "AccessDeniedException",
        Service::Sns => "AuthorizationError",
        Service::S3 => "AccessDenied",
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a fault is one of throttle, error-500, error-503, lasting-503, reset, hang, crash, stall, conflict, untaken, denied, \
     reset-after, lasting-reset-after, hang-after, error-500-after, cut, garbled, crash-after, stall-after"
)]
pub struct UnknownFault;

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        Self::ALL.into_iter().find(|fault| fault.as_str() == text).ok_or(UnknownFault)
    }
}
