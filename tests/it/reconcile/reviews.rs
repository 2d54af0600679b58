//! Orders that wait for a reviewer: people are told, and in the end the order fails.

use client::NotExtended;
use engine::Publication;

use super::*;

/// An order that has begun to wait, in a pipeline that does nothing else but reconcile.
async fn waiting() -> (Pipeline, OrderId) {
    let mut pipeline = notices::reviewing_in(Pipeline::with_review_hours(2, 6, 16));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    assert!(pipeline.order(id).await.is_paused());
    (pipeline, id)
}

/// The kinds of the messages about the order that were published, in their order.
fn published(pipeline: &Pipeline, id: OrderId) -> Vec<String> {
    let publications = pipeline.local.aws.publications(0).unwrap();
    let attribute = |one: &Publication, name: &str| one.attributes[name]["StringValue"].as_str().unwrap().to_owned();
    let own = publications.iter().filter(|one| attribute(one, "id").starts_with(&id.to_string()));
    own.map(|one| attribute(one, "kind")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_review_that_nobody_ends_is_brought_up_three_times_and_then_fails_its_order() {
    let (mut pipeline, id) = waiting().await;
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(published(&pipeline, id), ["review_needed"]);
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(published(&pipeline, id), ["review_needed", "review_reminder"]);
    run_for_hours(&mut pipeline, 4).await;
    assert_eq!(published(&pipeline, id), ["review_needed", "review_reminder", "review_escalated"]);
    run_for_hours(&mut pipeline, 8).await;
    assert!(pipeline.order(id).await.is_paused(), "it has an hour left");
    run_for_hours(&mut pipeline, 2).await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);
    let failures = pipeline.client.failures(id).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].record.code.as_str(), failures[0].alert), ("review.expired", AlertState::Sent));
    assert_eq!(published(&pipeline, id), ["review_needed", "review_reminder", "review_escalated", "failure"]);
    let audited = [AuditAction::ReviewReminded, AuditAction::ReviewEscalated, AuditAction::ReviewExpired];
    assert_eq!(audit(&pipeline, id).await, audited);
    assert_eq!(watched_count(&pipeline).await, 0);
    assert_eq!(reviews_listed(&pipeline).await, 0);
    assert_eq!(stores::last_backed_up_revision(&pipeline, id).await, Some(order.revision()));

    // A retry opens the review again.
    pipeline.client.command(id, Command::Retry { run: order.run(), start_from: None }).await.unwrap();
    run_for_hours(&mut pipeline, 1).await;
    let order = pipeline.order(id).await;
    assert!(order.is_paused() && order.run().get() == 2 && order.failure_reason().is_none());
}

/// Orders on the list of reviews, whenever something is due about them.
async fn reviews_listed(pipeline: &Pipeline) -> usize {
    store(pipeline).watched(WatchList::Reviews, Timestamp::MAX, 1_000).await.unwrap().0.len()
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_decided_is_never_brought_up_again() {
    for command in [
        Command::Resume { run: domain::id::RunNumber::FIRST },
        Command::ReviewDecided { run: domain::id::RunNumber::FIRST },
        Command::Cancel { run: None },
    ] {
        let (mut pipeline, id) = waiting().await;
        run_for_hours(&mut pipeline, 1).await;
        assert_eq!(reviews_listed(&pipeline).await, 1, "it is found when something is due");
        pipeline.client.command(id, command).await.unwrap();
        run_for_hours(&mut pipeline, 20).await;
        assert_eq!(published(&pipeline, id), ["review_needed"]);
        assert_eq!(reviews_listed(&pipeline).await + watched_count(&pipeline).await, 0);
        assert!(!pipeline.order(id).await.is_paused());
    }
}

#[tokio::test(start_paused = true)]
async fn an_extension_starts_the_wait_anew_and_keeps_its_reason() {
    let (mut pipeline, id) = waiting().await;
    run_for_hours(&mut pipeline, 7).await;
    let order = pipeline.order(id).await;
    for reason in ["", "  ", &"x".repeat(501)] {
        assert!(matches!(pipeline.client.extend_review(&order, "asha", reason).await, Err(NotExtended::Reason)));
    }
    let extended = pipeline.client.extend_review(&order, "asha", "The borrower is abroad.").await.unwrap();
    assert_eq!(extended.review_wait().extensions, 1);
    assert!(matches!(pipeline.client.extend_review(&order, "asha", "Twice.").await, Err(NotExtended::Changed)));
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(published(&pipeline, id), ["review_needed", "review_reminder", "review_escalated"]);
    run_for_hours(&mut pipeline, 16).await;
    let told =
        ["review_needed", "review_reminder", "review_escalated", "review_reminder", "review_escalated", "failure"];
    assert_eq!(published(&pipeline, id), told);
    let entries = pipeline.client.audit(id).await.unwrap();
    let entry = entries.iter().find(|entry| entry.action == AuditAction::ReviewExtended).unwrap();
    assert_eq!((entry.actor.as_str(), entry.reason.as_deref()), ("asha", Some("The borrower is abroad.")));
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);
    assert!(matches!(pipeline.client.extend_review(&order, "asha", "Late.").await, Err(NotExtended::Refused(_))));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_nobody_was_warned_of_does_not_end_when_reconciliation_comes_back() {
    let (mut pipeline, id) = waiting().await;
    run_for_hours(&mut pipeline, 1).await;
    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    run_for_hours(&mut pipeline, 24 * 3).await;
    pipeline.local.driver.limit(RECONCILE, 1).unwrap();
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(published(&pipeline, id), ["review_needed", "review_reminder", "review_escalated"]);
    assert!(pipeline.order(id).await.is_paused());
    run_for_hours(&mut pipeline, 3).await;
    assert!(pipeline.order(id).await.is_paused(), "the operators have five hours from when they were told");
    run_for_hours(&mut pipeline, 3).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Failed);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_met_although_the_backup_is_away() {
    struct NoBackup;
    impl Interceptor for NoBackup {
        fn before(&self, call: &Call) -> Action {
            let is_backup = call.service == Service::S3 && call.resource.contains("-backup-");
            if is_backup { Action::Reset } else { Action::Pass }
        }
    }
    let (mut pipeline, id) = waiting().await;
    pipeline.intercept(Arc::new(NoBackup));
    run_for_hours(&mut pipeline, 4).await;
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(published(&pipeline, id), ["review_needed", "review_reminder"]);
    assert!(pipeline.order(id).await.is_paused());
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_is_interrupted_at_any_call_about_a_review_tells_people_once() {
    let run = async |interceptor: Arc<dyn Interceptor>| {
        let (mut pipeline, id) = waiting().await;
        run_for_hours(&mut pipeline, 1).await;
        pipeline.intercept(interceptor);
        run_for_hours(&mut pipeline, 2).await;
        (
            published(&pipeline, id),
            pipeline.order(id).await.review_wait().told.is_some(),
            outcome::alerts(&pipeline).len(),
        )
    };
    let recorder = Arc::new(Recorder::default());
    let (expected, told, _) = run(recorder.clone()).await;
    assert!(told && expected == ["review_needed", "review_reminder"]);
    let points: Vec<Point> = recorder.points().into_iter().filter(|point| point.function == RECONCILE).collect();
    // The write of the reminder, and what comes before and after it in the same pass.
    let written = points.iter().position(|point| point.operation.ends_with("TransactWriteItems")).unwrap();
    for point in &points[written - 3..written + 7] {
        for moment in [Moment::Before, Moment::After] {
            let once = Once::new(point.clone(), moment, Action::Crash);
            let (published, told, alerts) = run(once.clone()).await;
            assert!(told && alerts == 2, "{point:?} {moment:?}: {published:?}");
        }
    }
}
