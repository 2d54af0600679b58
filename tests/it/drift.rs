//! Tests the drift check: it finds each kind of drift, publishes nothing when all is in step, and reports each change
//! once.

mod fault;
mod kind;

use std::collections::BTreeMap;
use std::time::Duration;

use drift::CodeDigest;
use engine::DeployedFunction;
use serde_json::json;
use tests::deployment::{Deployment, PREFIX, name};

/// The digest of a build that is not ours.
fn foreign() -> String {
    CodeDigest::of(b"foreign").to_string()
}

/// Deploys a copy of a function.
fn copy(deployed: &mut BTreeMap<String, DeployedFunction>, name: &str, tags: BTreeMap<String, String>) {
    let mut other = deployed.values().next().expect("a function").clone();
    other.function.arn = other.function.arn.replace(&other.function.name, name);
    other.function.name = name.to_owned();
    deployed.insert(name.to_owned(), DeployedFunction { tags, ..other });
}

/// The answer of a run with nothing to report.
fn nothing_to_report(functions: usize) -> serde_json::Value {
    json!({
        "told": 0,
        "verdicts": {
            "in_step": functions, "behind": 0, "stale": 0, "misconfigured": 0, "unreachable": 0, "unknown": 0,
            "tampered": 0, "missing": 0, "no_manifest": 0,
        },
    })
}

#[tokio::test(start_paused = true)]
async fn a_deployment_in_step_never_publishes_an_alert() {
    let mut deployment = Deployment::in_step().await;
    let functions = deployment.pipeline.local.stack.functions.len();
    for _ in 0..5 {
        assert_eq!(deployment.run().await, nothing_to_report(functions));
    }
    assert_eq!(deployment.messages(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_finds_nothing_new_writes_nothing() {
    let mut deployment = Deployment::in_step().await;
    deployment.change("extract", |deployed| deployed.code_sha256 = foreign());
    deployment.run().await;
    deployment.pipeline.local.aws.reset_calls();
    deployment.run().await;
    let counts = deployment.pipeline.local.aws.calls();
    let writes = counts.keys().filter(|(_, _, operation)| matches!(&**operation, "PutItem" | "Publish")).count();
    assert_eq!(writes, 0, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_and_its_reversal_are_each_reported_once() {
    let mut deployment = Deployment::in_step().await;
    let built = CodeDigest::of(name("extract").as_bytes()).to_string();
    for _ in 0..2 {
        deployment.run().await;
    }
    deployment.change("extract", |deployed| deployed.code_sha256 = foreign());
    let reported: Vec<_> = [deployment.run().await, deployment.run().await].map(|answer| answer["told"].clone()).into();
    assert_eq!(reported, [1, 0]);
    deployment.change("extract", |deployed| deployed.code_sha256 = built);
    for _ in 0..2 {
        deployment.run().await;
    }
    let alerts = deployment.messages();
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    assert!(alerts[0].contains("docket-dev-extract: tampered"), "{}", alerts[0]);
    assert!(alerts[1].contains("docket-dev-extract: in step (was tampered)"), "{}", alerts[1]);
    let ids: Vec<_> = deployment.alerts().iter().map(|alert| alert.attributes["id"].to_string()).collect();
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test(start_paused = true)]
async fn all_changes_found_by_one_run_share_one_alert() {
    let mut deployment = Deployment::in_step().await;
    deployment.change("extract", |deployed| deployed.code_sha256 = foreign());
    deployment.change("review", |deployed| deployed.function.memory_mib = 128);
    deployment.change_all(|deployed| drop(deployed.remove(&name("generate"))));
    assert_eq!(deployment.run().await["told"], 3);
    let alerts = deployment.messages();
    assert_eq!(alerts.len(), 1);
    for line in ["extract: tampered", "review: misconfigured: memory_mib is 128 instead of 256", "generate: missing"] {
        assert!(alerts[0].contains(&format!("{PREFIX}{line}")), "{line} is not in {}", alerts[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_that_falls_behind_is_reported_and_becomes_stale_after_a_day() {
    let mut deployment = Deployment::in_step().await;
    let first = deployment.manifest();
    let second = deployment.newer(&first, "classify", 2, 2);
    deployment.publish(&second).await;
    let third = deployment.newer(&second, "classify", 3, 1);
    deployment.publish(&third).await;
    assert_eq!(deployment.run().await["verdicts"]["behind"], 1);
    assert!(
        deployment.messages()[0].contains("classify: behind by 2 commits and 2 hours"),
        "{:?}",
        deployment.messages()
    );
    // Another hour and another commit do not change the verdict.
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    deployment.publish(&deployment.newer(&third, "classify", 4, 0)).await;
    assert_eq!(deployment.run().await["told"], 0);
    tokio::time::sleep(Duration::from_secs(21 * 3_600)).await;
    let answer = deployment.run().await;
    assert_eq!((answer["verdicts"]["stale"].clone(), answer["told"].clone()), (json!(1), json!(1)));
    assert!(
        deployment.messages()[1].contains("stale: behind by 3 commits and 24 hours"),
        "{:?}",
        deployment.messages()
    );
    // Once deployed, it is in step.
    deployment.change("classify", |deployed| deployed.code_sha256 = CodeDigest::of(&[4]).to_string());
    assert_eq!(deployment.run().await["told"], 1);
    assert_eq!(deployment.messages().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn all_pages_of_every_listing_are_read() {
    for page in [1, 2, 3] {
        let mut deployment = Deployment::in_step().await;
        deployment
            .change("dead-letter", |deployed| deployed.versions.extend((1..=5).map(|n| (n.to_string(), foreign()))));
        deployment.change("dead-letter", |deployed| {
            let alias = engine::lambda::Alias { version: "5".to_owned(), further: [].into() };
            deployed.aliases.insert("live".to_owned(), alias);
        });
        // Change the last mapping of the function that has most of them, and the last function in the list.
        deployment.change("dead-letter", |deployed| deployed.mappings.last_mut().unwrap().settings.enabled = false);
        deployment.change("validate", |deployed| deployed.function.timeout_s = 1);
        deployment.pipeline.local.aws.page_functions(page);
        let answer = deployment.run().await;
        assert_eq!(answer["verdicts"]["tampered"], 1, "{page} on a page: {answer}");
        assert_eq!(answer["verdicts"]["misconfigured"], 1, "{page} on a page: {answer}");
        let calls = deployment.pipeline.local.aws.calls();
        let lists = calls.iter().filter(|((_, _, operation), _)| &**operation == "ListFunctions").map(|(_, n)| *n);
        assert!(lists.sum::<u64>() >= 3, "{page} on a page: {calls:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn functions_of_other_stages_and_applications_are_ignored() {
    let mut deployment = Deployment::in_step().await;
    deployment.change_all(|deployed| {
        let stack = |name: &str| [("aws:cloudformation:stack-name".to_owned(), name.to_owned())].into();
        copy(deployed, "docket-dev-2-extract", stack("docket-two"));
        copy(deployed, "billing", stack("docket"));
    });
    let answer = deployment.run().await;
    assert_eq!(answer["verdicts"]["unknown"], 0, "{answer}");
    assert_eq!(deployment.messages(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_function_that_is_deleted_is_reported_as_gone() {
    let mut deployment = Deployment::in_step().await;
    deployment.change_all(|deployed| {
        copy(deployed, "docket-dev-experiment", [].into());
    });
    deployment.run().await;
    deployment.change_all(|deployed| drop(deployed.remove(&name("experiment"))));
    for _ in 0..2 {
        deployment.run().await;
    }
    let alerts = deployment.messages();
    assert_eq!(alerts.len(), 2, "{alerts:?}");
    assert!(alerts[0].contains("docket-dev-experiment: unknown to the manifest"), "{}", alerts[0]);
    assert!(alerts[1].contains("docket-dev-experiment: no longer there"), "{}", alerts[1]);
}

#[tokio::test(start_paused = true)]
async fn the_drift_check_runs_every_hour() {
    let mut deployment = Deployment::in_step().await;
    deployment.change("intake", |deployed| deployed.function.reserved_concurrency = Some(0));
    let three_hours = Duration::from_secs(3 * 3_600 + 60);
    deployment.pipeline.local.driver.run_while(tokio::time::sleep(three_hours)).await;
    let calls = deployment.pipeline.local.aws.calls();
    let lists: u64 =
        calls.iter().filter(|((_, _, operation), _)| &**operation == "ListFunctions").map(|(_, n)| *n).sum();
    assert_eq!((lists, deployment.messages().len()), (3, 1), "{:?}", deployment.messages());
}
