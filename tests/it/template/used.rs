//! What functions use, in the words of IAM.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use engine::template::Declared;
use engine::template::stack::{Event, Function};
use engine::{Action, Call, Interceptor, Service};
use serde_json::Value;

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Right {
    pub(super) action: String,
    pub(super) resource: String,
}

impl Right {
    fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into() }
    }

    /// What it takes of the key that its resource is encrypted with: who reads decrypts, who writes makes a data key, and
    /// queues, topics and tables do both for either.
    pub(super) fn with_key(&self, key: &str) -> Option<Self> {
        let action = match self.action.as_str() {
            "s3:PutObject" | "sns:Publish" | "sqs:SendMessage" => "kms:GenerateDataKey",
            "s3:GetObject" | "sqs:ReceiveMessage" => "kms:Decrypt",
            action if action.starts_with("dynamodb:") => "kms:Decrypt",
            _ => return None,
        };
        Some(Self::new(action, key))
    }
}

/// Rights by the logical id of the function.
pub(super) type Seen = BTreeMap<String, BTreeSet<Right>>;

/// Notes what the calls of functions take, and hands them on to another that may fail them.
pub(super) struct Recorder<I> {
    seen: Mutex<Seen>,
    fault: I,
}

impl<I: Interceptor> Recorder<I> {
    pub(super) fn new(fault: I) -> Self {
        Self { seen: Mutex::default(), fault }
    }

    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl<I: Interceptor> Interceptor for Recorder<I> {
    fn before(&self, call: &Call) -> Action {
        if call.scope.ends_with("Function") {
            self.seen.lock().unwrap().entry(call.scope.to_string()).or_default().extend(rights(call));
        }
        self.fault.before(call)
    }

    fn after(&self, call: &Call) -> Action {
        self.fault.after(call)
    }
}

/// What one call takes.
fn rights(call: &Call) -> Vec<Right> {
    let account = pipeline::account();
    let operation = &*call.operation;
    match call.service {
        Service::DynamoDb => {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let table = |name: &Value| account.arn("dynamodb", &format!("table/{}", name.as_str().unwrap()));
            match operation {
                "TransactWriteItems" => parts(&body, |action, part| Right::new(action, table(&part["TableName"]))),
                "GetItem" | "PutItem" | "Query" | "UpdateItem" => {
                    let index = body["IndexName"].as_str().map_or_else(String::new, |name| format!("/index/{name}"));
                    vec![Right::new(&format!("dynamodb:{operation}"), table(&body["TableName"]) + &index)]
                }
                other => panic!("which action does {other} take?"),
            }
        }
        Service::S3 => {
            let arn = format!("arn:aws:s3:::{}", call.resource);
            match operation {
                "GetObject" | "HeadObject" => vec![Right::new("s3:GetObject", arn)],
                "PutObject" => vec![Right::new("s3:PutObject", arn)],
                "ListObjectsV2" => vec![Right::new("s3:ListBucket", arn)],
                other => panic!("which action does {other} take?"),
            }
        }
        Service::Sqs => match operation {
            "SendMessage" | "SendMessageBatch" => {
                vec![Right::new("sqs:SendMessage", account.arn("sqs", &call.resource))]
            }
            "ChangeMessageVisibilityBatch" => {
                vec![Right::new("sqs:ChangeMessageVisibility", account.arn("sqs", &call.resource))]
            }
            other => panic!("which action does {other} take?"),
        },
        Service::Lambda => {
            let resource = match operation {
                "ListEventSourceMappings" | "ListFunctions" => "*".to_owned(),
                // Asked for by its ARN.
                "ListTags" => call.resource.clone(),
                _ => account.arn("lambda", &format!("function:{}", call.resource)),
            };
            vec![Right::new(&format!("lambda:{operation}"), resource)]
        }
        Service::Sns => {
            assert_eq!(operation, "Publish", "which action does it take?");
            vec![Right::new("sns:Publish", call.resource.clone())]
        }
    }
}

/// A transaction takes the actions of its parts; there is none for the whole.
fn parts(body: &Value, right: impl Fn(&str, &Value) -> Right) -> Vec<Right> {
    let items = body["TransactItems"].as_array().unwrap();
    let parts = items.iter().flat_map(|item| item.as_object().unwrap());
    parts
        .map(|(kind, part)| {
            let action = match kind.as_str() {
                "ConditionCheck" => "dynamodb:ConditionCheckItem",
                "Delete" => "dynamodb:DeleteItem",
                "Put" => "dynamodb:PutItem",
                "Update" => "dynamodb:UpdateItem",
                other => panic!("which action does {other} take?"),
            };
            right(action, part)
        })
        .collect()
}

/// What Lambda does in a function's name: it polls its queues, writes its log and sends its traces.
pub(super) fn of_lambda(function: &Function, declared: &Declared) -> BTreeSet<Right> {
    let account = pipeline::account();
    let mut rights = BTreeSet::new();
    for event in &function.events {
        if let Event::Sqs(mapping) = event {
            for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
                rights.insert(Right::new(action, account.arn("sqs", &mapping.queue)));
            }
        }
    }
    let log = declared.properties["LoggingConfig"]["LogGroup"].as_str().unwrap();
    assert_eq!(log, format!("/aws/lambda/{}", function.name), "a function writes to its own log");
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        rights.insert(Right::new(action, account.arn("logs", &format!("log-group:{log}:*"))));
    }
    for action in ["xray:PutTraceSegments", "xray:PutTelemetryRecords"] {
        rights.insert(Right::new(action, "*"));
    }
    rights
}
