//! Reads the resources that the engine supports: tables, queues, buckets, topics and functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::TemplateError;
use super::intrinsic::{Resolver, is_no_value, plain_text};
use super::stack::{Bucket, Event, Function, Queue, Redrive, Schedule, SqsMapping, Table, Topic};
use crate::account::name_of;

/// Lambda's default timeout.
const TIMEOUT_S_DEFAULT: u32 = 3;
/// Lambda's default architecture.
const ARCHITECTURE_DEFAULT: &str = "x86_64";
/// Lambda's default memory.
const MEMORY_MIB_DEFAULT: u32 = 128;
/// An SQS mapping's default batch size.
const BATCH_SIZE_DEFAULT: u32 = 10;
/// SQS's default visibility timeout.
const VISIBILITY_S_DEFAULT: u32 = 30;
/// SQS's default retention: four days.
const RETENTION_S_DEFAULT: u32 = 345_600;
/// The properties of a table that `CreateTable` takes.
const TABLE_PROPERTIES: [&str; 5] =
    ["AttributeDefinitions", "GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes", "ProvisionedThroughput"];

/// The properties of one resource, with their path for error messages.
pub(super) struct Properties<'a> {
    resolver: &'a Resolver<'a>,
    resource: &'a str,
    path: String,
    values: Map<String, Value>,
}

impl<'a> Properties<'a> {
    pub(super) fn new(resolver: &'a Resolver<'a>, resource: &'a str, values: Map<String, Value>) -> Self {
        Self { resolver, resource, path: String::new(), values }
    }

    fn refuse(&self, property: &str, problem: impl Into<String>) -> TemplateError {
        TemplateError::Property {
            resource: self.resource.to_owned(),
            property: format!("{}{property}", self.path),
            problem: problem.into(),
        }
    }

    fn get(&self, property: &str) -> Result<Option<Value>, TemplateError> {
        let Some(value) = self.values.get(property) else { return Ok(None) };
        let resolved = self.resolver.resolve(value).map_err(|problem| self.refuse(property, problem))?;
        Ok(Some(resolved).filter(|value| !value.is_null() && !is_no_value(value)))
    }

    fn text(&self, property: &str) -> Result<Option<String>, TemplateError> {
        let Some(value) = self.get(property)? else { return Ok(None) };
        plain_text(&value).map(Some).ok_or_else(|| self.refuse(property, "write text"))
    }

    fn number(&self, property: &str) -> Result<Option<u32>, TemplateError> {
        let Some(text) = self.text(property)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.refuse(property, "write a whole number of 0 or more"))
    }

    fn flag(&self, property: &str) -> Result<Option<bool>, TemplateError> {
        let Some(text) = self.text(property)? else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.refuse(property, "write true or false"))
    }

    fn inner(&self, property: &str) -> Result<Option<Self>, TemplateError> {
        match self.values.get(property) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(values)) => Ok(Some(Properties {
                resolver: self.resolver,
                resource: self.resource,
                path: format!("{}{property}.", self.path),
                values: values.clone(),
            })),
            Some(_) => Err(self.refuse(property, "write properties under it")),
        }
    }

    fn name(&self) -> Result<String, TemplateError> {
        self.resolver.name(self.resource).map_err(|problem| self.refuse("name", problem))
    }
}

/// The properties of a function, combined with those that `Globals` gives to all. Maps are merged; other values are
/// replaced.
pub(super) fn merge_globals(globals: Option<&Map<String, Value>>, own: Map<String, Value>) -> Map<String, Value> {
    let mut merged = globals.cloned().unwrap_or_default();
    for (key, value) in own {
        match (merged.remove(&key), value) {
            (Some(Value::Object(global)), Value::Object(own)) => {
                merged.insert(key, Value::Object(merge_globals(Some(&global), own)));
            }
            (_, value) => drop(merged.insert(key, value)),
        }
    }
    merged
}

/// An `AWS::DynamoDB::Table`.
pub(super) fn table(properties: &Properties<'_>) -> Result<Table, TemplateError> {
    let name = properties.name()?;
    let mut create = json!({ "TableName": name });
    for property in TABLE_PROPERTIES {
        if let Some(value) = properties.get(property)? {
            create[property] = whole_numbers(value);
        }
    }
    let provisioned = properties.values.contains_key("ProvisionedThroughput");
    let billing = properties.text("BillingMode")?;
    create["BillingMode"] =
        json!(billing.unwrap_or(if provisioned { "PROVISIONED" } else { "PAY_PER_REQUEST" }.into()));
    let ttl = match properties.inner("TimeToLiveSpecification")? {
        Some(ttl) if ttl.flag("Enabled")?.unwrap_or(false) => ttl.text("AttributeName")?,
        _ => None,
    };
    Ok(Table { name, create, ttl_attribute: ttl })
}

/// An `AWS::SQS::Queue`.
pub(super) fn queue(properties: &Properties<'_>) -> Result<Queue, TemplateError> {
    if properties.flag("FifoQueue")? == Some(true) {
        return Err(properties.refuse("FifoQueue", "only standard queues are supported by the engine"));
    }
    let redrive = match properties.get("RedrivePolicy")? {
        Some(policy) => {
            let target = policy.get("deadLetterTargetArn").and_then(Value::as_str);
            let count = policy.get("maxReceiveCount").and_then(plain_text).and_then(|text| text.parse().ok());
            let problem = || properties.refuse("RedrivePolicy", "give deadLetterTargetArn and maxReceiveCount");
            let (target, receive_count_max) = target.zip(count).ok_or_else(problem)?;
            Some(Redrive { target: name_of(target).to_owned(), receive_count_max })
        }
        None => None,
    };
    Ok(Queue {
        name: properties.name()?,
        visibility_timeout_s: properties.number("VisibilityTimeout")?.unwrap_or(VISIBILITY_S_DEFAULT),
        delay_s: properties.number("DelaySeconds")?.unwrap_or(0),
        retention_s: properties.number("MessageRetentionPeriod")?.unwrap_or(RETENTION_S_DEFAULT),
        redrive,
    })
}

/// An `AWS::S3::Bucket`.
pub(super) fn bucket(properties: &Properties<'_>) -> Result<Bucket, TemplateError> {
    let status = match properties.inner("VersioningConfiguration")? {
        Some(versioning) => versioning.text("Status")?,
        None => None,
    };
    Ok(Bucket { name: properties.name()?, versioned: status.as_deref() == Some("Enabled") })
}

/// An `AWS::SNS::Topic`.
pub(super) fn topic(properties: &Properties<'_>) -> Result<Topic, TemplateError> {
    let name = properties.name()?;
    Ok(Topic { arn: properties.resolver.account.arn("sns", &name), name })
}

/// An `AWS::Serverless::Function`.
pub(super) fn function(properties: &Properties<'_>) -> Result<Function, TemplateError> {
    let name = properties.name()?;
    Ok(Function {
        arn: properties.resolver.account.arn("lambda", &format!("function:{name}")),
        name,
        timeout_s: properties.number("Timeout")?.unwrap_or(TIMEOUT_S_DEFAULT),
        memory_mib: properties.number("MemorySize")?.unwrap_or(MEMORY_MIB_DEFAULT),
        reserved_concurrency: properties.number("ReservedConcurrentExecutions")?,
        runtime: properties.text("Runtime")?.unwrap_or_default(),
        architecture: architecture(properties)?,
        handler: properties.text("Handler")?.unwrap_or_default(),
        code_uri: properties.text("CodeUri")?.unwrap_or_default(),
        tags: texts(properties.inner("Tags")?)?,
        environment: environment(properties)?,
        events: events(properties)?,
    })
}

/// The one architecture of a function; Lambda's default where it names none.
fn architecture(properties: &Properties<'_>) -> Result<String, TemplateError> {
    let listed = properties.get("Architectures")?.unwrap_or_default();
    Ok(listed.get(0).and_then(plain_text).unwrap_or_else(|| ARCHITECTURE_DEFAULT.to_owned()))
}

fn environment(properties: &Properties<'_>) -> Result<BTreeMap<String, String>, TemplateError> {
    let Some(environment) = properties.inner("Environment")? else { return Ok(BTreeMap::new()) };
    texts(environment.inner("Variables")?)
}

/// A map of texts.
fn texts(properties: Option<Properties<'_>>) -> Result<BTreeMap<String, String>, TemplateError> {
    let mut resolved = BTreeMap::new();
    let Some(texts) = properties else { return Ok(resolved) };
    for name in texts.values.keys() {
        if let Some(value) = texts.text(name)? {
            resolved.insert(name.clone(), value);
        }
    }
    Ok(resolved)
}

fn events(properties: &Properties<'_>) -> Result<Vec<Event>, TemplateError> {
    let Some(declared) = properties.inner("Events")? else { return Ok(Vec::new()) };
    let mut events = Vec::new();
    for name in declared.values.keys() {
        let Some(event) = declared.inner(name)? else { continue };
        let kind = event.text("Type")?.unwrap_or_default();
        let Some(settings) = event.inner("Properties")? else { continue };
        match kind.as_str() {
            "SQS" => events.push(Event::Sqs(sqs_mapping(&settings)?)),
            "Schedule" => events.push(Event::Schedule(schedule(&settings, name, "Schedule")?)),
            "ScheduleV2" => events.push(Event::Schedule(schedule(&settings, name, "ScheduleExpression")?)),
            // Routes and the like are not among the event sources that are driven here.
            _ => {}
        }
    }
    Ok(events)
}

fn sqs_mapping(settings: &Properties<'_>) -> Result<SqsMapping, TemplateError> {
    let queue = settings.text("Queue")?.ok_or_else(|| settings.refuse("Queue", "give the ARN of a queue"))?;
    let responses = settings.get("FunctionResponseTypes")?.unwrap_or_default();
    let reports = responses.as_array().is_some_and(|types| types.iter().any(|kind| kind == "ReportBatchItemFailures"));
    let maximum_concurrency = match settings.inner("ScalingConfig")? {
        Some(scaling) => scaling.number("MaximumConcurrency")?,
        None => None,
    };
    Ok(SqsMapping {
        queue: name_of(&queue).to_owned(),
        batch_size: settings.number("BatchSize")?.unwrap_or(BATCH_SIZE_DEFAULT).max(1),
        window_s: settings.number("MaximumBatchingWindowInSeconds")?.unwrap_or(0),
        report_batch_item_failures: reports,
        maximum_concurrency,
        enabled: settings.flag("Enabled")?.unwrap_or(true),
    })
}

fn schedule(settings: &Properties<'_>, event: &str, property: &str) -> Result<Schedule, TemplateError> {
    let expression =
        settings.text(property)?.ok_or_else(|| settings.refuse(property, "write for example rate(5 minutes)"))?;
    let input = match settings.text("Input")? {
        Some(text) => Some(serde_json::from_str(&text).map_err(|_| settings.refuse("Input", "write one JSON text"))?),
        None => None,
    };
    let state = settings.text("State")?;
    let enabled = settings.flag("Enabled")?.unwrap_or(true) && state.as_deref() != Some("DISABLED");
    Ok(Schedule { name: format!("{}{event}", settings.resource), expression, input, enabled })
}

/// `value` with texts turned into numbers where CloudFormation accepts both, as in a throughput.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let number = |key: &str, value: Value| match &value {
                Value::String(text) if key.ends_with("CapacityUnits") => {
                    text.parse::<u64>().map_or(value.clone(), |number| json!(number))
                }
                _ => whole_numbers(value),
            };
            Value::Object(object.into_iter().map(|(key, value)| (key.clone(), number(&key, value))).collect())
        }
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        plain => plain,
    }
}
