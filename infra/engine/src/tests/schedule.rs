//! Schedules as EventBridge runs them.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Value, json};

use super::{deployed, sleep_s, start};
use crate::{Account, Aws, Clock, Driver, InvokeError, Stack};

const STACK: &str = "
Resources:
  Reconcile:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Hourly: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour) } }
        Report: { Type: Schedule, Properties: { Schedule: rate(150 minutes), Input: '{\"report\": true}' } }
        Off: { Type: Schedule, Properties: { Schedule: rate(1 minute), Enabled: false } }
";

type Fired = Rc<RefCell<Vec<(String, Value)>>>;

fn driver(aws: &Aws, stack: &Stack, fail: bool) -> (Driver, Fired) {
    let mut driver = Driver::new(aws, stack).unwrap();
    let fired = Fired::default();
    let (kept, clock) = (Rc::clone(&fired), aws.clock().clone());
    driver
        .register("Reconcile", move |invocation| {
            kept.borrow_mut().push((clock.now().to_string(), invocation.event));
            async move { if fail { Err(InvokeError::Failed("Down".into())) } else { Ok(Value::Null) } }
        })
        .unwrap();
    (driver, fired)
}

fn times(fired: &Fired) -> Vec<String> {
    fired.borrow().iter().map(|(time, _)| time.clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn schedules_fire_at_their_times_with_their_events() {
    let (aws, stack) = deployed(STACK);
    let (mut driver, fired) = driver(&aws, &stack, false);
    assert_eq!(driver.next_due().unwrap().to_string(), "2026-04-01T01:00:00Z");
    driver.run_while(sleep_s(3 * 3600 + 1)).await;
    let expected = ["2026-04-01T01:00:00Z", "2026-04-01T02:00:00Z", "2026-04-01T02:30:00Z", "2026-04-01T03:00:00Z"];
    assert_eq!(times(&fired), expected);
    assert_eq!(fired.borrow()[2].1, json!({ "report": true }));
    assert_eq!(fired.borrow()[0].1["detail-type"], "Scheduled Event");
    assert_eq!(fired.borrow()[0].1["time"], "2026-04-01T01:00:00Z");
}

#[tokio::test(start_paused = true)]
async fn a_failed_scheduled_invocation_is_retried_twice() {
    let (aws, stack) = deployed(STACK);
    let (mut driver, fired) = driver(&aws, &stack, true);
    driver.run_while(sleep_s(3600 + 1000)).await;
    assert_eq!(times(&fired), ["2026-04-01T01:00:00Z", "2026-04-01T01:01:00Z", "2026-04-01T01:03:00Z"]);
}

#[tokio::test(start_paused = true)]
async fn schedules_missed_while_nothing_ran_fire_once() {
    let directory = tempfile::tempdir().unwrap();
    let stack = Stack::parse(STACK, &Account::default()).unwrap();
    let (first, _) = driver(&Aws::open(directory.path(), Clock::starting_at(start())).unwrap(), &stack, false);
    drop(first);
    let later = "2026-04-03T12:20:00Z".parse().unwrap();
    let (mut driver, fired) = driver(&Aws::open(directory.path(), Clock::starting_at(later)).unwrap(), &stack, false);
    driver.run_while(sleep_s(45 * 60)).await;
    // Each schedule once at the start, and then the hourly one in its old rhythm.
    assert_eq!(times(&fired), ["2026-04-03T12:20:00Z", "2026-04-03T12:20:00Z", "2026-04-03T13:00:00Z"]);
}
