//! Runs one invocation of a function.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use crate::aws::Aws;
use crate::clock::{Clock, ahead};
use crate::scope::{Scope, scoped};

/// The input of a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// When the function will be stopped.
    pub deadline: Timestamp,
    /// The ARN of the function.
    pub function_arn: String,
    /// The event.
    pub event: Value,
}

/// Why an invocation ended without an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// The function returned an error of this type.
    #[error("the function failed: {0}")]
    Failed(String),
    /// It reached its timeout and was stopped.
    #[error("the function was stopped at its timeout")]
    TimedOut,
    /// It panicked.
    #[error("the function panicked")]
    Panicked,
    /// An interceptor killed it.
    #[error("the function was killed")]
    Killed,
    /// No handler is registered for it.
    #[error("no handler is registered for the function")]
    Unregistered,
}

/// How an invocation ended.
#[derive(Debug, Clone)]
pub struct Ended {
    /// The function's logical id.
    pub function: String,
    /// Which invocation of the driver it was, from 0.
    pub number: u64,
    /// Its request id.
    pub request_id: String,
    /// When it was started.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// The ids of the messages that it was given.
    pub messages: Vec<String>,
    /// The ids of those that failed and will be delivered again.
    pub failed: Vec<String>,
    /// Why it gave no answer.
    pub error: Option<InvokeError>,
}

/// The future of a running handler.
pub type Work = LocalBoxFuture<'static, Result<Value, InvokeError>>;

/// The code of a function.
pub(super) type Handler = Rc<dyn Fn(Invocation) -> Work>;

/// The function that is invoked, and how long it may run.
pub(super) struct Limits {
    pub(super) function_arn: String,
    pub(super) deadline: Timestamp,
}

/// The invocation with `event`.
pub(super) fn build(aws: &Aws, limits: &Limits, event: Value) -> Invocation {
    Invocation {
        request_id: aws.inner().identities.next(),
        deadline: limits.deadline,
        function_arn: limits.function_arn.clone(),
        event,
    }
}

/// Runs `handler` until it ends, panics, is killed or reaches its deadline.
pub(super) async fn run(
    clock: Clock,
    handler: Handler,
    invocation: Invocation,
    function: String,
    number: u64,
    skew_ms: i64,
) -> Result<Value, InvokeError> {
    let deadline = invocation.deadline;
    let scope = Scope::new(function, number);
    scope.set_skew_ms(skew_ms);
    // The function compares its deadline with its machine's clock.
    let invocation = Invocation { deadline: ahead(deadline, skew_ms), ..invocation };
    let work = scoped(scope.clone(), async move { handler(invocation).await });
    tokio::select! {
        biased;
        () = scope.crashed() => Err(InvokeError::Killed),
        () = scope.stalled() => {
            clock.sleep_until(deadline).await;
            Err(InvokeError::TimedOut)
        }
        outcome = AssertUnwindSafe(work).catch_unwind() => outcome.unwrap_or(Err(InvokeError::Panicked)),
        () = clock.sleep_until(deadline) => Err(InvokeError::TimedOut),
    }
}
