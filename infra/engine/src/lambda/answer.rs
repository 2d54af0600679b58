//! Answers the actions of the Lambda API.

use serde_json::{Map, Value, json};

use super::route::{Route, route};
use super::state::{DeployedFunction, DeployedMapping, Deployment};
use crate::account::{Account, name_of};
use crate::aws::Aws;
use crate::wire::{Reply, Request, form_pairs};

const CONTENT_TYPE: &str = "application/json";
/// The version that an unqualified invocation runs.
const LATEST: &str = "$LATEST";

/// Answers one request.
pub(crate) fn answer(aws: &Aws, request: &Request) -> Reply {
    let Route { operation, subject } = route(request);
    let query = form_pairs(&request.query);
    let parameter = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let account = aws.account();
    let outcome = aws.functions(|deployment| {
        let (page, marker) = (Page::new(deployment, parameter("MaxItems")), parameter("Marker"));
        let of = |name: &str| deployment.functions.get(plain_name(name));
        Some(match operation {
            "ListFunctions" => {
                let all = deployment.functions.values();
                page.of("Functions", all.map(|one| configuration(one, LATEST, &one.code_sha256)), marker)
            }
            "GetFunction" => {
                let found = of(&subject)?;
                json!({ "Configuration": configuration(found, LATEST, &found.code_sha256), "Tags": found.tags,
                        "Concurrency": concurrency(found) })
            }
            "GetFunctionConfiguration" => {
                let found = of(&subject)?;
                configuration(found, LATEST, &found.code_sha256)
            }
            "GetFunctionConcurrency" => concurrency(of(&subject)?),
            "ListTags" => json!({ "Tags": of(&subject)?.tags }),
            "ListAliases" => page.of("Aliases", aliases(of(&subject)?), marker),
            "ListVersionsByFunction" => {
                let found = of(&subject)?;
                let latest = std::iter::once(configuration(found, LATEST, &found.code_sha256));
                let versions = found.versions.iter().map(|(number, digest)| configuration(found, number, digest));
                page.of("Versions", latest.chain(versions), marker)
            }
            "ListEventSourceMappings" => {
                let asked = parameter("FunctionName")?;
                page.of("EventSourceMappings", mappings(of(asked)?, account, alias_of(asked)), marker)
            }
            _ => return None,
        })
    });
    match outcome {
        Some(body) => Reply::new(200, CONTENT_TYPE, body.to_string()),
        None if operation == "Unknown" => failure(400, "InvalidAction", "this action is not supported by the engine"),
        None => failure(404, "ResourceNotFoundException", "Function not found"),
    }
}

/// An error answer in Lambda's shape.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Reply {
    let body = json!({ "Type": if status < 500 { "User" } else { "Service" }, "Message": message });
    Reply::new(status, CONTENT_TYPE, body.to_string()).with("x-amzn-errortype", code)
}

/// How a list is divided into pages.
struct Page {
    count: usize,
}

impl Page {
    fn new(deployment: &Deployment, asked: Option<&str>) -> Self {
        let asked = asked.and_then(|text| text.parse().ok()).unwrap_or(deployment.page_count);
        Self { count: asked.min(deployment.page_count).max(1) }
    }

    /// The page that starts at `marker`, which is the number of its first entry.
    fn of(&self, name: &str, entries: impl Iterator<Item = Value>, marker: Option<&str>) -> Value {
        let start = marker.and_then(|text| text.parse().ok()).unwrap_or(0);
        let entries: Vec<Value> = entries.collect();
        let end = start + self.count;
        let mut page = Map::new();
        if end < entries.len() {
            page.insert("NextMarker".to_owned(), json!(end.to_string()));
        }
        page.insert(name.to_owned(), entries.into_iter().skip(start).take(self.count).collect());
        Value::Object(page)
    }
}

fn configuration(one: &DeployedFunction, version: &str, code_sha256: &str) -> Value {
    let function = &one.function;
    let layers: Vec<Value> = one.layers.iter().map(|arn| json!({ "Arn": arn, "CodeSize": 1 })).collect();
    json!({
        "FunctionName": function.name, "FunctionArn": function.arn, "Runtime": function.runtime,
        "Handler": function.handler, "Architectures": [function.architecture], "PackageType": "Zip",
        "MemorySize": function.memory_mib, "Timeout": function.timeout_s, "Version": version,
        "CodeSha256": code_sha256, "CodeSize": 1, "Layers": layers,
        "Environment": { "Variables": function.environment },
    })
}

fn concurrency(one: &DeployedFunction) -> Value {
    match one.function.reserved_concurrency {
        Some(number) => json!({ "ReservedConcurrentExecutions": number }),
        None => json!({}),
    }
}

fn aliases(one: &DeployedFunction) -> impl Iterator<Item = Value> {
    one.aliases.iter().map(|(name, alias)| {
        json!({
            "Name": name, "AliasArn": format!("{}:{name}", one.function.arn), "FunctionVersion": alias.version,
            "RoutingConfig": { "AdditionalVersionWeights": alias.further },
        })
    })
}

/// The mappings of the function itself, or of one of its aliases.
fn mappings(one: &DeployedFunction, account: &Account, alias: Option<&str>) -> impl Iterator<Item = Value> {
    let asked = one.mappings.iter().filter(move |mapping| mapping.alias.as_deref() == alias);
    asked.map(|mapping| self::mapping(one, account, mapping))
}

fn mapping(one: &DeployedFunction, account: &Account, mapping: &DeployedMapping) -> Value {
    let settings = &mapping.settings;
    let responses = if settings.report_batch_item_failures { vec!["ReportBatchItemFailures"] } else { Vec::new() };
    let mut answer = json!({
        "UUID": format!("{}-{}", one.function.name, settings.queue),
        "EventSourceArn": account.arn("sqs", &settings.queue), "FunctionArn": one.function.arn,
        "BatchSize": settings.batch_size, "MaximumBatchingWindowInSeconds": settings.window_s,
        "FunctionResponseTypes": responses, "State": if settings.enabled { "Enabled" } else { "Disabled" },
    });
    if let Some(maximum) = settings.maximum_concurrency {
        answer["ScalingConfig"] = json!({ "MaximumConcurrency": maximum });
    }
    if mapping.filters > 0 {
        answer["FilterCriteria"] = json!({ "Filters": vec![json!({ "Pattern": "{}" }); mapping.filters] });
    }
    answer
}

/// The function's name in its name or ARN, with or without an alias.
fn plain_name(text: &str) -> &str {
    if text.starts_with("arn:") { name_of(text) } else { text.split(':').next().unwrap_or(text) }
}

fn alias_of(text: &str) -> Option<&str> {
    if text.starts_with("arn:") { None } else { text.split_once(':').map(|(_, alias)| alias) }
}
