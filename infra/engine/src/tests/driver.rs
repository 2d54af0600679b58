//! Event source mappings as Lambda runs them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::Client;
use serde_json::{Value, json};

use super::{deployed, sleep_s};
use crate::{Action, Aws, Call, Driver, Interceptor, InvokeError};

const STACK: &str = "
Globals: { Function: { Timeout: 30, Environment: { Variables: { LOG: info } } } }
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: work
      VisibilityTimeout: 180
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead: { Type: AWS::SQS::Queue, Properties: { QueueName: dead } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Queue:
          Type: SQS
          Properties: { Queue: !GetAtt Work.Arn, BatchSize: 5, FunctionResponseTypes: [ReportBatchItemFailures] }
  DeadLetterWorker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Queue: { Type: SQS, Properties: { Queue: !GetAtt Dead.Arn } }
";

async fn send(aws: &Aws, body: &str) -> String {
    let client = Client::new(&aws.sdk_config());
    let sent =
        client.send_message().queue_url(aws.account().queue_url("work")).message_body(body).send().await.unwrap();
    sent.message_id.unwrap()
}

fn bodies(event: &Value) -> Vec<String> {
    event["Records"].as_array().unwrap().iter().map(|record| record["body"].as_str().unwrap().to_owned()).collect()
}

fn succeed() -> Result<Value, InvokeError> {
    Ok(json!({ "batchItemFailures": [] }))
}

/// The bodies of each event that a handler was given, in order.
#[derive(Clone, Default)]
struct Seen(Rc<RefCell<Vec<Vec<String>>>>);

impl Seen {
    fn record(&self, event: &Value) {
        self.0.borrow_mut().push(bodies(event));
    }

    fn all(&self) -> Vec<Vec<String>> {
        self.0.borrow().clone()
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_arrives_in_lambdas_event_and_is_deleted_when_it_succeeds() {
    let (aws, stack) = deployed(STACK);
    let id = send(&aws, "hello").await;
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let kept = Rc::new(RefCell::new(Value::Null));
    let seen = Rc::clone(&kept);
    driver
        .register("Worker", move |invocation| {
            *seen.borrow_mut() = invocation.event;
            async { succeed() }
        })
        .unwrap();
    assert!(driver.run_until_idle(Duration::from_secs(60)).await);
    let handle = kept.borrow()["Records"][0]["receiptHandle"].clone();
    let expected = json!({ "Records": [{
        "messageId": id,
        "receiptHandle": handle,
        "body": "hello",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1775001600000",
            "SenderId": "AIDALOCAL",
            "ApproximateFirstReceiveTimestamp": "1775001600000",
        },
        "messageAttributes": {},
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:work",
        "awsRegion": "us-east-1",
    }]});
    assert_eq!(*kept.borrow(), expected);
    assert_eq!(aws.queue_depth("work").unwrap().total(), 0);
    assert_eq!(aws.clock().now(), super::start(), "no time passed");
}

#[tokio::test(start_paused = true)]
async fn only_the_reported_failures_are_delivered_again_after_the_visibility_timeout() {
    let (aws, stack) = deployed(STACK);
    for body in ["a", "b", "c"] {
        send(&aws, body).await;
    }
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let seen = Seen::default();
    let (seen_by_handler, calls) = (seen.clone(), Rc::new(Cell::new(0)));
    driver
        .register("Worker", move |invocation| {
            seen_by_handler.record(&invocation.event);
            calls.set(calls.get() + 1);
            let failed = invocation.event["Records"][1]["messageId"].clone();
            let first = calls.get() == 1;
            async move { if first { Ok(json!({ "batchItemFailures": [{ "itemIdentifier": failed }] })) } else { succeed() } }
        })
        .unwrap();
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(seen.all(), [vec!["a", "b", "c"], vec!["b"]]);
    assert_eq!(aws.clock().now().to_string(), "2026-04-01T00:03:00Z");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_always_fails_reaches_the_function_of_the_dead_letter_queue() {
    let (aws, stack) = deployed(STACK);
    send(&aws, "poison").await;
    let mut driver = Driver::new(&aws, &stack).unwrap();
    driver.register("Worker", |_| async { Err(InvokeError::Failed("Broken".into())) }).unwrap();
    let letters = Seen::default();
    let seen_by_handler = letters.clone();
    driver
        .register("DeadLetterWorker", move |invocation| {
            seen_by_handler.record(&invocation.event);
            async { Ok(Value::Null) }
        })
        .unwrap();
    let ended = Rc::new(Cell::new(0));
    let count = Rc::clone(&ended);
    driver.observe(move |end| count.set(count.get() + u32::from(end.error.is_some())));
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(letters.all(), [["poison"]]);
    assert_eq!(ended.get(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_function_is_stopped_at_its_timeout_and_its_batch_is_delivered_again() {
    let (aws, stack) = deployed(STACK);
    send(&aws, "slow").await;
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    driver
        .register("Worker", move |invocation| {
            count.set(count.get() + 1);
            let first = count.get() == 1;
            assert_eq!(invocation.deadline.duration_since(super::start()).as_secs() % 180, 30);
            async move {
                if first {
                    sleep_s(31).await;
                }
                succeed()
            }
        })
        .unwrap();
    let errors = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&errors);
    driver.observe(move |ended| kept.borrow_mut().extend(ended.error.clone()));
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(*errors.borrow(), [InvokeError::TimedOut]);
    assert_eq!(calls.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_the_batch_and_not_the_driver() {
    let (aws, stack) = deployed(STACK);
    send(&aws, "a").await;
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let calls = Rc::new(Cell::new(0));
    let count = Rc::clone(&calls);
    driver
        .register("Worker", move |_| {
            count.set(count.get() + 1);
            assert!(count.get() > 1, "the first run panics");
            async { succeed() }
        })
        .unwrap();
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(calls.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_processed_in_batches_within_the_concurrency_limit() {
    let (aws, stack) = deployed(STACK);
    for number in 0..23 {
        send(&aws, &number.to_string()).await;
    }
    let mut driver = Driver::new(&aws, &stack).unwrap();
    driver.limit("Worker", 2).unwrap();
    let (running, most, sizes) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)), Rc::new(RefCell::new(Vec::new())));
    let (now, peak, kept) = (Rc::clone(&running), Rc::clone(&most), Rc::clone(&sizes));
    driver
        .register("Worker", move |invocation| {
            kept.borrow_mut().push(bodies(&invocation.event).len());
            let (now, peak) = (Rc::clone(&now), Rc::clone(&peak));
            async move {
                now.set(now.get() + 1);
                peak.set(peak.get().max(now.get()));
                sleep_s(10).await;
                now.set(now.get() - 1);
                succeed()
            }
        })
        .unwrap();
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(*sizes.borrow(), [5, 5, 5, 5, 3]);
    assert_eq!(most.get(), 2);
    assert_eq!(aws.clock().now().to_string(), "2026-04-01T00:00:30Z");
}

#[tokio::test(start_paused = true)]
async fn a_window_gathers_messages_into_one_batch() {
    let (aws, stack) = deployed(&STACK.replace("BatchSize: 5,", "BatchSize: 50, MaximumBatchingWindowInSeconds: 20,"));
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let seen = Seen::default();
    let seen_by_handler = seen.clone();
    driver
        .register("Worker", move |invocation| {
            seen_by_handler.record(&invocation.event);
            async { succeed() }
        })
        .unwrap();
    let feed = async {
        send(&aws, "a").await;
        sleep_s(15).await;
        send(&aws, "b").await;
        sleep_s(10).await;
        send(&aws, "c").await;
        sleep_s(60).await;
    };
    driver.run_while(feed).await;
    assert_eq!(seen.all(), [vec!["a", "b"], vec!["c"]]);
}

#[tokio::test(start_paused = true)]
async fn a_function_that_sends_to_its_own_queue_is_invoked_again() {
    let (aws, stack) = deployed(STACK);
    send(&aws, "3").await;
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let seen = Seen::default();
    let (seen_by_handler, handle) = (seen.clone(), aws.clone());
    driver
        .register("Worker", move |invocation| {
            seen_by_handler.record(&invocation.event);
            let left: u32 = bodies(&invocation.event)[0].parse().unwrap();
            let aws = handle.clone();
            async move {
                if left > 1 {
                    send(&aws, &(left - 1).to_string()).await;
                }
                succeed()
            }
        })
        .unwrap();
    assert!(driver.run_until(|| seen.all().len() == 3).await);
    assert_eq!(seen.all(), [["3"], ["2"], ["1"]]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_acknowledgement_delivers_the_message_twice() {
    struct Forget(std::sync::atomic::AtomicBool);
    impl Interceptor for Forget {
        fn acknowledge(&self, queue: &str, _: &str) -> bool {
            assert_eq!(queue, "work");
            self.0.swap(true, std::sync::atomic::Ordering::Relaxed)
        }
    }
    let (aws, stack) = deployed(STACK);
    send(&aws, "a").await;
    aws.intercept(Some(Arc::new(Forget(false.into()))));
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let seen = Seen::default();
    let seen_by_handler = seen.clone();
    driver
        .register("Worker", move |invocation| {
            seen_by_handler.record(&invocation.event);
            async { succeed() }
        })
        .unwrap();
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(seen.all(), [["a"], ["a"]]);
}

/// Kills the invocation at its first call.
struct KillFirst;

impl Interceptor for KillFirst {
    fn after(&self, call: &Call) -> Action {
        if call.scope_order == 0 && call.scope.as_ref() == "Worker" { Action::Crash } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_killed_after_a_call_is_invoked_again_and_the_effect_remains() {
    let (aws, stack) = deployed(STACK);
    aws.create_queue("out").unwrap();
    send(&aws, "a").await;
    aws.intercept(Some(Arc::new(KillFirst)));
    let mut driver = Driver::new(&aws, &stack).unwrap();
    let handle = aws.clone();
    driver
        .register("Worker", move |_| {
            let aws = handle.clone();
            async move {
                let client = Client::new(&aws.sdk_config());
                client.send_message().queue_url(aws.account().queue_url("out")).message_body("x").send().await.unwrap();
                succeed()
            }
        })
        .unwrap();
    let errors = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&errors);
    driver.observe(move |ended| kept.borrow_mut().extend(ended.error.clone()));
    assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
    assert_eq!(*errors.borrow(), [InvokeError::Killed]);
    assert_eq!(aws.queue_depth("out").unwrap().visible, 2);
}

#[tokio::test(start_paused = true)]
async fn two_runs_give_the_same_ids_at_the_same_times() {
    let mut traces = Vec::new();
    for _ in 0..2 {
        let (aws, stack) = deployed(STACK);
        send(&aws, "poison").await;
        let mut driver = Driver::new(&aws, &stack).unwrap();
        driver.register("Worker", |_| async { Err(InvokeError::Failed("Broken".into())) }).unwrap();
        driver.register("DeadLetterWorker", |_| async { Ok(Value::Null) }).unwrap();
        let trace = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&trace);
        driver.observe(move |ended| kept.borrow_mut().push(format!("{ended:?}")));
        assert!(driver.run_until_idle(Duration::from_secs(1000)).await);
        traces.push(trace.take());
    }
    assert_eq!(traces[0].len(), 4);
    assert_eq!(traces[0], traces[1]);
}

#[tokio::test(start_paused = true)]
async fn a_queue_without_a_handler_keeps_its_messages() {
    let (aws, stack) = deployed(STACK);
    send(&aws, "a").await;
    let mut driver = Driver::new(&aws, &stack).unwrap();
    assert!(!driver.step().await);
    assert_eq!(driver.next_due(), None);
    assert_eq!(aws.queue_depth("work").unwrap().visible, 1);
    assert!(driver.register("Misspelt", |_| async { succeed() }).is_err());
}

#[tokio::test(start_paused = true)]
async fn messages_of_a_crash_wait_for_the_visibility_timeout_unless_another_delay_is_set() {
    for (delay_s, expected_s) in [(None, 180), (Some(5), 5)] {
        let (aws, stack) = deployed(STACK);
        send(&aws, "hello").await;
        let mut driver = Driver::new(&aws, &stack).unwrap();
        if let Some(secs) = delay_s {
            driver.retry_crashes_after(secs);
        }
        let begun: Rc<RefCell<Vec<i64>>> = Rc::default();
        let (times, clock) = (Rc::clone(&begun), aws.clock().clone());
        driver
            .register("Worker", move |_| {
                times.borrow_mut().push(clock.now().as_second());
                let first = times.borrow().len() == 1;
                async move { if first { Err(InvokeError::Killed) } else { succeed() } }
            })
            .unwrap();
        assert!(driver.run_until_idle(Duration::from_secs(600)).await);
        let begun = begun.borrow();
        assert_eq!((begun.len(), begun[1] - begun[0]), (2, expected_s), "{delay_s:?}");
    }
}
