//! Records what functions use, as IAM actions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use engine::template::Declared;
use engine::template::stack::{Event, Function};
use engine::{Action, Call, Interceptor, Service};
use serde_json::{Value, json};
use tests::operator::OPERATOR;

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Permission {
    pub(super) action: String,
    pub(super) resource: String,
}

impl Permission {
    fn new(action: &str, resource: impl Into<String>) -> Self {
        Self { action: action.to_owned(), resource: resource.into() }
    }

    /// The permission that it needs on its resource's encryption key: readers decrypt, writers generate a data key, and
    /// queues, topics and tables may need either.
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

/// Permissions, by the function's logical id, or the name of another scope.
pub(super) type Seen = BTreeMap<String, BTreeSet<Permission>>;

/// Records the permissions that calls of functions and of an operator need, and passes the calls on to an interceptor that may fail them.
pub(super) struct PermissionRecorder<I> {
    seen: Mutex<Seen>,
    fault: I,
}

impl<I: Interceptor> PermissionRecorder<I> {
    pub(super) fn new(fault: I) -> Self {
        Self { seen: Mutex::default(), fault }
    }

    pub(super) fn take(&self) -> Seen {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

impl<I: Interceptor> Interceptor for PermissionRecorder<I> {
    fn before(&self, call: &Call) -> Action {
        if call.scope.ends_with("Function") || &*call.scope == OPERATOR {
            self.seen.lock().unwrap().entry(call.scope.to_string()).or_default().extend(permissions(call));
        }
        self.fault.before(call)
    }

    fn after(&self, call: &Call) -> Action {
        self.fault.after(call)
    }
}

/// The permissions that a call needs.
fn permissions(call: &Call) -> Vec<Permission> {
    let account = pipeline::account();
    let operation = &*call.operation;
    match call.service {
        Service::DynamoDb => {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let table = |name: &Value| account.arn("dynamodb", &format!("table/{}", name.as_str().unwrap()));
            match operation {
                "BatchGetItem" => {
                    let tables = body["RequestItems"].as_object().unwrap().keys();
                    tables.map(|name| Permission::new("dynamodb:BatchGetItem", table(&json!(name)))).collect()
                }
                "TransactWriteItems" => parts(&body, |action, part| Permission::new(action, table(&part["TableName"]))),
                "GetItem" | "PutItem" | "Query" | "UpdateItem" => {
                    let index = body["IndexName"].as_str().map_or_else(String::new, |name| format!("/index/{name}"));
                    vec![Permission::new(&format!("dynamodb:{operation}"), table(&body["TableName"]) + &index)]
                }
                other => panic!("which action does {other} need?"),
            }
        }
        Service::S3 => {
            let arn = format!("arn:aws:s3:::{}", call.resource);
            match operation {
                "GetObject" | "HeadObject" => vec![Permission::new("s3:GetObject", arn)],
                "PutObject" => vec![Permission::new("s3:PutObject", arn)],
                "ListObjectsV2" => vec![Permission::new("s3:ListBucket", arn)],
                other => panic!("which action does {other} need?"),
            }
        }
        Service::Sqs => match operation {
            "SendMessage" | "SendMessageBatch" => {
                vec![Permission::new("sqs:SendMessage", account.arn("sqs", &call.resource))]
            }
            "GetQueueAttributes" => {
                vec![Permission::new("sqs:GetQueueAttributes", account.arn("sqs", &call.resource))]
            }
            "GetQueueUrl" => {
                let body: Value = serde_json::from_slice(&call.body).unwrap();
                let queue = body["QueueName"].as_str().unwrap();
                vec![Permission::new("sqs:GetQueueUrl", account.arn("sqs", queue))]
            }
            "ChangeMessageVisibilityBatch" => {
                vec![Permission::new("sqs:ChangeMessageVisibility", account.arn("sqs", &call.resource))]
            }
            other => panic!("which action does {other} need?"),
        },
        Service::Lambda => {
            let resource = match operation {
                "ListEventSourceMappings" | "ListFunctions" => "*".to_owned(),
                // The call names its resource by ARN.
                "ListTags" => call.resource.clone(),
                _ => account.arn("lambda", &format!("function:{}", call.resource)),
            };
            vec![Permission::new(&format!("lambda:{operation}"), resource)]
        }
        Service::Sns => {
            assert_eq!(operation, "Publish", "which action does {operation} need?");
            vec![Permission::new("sns:Publish", call.resource.clone())]
        }
    }
}

/// A transaction needs the permissions of its parts; there is none for the whole.
fn parts(body: &Value, permission: impl Fn(&str, &Value) -> Permission) -> Vec<Permission> {
    let items = body["TransactItems"].as_array().unwrap();
    let parts = items.iter().flat_map(|item| item.as_object().unwrap());
    parts
        .map(|(kind, part)| {
            let action = match kind.as_str() {
                "ConditionCheck" => "dynamodb:ConditionCheckItem",
                "Delete" => "dynamodb:DeleteItem",
                "Put" => "dynamodb:PutItem",
                "Update" => "dynamodb:UpdateItem",
                other => panic!("which action does {other} need?"),
            };
            permission(action, part)
        })
        .collect()
}

/// What Lambda does on a function's behalf: it polls its queues, writes its log and sends its traces.
pub(super) fn permissions_of_lambda(function: &Function, declared: &Declared) -> BTreeSet<Permission> {
    let account = pipeline::account();
    let mut permissions = BTreeSet::new();
    for event in &function.events {
        if let Event::Sqs(mapping) = event {
            for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"] {
                permissions.insert(Permission::new(action, account.arn("sqs", &mapping.queue)));
            }
        }
    }
    let log = declared.properties["LoggingConfig"]["LogGroup"].as_str().unwrap();
    assert_eq!(log, format!("/aws/lambda/{}", function.name), "a function writes to its own log");
    for action in ["logs:CreateLogStream", "logs:PutLogEvents"] {
        permissions.insert(Permission::new(action, account.arn("logs", &format!("log-group:{log}:*"))));
    }
    for action in ["xray:PutTraceSegments", "xray:PutTelemetryRecords"] {
        permissions.insert(Permission::new(action, "*"));
    }
    permissions
}
