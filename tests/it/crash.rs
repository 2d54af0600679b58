//! Orders whose work panics, kills the function, or computes without end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use domain::failure::Failure;
use domain::id::OrderId;
use domain::limit::ATTEMPT_COUNT_MAX;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::Status;
use engine::InvokeError;
use runtime::panics::compute;
use runtime::phase::{Job, Outcome};
use runtime::service::Resources;
use serde_json::{Value, json};
use tests::outcome;
use tests::pipeline::Pipeline;
use tokio::sync::Notify;

const CLASSIFY: &str = "ClassifyFunction";
const SECRET: &str = "Acme Traders 4711";

/// Gives `classify` other work. `kill` ends the whole process of the function, with every message that it holds.
fn replace_classify(
    pipeline: &mut Pipeline,
    work: impl AsyncFn(&mut Job, &Notify) -> Result<Outcome, Failure> + 'static,
) {
    let environment = pipeline.local.environment(CLASSIFY).unwrap();
    let resources = Resources::of_phase(&environment, Phase::Classify).unwrap();
    let shared = Rc::new((resources, work));
    let handler = move |invocation: engine::Invocation| {
        let shared = Rc::clone(&shared);
        async move {
            let (resources, work) = &*shared;
            let kill = Notify::new();
            let context = runtime::invocation::Invocation {
                request_id: invocation.request_id.clone(),
                deadline: invocation.deadline,
            };
            let work = async |job: &mut Job| work(job, &kill).await;
            tokio::select! {
                biased;
                () = kill.notified() => Err(InvokeError::Panicked),
                answer = runtime::phase::handle(&resources.pipeline, Phase::Classify, &context, invocation.event, work) =>
                    answer.map_err(|fault| InvokeError::Failed(fault.to_string())),
            }
        }
    };
    pipeline.local.driver.register(CLASSIFY, handler).unwrap();
}

fn id(number: u64) -> OrderId {
    OrderId::from_parts(1_767_603_600_000, number.into())
}

async fn submit(pipeline: &Pipeline, count: u64) {
    for number in 1..=count {
        let submitted = pipeline.client.submit_uploaded(id(number), ServiceCode::Canary, 0, Default::default());
        submitted.await.unwrap();
    }
}

async fn statuses(pipeline: &Pipeline, count: u64) -> Vec<Status> {
    let mut all = Vec::new();
    for number in 1..=count {
        all.push(pipeline.order(id(number)).await.status());
    }
    all
}

#[tokio::test(start_paused = true)]
async fn an_order_that_kills_the_function_takes_no_other_with_it() {
    for poison in 1..=5 {
        let mut pipeline = Pipeline::new();
        let batches: Rc<RefCell<BTreeSet<String>>> = Rc::default();
        let worked = Rc::new(Cell::new(0));
        let kills = Rc::new(Cell::new(0));
        let (seen, count, killed) = (Rc::clone(&batches), Rc::clone(&worked), Rc::clone(&kills));
        replace_classify(&mut pipeline, async move |job, kill| {
            if let Some(lease) = job.order.lease() {
                seen.borrow_mut().insert(lease.owner.clone());
            }
            if job.order.order_id() == id(poison) {
                killed.set(killed.get() + 1);
                kill.notify_one();
                return std::future::pending().await;
            }
            // Others are still at work when the function is killed.
            tokio::time::sleep(Duration::from_secs(1)).await;
            count.set(count.get() + 1);
            Ok(Outcome::Done)
        });
        submit(&pipeline, 5).await;
        // Two visibility time-outs of the queue: the others need not wait until the killer is given up.
        pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(800))).await;
        let after: Vec<Status> = statuses(&pipeline, 5).await;
        assert_eq!(after.iter().filter(|status| **status == Status::Completed).count(), 4, "{after:?}");
        pipeline.settle().await;
        assert_eq!(worked.get(), 4, "each of the others was worked on once to its end");
        let order = pipeline.order(id(poison)).await;
        assert_eq!(order.status(), Status::Failed);
        assert_eq!(order.last_orchestration_error().unwrap().code, "message.dead_lettered");
        assert_eq!(kills.get(), ATTEMPT_COUNT_MAX);
        assert_eq!(outcome::publication_count(&pipeline), 1);
        assert_eq!(outcome::messages_left(&pipeline), 0);
        assert!(batches.borrow().len() > 1, "the killer was delivered again");
    }
}

/// What `classify` is invoked with: its message about an order, delivered so many times.
fn record(pipeline: &Pipeline, order: &Order, count: u32) -> Value {
    let message = order.owed_messages().remove(0);
    let queue = pipeline.local.aws.account().arn("sqs", "docket-dev-classify");
    json!({
        "messageId": order.order_id(), "receiptHandle": format!("receipt-{}", order.order_id()),
        "body": serde_json::to_string(&message).unwrap(), "attributes": { "ApproximateReceiveCount": count.to_string() },
        "messageAttributes": {}, "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": queue,
        "awsRegion": "us-east-1",
    })
}

/// Orders that are due at `classify`, whose function is only invoked by the test. The first `crashed` of them were claimed by
/// an invocation that was killed.
async fn due_at_classify(pipeline: &mut Pipeline, count: u64, crashed: usize, armed: &Cell<bool>) -> Vec<Order> {
    pipeline.local.driver.limit(CLASSIFY, 0).unwrap();
    submit(pipeline, count).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(20))).await;
    let mut orders = Vec::new();
    for number in 1..=count {
        orders.push(pipeline.order(id(number)).await);
    }
    armed.set(true);
    let records: Vec<Value> = orders[..crashed].iter().map(|order| record(pipeline, order, 1)).collect();
    let killed = pipeline.local.driver.invoke(CLASSIFY, json!({ "Records": records })).await;
    assert_eq!(killed.unwrap_err(), InvokeError::Panicked);
    armed.set(false);
    orders
}

/// The orders whose messages an answer gives back.
fn given_back(answer: &Value) -> Vec<&str> {
    let failures = answer["batchItemFailures"].as_array().unwrap();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_given_back_is_hidden_once_and_then_left_to_whoever_has_it() {
    let mut pipeline = Pipeline::new();
    let armed = Rc::new(Cell::new(false));
    let kill_now = Rc::clone(&armed);
    replace_classify(&mut pipeline, async move |_, kill| {
        if kill_now.get() {
            // By then all messages of the batch are claimed.
            tokio::time::sleep(Duration::from_secs(1)).await;
            kill.notify_one();
            return std::future::pending().await;
        }
        Ok(Outcome::Done)
    });
    let orders = due_at_classify(&mut pipeline, 2, 2, &armed).await;
    let before = hidden(&pipeline);
    let records: Vec<Value> = orders.iter().map(|order| record(&pipeline, order, 2)).collect();
    let answer = pipeline.local.driver.invoke(CLASSIFY, json!({ "Records": records })).await.unwrap();
    assert_eq!(given_back(&answer), [id(2).to_string()]);
    assert_eq!(hidden(&pipeline) - before, 1);
    assert_eq!(pipeline.order(id(2)).await.phase_attempts(), 1, "it was not claimed");
    assert!(pipeline.order(id(1)).await.phase() > Phase::Classify);
}

/// How often `classify` said when messages become visible.
fn hidden(pipeline: &Pipeline) -> u64 {
    let calls = pipeline::calls::by_function(&pipeline.local.aws);
    calls["classify"]["sqs:ChangeMessageVisibilityBatch"].as_u64().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_suspect_does_not_begin_when_others_have_used_up_the_time() {
    let mut pipeline = Pipeline::new();
    let armed = Rc::new(Cell::new(false));
    let kill_now = Rc::clone(&armed);
    replace_classify(&mut pipeline, async move |job, kill| {
        if kill_now.get() {
            // By then all messages of the batch are claimed.
            tokio::time::sleep(Duration::from_secs(1)).await;
            kill.notify_one();
            return std::future::pending().await;
        }
        // More than half of the function's 60 seconds.
        tokio::time::sleep(Duration::from_secs(if job.order.order_id() == id(2) { 40 } else { 25 })).await;
        Ok(Outcome::Done)
    });
    let orders = due_at_classify(&mut pipeline, 2, 1, &armed).await;
    let records = [record(&pipeline, &orders[0], 2), record(&pipeline, &orders[1], 1)];
    let answer = pipeline.local.driver.invoke(CLASSIFY, json!({ "Records": records })).await.unwrap();
    assert_eq!(given_back(&answer), [id(1).to_string()]);
    assert_eq!(pipeline.order(id(1)).await.phase_attempts(), 1, "it was not claimed");
    let alone = json!({ "Records": [record(&pipeline, &orders[0], 3)] });
    let answer = pipeline.local.driver.invoke(CLASSIFY, alone).await.unwrap();
    assert_eq!(given_back(&answer), <[&str; 0]>::default());
    assert!(pipeline.order(id(1)).await.phase() > Phase::Classify);
}

#[tokio::test(start_paused = true)]
async fn work_that_panics_fails_its_order_in_seconds_and_no_other() {
    let mut pipeline = Pipeline::new();
    replace_classify(&mut pipeline, async |job, _| {
        assert!(job.order.order_id() != id(2), "{SECRET}");
        Ok(Outcome::Done)
    });
    submit(&pipeline, 3).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(20))).await;
    assert_eq!(statuses(&pipeline, 3).await, [Status::Completed, Status::Failed, Status::Completed]);
    let order = pipeline.order(id(2)).await;
    assert_eq!(order.phase_attempts(), 2, "it was tried once more");
    let failures = pipeline.client.failures(id(2)).await.unwrap();
    let [failure] = failures.as_slice() else { panic!("{failures:?}") };
    assert_eq!(failure.record.code, "phase.panicked");
    assert!(failure.record.error_message.contains("crash.rs, line "), "{}", failure.record.error_message);
    let alerts = format!("{:?}", outcome::alerts(&pipeline));
    assert_eq!(outcome::publication_count(&pipeline), 1);
    assert!(!alerts.contains("Acme") && !failure.record.error_message.contains("Acme"));
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn a_computation_that_panics_fails_its_order_as_any_other_work() {
    let mut pipeline = Pipeline::new();
    replace_classify(&mut pipeline, async |_, _| {
        compute(|| panic!("{SECRET}")).await?;
        Ok(Outcome::Done)
    });
    submit(&pipeline, 1).await;
    pipeline.settle().await;
    let order = pipeline.order(id(1)).await;
    assert_eq!(order.last_orchestration_error().unwrap().code, "phase.panicked");
    assert_eq!(outcome::publication_count(&pipeline), 1);
}
