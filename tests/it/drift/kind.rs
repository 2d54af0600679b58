//! Makes each kind of drift in a deployment and checks that it is found.

use std::collections::BTreeMap;

use drift::CodeDigest;
use engine::DeployedFunction;
use engine::lambda::{Alias, DeployedMapping};
use tests::deployment::Deployment;

use super::foreign;

/// A change of one deployed function, the verdict that it must lead to, and text that the alert must contain.
struct Change {
    change: fn(&mut DeployedFunction),
    verdict: &'static str,
    message: &'static str,
}

/// Changes of `extract`, which has 1024 MiB, 120 s and one queue in the template.
const CHANGES: &[Change] = &[
    Change {
        change: |deployed| deployed.code_sha256 = foreign(),
        verdict: "tampered",
        message: "tampered: $LATEST runs ZWdxkF4e9zH2XNCg2fsGEjg4ChoBLmq9+Ebsx9LqNv0=, which no build of ours made",
    },
    Change {
        change: |deployed| {
            deployed.versions.insert("7".to_owned(), foreign());
            deployed.aliases.insert("live".to_owned(), Alias { version: "7".to_owned(), further: BTreeMap::new() });
        },
        verdict: "tampered",
        message: "tampered: live (7) runs",
    },
    Change {
        change: |deployed| {
            let versions = [("7".to_owned(), deployed.code_sha256.clone()), ("8".to_owned(), foreign())];
            deployed.versions.extend(versions);
            let further = BTreeMap::from([("8".to_owned(), 0.01)]);
            deployed.aliases.insert("live".to_owned(), Alias { version: "7".to_owned(), further });
        },
        verdict: "tampered",
        message: "tampered: live (8) runs",
    },
    Change {
        change: |deployed| {
            deployed.code_sha256 = foreign();
            deployed.tags.insert("docket:revision".to_owned(), "0123".to_owned());
        },
        verdict: "tampered",
        message: "its tag claims 0123",
    },
    misconfigured(|deployed| deployed.function.memory_mib = 128, "memory_mib is 128 instead of 1024"),
    misconfigured(|deployed| deployed.function.timeout_s = 3, "timeout_s is 3 instead of 120"),
    misconfigured(
        |deployed| deployed.function.runtime = "nodejs24.x".to_owned(),
        "runtime is nodejs24.x instead of provided.al2023",
    ),
    misconfigured(
        |deployed| deployed.function.architecture = "x86_64".to_owned(),
        "architecture is x86_64 instead of arm64",
    ),
    misconfigured(|deployed| deployed.function.handler = "other".to_owned(), "handler is other instead of bootstrap"),
    misconfigured(
        |deployed| deployed.function.reserved_concurrency = Some(0),
        "reserved_concurrency is 0 instead of none",
    ),
    misconfigured(
        |deployed| deployed.layers.push("arn:aws:lambda:us-east-1:1:layer:spy:1".to_owned()),
        "layers.arn:aws:lambda:us-east-1:1:layer:spy:1 is not in the template",
    ),
    misconfigured(
        |deployed| drop(deployed.function.environment.insert("TABLE_NAME".to_owned(), "s3cret".to_owned())),
        "environment.TABLE_NAME has another value",
    ),
    misconfigured(
        |deployed| drop(deployed.function.environment.remove("BUCKET_NAME")),
        "environment.BUCKET_NAME is missing",
    ),
    misconfigured(
        |deployed| drop(deployed.function.environment.insert("LD_PRELOAD".to_owned(), "s3cret".to_owned())),
        "environment.LD_PRELOAD is not in the template",
    ),
    misconfigured(|deployed| deployed.mappings.clear(), "sources.docket-dev-extract is missing"),
    misconfigured(
        |deployed| mapping(deployed).settings.enabled = false,
        "sources.docket-dev-extract.enabled is false instead of true",
    ),
    misconfigured(
        |deployed| mapping(deployed).settings.batch_size = 9,
        "sources.docket-dev-extract.batch_size is 9 instead of 1",
    ),
    misconfigured(
        |deployed| mapping(deployed).settings.window_s = 60,
        "sources.docket-dev-extract.window_s is 60 instead of 0",
    ),
    misconfigured(
        |deployed| mapping(deployed).settings.report_batch_item_failures = false,
        "sources.docket-dev-extract.report_batch_item_failures is false instead of true",
    ),
    misconfigured(
        |deployed| mapping(deployed).settings.maximum_concurrency = None,
        "sources.docket-dev-extract.maximum_concurrency is none instead of 50",
    ),
    misconfigured(|deployed| mapping(deployed).filters = 1, "sources.docket-dev-extract.filters is 1 instead of 0"),
    misconfigured(
        |deployed| {
            let mut further = mapping(deployed).clone();
            further.settings.queue = "elsewhere".to_owned();
            deployed.mappings.push(further);
        },
        "sources.elsewhere is not in the template",
    ),
    misconfigured(
        |deployed| {
            deployed.versions.insert("1".to_owned(), deployed.code_sha256.clone());
            deployed.aliases.insert("old".to_owned(), Alias { version: "1".to_owned(), further: BTreeMap::new() });
            let mut further = mapping(deployed).clone();
            further.settings.queue = "elsewhere".to_owned();
            further.alias = Some("old".to_owned());
            deployed.mappings.push(further);
        },
        "sources.elsewhere is not in the template",
    ),
];

const fn misconfigured(change: fn(&mut DeployedFunction), message: &'static str) -> Change {
    Change { change, verdict: "misconfigured", message }
}

fn mapping(deployed: &mut DeployedFunction) -> &mut DeployedMapping {
    deployed.mappings.first_mut().expect("the function has a mapping")
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_drift_is_reported_once_and_so_is_its_end() {
    for case in CHANGES {
        let mut deployment = Deployment::in_step().await;
        let mut before = None;
        deployment.change("extract", |deployed| before = Some(deployed.clone()));
        deployment.change("extract", case.change);
        let answer = deployment.run().await;
        deployment.run().await;
        assert_eq!(answer["verdicts"][case.verdict], 1, "{}: {answer}", case.message);
        let alerts = deployment.messages();
        assert_eq!(alerts.len(), 1, "{}: {alerts:?}", case.message);
        assert!(alerts[0].contains(case.message), "{} is not in {}", case.message, alerts[0]);
        assert!(!alerts[0].contains("s3cret"), "the alert shows a value: {}", alerts[0]);
        deployment.change("extract", |deployed| *deployed = before.take().unwrap());
        deployment.run().await;
        assert_eq!(deployment.messages().len(), 2, "{}", case.message);
        assert!(deployment.messages()[1].contains("docket-dev-extract: in step"), "{:?}", deployment.messages());
    }
}

#[tokio::test(start_paused = true)]
async fn an_earlier_build_behind_an_alias_makes_the_function_stale() {
    let mut deployment = Deployment::in_step().await;
    let first = deployment.manifest();
    let second = deployment.newer(&first, "extract", 2, 30);
    deployment.publish(&second).await;
    deployment.change("extract", |deployed| {
        deployed.versions.insert("1".to_owned(), deployed.code_sha256.clone());
        deployed.aliases.insert("live".to_owned(), Alias { version: "1".to_owned(), further: BTreeMap::new() });
        deployed.code_sha256 = CodeDigest::of(&[2]).to_string();
    });
    deployment.run().await;
    assert!(
        deployment.messages()[0].contains("extract: stale: behind by 1 commit and 30 hours"),
        "{:?}",
        deployment.messages()
    );
}

#[tokio::test(start_paused = true)]
async fn an_earlier_build_with_its_own_configuration_is_behind_and_not_misconfigured() {
    let mut deployment = Deployment::in_step().await;
    let mut second = deployment.newer(&deployment.manifest(), "extract", 2, 3);
    let entry = second.functions.get_mut("docket-dev-extract").unwrap();
    entry.settings.memory_mib = 2048;
    entry.settings_sha256 = entry.settings.digest();
    deployment.publish(&second).await;
    let answer = deployment.run().await;
    assert_eq!((&answer["verdicts"]["behind"], &answer["verdicts"]["misconfigured"]), (&1.into(), &0.into()));
    // Configured as neither manifest says, it is both.
    deployment.change("extract", |deployed| deployed.function.memory_mib = 512);
    assert_eq!(deployment.run().await["verdicts"]["misconfigured"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_older_revision_published_again_becomes_the_expected_one() {
    let mut deployment = Deployment::in_step().await;
    let first = deployment.manifest();
    deployment.publish(&deployment.newer(&first, "extract", 2, 30)).await;
    assert_eq!(deployment.run().await["verdicts"]["stale"], 1);
    deployment.publish(&first).await;
    assert_eq!(deployment.run().await["verdicts"]["stale"], 0);
}
