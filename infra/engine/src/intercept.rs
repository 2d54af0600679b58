//! Hooks before and after the effect of every AWS call, with which tests count calls and inject faults.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use super::aws::Aws;
use super::connector::Reset;
use super::wire::{Reply, Request};

/// The service that a call goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// Amazon DynamoDB.
    DynamoDb,
    /// AWS Lambda.
    Lambda,
    /// Amazon S3.
    S3,
    /// Amazon SNS.
    Sns,
    /// Amazon SQS.
    Sqs,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DynamoDb => "dynamodb",
            Self::Lambda => "lambda",
            Self::S3 => "s3",
            Self::Sns => "sns",
            Self::Sqs => "sqs",
        })
    }
}

/// One HTTP request of the SDK. Each attempt of a retried operation is a separate call.
#[derive(Clone)]
pub struct Call {
    /// The service that is called.
    pub service: Service,
    /// The API action, e.g. `UpdateItem`.
    pub operation: Arc<str>,
    /// The table, queue name, topic ARN or `bucket/key` that it names; empty when it names none.
    pub resource: String,
    /// Its number among all calls to this [`Aws`](crate::Aws), from 0.
    pub number: u64,
    /// The caller: the function's logical id, or empty outside an invocation.
    pub scope: Arc<str>,
    /// The number of the invocation that makes it, from 0.
    pub scope_order: u64,
    /// Its number among the calls of that scope, from 0.
    pub scope_number: u64,
    /// The request body, decoded from `aws-chunked`.
    pub body: Bytes,
}

impl fmt::Debug for Call {
    // The body is left out so that logs and test output never contain a payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "#{} {}:{} on {} by {}[{}.{}]",
            self.number, self.service, self.operation, self.resource, self.scope, self.scope_order, self.scope_number
        )
    }
}

/// What an interceptor does to a call, before or after its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Let the call proceed.
    Pass,
    /// Answer with an error in the service's own format. Before the effect, the call changes nothing. After the effect, it
    /// has changed something without the caller knowing.
    Fail {
        /// The HTTP status; the SDK retries 500 and above.
        status: u16,
        /// The error code, e.g. `ProvisionedThroughputExceededException`.
        code: String,
    },
    /// Break the connection: the SDK gets an I/O error instead of an answer.
    Reset,
    /// Never answer: the SDK's own timeout must end the call.
    Hang,
    /// Kill the caller here: its code stops running.
    Crash,
    /// Suspend the caller here until its function's timeout ends it.
    Stall,
    /// Answer as DynamoDB does to a transaction that conflicts with another: cancelled, reason `TransactionConflict`.
    Conflict,
    /// Before the effect: SQS accepts all entries of a batch but the first, and the answer says so.
    RejectFirst,
    /// After the effect: the connection breaks in the middle of the answer's body.
    Truncate,
    /// After the effect: one bit of the answer's body is flipped.
    Corrupt,
}

/// Sees every call before and after its effect and decides what happens to it. Every method has a default that changes
/// nothing, so an implementation writes only what it needs.
///
/// The order for one call is `latency`, `hold`, `before`, `rewrite_request`, the effect, `rewrite_reply`, `after`.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use engine::{Action, Aws, Call, Clock, Interceptor};
///
/// /// Loses the answer to every message that is sent.
/// struct LoseAnswers;
///
/// impl Interceptor for LoseAnswers {
///     fn after(&self, call: &Call) -> Action {
///         if &*call.operation == "SendMessage" { Action::Reset } else { Action::Pass }
///     }
/// }
///
/// let aws = Aws::memory(Clock::system()).unwrap();
/// aws.create_queue("work").unwrap();
/// aws.intercept(Some(std::sync::Arc::new(LoseAnswers)));
/// let sqs = aws_sdk_sqs::Client::new(&aws.sdk_config());
/// let sent = sqs.send_message().queue_url(aws.account().queue_url("work")).message_body("{}").send().await;
/// assert!(sent.is_err());
/// assert!(aws.queue_depth("work").unwrap().visible >= 1, "the caller saw an error, and the message is there");
/// # });
/// ```
pub trait Interceptor: Send + Sync {
    /// Sends a request in place of the SDK's client: through [`Aws::answer`], it can be changed, split into several
    /// requests or dropped, as a faulty client would do. `None`, the default, sends it unchanged.
    fn relay(&self, aws: &Aws, request: &Request) -> Option<BoxFuture<'static, Result<Reply, Reset>>> {
        let _ = (aws, request);
        None
    }

    /// A future that the call waits for before it reaches the service.
    fn hold(&self, call: &Call) -> Option<BoxFuture<'static, ()>> {
        let _ = call;
        None
    }

    /// How long the request takes to reach the service.
    fn latency(&self, call: &Call) -> Duration {
        let _ = call;
        Duration::ZERO
    }

    /// Called before the effect. Anything but [`Action::Pass`] and [`Action::RejectFirst`] prevents it.
    fn before(&self, call: &Call) -> Action {
        let _ = call;
        Action::Pass
    }

    /// Called after the effect, which is durable by then. Anything but [`Action::Pass`] loses or damages the answer.
    fn after(&self, call: &Call) -> Action {
        let _ = call;
        Action::Pass
    }

    /// A body to send instead of the call's own, e.g. one with a delay, or in an older schema.
    fn rewrite_request(&self, call: &Call) -> Option<Bytes> {
        let _ = call;
        None
    }

    /// The answer to give, by default the service's own. Used, for example, to imitate a stale index.
    fn rewrite_reply(&self, call: &Call, reply: Reply) -> Reply {
        let _ = call;
        reply
    }

    /// Called when an invocation starts; `number` counts the driver's invocations from 0. May change the event. Returns how
    /// many milliseconds the clock of the function's machine is ahead (negative: behind).
    fn on_invocation(&self, function: &str, number: u64, event: &mut Value) -> i64 {
        let _ = (function, number, event);
        0
    }

    /// The visibility timeout of the messages in one receive, in seconds, instead of the queue's own. With 0, they are
    /// delivered again at once.
    fn visibility_s(&self, queue: &str) -> Option<u32> {
        let _ = queue;
        None
    }

    /// The time until which `queue` cannot be polled, or `None` if it can be polled at `now`.
    fn unavailable_until(&self, queue: &str, now: Timestamp) -> Option<Timestamp> {
        let _ = (queue, now);
        None
    }

    /// Whether the event source deletes a message that its function handled. With `false` the deletion is lost and the
    /// message is delivered again after its visibility timeout.
    fn acknowledge(&self, queue: &str, message_id: &str) -> bool {
        let _ = (queue, message_id);
        true
    }
}
