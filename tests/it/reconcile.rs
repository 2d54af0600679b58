//! Reconciliation recovers work that no message will retry: lost messages, pending alerts, stores that differ.

mod digests;
mod lag;
mod notices;
mod resends;
mod reviews;
mod stores;
mod storms;
mod unreadable;

use aws::backup::BackupLog;
use aws::key::WatchList;
use aws::store::{AlertState, ExecutionsWritten, Store};
use aws_sdk_dynamodb::types::AttributeValue;
use domain::audit::AuditAction;
use domain::completion::{Completion, Primary};
use domain::event::{Event, EventKind};
use domain::execution::{self, ExecutionEnd};
use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::lifecycle::decide;
use domain::limit::RECEIVE_COUNT_MAX;
use domain::message::Command;
use domain::order::{Lease, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;
use engine::{Action, Call, Interceptor, InvokeError, Service};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::fault::{Moment, Once, Point, Recorder};
use tests::log::capture;
use tests::outcome;
use tests::pipeline::{OrderRequest, Pipeline};

const RECONCILE: &str = "ReconcileFunction";

fn store(pipeline: &Pipeline) -> Store {
    pipeline.local.environment(RECONCILE).unwrap().store().unwrap()
}

fn firm() -> FirmId {
    "local".parse().unwrap()
}

async fn audit(pipeline: &Pipeline, id: OrderId) -> Vec<AuditAction> {
    store(pipeline).audit(&firm(), id).await.unwrap().into_iter().map(|entry| entry.action).collect()
}

/// Number of orders and alerts on the watch lists, however young.
async fn watched_count(pipeline: &Pipeline) -> usize {
    let store = store(pipeline);
    let (orders, _) = store.watched(WatchList::Orders, Timestamp::MAX, 1_000).await.unwrap();
    let (alerts, _) = store.watched(WatchList::Alerts, Timestamp::MAX, 1_000).await.unwrap();
    orders.len() + alerts.len()
}

async fn reconcile(pipeline: &mut Pipeline) -> Value {
    pipeline.local.driver.invoke(RECONCILE, json!({ "reconcile": {} })).await.unwrap()
}

async fn run_for_hours(pipeline: &mut Pipeline, hours: u64) {
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(hours * 3_600))).await;
}

/// Deletes every message in every queue.
async fn lose_messages(pipeline: &Pipeline) {
    let client = aws_sdk_sqs::Client::new(&pipeline.local.aws.sdk_config());
    for queue in pipeline.local.stack.queues.values() {
        client.purge_queue().queue_url(pipeline.local.aws.account().queue_url(&queue.name)).send().await.unwrap();
    }
}

/// Drives until the order waits for `phase` and the phase's message is in its queue, then deletes the message.
async fn lose_message_of(pipeline: &mut Pipeline, id: OrderId, phase: Phase) -> Order {
    pipeline.local.driver.limit(&function(phase), 0).unwrap();
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    lose_messages(pipeline).await;
    // Let what is in progress finish.
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    pipeline.local.driver.limit(&function(phase), 10).unwrap();
    pipeline.order(id).await
}

fn function(phase: Phase) -> String {
    let name = phase.as_str();
    format!("{}{}Function", name[..1].to_uppercase(), &name[1..])
}

#[tokio::test(start_paused = true)]
async fn an_order_whose_message_was_lost_continues() {
    for phase in Phase::ALL {
        let mut pipeline = Pipeline::new();
        let id = pipeline.submit(&OrderRequest::canary_with(2, &[])).await;
        let before = lose_message_of(&mut pipeline, id, phase).await;
        assert_eq!(before.phase(), phase);
        run_for_hours(&mut pipeline, 1).await;
        assert_eq!(pipeline.order(id).await.status(), Status::Completed, "{phase}");
        assert_eq!(audit(&pipeline, id).await, [AuditAction::HandOffResent], "{phase}");
        assert_eq!(watched_count(&pipeline).await, 0, "{phase}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_makes_progress_is_left_alone() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(audit(&pipeline, id).await, []);
    assert_eq!(watched_count(&pipeline).await, 0, "it is finished and backed up, so it is on no watch list");
    assert_eq!(stores::last_backed_up_revision(&pipeline, id).await, Some(pipeline.order(id).await.revision()));
}

#[tokio::test(start_paused = true)]
async fn extract_is_completed_when_a_crash_prevented_its_hand_off() {
    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit("ExtractFunction", 0).unwrap();
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    end_documents(&pipeline, &pipeline.order(id).await).await;
    assert!(pipeline.order(id).await.all_documents_ended());
    lose_messages(&pipeline).await;
    pipeline.local.driver.limit("ExtractFunction", 10).unwrap();
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    assert_eq!(audit(&pipeline, id).await, [AuditAction::PhaseEnded]);
}

/// Claims and ends every document, as a function does that stops before it ends the phase.
async fn end_documents(pipeline: &Pipeline, order: &Order) {
    let (store, now) = (store(pipeline), pipeline.local.aws.clock().now());
    let numbers: BTreeSet<_> = DocumentNumber::all(order.documents()).collect();
    for number in numbers.iter().copied() {
        let lease = Lease { owner: "o".to_owned(), message: format!("m{number}"), until: now };
        let claimed = execution::claim(order, number, None, &lease, now, &format!("claimed {number}")).unwrap();
        assert_eq!(
            store.write_executions(std::slice::from_ref(&claimed), None).await.unwrap(),
            ExecutionsWritten::Done
        );
        let (claimed, done) = (claimed.next(), ExecutionEnd::Completed(None));
        let ended = execution::end(order, number, Some(claimed), &done, now, &format!("ended {number}")).unwrap();
        assert_eq!(store.write_executions(&[ended], None).await.unwrap(), ExecutionsWritten::Done);
    }
    let kind = EventKind::DocumentsEnded { run: order.run(), completed: numbers.clone(), failed: BTreeSet::new() };
    let decision = decide(order, &Event::new(now, "w".to_owned(), kind)).unwrap();
    let after = store.add_ended(&decision, &numbers, &BTreeSet::new()).await.unwrap();
    assert_eq!(after.terminal(), decision.order().terminal());
}

/// Breaks the connection of functions for the calls that a test selects.
struct Disconnected(fn(&Call) -> bool);

impl Interceptor for Disconnected {
    fn before(&self, call: &Call) -> Action {
        if !call.scope.is_empty() && self.0(call) { Action::Reset } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_without_progress_for_a_day_fails_with_an_alert() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    // From here on, the phase's function cannot be started.
    pipeline.local.driver.limit("ClassifyFunction", 0).unwrap();
    run_for_hours(&mut pipeline, 26).await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);
    assert!(order.failure_reason().unwrap().contains("Look at the alarms"));
    let failures = pipeline.client.failures(id).await.unwrap();
    assert_eq!(failures.len(), 1);
    assert_eq!((failures[0].record.code.as_str(), failures[0].alert), ("order.overdue", AlertState::Sent));
    assert!(outcome::alerts(&pipeline).contains_key(&format!("{id}/r1-classify")));
    // It was resent once before that, and then its queue held both.
    assert_eq!(audit(&pipeline, id).await, [AuditAction::HandOffResent, AuditAction::OrderFailed]);
}

#[tokio::test(start_paused = true)]
async fn a_pending_alert_whose_message_was_lost_is_published() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Disconnected(|call| call.service == Service::Sns)));
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    lose_messages(&pipeline).await;
    assert_eq!(outcome::publication_count(&pipeline), 0);
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(outcome::alerts(&pipeline).len(), 1, "one for the order and its document");
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert!(pipeline.client.failures(id).await.unwrap().iter().all(|failure| failure.alert == AlertState::Sent));
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_pass_during_an_sns_outage_does_not_wait_for_each_alert() {
    let mut pipeline = Pipeline::new();
    let failing = OrderRequest::canary_with(1, &[1]);
    let mut ids = Vec::new();
    for number in 0..9 {
        let id = OrderId::from_parts(1_767_603_600_000, number);
        pipeline.client.submit_uploaded(id, failing.service, 1, failing.options.clone()).await.unwrap();
        ids.push(id);
    }
    pipeline.intercept(Arc::new(Disconnected(|call| call.service == Service::Sns)));
    run_for_hours(&mut pipeline, 1).await;
    for id in ids {
        assert_eq!(pipeline.order(id).await.status(), Status::Failed);
    }
    let log = capture();
    reconcile(&mut pipeline).await;
    let deferred = log.text().matches("item deferred to the next pass").count();
    assert_eq!(deferred, 3, "of nine pending alerts");
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    assert_eq!(outcome::publication_count(&pipeline), 9);
}

/// An item of the table.
type Item = std::collections::HashMap<String, AttributeValue>;

fn table(pipeline: &Pipeline) -> (aws_sdk_dynamodb::Client, String) {
    let name = pipeline.local.stack.tables.values().next().unwrap().name.clone();
    (aws_sdk_dynamodb::Client::new(&pipeline.local.aws.sdk_config()), name)
}

fn key(id: OrderId) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    Item::from([("pk".to_owned(), text(&format!("FIRM#local#ORDER#{id}"))), ("sk".to_owned(), text("ORDER"))])
}

async fn item(pipeline: &Pipeline, id: OrderId) -> Item {
    let (client, table) = table(pipeline);
    client.get_item().table_name(table).set_key(Some(key(id))).send().await.unwrap().item.unwrap()
}

async fn put(pipeline: &Pipeline, item: Item) {
    let (client, table) = table(pipeline);
    client.put_item().table_name(table).set_item(Some(item)).send().await.unwrap();
}

async fn delete(pipeline: &Pipeline, id: OrderId) {
    let (client, table) = table(pipeline);
    client.delete_item().table_name(table).set_key(Some(key(id))).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn many_entries_in_one_shard_of_the_index_do_not_hide_the_others() {
    let pipeline = Pipeline::new();
    let entry = |number: u128, shard: u32| {
        let id = OrderId::from_parts(1, number);
        let mut entry = key(id);
        let text = |text: String| AttributeValue::S(text);
        entry.extend([
            ("watch".to_owned(), text(format!("order-{shard}"))),
            ("watch_since".to_owned(), AttributeValue::N(number.to_string())),
            ("firm_id".to_owned(), text("local".to_owned())),
            ("order_id".to_owned(), text(id.to_string())),
        ]);
        (id, entry)
    };
    for number in 1..=40 {
        put(&pipeline, entry(number, 0).1).await;
    }
    let mut others = Vec::new();
    for shard in 1..4 {
        let (id, entry) = entry(100 + u128::from(shard), shard);
        put(&pipeline, entry).await;
        others.push(id);
    }
    // Which shard comes first changes from minute to minute.
    for minute in 0..4 {
        let before = Timestamp::from_second(60 * minute + 1).unwrap();
        let (found, unreadable) = store(&pipeline).watched(WatchList::Orders, before, 20).await.unwrap();
        let found: Vec<OrderId> = found.into_iter().map(|entry| entry.order_id).collect();
        assert!(others.iter().all(|other| found.contains(other)), "{found:?}");
        assert_eq!((found.len(), unreadable), (8, 0), "five of the first shard, and the others");
        assert_eq!(found.iter().filter(|id| !others.contains(id)).count(), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_order_is_reported_once_and_does_not_block_the_others() {
    let mut pipeline = Pipeline::new();
    let healthy = pipeline.submit(&OrderRequest::canary()).await;
    lose_message_of(&mut pipeline, healthy, Phase::Classify).await;
    let mut poisoned = item(&pipeline, healthy).await;
    let other = OrderId::from_parts(1, 1);
    poisoned.extend(key(other));
    poisoned.insert("order_id".to_owned(), AttributeValue::S(other.to_string()));
    poisoned.insert("status".to_owned(), AttributeValue::S("NO_STATUS".to_owned()));
    // Whichever shard of the index comes first.
    for shard in 0..4 {
        let id = OrderId::from_parts(1, 1 + shard);
        let mut one = poisoned.clone();
        one.extend(key(id));
        one.insert("order_id".to_owned(), AttributeValue::S(id.to_string()));
        one.insert("watch".to_owned(), AttributeValue::S(format!("order-{shard}")));
        put(&pipeline, one).await;
    }
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(pipeline.order(healthy).await.status(), Status::Completed);
    let alerts = outcome::alerts(&pipeline);
    assert_eq!(alerts.len(), 4, "{alerts:?}");
    assert!(alerts.keys().all(|id| id.ends_with("/reconcile-reconcile.order_damaged")));
    assert_eq!(outcome::publication_count(&pipeline), 4);
}

#[tokio::test(start_paused = true)]
async fn only_one_pass_runs_at_a_time() {
    let mut pipeline = Pipeline::new();
    let store = store(&pipeline);
    let now = pipeline.local.aws.clock().now();
    let lock = store.lock_reconcile("somebody", now).await.unwrap().unwrap();
    assert_eq!(reconcile(&mut pipeline).await, json!({ "turn": false }));
    assert!(store.unlock_reconcile(&lock).await.unwrap());
    assert_eq!(reconcile(&mut pipeline).await, json!({ "turn": true, "repaired": {} }));
    // A lock whose holder died is waited for until it expires, and no longer.
    let _ = store.lock_reconcile("dead", now).await.unwrap().unwrap();
    tokio::time::sleep(Duration::from_secs(u64::from(aws::store::RECONCILE_LOCK_SECS_MAX) + 1)).await;
    assert_eq!(reconcile(&mut pipeline).await, json!({ "turn": true, "repaired": {} }));
}

/// An overdue order, a pending alert, and a backup that lacks both.
async fn pipeline_with_neglected_work() -> (Pipeline, OrderId) {
    let mut pipeline = Pipeline::new();
    pipeline
        .intercept(Arc::new(Disconnected(|call| call.service == Service::Sns || call.resource.contains("-backup-"))));
    let id = pipeline.submit(&OrderRequest::canary_with(2, &[1])).await;
    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    lose_message_of(&mut pipeline, id, Phase::Review).await;
    pipeline.local.aws.intercept(None);
    tokio::time::sleep(Duration::from_secs(1_200)).await;
    (pipeline, id)
}

async fn settle_all(pipeline: &mut Pipeline, id: OrderId) -> (Value, usize, BTreeMap<String, String>) {
    pipeline.local.driver.limit(RECONCILE, 1).unwrap();
    run_for_hours(pipeline, 1).await;
    (outcome::of(pipeline, id).await, watched_count(pipeline).await, outcome::alerts(pipeline))
}

#[tokio::test(start_paused = true)]
async fn a_pass_interrupted_at_any_call_loses_nothing() {
    let (mut pipeline, id) = pipeline_with_neglected_work().await;
    let recorder = Arc::new(Recorder::default());
    pipeline.intercept(recorder.clone());
    reconcile(&mut pipeline).await;
    let points: Vec<Point> = recorder.points().into_iter().filter(|point| point.function == RECONCILE).collect();
    assert!(points.len() > 10, "{points:?}");
    let expected = settle_all(&mut pipeline, id).await;
    assert_eq!((expected.0["status"].as_str(), expected.1, expected.2.len()), (Some("COMPLETED"), 0, 1));
    for point in points {
        for (moment, action) in
            [(Moment::Before, Action::Crash), (Moment::After, Action::Crash), (Moment::After, Action::Reset)]
        {
            let (mut pipeline, id) = pipeline_with_neglected_work().await;
            let fault = Once::new(point.clone(), moment, action.clone());
            pipeline.intercept(fault.clone());
            let answer = pipeline.local.driver.invoke(RECONCILE, json!({ "reconcile": {} })).await;
            assert!(action != Action::Crash || answer == Err(InvokeError::Killed), "{point:?}: {answer:?}");
            assert!(fault.was_hit(), "{point:?}");
            pipeline.local.aws.intercept(None);
            assert_eq!(settle_all(&mut pipeline, id).await, expected, "{action:?} {moment:?} {point:?}");
            let count = outcome::publication_count(&pipeline);
            let answer_lost = point.operation == "sns:Publish" || action == Action::Crash;
            assert!(count == 1 || (count == 2 && answer_lost), "{count} publications: {action:?} {moment:?} {point:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_command_received_during_an_outage_is_carried_out_afterwards() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.settle().await;
    let failed = pipeline.order(id).await;
    pipeline.intercept(Arc::new(Disconnected(|call| call.service == Service::DynamoDb)));
    pipeline.client.command(id, Command::Retry { run: failed.run(), start_from: None }).await.unwrap();
    run_for_hours(&mut pipeline, 1).await;
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(pipeline.order(id).await.run().get(), failed.run().get() + 1);
}

/// Crashes every invocation of a function after its first call.
struct CrashAfterFirstCall(&'static str);

impl Interceptor for CrashAfterFirstCall {
    fn after(&self, call: &Call) -> Action {
        if *call.scope == *self.0 { Action::Crash } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_crashes_its_function_fails_the_order_after_the_last_attempt() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.intercept(Arc::new(CrashAfterFirstCall("ValidateFunction")));
    run_for_hours(&mut pipeline, 4).await;
    let order = pipeline.order(id).await;
    assert_eq!(order.status(), Status::Failed);
    let error = order.last_orchestration_error().unwrap();
    assert_eq!((error.phase, error.code.as_str()), (Phase::Validate, "message.dead_lettered"));
    assert_eq!(order.phase_attempts(), RECEIVE_COUNT_MAX);
    assert_eq!(outcome::alerts(&pipeline).len(), 1);
}
