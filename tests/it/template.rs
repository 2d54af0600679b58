//! The template: each function has just the rights that it uses.
//!
//! The calls that functions really make are gathered at the SDK's connector over scenarios that reach all of them, and held
//! against what each role grants, by action and resource. What Lambda does in a function's name follows from its event
//! sources and its log.

mod granted;
mod scenario;
mod used;

use std::collections::{BTreeMap, BTreeSet};

use engine::Stack;
use engine::template::{Declared, declared};
use pipeline::TEMPLATE;

use granted::{Grant, grants};
use used::{Right, of_lambda};

/// Actions that AWS grants on everything or not at all.
const NAMELESS: [&str; 4] =
    ["lambda:ListEventSourceMappings", "lambda:ListFunctions", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// A key of one's own, as the parameter takes it.
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000";

fn with_key() -> BTreeMap<String, String> {
    BTreeMap::from([("KeyArn".to_owned(), KEY.to_owned())])
}

fn resources() -> BTreeMap<String, Declared> {
    declared(TEMPLATE, &pipeline::account(), &with_key()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn every_role_grants_exactly_what_its_function_uses() {
    let seen = scenario::play_all().await;
    let (resources, stack) = (resources(), Stack::parse(TEMPLATE, &pipeline::account()).unwrap());
    let mut wrong = Vec::new();
    for (function, settings) in &stack.functions {
        let mut used = seen.get(function).cloned().unwrap_or_default();
        used.extend(of_lambda(settings, &resources[function]));
        let keyed: BTreeSet<Right> = used.iter().filter_map(|right| right.with_key(KEY)).collect();
        used.extend(keyed);
        wrong.extend(compare(function, &used, &grants(&resources, function)));
    }
    assert!(wrong.is_empty(), "roles and use differ:\n{}", wrong.join("\n"));
}

/// What a role lacks, and what it grants beyond its function's use.
fn compare(function: &str, used: &BTreeSet<Right>, grants: &[Grant]) -> Vec<String> {
    let lacking = used.iter().filter(|right| !grants.iter().any(|grant| grant.covers(right)));
    let idle = grants.iter().filter(|grant| !used.iter().any(|right| grant.covers(right)));
    lacking
        .map(|right| format!("{function} may not {} on {}", right.action, right.resource))
        .chain(idle.map(|grant| format!("{function} never uses {} on {}", grant.action, grant.resource)))
        .collect()
}

#[test]
fn excess_and_missing_permissions_are_found() {
    let right = |action: &str, resource: &str| Right { action: action.to_owned(), resource: resource.to_owned() };
    let grant = |action: &str, resource: &str| Grant { action: action.to_owned(), resource: resource.to_owned() };
    let used = BTreeSet::from([right("s3:GetObject", "arn:aws:s3:::b/firms/f/x"), right("sns:Publish", "t")]);
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
    for function in Stack::parse(TEMPLATE, &pipeline::account()).unwrap().functions.keys() {
        for grant in grants(&resources(), function) {
            assert!(!grant.action.contains('*'), "{function}: {}", grant.action);
            let nameless = NAMELESS.contains(&grant.action.as_str());
            assert_eq!(grant.resource == "*", nameless, "{function}: {} on {}", grant.action, grant.resource);
        }
    }
}
