//! Checks that the operator's policy in OPERATIONS grants exactly what the commands of `docket --stage` use.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use domain::id::OrderId;
use serde_json::Value;
use tests::operator::{OPERATOR, Ran, STAGE, docket};
use tests::pipeline::{OrderRequest, Pipeline};
use tests::previous_layout;

use super::compare;
use super::granted::grants_in;
use super::used::{Permission, PermissionRecorder};

/// Lets all calls pass.
struct NoFault;

impl engine::Interceptor for NoFault {}

/// The page with the policy.
fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/OPERATIONS.md");
    std::fs::read_to_string(path).unwrap()
}

/// The policy of the page, for the stage of these tests.
fn policy(page: &str) -> Value {
    let block = page.split("```json\n").nth(1).expect("a block of JSON").split("```").next().unwrap_or_default();
    let account = pipeline::account();
    let names = [("REGION", account.region.as_str()), ("ACCOUNT", account.id.as_str()), ("STAGE", "dev")];
    let block = names.iter().fold(block.to_owned(), |text, (name, value)| text.replace(name, value));
    serde_json::from_str(&block).unwrap()
}

/// Runs every command in each of the ways in which it makes other calls, and returns what they used.
async fn run_all() -> BTreeSet<Permission> {
    let (mut pipeline, recorder) = (Pipeline::new(), Arc::new(PermissionRecorder::new(NoFault)));
    pipeline.intercept(recorder.clone());
    let failed = OrderId::from_parts(1_767_603_600_000, 8);
    let canary = OrderRequest::canary_with(1, &[1]);
    pipeline.client.submit_uploaded(failed, canary.service, canary.documents, canary.options).await.unwrap();
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    request.options.auto_approve_above = 1.0.try_into().unwrap();
    let waiting = pipeline.submit(&request).await;
    pipeline.settle().await;

    let report = run(&mut pipeline, &format!("show {waiting} --json")).await;
    let report: Value = serde_json::from_str(&report.out).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (decisions, out) = (folder.path().join("decisions.csv"), folder.path().join("out"));
    let line = report["review_items"][0]["line"].as_str().unwrap();
    std::fs::write(&decisions, format!("line,row_code,reason\n{line},X.ignore,Not this borrower's\n")).unwrap();
    run(&mut pipeline, &format!("extend {waiting} --reason abroad")).await;
    // Stored twice: the second time, what is stored is compared.
    let order = pipeline.order(waiting).await;
    pipeline.local.driver.limit("IntakeFunction", 0).unwrap();
    let resume = format!("resume {waiting} --decisions {} --out {}", decisions.display(), out.display());
    for _ in 0..2 {
        docket(&mut pipeline, &format!("{STAGE} {resume}")).await;
    }
    assert!(pipeline.order(waiting).await.revision() == order.revision());
    pipeline.local.driver.limit("IntakeFunction", 10).unwrap();
    pipeline.settle().await;
    run(&mut pipeline, &format!("show {waiting}")).await;

    docket(&mut pipeline, &format!("{STAGE} retry {failed}")).await;
    docket(&mut pipeline, &format!("{STAGE} retry --cause extract.no_document_left")).await;
    pipeline.settle().await;
    for command in ["orders", "orders --status failed", "failures"] {
        run(&mut pipeline, command).await;
    }
    previous_layout::put_back(&pipeline, failed).await;
    run(&mut pipeline, &format!("show {failed}")).await;
    docket(&mut pipeline, &format!("{STAGE} show 01KANJWJ3V0000000000000000")).await;
    recorder.take().remove(OPERATOR).unwrap_or_default()
}

async fn run(pipeline: &mut Pipeline, command: &str) -> Ran {
    let ran = docket(pipeline, &format!("{STAGE} {command}")).await;
    assert_eq!(ran.code, 0, "{command}: {ran:?}");
    ran
}

#[tokio::test(start_paused = true)]
async fn the_operators_policy_grants_exactly_what_the_commands_use() {
    let (page, used) = (page(), run_all().await);
    let wrong = compare(OPERATOR, &used, &grants_in(&policy(&page)));
    assert!(wrong.is_empty(), "the policy in OPERATIONS and use differ:\n{}", wrong.join("\n"));
    let keyed: BTreeSet<String> = used.iter().filter_map(|one| one.with_key("key")).map(|one| one.action).collect();
    for action in &keyed {
        assert!(page.contains(&format!("`{action}`")), "OPERATIONS does not name {action} for a key of one's own");
    }
    assert_eq!(keyed.len(), 2, "{keyed:?}");
}
