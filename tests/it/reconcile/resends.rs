//! How often hand-offs are sent again that nobody claims.

use super::*;

const DOCUMENTS: u32 = 12;

/// The messages in a phase's queue.
fn queued(pipeline: &Pipeline, phase: Phase) -> u64 {
    pipeline.local.aws.queue_depth(&outcome::queue_name(pipeline, phase)).unwrap().total()
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_held_for_most_of_a_day_finds_one_resend_of_each_unit() {
    for (phase, units) in [(Phase::Extract, u64::from(DOCUMENTS)), (Phase::Validate, 1)] {
        let mut pipeline = Pipeline::new();
        pipeline.local.driver.limit(&function(phase), 0).unwrap();
        let id = pipeline.submit(&OrderRequest::canary_with(DOCUMENTS, &[])).await;
        run_for_hours(&mut pipeline, 22).await;
        assert_eq!(queued(&pipeline, phase), 2 * units, "{phase}: each message and one resend of it");
        pipeline.local.driver.limit(&function(phase), 10).unwrap();
        run_for_hours(&mut pipeline, 1).await;
        assert_eq!(pipeline.order(id).await.status(), Status::Completed, "{phase}");
        assert_eq!(outcome::messages_left(&pipeline), 0, "{phase}");
        assert_eq!(audit(&pipeline, id).await, [AuditAction::HandOffResent], "{phase}");
    }
}

#[tokio::test(start_paused = true)]
async fn resends_that_are_lost_too_are_sent_again() {
    for phase in Phase::ALL {
        let mut pipeline = Pipeline::new();
        let id = pipeline.submit(&OrderRequest::canary_with(2, &[])).await;
        lose_message_of(&mut pipeline, id, phase).await;
        let mut losses = 0;
        while pipeline.order(id).await.status() != Status::Completed {
            pipeline.local.driver.limit(&function(phase), 0).unwrap();
            let resends = pipeline.order(id).await.resends();
            run_for_hours(&mut pipeline, 3).await;
            assert!(pipeline.order(id).await.resends() > resends, "{phase}: nothing was sent again");
            losses += 1;
            if losses < 3 {
                lose_messages(&pipeline).await;
            }
            pipeline.local.driver.limit(&function(phase), 10).unwrap();
            pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(60))).await;
        }
        assert_eq!(losses, 3, "{phase}");
        assert_eq!(audit(&pipeline, id).await, [AuditAction::HandOffResent; 3], "{phase}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_unit_that_has_one_resend_queued_costs_no_more_writes_than_one_without() {
    let writes = async |hours: u64| {
        let mut pipeline = Pipeline::new();
        pipeline.local.driver.limit(&function(Phase::Extract), 0).unwrap();
        let id = pipeline.submit(&OrderRequest::canary_with(DOCUMENTS, &[])).await;
        run_for_hours(&mut pipeline, hours).await;
        pipeline.local.driver.limit(&function(Phase::Extract), 10).unwrap();
        let calls = |pipeline: &Pipeline| {
            let all = pipeline::calls::by_function(&pipeline.local.aws);
            let extract = all["extract"].as_object().unwrap().clone();
            let is_write =
                |name: &&String| ["PutItem", "UpdateItem", "TransactWriteItems"].iter().any(|w| name.ends_with(w));
            extract.iter().filter(|(name, _)| is_write(name)).map(|(_, count)| count.as_u64().unwrap()).sum::<u64>()
        };
        run_for_hours(&mut pipeline, 1).await;
        assert_eq!(pipeline.order(id).await.status(), Status::Completed);
        calls(&pipeline)
    };
    let (once, held) = (writes(0).await, writes(22).await);
    assert_eq!(held, once, "writes after a day, and without a resend");
}

#[tokio::test(start_paused = true)]
async fn a_pass_asks_once_how_long_a_queue_is() {
    let asked = async |orders: u128| {
        let mut pipeline = Pipeline::new();
        pipeline.local.driver.limit(&function(Phase::Validate), 0).unwrap();
        for number in 1..=orders {
            pipeline.submit_numbered(number, &OrderRequest::canary()).await;
        }
        run_for_hours(&mut pipeline, 3).await;
        let all = pipeline::calls::by_function(&pipeline.local.aws);
        all["reconcile"]["sqs:GetQueueAttributes"].as_u64().unwrap()
    };
    assert_eq!(asked(5).await, asked(1).await);
}
