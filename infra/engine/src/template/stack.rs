//! The resources of a template, as far as the engine supports them.

use std::collections::BTreeMap;

use serde_json::Value;

/// The resources of a stack, keyed by logical id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stack {
    /// DynamoDB tables.
    pub tables: BTreeMap<String, Table>,
    /// SQS queues.
    pub queues: BTreeMap<String, Queue>,
    /// S3 buckets.
    pub buckets: BTreeMap<String, Bucket>,
    /// SNS topics.
    pub topics: BTreeMap<String, Topic>,
    /// Lambda functions.
    pub functions: BTreeMap<String, Function>,
}

/// A DynamoDB table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The request that creates it, in the shape of DynamoDB's `CreateTable`.
    pub create: Value,
    /// The attribute with the expiry of an item, if items expire.
    pub ttl_attribute: Option<String>,
}

/// An SQS standard queue. Times are in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// How long a received message stays invisible.
    pub visibility_timeout_s: u32,
    /// How long a new message stays invisible.
    pub delay_s: u32,
    /// How long a message is kept.
    pub retention_s: u32,
    /// Where messages that were received too often are moved.
    pub redrive: Option<Redrive>,
}

/// A queue's redrive policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    /// The name of the dead-letter queue.
    pub target: String,
    /// A message received more often than this is moved there.
    pub receive_count_max: u32,
}

/// An S3 bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Whether older versions are kept.
    pub versioned: bool,
}

/// An SNS topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
}

/// A Lambda function.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its timeout, in seconds.
    pub timeout_s: u32,
    /// Its memory in MiB.
    pub memory_mib: u32,
    /// How many invocations may run at a time, if the template reserves a number.
    pub reserved_concurrency: Option<u32>,
    /// Its runtime, e.g. `provided.al2023`.
    pub runtime: String,
    /// `arm64` or `x86_64`.
    pub architecture: String,
    /// Its handler's name.
    pub handler: String,
    /// Where its code is, as in the template.
    pub code_uri: String,
    /// Its tags, with references resolved.
    pub tags: BTreeMap<String, String>,
    /// Its environment variables, with references resolved.
    pub environment: BTreeMap<String, String>,
    /// What invokes it.
    pub events: Vec<Event>,
}

/// An event source of a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A queue that is polled for it.
    Sqs(SqsMapping),
    /// A schedule.
    Schedule(Schedule),
}

/// An event source mapping from a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqsMapping {
    /// The queue's name.
    pub queue: String,
    /// Maximum number of messages in one event.
    pub batch_size: u32,
    /// The batching window: how long messages are collected, in seconds.
    pub window_s: u32,
    /// Whether the function reports which messages failed (`ReportBatchItemFailures`).
    pub report_batch_item_failures: bool,
    /// How many invocations of this mapping may run at a time, if the template says so.
    pub maximum_concurrency: Option<u32>,
    /// Whether it polls.
    pub enabled: bool,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its name: the logical ids of the function and the event together.
    pub name: String,
    /// Its expression, e.g. `rate(5 minutes)`.
    pub expression: String,
    /// The event that the function receives, if it is not EventBridge's own.
    pub input: Option<Value>,
    /// Whether it fires.
    pub enabled: bool,
}
