//! Many failures are announced in few publications, and none is left out.

use super::*;

fn texts(pipeline: &Pipeline) -> Vec<String> {
    let published = pipeline.local.aws.publications(0).unwrap();
    published.into_iter().map(|publication| publication.message).collect()
}

/// Asserts that every failure of the order is marked as sent, in a publication that was made.
async fn assert_announced(pipeline: &Pipeline, id: OrderId, count: usize) {
    let failures = pipeline.client.failures(id).await.unwrap();
    assert_eq!(failures.len(), count);
    let alerts = outcome::alerts(pipeline);
    for failure in failures {
        assert_eq!(failure.alert, AlertState::Sent, "{failure:?}");
        assert!(alerts.contains_key(&failure.sent_as.clone().unwrap()), "{failure:?}");
    }
    assert_eq!(watched_count(pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_hundred_documents_that_fail_make_one_alert() {
    let mut pipeline = Pipeline::new();
    let all: Vec<u32> = (1..=100).collect();
    let id = pipeline.submit(&OrderRequest::canary_with(100, &all)).await;
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Failed);
    assert_eq!(outcome::alerts(&pipeline), [(format!("{id}/r1-extract"), "failure".to_owned())].into());
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert!(
        texts(&pipeline)[0].contains("Documents 1-100 (100 failed): canary.made_to_fail."),
        "{:?}",
        texts(&pipeline)
    );
    assert_announced(&pipeline, id, 101).await;
}

#[tokio::test(start_paused = true)]
async fn documents_that_fail_while_their_order_completes_make_one_alert_of_bounded_length() {
    let mut pipeline = Pipeline::new();
    let every_other: Vec<u32> = (1..=200).step_by(2).collect();
    let id = pipeline.submit(&OrderRequest::canary_with(200, &every_other)).await;
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    assert_eq!(outcome::alerts(&pipeline), [(format!("{id}/r1-extract-documents"), "failure".to_owned())].into());
    assert_eq!(outcome::publication_count(&pipeline), 1);
    let text = &texts(&pipeline)[0];
    assert!(text.contains("100 documents of the order failed") && text.contains("Documents 1, 3, 5, "), "{text}");
    assert!(text.contains(" more (100 failed)") && text.len() < 1_000, "{text}");
    assert_announced(&pipeline, id, 100).await;
}

/// Cuts extraction off from the table once documents have ended.
#[derive(Default)]
struct CutOff(Mutex<bool>);

impl Interceptor for CutOff {
    fn before(&self, call: &Call) -> Action {
        let cut = call.service == Service::DynamoDb && *call.scope == *"ExtractFunction" && *self.0.lock().unwrap();
        if cut { Action::Reset } else { Action::Pass }
    }

    fn after(&self, call: &Call) -> Action {
        if *call.scope == *"ExtractFunction" && *call.operation == *"UpdateItem" {
            *self.0.lock().unwrap() = true;
        }
        Action::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn documents_that_failed_before_their_order_was_cancelled_are_announced() {
    let mut pipeline = Pipeline::new();
    let failing: Vec<u32> = (1..60).collect();
    pipeline.intercept(Arc::new(CutOff::default()));
    let id = pipeline.submit(&OrderRequest::canary_with(60, &failing)).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(5))).await;
    let order = pipeline.order(id).await;
    assert!(order.fans_out() && !order.failed().is_empty(), "{order:?}");
    assert_eq!(outcome::publication_count(&pipeline), 0, "they are announced when their phase is over");
    pipeline.client.command(id, Command::Cancel { run: None }).await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(5))).await;
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Cancelled);
    let failed = pipeline.client.failures(id).await.unwrap().len();
    assert!(failed > 0);
    assert_announced(&pipeline, id, failed).await;
}
