//! Checks that the template gives each function exactly the permissions that it uses.
//!
//! The calls that functions really make are recorded at the SDK's connector, over scenarios that reach all of them, and
//! compared with what each role grants, by action and resource. What Lambda does on a function's behalf follows from
//! its event sources and its log group.

mod api;
mod granted;
mod operator;
mod scenario;
mod used;

use std::collections::{BTreeMap, BTreeSet};

use engine::template::{Declared, declared};
use pipeline::TEMPLATE;

use granted::{Grant, grants};
use used::{Permission, permissions_of_lambda};

/// Actions that cannot be restricted to a resource.
const WITHOUT_RESOURCE: [&str; 4] =
    ["lambda:ListEventSourceMappings", "lambda:ListFunctions", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// A customer's own encryption key, as the parameter takes it.
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000";

fn with_key() -> BTreeMap<String, String> {
    let mut parameters = pipeline::parameters();
    parameters.insert("KeyArn".to_owned(), KEY.to_owned());
    parameters
}

fn resources() -> BTreeMap<String, Declared> {
    declared(TEMPLATE, &pipeline::account(), &with_key()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_role_grants_exactly_what_its_function_uses() {
    let mut seen = scenario::run_all().await;
    for (function, permissions) in api::run_all().await {
        seen.entry(function).or_default().extend(permissions);
    }
    let (resources, stack) = (resources(), pipeline::stack(&pipeline::account()).unwrap());
    let mut wrong = Vec::new();
    for (function, settings) in &stack.functions {
        let mut used = seen.get(function).cloned().unwrap_or_default();
        used.extend(permissions_of_lambda(settings, &resources[function]));
        let keyed: BTreeSet<Permission> = used.iter().filter_map(|permission| permission.with_key(KEY)).collect();
        used.extend(keyed);
        wrong.extend(compare(function, &used, &grants(&resources, function)));
    }
    assert!(wrong.is_empty(), "roles and use differ:\n{}", wrong.join("\n"));
}

/// The permissions that a role lacks, and those that its function does not use.
fn compare(function: &str, used: &BTreeSet<Permission>, grants: &[Grant]) -> Vec<String> {
    let lacking = used.iter().filter(|permission| !grants.iter().any(|grant| grant.covers(permission)));
    let unused = grants.iter().filter(|grant| !used.iter().any(|permission| grant.covers(permission)));
    lacking
        .map(|permission| format!("{function} may not {} on {}", permission.action, permission.resource))
        .chain(unused.map(|grant| format!("{function} never uses {} on {}", grant.action, grant.resource)))
        .collect()
}

#[test]
fn excess_and_missing_permissions_are_found() {
    let permission =
        |action: &str, resource: &str| Permission { action: action.to_owned(), resource: resource.to_owned() };
    let grant = |action: &str, resource: &str| Grant { action: action.to_owned(), resource: resource.to_owned() };
    let used = BTreeSet::from([permission("s3:GetObject", "arn:aws:s3:::b/firms/f/x"), permission("sns:Publish", "t")]);
    let granted = [grant("s3:GetObject", "arn:aws:s3:::b/firms/*"), grant("sns:Publish", "t")];
    assert_eq!(compare("F", &used, &granted), Vec::<String>::new());
    assert_eq!(compare("F", &used, &granted[..1]), ["F may not sns:Publish on t"]);
    let elsewhere = [grant("s3:GetObject", "arn:aws:s3:::b/other/*"), grant("sns:Publish", "t")];
    let found = compare("F", &used, &elsewhere);
    assert_eq!(found.len(), 2, "{found:?}");
    let too_many = [granted[0].clone(), granted[1].clone(), grant("s3:DeleteObject", "arn:aws:s3:::b/firms/*")];
    assert_eq!(compare("F", &used, &too_many), ["F never uses s3:DeleteObject on arn:aws:s3:::b/firms/*"]);
}

#[test]
fn only_actions_without_resources_are_granted_on_all_resources() {
    for function in pipeline::stack(&pipeline::account()).unwrap().functions.keys() {
        for grant in grants(&resources(), function) {
            assert!(!grant.action.contains('*'), "{function}: {}", grant.action);
            let without_resource = WITHOUT_RESOURCE.contains(&grant.action.as_str());
            assert_eq!(grant.resource == "*", without_resource, "{function}: {} on {}", grant.action, grant.resource);
        }
    }
}
