//! The faults that can hit one call, before or after its effect.

use engine::{Action, Service};
use strum::{Display, EnumIter, EnumString, IntoStaticStr, VariantNames};

/// A fault of one call. A seed chooses by position in this list, so its order matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumIter, EnumString, IntoStaticStr, VariantNames,
)]
#[strum(serialize_all = "kebab-case", parse_err_ty = UnknownFault, parse_err_fn = unknown_fault)]
pub enum Fault {
    /// The service throttles the call.
    Throttle,
    /// A server error before the effect.
    #[strum(serialize = "error-500")]
    Error500,
    /// The service is unavailable before the effect.
    #[strum(serialize = "error-503")]
    Error503,
    /// The connection breaks before the effect.
    Reset,
    /// No answer comes, and there was no effect.
    Hang,
    /// The function is killed before the effect.
    Crash,
    /// The function stalls before the effect, until its time-out.
    Stall,
    /// The service is unavailable for the call and for every retry of it by the SDK.
    #[strum(serialize = "lasting-503")]
    Lasting503,
    /// A transaction conflicts with another one.
    Conflict,
    /// The first entry of a batch is rejected, and the answer says so.
    Untaken,
    /// The function lacks permission for the call.
    Denied,
    /// The connection breaks after the effect.
    ResetAfter,
    /// No answer comes although the effect happened.
    HangAfter,
    /// The connection breaks after the effect, of the call and of every retry of it by the SDK.
    LastingResetAfter,
    /// A server error after the effect.
    #[strum(serialize = "error-500-after")]
    Error500After,
    /// The connection breaks in the middle of an object.
    Cut,
    /// An object arrives with a bit flipped.
    Garbled,
    /// The function is killed after the effect.
    CrashAfter,
    /// The function stalls after the effect, until its time-out.
    StallAfter,
}

impl Fault {
    /// Its name in plans and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Whether the effect happens and only the answer is lost.
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

    /// Whether it also hits the SDK's retries of the call.
    #[must_use]
    pub fn is_lasting(self) -> bool {
        matches!(self, Self::Lasting503 | Self::LastingResetAfter)
    }

    /// Whether the fault can hit a call of `operation`. Only transactions conflict, only batches are accepted in part, and
    /// only functions are killed. Only objects are cut off or garbled: the SDK reads any other answer completely before
    /// returning it. A missing permission does not pass by itself, so a plan has to ask for it.
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
    pub(crate) fn action(self, service: Service) -> Action {
        let fail = |status, code: &str| Action::Fail { status, code: code.to_owned() };
        match self {
            Self::Throttle => throttled(service),
            Self::Error500 | Self::Error500After => fail(500, internal(service)),
            Self::Error503 | Self::Lasting503 => fail(503, "ServiceUnavailable"),
            Self::Denied => fail(if service == Service::DynamoDb { 400 } else { 403 }, denied(service)),
            Self::Reset | Self::ResetAfter | Self::LastingResetAfter => Action::Reset,
            Self::Hang | Self::HangAfter => Action::Hang,
            Self::Crash | Self::CrashAfter => Action::Crash,
            Self::Stall | Self::StallAfter => Action::Stall,
            Self::Conflict => Action::Conflict,
            Self::Untaken => Action::RejectFirst,
            Self::Cut => Action::Truncate,
            Self::Garbled => Action::Corrupt,
        }
    }
}

/// Each service has its own error for too many calls.
fn throttled(service: Service) -> Action {
    let (status, code) = match service {
        Service::DynamoDb => (400, "ProvisionedThroughputExceededException"),
        Service::Sqs => (400, "RequestThrottled"),
        Service::Sns => (429, "Throttled"),
        Service::Lambda => (429, "TooManyRequestsException"),
        Service::S3 => (503, "SlowDown"),
    };
    Action::Fail { status, code: code.to_owned() }
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

/// A text that is no fault's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fault is one of {}", Fault::VARIANTS.join(", "))]
pub struct UnknownFault;

fn unknown_fault(_: &str) -> UnknownFault {
    UnknownFault
}
