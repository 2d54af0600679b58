//! Finds the action of the Lambda API that a request is for.

use crate::wire::{Request, decode};

/// An action and its subject.
pub(super) struct Route {
    pub(super) operation: &'static str,
    /// The function's name, or the ARN in a request about tags.
    pub(super) subject: String,
}

/// Whether a request is for Lambda, by its host or by a path that no other service here uses.
pub(crate) fn is_addressed(request: &Request) -> bool {
    request.host.starts_with("lambda.") || route(request).operation != UNKNOWN
}

/// The action and the resource that it names.
pub(crate) fn identify(request: &Request) -> (&'static str, String) {
    let route = route(request);
    (route.operation, route.subject)
}

const UNKNOWN: &str = "Unknown";

pub(super) fn route(request: &Request) -> Route {
    let path: Vec<String> = request.path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let (operation, subject) = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["2015-03-31", "functions"]) => ("ListFunctions", ""),
        ("GET", ["2015-03-31", "functions", name]) => ("GetFunction", *name),
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => ("GetFunctionConfiguration", *name),
        ("GET", ["2015-03-31", "functions", name, "aliases"]) => ("ListAliases", *name),
        ("GET", ["2015-03-31", "functions", name, "versions"]) => ("ListVersionsByFunction", *name),
        ("GET", ["2015-03-31", "event-source-mappings"]) => ("ListEventSourceMappings", ""),
        ("GET", ["2017-03-31", "tags", arn]) => ("ListTags", *arn),
        ("GET", ["2019-09-30", "functions", name, "concurrency"]) => ("GetFunctionConcurrency", *name),
        _ => (UNKNOWN, ""),
    };
    Route { operation, subject: subject.to_owned() }
}
