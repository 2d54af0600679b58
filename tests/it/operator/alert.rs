//! Alerts name commands that work where the alert comes from.

use domain::failure::FailureRecord;
use domain::id::OrderId;
use tests::pipeline::Pipeline;

use super::with_failed_order;

async fn record(pipeline: &Pipeline, id: OrderId) -> FailureRecord {
    let failures = pipeline.client.failures(id).await.unwrap();
    failures.into_iter().find(|failure| failure.record.failure_id.document().is_none()).unwrap().record
}

fn commands(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("Look: ") || line.starts_with("Retry: ")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_alert_names_commands_for_the_folder_locally_and_for_the_stage_when_deployed() {
    let (pipeline, id) = with_failed_order().await;
    let record = record(&pipeline, id).await;
    let last = || pipeline.local.aws.publications(0).unwrap().pop().unwrap().message;
    assert_eq!(commands(&last()), [format!("Look: docket show {id}"), format!("Retry: docket retry {id}")]);

    // As `lambda::start` builds it.
    let deployed = pipeline.local.environment("ExtractFunction").unwrap().deployed().alerts().unwrap();
    deployed.publish(&record, &[]).await.unwrap();
    let on_stage = "docket --stage dev --firm local";
    assert_eq!(commands(&last()), [format!("Look: {on_stage} show {id}"), format!("Retry: {on_stage} retry {id}")]);

    // Where the phase matters, both name it.
    let unreadable = FailureRecord { code: "result.unreadable".to_owned(), ..record };
    deployed.publish(&unreadable, &[]).await.unwrap();
    assert_eq!(commands(&last())[1], format!("Retry: {on_stage} retry {id} --from extract"));
    let local = pipeline.local.environment("ExtractFunction").unwrap().alerts().unwrap();
    local.publish(&unreadable, &[]).await.unwrap();
    assert_eq!(commands(&last())[1], format!("Retry: docket retry {id} --from extract"));
}
