//! `docket --stage`: an operator's commands over the deployed table, command queue and document bucket.

mod alert;
mod refused;

use std::collections::BTreeMap;

use client::stage::StageName;
use domain::id::OrderId;
use domain::status::Status;
use engine::template::declared;
use pipeline::TEMPLATE;
use serde_json::{Value, json};
use tests::operator::{OPERATOR, Ran, STAGE, docket};
use tests::pipeline::{OrderRequest, Pipeline};
use tests::previous_layout;

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

/// Submits a canary of two documents, `failing` among them, under its own id.
async fn submit(pipeline: &Pipeline, number: u128, failing: &[u32]) -> OrderId {
    let id = OrderId::from_parts(1_767_603_600_000, number);
    let request = OrderRequest::canary_with(2, failing);
    pipeline.client.submit_uploaded(id, request.service, request.documents, request.options).await.unwrap();
    id
}

/// A pipeline in which an order has failed, because all of its documents did.
pub(super) async fn with_failed_order() -> (Pipeline, OrderId) {
    let mut pipeline = Pipeline::new();
    let id = submit(&pipeline, 7, &[1, 2]).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Failed);
    (pipeline, id)
}

/// A pipeline in which the sample's order waits for a reviewer.
async fn with_waiting_order() -> (Pipeline, OrderId) {
    let mut pipeline = Pipeline::new();
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    // No classification is this confident.
    request.options.auto_approve_above = 1.0.try_into().unwrap();
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    assert!(pipeline.order(id).await.is_paused());
    (pipeline, id)
}

#[tokio::test(start_paused = true)]
async fn a_failed_order_is_shown_with_its_failures_and_the_command_that_retries_it() {
    let (mut pipeline, id) = with_failed_order().await;
    let shown = docket(&mut pipeline, &format!("{STAGE} show {id}")).await;
    assert_eq!((shown.code, shown.err.as_str()), (0, ""), "{shown:?}");
    for part in [
        format!("order {id}  CANARY  FAILED / FAILED"),
        "document 1 failed: ".to_owned(),
        "(extract.no_document_left)".to_owned(),
        format!("run it again with: docket --stage dev --firm local retry {id}\n"),
        "alert sent".to_owned(),
    ] {
        assert!(shown.out.contains(&part), "{part} is not in {}", shown.out);
    }
    // The options may also follow the command.
    let report = json_of(&docket(&mut pipeline, &format!("show {id} --json {STAGE}")).await);
    assert_eq!((&report["status"], &report["run"]), (&json!("FAILED"), &json!(1)));
    assert_eq!(report["executions"].as_array().unwrap().len(), 2);
    assert_eq!(report["failures"].as_array().unwrap().len(), 3, "two documents and their phase");
}

#[tokio::test(start_paused = true)]
async fn a_retry_is_sent_as_a_command_and_watched_to_its_end() {
    let (mut pipeline, id) = with_failed_order().await;
    let retried = docket(&mut pipeline, &format!("{STAGE} retry {id} --from extract")).await;
    assert_eq!(retried.code, 1, "its documents fail again: {retried:?}");
    assert!(retried.out.contains(&format!("order {id}  CANARY  FAILED")), "{retried:?}");
    assert_eq!(pipeline.order(id).await.run().get(), 2);
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.run().get(), 2, "one run for one command");
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_intake_does_not_take_in_time_says_so_and_is_not_lost() {
    let (mut pipeline, id) = with_failed_order().await;
    pipeline.local.driver.limit("IntakeFunction", 0).unwrap();
    let sent = docket(&mut pipeline, &format!("{STAGE} retry {id}")).await;
    assert_eq!(sent.code, 1, "{sent:?}");
    assert!(sent.err.contains("it stays in the queue, so it need not be sent again"), "{sent:?}");
    // The person sends it again all the same.
    docket(&mut pipeline, &format!("{STAGE} retry {id}")).await;
    pipeline.local.driver.limit("IntakeFunction", 10).unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.run().get(), 2, "both were one retry");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_outlasts_the_wait_is_reported_as_in_progress() {
    let (mut pipeline, id) = with_failed_order().await;
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let retried = docket(&mut pipeline, &format!("{STAGE} retry {id}")).await;
    assert_eq!(retried.code, 0, "{retried:?}");
    let again = format!("in progress; look again with: docket --stage dev --firm local show {id}\n");
    assert!(retried.out.contains(&again), "{retried:?}");
    let resumed = docket(&mut pipeline, &format!("{STAGE} resume {id}")).await;
    assert_eq!(resumed.code, 2, "nothing was interrupted: {resumed:?}");
    assert!(resumed.err.contains("it is not waiting for a reviewer"), "{resumed:?}");
}

#[tokio::test(start_paused = true)]
async fn failures_are_grouped_by_cause_and_all_of_one_cause_are_retried() {
    let mut pipeline = Pipeline::new();
    let failed = [submit(&pipeline, 1, &[1, 2]).await, submit(&pipeline, 2, &[1, 2]).await];
    let completed = submit(&pipeline, 3, &[1]).await;
    pipeline.settle().await;

    let listed = docket(&mut pipeline, &format!("{STAGE} failures")).await;
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.out.starts_with("extract.no_document_left  2 orders\n"), "{listed:?}");
    let retry = "retry with: docket --stage dev --firm local retry --cause extract.no_document_left\n";
    assert!(listed.out.contains(retry) && !listed.out.contains(&completed.to_string()), "{listed:?}");
    let causes = json_of(&docket(&mut pipeline, &format!("{STAGE} failures --json")).await);
    assert_eq!(causes["causes"][0]["orders"].as_array().unwrap().len(), 2, "{causes}");
    let only = docket(&mut pipeline, &format!("{STAGE} orders --status failed")).await;
    assert_eq!((only.code, only.out.lines().count()), (0, 2), "{only:?}");

    // Sent twice before intake carries out the first.
    pipeline.local.driver.limit("IntakeFunction", 0).unwrap();
    for _ in 0..2 {
        let line = format!("{STAGE} retry --cause extract.no_document_left --json");
        let retried = docket(&mut pipeline, &line).await;
        assert_eq!(retried.code, 0, "{retried:?}");
        assert_eq!(json_of(&retried)["retried"].as_array().unwrap().len(), 2);
    }
    pipeline.local.driver.limit("IntakeFunction", 10).unwrap();
    pipeline.settle().await;
    for id in failed {
        assert_eq!(pipeline.order(id).await.run().get(), 2, "one further run");
    }
    assert_eq!(pipeline.order(completed).await.run().get(), 1);
    let none = docket(&mut pipeline, &format!("{STAGE} retry --cause order.overdue")).await;
    assert_eq!(none.code, 2, "{none:?}");
    assert!(none.err.contains("no failed order with the cause order.overdue"), "{none:?}");
}

#[tokio::test(start_paused = true)]
async fn older_orders_are_left_out_and_that_is_said() {
    let mut pipeline = Pipeline::new();
    for number in 1..=3 {
        submit(&pipeline, number, &[1, 2]).await;
        pipeline.settle().await;
    }
    let listed = docket(&mut pipeline, &format!("{STAGE} failures --newest 2")).await;
    assert!(listed.out.starts_with("extract.no_document_left  2 orders\n"), "{listed:?}");
    assert_eq!(listed.err, "looked at the newest 2 orders; look at more with --newest N\n");
    let all = docket(&mut pipeline, &format!("{STAGE} failures --newest 3")).await;
    assert!(all.out.starts_with("extract.no_document_left  3 orders\n") && all.err.is_empty(), "{all:?}");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_waits_is_continued_with_what_is_proposed() {
    let (mut pipeline, id) = with_waiting_order().await;
    let shown = docket(&mut pipeline, &format!("{STAGE} show {id}")).await;
    let resume = format!("accept all proposals with: docket --stage dev --firm local resume {id}\n");
    assert!(shown.out.contains(&resume), "{shown:?}");
    let resumed = docket(&mut pipeline, &format!("{STAGE} resume {id}")).await;
    assert_eq!(resumed.code, 0, "{resumed:?}");
    assert!(resumed.out.contains("has CMA.xlsx (version 1)"), "no client's document is written: {resumed:?}");
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
}

#[tokio::test(start_paused = true)]
async fn a_reviewers_decisions_are_checked_stored_and_used() {
    let (mut pipeline, id) = with_waiting_order().await;
    let report = json_of(&docket(&mut pipeline, &format!("{STAGE} show {id} --json")).await);
    let line = report["review_items"][0]["line"].as_str().unwrap().to_owned();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("decisions.csv");
    let out = folder.path().join("out");
    let words = format!("{STAGE} resume {id} --decisions {} --out {}", file.display(), out.display());

    std::fs::write(&file, "line,row_code,reason\nd9-s9-r9,X.ignore,Of another order\n").unwrap();
    let unfit = docket(&mut pipeline, &words).await;
    assert_eq!(unfit.code, 2, "{unfit:?}");
    assert!(pipeline.order(id).await.is_paused());

    std::fs::write(&file, format!("line,row_code,reason\n{line},X.ignore,Not this borrower's\n")).unwrap();
    let decided = docket(&mut pipeline, &words).await;
    assert_eq!(decided.code, 0, "{decided:?}");
    let order = pipeline.order(id).await;
    assert_eq!((order.status(), order.decisions_run()), (Status::Completed, Some(order.run())));
    assert!(out.join("CMA.xlsx").is_file(), "documents are written where --out asks for them");
}

#[tokio::test(start_paused = true)]
async fn an_order_is_cancelled() {
    let (mut pipeline, id) = with_waiting_order().await;
    let cancelled = docket(&mut pipeline, &format!("{STAGE} cancel {id}")).await;
    assert_eq!(cancelled.code, 0, "{cancelled:?}");
    assert_eq!(pipeline.order(id).await.status(), Status::Cancelled);
    let again = docket(&mut pipeline, &format!("{STAGE} cancel {id}")).await;
    assert_eq!(again.code, 2, "{again:?}");
    assert!(again.err.contains("it has already ended"), "{again:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_for_a_submission_that_was_not_accepted_is_shown() {
    let mut pipeline = Pipeline::new();
    let id = OrderId::from_parts(1_767_603_600_000, 9);
    let request = OrderRequest::cma(&[]);
    pipeline.client.submit_uploaded(id, request.service, 0, request.options).await.unwrap();
    pipeline.settle().await;
    let shown = docket(&mut pipeline, &format!("{STAGE} show {id}")).await;
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(shown.out.contains(&format!("no order {id} in stage dev")), "{shown:?}");
    assert!(shown.out.contains("command.unacceptable"), "{shown:?}");
}

#[tokio::test(start_paused = true)]
async fn an_order_of_the_previous_layout_is_shown_without_being_written() {
    let (mut pipeline, id) = with_failed_order().await;
    let before = json_of(&docket(&mut pipeline, &format!("{STAGE} show {id} --json")).await);
    previous_layout::put_back(&pipeline, id).await;
    pipeline.local.aws.reset_calls();
    let after = json_of(&docket(&mut pipeline, &format!("{STAGE} show {id} --json")).await);
    assert_eq!((&after["status"], &after["failures"]), (&before["status"], &before["failures"]));
    assert_eq!(after["executions"].as_array().unwrap().len(), 2, "{after}");
    let calls = pipeline.local.aws.calls();
    let reads = |operation: &str| matches!(operation, "GetItem" | "Query" | "GetQueueUrl");
    let writes: Vec<_> = calls.keys().filter(|(_, _, operation)| !reads(operation)).collect();
    assert!(writes.is_empty() && calls.keys().any(|(scope, ..)| &**scope == OPERATOR), "{calls:?}");
}

#[test]
fn a_stages_names_are_the_templates() {
    let account = pipeline::account();
    let parameters = BTreeMap::from([("Stage".to_owned(), "prod-2".to_owned())]);
    let resources = declared(TEMPLATE, &account, &parameters).unwrap();
    let stage: StageName = "prod-2".parse().unwrap();
    assert_eq!(resources["Table"].properties["TableName"], stage.table());
    assert_eq!(resources["CommandQueue"].properties["QueueName"], stage.command_queue());
    assert_eq!(resources["DocumentBucket"].properties["BucketName"], stage.document_bucket(&account.id));
}

#[tokio::test(start_paused = true)]
async fn a_review_is_extended_for_a_reason_that_is_shown_with_the_order() {
    let (mut pipeline, id) = with_waiting_order().await;
    let extended = docket(&mut pipeline, &format!("{STAGE} extend {id} --reason abroad --by asha")).await;
    assert_eq!(extended.code, 0, "{extended:?}");
    assert!(extended.out.contains(", extended 1 time"), "{extended:?}");
    let shown = docket(&mut pipeline, &format!("{STAGE} show {id}")).await;
    assert!(shown.out.contains("review_extended by asha") && shown.out.contains(": abroad"), "{shown:?}");
    let (mut pipeline, failed) = with_failed_order().await;
    let refused = docket(&mut pipeline, &format!("{STAGE} extend {failed} --reason late")).await;
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("is FAILED; it is not waiting for a reviewer"), "{refused:?}");
}
