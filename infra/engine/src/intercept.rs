//! The point before and after the effect of every AWS call, where tests count, fail, stop and lose.

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

/// One HTTP request of the SDK: each attempt of a retried operation is a call of its own.
#[derive(Clone)]
pub struct Call {
    /// Where it goes.
    pub service: Service,
    /// The API action, e.g. `UpdateItem`.
    pub operation: Arc<str>,
    /// What it touches: table, queue name, topic ARN, or `bucket/key`; empty where a call names nothing.
    pub resource: String,
    /// Its number over the whole engine, from 0.
    pub number: u64,
    /// Who makes it: the function's logical id, or empty outside of an invocation.
    pub scope: Arc<str>,
    /// Which invocation of the driver makes it, from 0.
    pub scope_order: u64,
    /// Its number within that scope, from 0.
    pub scope_number: u64,
    /// The request's body as the service reads it.
    pub body: Bytes,
}

impl fmt::Debug for Call {
    // The body stays out: what is printed of a call must not hold a payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "#{} {}:{} on {} by {}[{}.{}]",
            self.number, self.service, self.operation, self.resource, self.scope, self.scope_order, self.scope_number
        )
    }
}

/// What happens to a call at one of its two points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it goes on.
    Pass,
    /// An error answer in the service's own shape. Before the effect it did not happen; after it, it did and the
    /// caller is not told.
    Fail {
        /// The HTTP status; the SDK retries 500 and above.
        status: u16,
        /// The error's code, e.g. `ProvisionedThroughputExceededException`.
        code: String,
    },
    /// The connection breaks: no answer comes, and the SDK knows.
    Reset,
    /// No answer ever comes: the SDK's own time-outs must notice.
    Hang,
    /// The caller dies here, as if killed: nothing of it runs any more.
    Crash,
    /// The caller stands still from here on, until its function's time-out ends it.
    Stall,
    /// DynamoDB's answer to a transaction that met another one: cancelled, with that as the reason.
    Conflict,
    /// SQS takes all entries of a batch but the first, and its answer says so.
    Untaken,
    /// After the effect: the connection breaks in the middle of the answer's body.
    Cut,
    /// After the effect: a bit of the answer's body arrives flipped.
    Garbled,
}

/// Sees every call before and after its effect and decides what becomes of it. All methods pass by default.
pub trait Interceptor: Send + Sync {
    /// Sends a request of an SDK's client in the client's place: [`Aws::answer`] takes it changed, in several parts or not
    /// at all, as a client with a mistake in it would send it. `None`, the default, sends it as it is.
    fn relay(&self, aws: &Aws, request: &Request) -> Option<BoxFuture<'static, Result<Reply, Reset>>> {
        let _ = (aws, request);
        None
    }

    /// What the call waits for before it reaches the service, beside its way there; nothing by default.
    fn turn(&self, call: &Call) -> Option<BoxFuture<'static, ()>> {
        let _ = call;
        None
    }

    /// How long the call travels before it reaches the service.
    fn latency(&self, call: &Call) -> Duration {
        let _ = call;
        Duration::ZERO
    }

    /// Before the effect: anything but [`Verdict::Pass`] prevents it.
    fn before(&self, call: &Call) -> Verdict {
        let _ = call;
        Verdict::Pass
    }

    /// After the effect, which is durable by now: anything but [`Verdict::Pass`] loses the true answer.
    fn after(&self, call: &Call) -> Verdict {
        let _ = call;
        Verdict::Pass
    }

    /// What the call asks in place of what it was made with, e.g. with a delay or in an older layout.
    fn rewrite(&self, call: &Call) -> Option<Bytes> {
        let _ = call;
        None
    }

    /// Sees the effect's true answer and may put another one in its place, e.g. an older one of an index.
    fn answered(&self, call: &Call, reply: Reply) -> Reply {
        let _ = call;
        reply
    }

    /// An invocation begins: `number` counts those of the driver from 0. May change what the function is given, and gives
    /// by how many milliseconds the clock of its machine is ahead.
    fn begin(&self, function: &str, number: u64, event: &mut Value) -> i64 {
        let _ = (function, number, event);
        0
    }

    /// How long the messages of one receive are hidden, in seconds, where it is not the queue's own time. With 0 they are
    /// handed out again at once.
    fn visibility_s(&self, queue: &str) -> Option<u32> {
        let _ = queue;
        None
    }

    /// Until when `queue` cannot be polled, if it cannot now.
    fn closed_until(&self, queue: &str, now: Timestamp) -> Option<Timestamp> {
        let _ = (queue, now);
        None
    }

    /// Whether the event source may delete a message that its function handled. `false` loses the deletion, so the
    /// message is delivered once more after its visibility time-out.
    fn acknowledge(&self, queue: &str, message_id: &str) -> bool {
        let _ = (queue, message_id);
        true
    }
}
