//! Runs orders from end to end, without faults.

use domain::message::Command;
use domain::status::{OrchestrationStatus, Status};
use serde_json::json;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

#[tokio::test(start_paused = true)]
async fn a_canary_passes_all_five_phases_with_a_handful_of_calls() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.settle().await;
    let outcome = outcome::of(&pipeline, id).await;
    assert_eq!(outcome["status"], "COMPLETED");
    assert_eq!(outcome["orchestration_status"], "COMPLETED");
    assert_eq!(outcome["progress"], 100);
    assert_eq!(outcome["messages_left"], 0);
    assert_eq!(outcome["alerts"], json!({}));
    // Accept, back up and send; then per phase claim, commit, back up and send. Nothing is sent after the last phase.
    let calls = pipeline::calls::by_function(&pipeline.local.aws);
    assert_eq!(
        calls,
        json!({
            "intake": { "dynamodb:PutItem": 1, "s3:PutObject": 1, "sqs:SendMessageBatch": 1 },
            "extract": { "dynamodb:UpdateItem": 1, "dynamodb:PutItem": 1, "s3:PutObject": 1, "sqs:SendMessageBatch": 1 },
            "classify": { "dynamodb:UpdateItem": 1, "dynamodb:PutItem": 1, "s3:PutObject": 1, "sqs:SendMessageBatch": 1 },
            "review": { "dynamodb:UpdateItem": 1, "dynamodb:PutItem": 1, "s3:PutObject": 1, "sqs:SendMessageBatch": 1 },
            "validate": { "dynamodb:UpdateItem": 1, "dynamodb:PutItem": 1, "s3:PutObject": 1, "sqs:SendMessageBatch": 1 },
            "generate": { "dynamodb:UpdateItem": 1, "dynamodb:PutItem": 1, "s3:PutObject": 1 },
        })
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_only_document_also_ends_extraction_in_one_write() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[])).await;
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    let calls = pipeline::calls::by_function(&pipeline.local.aws);
    // The order is read, the execution is claimed as the order starts, and it ends as the phase ends.
    let once = json!({ "dynamodb:GetItem": 1, "dynamodb:TransactWriteItems": 2, "s3:PutObject": 1, "sqs:SendMessageBatch": 1 });
    assert_eq!(calls["extract"], once);
}

#[tokio::test(start_paused = true)]
async fn a_failed_document_is_recorded_and_alerted_once_and_the_order_completes() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(8, &[3])).await;
    pipeline.settle().await;
    let outcome = outcome::of(&pipeline, id).await;
    assert_eq!(outcome["status"], "COMPLETED");
    assert_eq!(outcome["executions"]["1 document-0003"], json!(["failed", "canary.made_to_fail", null]));
    assert_eq!(outcome["failures"], json!([["r1-extract-d3", "canary.made_to_fail", "Sent"]]));
    assert_eq!(outcome["alerts"], json!({ format!("{id}/r1-extract-documents"): "failure" }));
    assert_eq!(outcome::publication_count(&pipeline), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_documents_all_fail_is_failed_and_a_retry_runs_them_again() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1, 2])).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!((order.status(), order.orchestration_status()), (Status::Failed, OrchestrationStatus::Failed));
    assert!(order.failure_reason().is_some() && order.failed_at().is_some());
    // One alert for the order, which lists its documents.
    assert_eq!(outcome::alerts(&pipeline).len(), 1);

    pipeline.client.command(id, Command::Retry { run: order.run(), start_from: None }).await.unwrap();
    pipeline.settle().await;
    let again = pipeline.order(id).await;
    assert_eq!(again.run().get(), 2);
    assert_eq!(again.status(), Status::Failed);
    assert_eq!(outcome::alerts(&pipeline).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn regenerating_an_order_keeps_the_earlier_version() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.settle().await;
    let first = pipeline.order(id).await;
    assert_eq!((first.status(), first.artifact_version()), (Status::Completed, 1));
    pipeline.client.command(id, Command::Regenerate { run: first.run(), start_from: None }).await.unwrap();
    pipeline.settle().await;
    let second = pipeline.order(id).await;
    assert_eq!((second.status(), second.artifact_version(), second.run().get()), (Status::Completed, 2, 2));
    let versions = pipeline.client.versions(&second).await.unwrap();
    assert_eq!(versions.iter().map(|one| (one.number(), one.run().get())).collect::<Vec<_>>(), [(1, 1), (2, 2)]);
    assert_eq!(versions[0].artifacts(), first.artifacts());
    assert_eq!(versions[1].artifacts(), second.artifacts());
    // The same input gives the same bytes.
    assert_eq!(second.artifacts()[0].sha256, first.artifacts()[0].sha256);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_order_stays_cancelled() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(4, &[])).await;
    pipeline.client.command(id, Command::Cancel { run: None }).await.unwrap();
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert!(matches!(order.status(), Status::Cancelled | Status::Completed), "{}", order.status());
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_needs_review_pauses_and_continues_when_resumed() {
    let mut pipeline = Pipeline::new();
    let mut request = OrderRequest::sample();
    request.options.skip_review = false;
    // No classification is this confident.
    request.options.auto_approve_above = 1.0.try_into().unwrap();
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(
        (order.status(), order.orchestration_status()),
        (Status::InternalReview, OrchestrationStatus::ReviewPending)
    );
    assert!(order.review_items() > 0);
    assert_eq!(outcome::alerts(&pipeline), [(format!("{id}/r1-review-needed"), "review_needed".to_owned())].into());

    pipeline.client.command(id, Command::Resume { run: order.run() }).await.unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
}

#[tokio::test(start_paused = true)]
async fn an_order_for_a_service_that_is_not_offered_fails_with_an_alert() {
    let mut pipeline = Pipeline::new();
    let request =
        OrderRequest { service: domain::service::ServiceCode::Underwriting, documents: 1, ..OrderRequest::canary() };
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);
    assert_eq!(order.last_orchestration_error().unwrap().code, "service.not_offered");
    assert_eq!(outcome::alerts(&pipeline).len(), 1);
}
