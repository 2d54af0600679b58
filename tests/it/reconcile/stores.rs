//! The two stores of completions differ: each is repaired from the other, or the difference is reported.

use super::*;

pub(super) fn backup(pipeline: &Pipeline) -> BackupLog {
    pipeline.local.environment(RECONCILE).unwrap().backup().unwrap()
}

/// The latest revision of an order in the backup.
pub(super) async fn last_backed_up_revision(pipeline: &Pipeline, id: OrderId) -> Option<u64> {
    let log = backup(pipeline);
    let mut revisions = Vec::new();
    for object in log.list("", Timestamp::MAX, 10_000).await.unwrap() {
        let page = log.read(&object.key).await.unwrap();
        assert_eq!(page.damaged, 0, "{}", object.key);
        revisions.extend(page.completions.iter().filter(|one| one.order_id == id).map(|one| one.revision));
    }
    revisions.into_iter().max()
}

#[tokio::test(start_paused = true)]
async fn completions_missing_from_the_backup_are_written_after_an_outage() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Disconnected(|call| call.resource.contains("-backup-"))));
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1])).await;
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(last_backed_up_revision(&pipeline, id).await, None);
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(last_backed_up_revision(&pipeline, id).await, Some(pipeline.order(id).await.revision()));
    assert_eq!(audit(&pipeline, id).await, [AuditAction::BackupRepaired]);
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_lost_completion_is_not_mistaken_for_another_of_the_same_revision() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Disconnected(|call| call.resource.contains("-backup-"))));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(60))).await;
    pipeline.local.aws.intercept(None);
    let order = pipeline.order(id).await;
    let mut lost = json!(order);
    lost["writer"] = json!("another");
    let lost = Completion::of(&serde_json::from_value(lost).unwrap(), Phase::Generate, Vec::new(), None, Primary::Lost);
    let now = pipeline.local.aws.clock().now();
    backup(&pipeline).append(&[lost], "invocation", now).await.unwrap();
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(audit(&pipeline, id).await, [AuditAction::BackupRepaired]);
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_lost_from_the_table_is_restored_from_the_backup_with_its_failures() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1])).await;
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(5))).await;
    let early = item(&pipeline, id).await;
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(60))).await;
    let whole = pipeline.order(id).await;
    assert_eq!(whole.status(), Status::Completed);
    let executions = pipeline.client.executions(&whole).await.unwrap();
    assert_eq!(executions.len(), 2);
    // The table is restored to an earlier point in time: the order is back at its start, and its executions and its failure
    // are gone.
    put(&pipeline, early).await;
    let (client, table) = table(&pipeline);
    let gone = executions.iter().map(|one| format!("EXEC#0001#{}#{}", one.processor(), one.subject()));
    for sk in gone.chain(["FAILURE#r1-extract-d1".to_owned()]) {
        let mut item = key(id);
        item.insert("sk".to_owned(), AttributeValue::S(sk));
        client.delete_item().table_name(&table).set_key(Some(item)).send().await.unwrap();
    }
    assert_eq!(pipeline.client.executions(&whole).await.unwrap(), []);

    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await, whole);
    assert_eq!(pipeline.client.executions(&whole).await.unwrap(), executions);
    assert_eq!(audit(&pipeline, id).await, [AuditAction::TableRepaired]);
    let failures = pipeline.client.failures(id).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].record.code.as_str(), failures[0].alert), ("canary.made_to_fail", AlertState::Sent));
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn versions_and_runs_lost_from_the_table_are_restored_from_the_backup() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    let early = item(&pipeline, id).await;
    for _ in 0..2 {
        let run = pipeline.order(id).await.run();
        pipeline.client.command(id, Command::Regenerate { run, start_from: None }).await.unwrap();
        pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    }
    let whole = pipeline.order(id).await;
    let versions = pipeline.client.versions(&whole).await.unwrap();
    assert_eq!(versions.iter().map(|one| one.number()).collect::<Vec<_>>(), [1, 2, 3]);
    let store = store(&pipeline);
    let runs = store.runs(&whole).await.unwrap();
    assert_eq!(runs.iter().map(|one| one.number().get()).collect::<Vec<_>>(), [1, 2, 3]);
    // The table is restored to the time of the first version.
    put(&pipeline, early).await;
    let (client, table) = table(&pipeline);
    for sk in ["VERSION#00001", "VERSION#00002", "RUN#00001", "RUN#00002"] {
        let mut item = key(id);
        item.insert("sk".to_owned(), AttributeValue::S(sk.to_owned()));
        client.delete_item().table_name(&table).set_key(Some(item)).send().await.unwrap();
    }
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await, whole);
    assert_eq!(pipeline.client.versions(&whole).await.unwrap(), versions);
    assert_eq!(store.runs(&whole).await.unwrap(), runs);
}

#[tokio::test(start_paused = true)]
async fn an_order_never_continues_without_an_execution_that_the_table_lost() {
    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit("ClassifyFunction", 0).unwrap();
    let id = pipeline.submit(&OrderRequest::sample()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    let order = pipeline.order(id).await;
    let executions = pipeline.client.executions(&order).await.unwrap();
    let (client, table) = table(&pipeline);
    let mut lost = key(id);
    let sk = format!("EXEC#0001#{}#{}", executions[1].processor(), executions[1].subject());
    lost.insert("sk".to_owned(), AttributeValue::S(sk));
    client.delete_item().table_name(&table).set_key(Some(lost)).send().await.unwrap();
    pipeline.local.driver.limit("ClassifyFunction", 10).unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(300))).await;
    let waiting = pipeline.order(id).await;
    assert_eq!((waiting.phase(), waiting.is_active()), (Phase::Classify, true));

    // Reconciliation restores it from the backup, and then the order has everything and continues by itself.
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(pipeline.client.executions(&waiting).await.unwrap(), executions);
    let order = pipeline.order(id).await;
    assert_eq!((order.status(), order.run()), (Status::Completed, waiting.run()));
    assert_eq!(outcome::publication_count(&pipeline), 0);
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_found_only_in_the_backup_is_reported_once_and_not_restored() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    let correlation = pipeline.order(id).await.correlation_id().to_owned();
    delete(&pipeline, id).await;
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(pipeline.client.order(id).await.unwrap(), None);
    assert_eq!(
        outcome::alerts(&pipeline).into_keys().collect::<Vec<_>>(),
        [format!("{id}/reconcile-reconcile.order_lost")]
    );
    assert_eq!(outcome::publication_count(&pipeline), 1);
    let failures = store(&pipeline).failures(&firm(), id).await.unwrap();
    let record = &failures[0].record;
    assert_eq!((record.service_code, &record.correlation_id), (ServiceCode::Canary, &correlation));
    assert_ne!(correlation, id.to_string());
}

/// Makes the first puts of reconciliation fail, as many as given.
struct FailingPuts(Mutex<u32>);

impl Interceptor for FailingPuts {
    fn before(&self, call: &Call) -> Action {
        let mut left = self.0.lock().unwrap();
        if *call.scope != *RECONCILE || *call.operation != *"PutItem" || *left == 0 {
            return Action::Pass;
        }
        *left -= 1;
        Action::Reset
    }
}

#[tokio::test(start_paused = true)]
async fn a_report_that_cannot_be_written_is_retried_by_a_later_pass() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    delete(&pipeline, id).await;
    let environment = pipeline.local.environment(RECONCILE).unwrap();
    let bucket = aws::bucket::Bucket::new(environment.sdk(), environment.required("BACKUP_BUCKET_NAME").unwrap());
    bucket.put_once("completions/dt=2026-01-05/000000.000-x.jsonl", b"no json\n".to_vec(), "text/plain").await.unwrap();
    // Both records are refused in all of the SDK's attempts, and once more.
    let failing = Arc::new(FailingPuts(Mutex::new(7)));
    pipeline.intercept(failing.clone());
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(*failing.0.lock().unwrap(), 0, "all failures were used up");
    let alerts: Vec<String> = outcome::alerts(&pipeline).into_keys().collect();
    assert!(alerts.contains(&format!("{id}/reconcile-reconcile.order_lost")), "{alerts:?}");
    assert!(alerts.iter().any(|one| one.contains("backup_damaged")), "{alerts:?}");
    assert_eq!(outcome::publication_count(&pipeline), 2);
}

#[tokio::test(start_paused = true)]
async fn an_order_deleted_and_submitted_again_is_not_mistaken_for_the_old_one() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    delete(&pipeline, id).await;
    let again = Command::Submit {
        service_code: ServiceCode::Canary,
        documents: 0,
        options: domain::option::Options::default(),
    };
    pipeline.client.command(id, again).await.unwrap();
    pipeline.client.command(id, Command::Cancel { run: None }).await.unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    let cancelled = pipeline.order(id).await;
    assert_eq!(cancelled.status(), Status::Cancelled);

    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(pipeline.order(id).await, cancelled);
    assert_eq!(
        outcome::alerts(&pipeline).into_keys().collect::<Vec<_>>(),
        [format!("{id}/reconcile-reconcile.order_replaced")]
    );
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_part_of_the_backup_is_reported_once_and_does_not_block_the_others() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    let environment = pipeline.local.environment(RECONCILE).unwrap();
    let bucket = aws::bucket::Bucket::new(environment.sdk(), environment.required("BACKUP_BUCKET_NAME").unwrap());
    bucket.put_once("completions/dt=2026-01-05/000000.000-x.jsonl", b"no json\n".to_vec(), "text/plain").await.unwrap();
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(watched_count(&pipeline).await, 0, "the order after it was still compared");
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
}

/// Denies reconciliation the right to read the backup.
struct BackupReadsDenied;

impl Interceptor for BackupReadsDenied {
    fn before(&self, call: &Call) -> Action {
        if *call.scope == *RECONCILE && call.service == Service::S3 && *call.operation == *"GetObject" {
            return Action::Fail { status: 403, code: "AccessDenied".to_owned() };
        }
        Action::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn a_backup_without_read_permission_is_not_reported_as_damaged() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(5))).await;
    let early = item(&pipeline, id).await;
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(60))).await;
    let whole = pipeline.order(id).await;
    put(&pipeline, early).await;
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    pipeline.intercept(Arc::new(BackupReadsDenied));
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(outcome::publication_count(&pipeline), 0);
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await.status(), whole.status(), "the comparison continued where it had stopped");
}
