//! Tests the drift check under faults: interrupted at each call, repeated, run concurrently, and cut off from AWS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::{Action, Call, Interceptor, Service};
use tests::deployment::{Deployment, name};
use tests::fault::{Moment, Once, Point, Recorder};

use super::foreign;

/// Fails the calls that a test selects, until it ends.
struct Outage {
    affects: fn(&Call) -> bool,
    over: AtomicBool,
}

impl Outage {
    fn of(deployment: &Deployment, affects: fn(&Call) -> bool) -> Arc<Self> {
        let outage = Arc::new(Self { affects, over: AtomicBool::new(false) });
        deployment.pipeline.intercept(outage.clone());
        outage
    }

    fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

impl Interceptor for Outage {
    fn before(&self, call: &Call) -> Action {
        if !self.over.load(Ordering::SeqCst) && (self.affects)(call) {
            return Action::Fail { status: 503, code: "ServiceUnavailable".to_owned() };
        }
        Action::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_api_is_reported_after_three_runs_and_so_is_its_recovery() {
    let mut deployment = Deployment::in_step().await;
    deployment.run().await;
    let outage = Outage::of(&deployment, |call| call.service == Service::Lambda);
    for run in 1..=5 {
        deployment.run().await;
        assert_eq!(deployment.messages().len(), usize::from(run >= 3), "run {run}");
    }
    assert!(
        deployment.messages()[0].contains("docket-dev-extract: unreachable (ServiceUnavailable)"),
        "{:?}",
        deployment.messages()
    );
    outage.end();
    deployment.run().await;
    assert_eq!(deployment.messages().len(), 2);
    assert!(
        deployment.messages()[1].contains("docket-dev-extract: in step (was unreachable)"),
        "{:?}",
        deployment.messages()
    );
}

#[tokio::test(start_paused = true)]
async fn a_redelivered_run_counts_once() {
    let mut deployment = Deployment::in_step().await;
    let _outage = Outage::of(&deployment, |call| call.service == Service::Lambda);
    for _ in 0..5 {
        deployment.run_as("the same event").await.unwrap();
    }
    assert_eq!(deployment.messages(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_short_api_outage_is_not_reported() {
    let mut deployment = Deployment::in_step().await;
    deployment.run().await;
    for _ in 0..3 {
        let outage = Outage::of(&deployment, |call| call.service == Service::Lambda);
        deployment.run().await;
        deployment.run().await;
        outage.end();
        deployment.run().await;
    }
    assert_eq!(deployment.messages(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_function_does_not_hide_others() {
    let mut deployment = Deployment::in_step().await;
    deployment.change("generate", |deployed| deployed.code_sha256 = foreign());
    let affects = |call: &Call| &*call.operation == "ListTags" && call.resource.ends_with("extract");
    let _outage = Outage::of(&deployment, affects);
    let answer = deployment.run().await;
    assert_eq!((&answer["verdicts"]["unreachable"], &answer["verdicts"]["tampered"]), (&1.into(), &1.into()));
    assert!(deployment.messages()[0].contains("generate: tampered"), "{:?}", deployment.messages());
    deployment.run().await;
    deployment.run().await;
    assert!(deployment.messages()[1].contains("extract: unreachable"), "{:?}", deployment.messages());
}

#[tokio::test(start_paused = true)]
async fn a_verdict_is_kept_while_its_function_is_unreachable() {
    let mut deployment = Deployment::in_step().await;
    deployment.change("generate", |deployed| deployed.code_sha256 = foreign());
    deployment.run().await;
    let outage = Outage::of(&deployment, |call| call.service == Service::Lambda);
    deployment.run().await;
    deployment.run().await;
    outage.end();
    deployment.run().await;
    assert_eq!(deployment.messages().len(), 1, "still tampered: {:?}", deployment.messages());
}

#[tokio::test(start_paused = true)]
async fn a_missing_manifest_is_reported_after_three_runs() {
    let mut deployment = Deployment::without_manifest();
    for _ in 0..4 {
        assert_eq!(deployment.run().await["verdicts"]["no_manifest"], 1);
    }
    let alerts = deployment.messages();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0].contains("the manifest: unreachable (none published)"), "{}", alerts[0]);
    deployment.publish(&deployment.manifest()).await;
    deployment.run().await;
    assert!(deployment.messages()[1].contains("the manifest: in step"), "{:?}", deployment.messages());
}

#[tokio::test(start_paused = true)]
async fn our_own_build_is_not_reported_as_foreign_while_its_manifest_is_unreadable() {
    let mut deployment = Deployment::in_step().await;
    let newer = deployment.newer(&deployment.manifest(), "extract", 2, 1);
    deployment.publish(&newer).await;
    // The first of the two manifests lists the digest that is deployed.
    let first = deployment.manifests().keys(None).await.unwrap().pop().unwrap();
    assert!(first.starts_with("manifests/docket-dev/"), "{first}");
    let outage = Outage::of(&deployment, |call| {
        &*call.operation == "GetObject" && call.resource.contains(&format!("{:040x}", 1))
    });
    let answer = deployment.run().await;
    assert_eq!((&answer["verdicts"]["tampered"], &answer["verdicts"]["no_manifest"]), (&0.into(), &1.into()));
    outage.end();
    assert_eq!(deployment.run().await["verdicts"]["behind"], 1);
}

#[tokio::test(start_paused = true)]
async fn an_alert_refused_by_sns_is_published_by_a_later_run_with_newer_changes() {
    let mut deployment = Deployment::in_step().await;
    deployment.change("extract", |deployed| deployed.code_sha256 = foreign());
    let outage = Outage::of(&deployment, |call| call.service == Service::Sns);
    assert!(deployment.run_as("first").await.is_err());
    deployment.change("review", |deployed| deployed.function.timeout_s = 1);
    assert!(deployment.run_as("first").await.is_err());
    outage.end();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(deployment.run().await["told"], 2);
    assert_eq!((deployment.run().await["told"].clone(), deployment.messages().len()), (0.into(), 1));
}

/// A deployment with several kinds of drift, none of them reported yet.
async fn drifted() -> Deployment {
    let deployment = Deployment::in_step().await;
    deployment.publish(&deployment.newer(&deployment.manifest(), "classify", 2, 30)).await;
    deployment.change("extract", |deployed| deployed.code_sha256 = foreign());
    deployment.change("review", |deployed| deployed.function.timeout_s = 1);
    deployment.change_all(|deployed| drop(deployed.remove(&name("generate"))));
    deployment
}

/// The calls of the first run without faults, and what it reports.
async fn run_without_faults() -> (Vec<Point>, BTreeSet<String>) {
    let mut deployment = drifted().await;
    let recorder = Arc::new(Recorder::default());
    deployment.pipeline.intercept(recorder.clone());
    deployment.run().await;
    (recorder.points(), reported_lines(&deployment))
}

/// Drops repeated calls to Lambda: it is asked the same about every function.
fn distinct(points: Vec<Point>) -> Vec<Point> {
    let mut seen = BTreeSet::new();
    let is_new = |point: &Point| !point.operation.starts_with("lambda:") || seen.insert(point.operation.clone());
    points.into_iter().filter(is_new).collect()
}

/// One scheduled event, which Lambda retries twice while it fails; then another event.
async fn two_events(deployment: &mut Deployment) {
    for _ in 0..3 {
        if deployment.run_as("first").await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    deployment.run().await;
}

/// The lines about functions in all alerts, without the hours: time passes during a test.
fn reported_lines(deployment: &Deployment) -> BTreeSet<String> {
    let lines = deployment.messages().join("\n");
    let ours = lines.lines().filter(|line| line.starts_with("docket-dev-"));
    ours.map(|line| line.split(" commit and ").next().unwrap_or(line).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_check_interrupted_at_any_call_still_reports_every_change_once() {
    let (points, expected) = run_without_faults().await;
    assert_eq!(expected.len(), 4, "{expected:?}");
    let points = distinct(points);
    assert!(points.len() >= 10, "{points:?}");
    let faults = [Action::Crash, Action::Reset, Action::Hang, Action::Fail { status: 500, code: "Oops".to_owned() }];
    for point in &points {
        for moment in [Moment::Before, Moment::After] {
            for action in &faults {
                run_with_fault(point, moment, action, &expected).await;
            }
        }
    }
    eprintln!("{} calls × 2 moments × {} faults", points.len(), faults.len());
}

async fn run_with_fault(point: &Point, moment: Moment, action: &Action, expected: &BTreeSet<String>) {
    let mut deployment = drifted().await;
    let fault = Once::new(point.clone(), moment, action.clone());
    deployment.pipeline.intercept(fault.clone());
    two_events(&mut deployment).await;
    let fault_point = format!("{action:?} {moment:?} {point:?}");
    assert!(fault.was_hit(), "{fault_point}");
    assert_eq!(&reported_lines(&deployment), expected, "{fault_point}");
    let alerts = deployment.alerts();
    let ids: BTreeSet<_> = alerts.iter().map(|alert| alert.attributes["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{fault_point}: {alerts:?}");
    let answer_lost = moment == Moment::After && point.operation == "sns:Publish"
        // The run was interrupted before it could record that the alert was published.
        || *action == Action::Crash && point.operation == "dynamodb:PutItem";
    assert!(alerts.len() == 1 || answer_lost && alerts.len() == 2, "{fault_point}: {} alerts", alerts.len());
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_runs_report_each_change_once() {
    let mut deployment = drifted().await;
    let expected = run_without_faults().await.1;
    // Give calls a latency, so that the two runs overlap at every step.
    deployment.pipeline.intercept(Arc::new(Slow));
    let local = &deployment.pipeline.local;
    let environment = || local.environment(pipeline::DRIFT_CHECK).unwrap();
    let resources =
        [drift_check::Resources::new(&environment()).unwrap(), drift_check::Resources::new(&environment()).unwrap()];
    let run = |number: usize| {
        let invocation =
            runtime::invocation::Invocation { request_id: format!("request-{number}"), deadline: jiff::Timestamp::MAX };
        drift_check::handle(&resources[number], invocation, serde_json::json!({ "id": format!("event-{number}") }))
    };
    let (first, second) = tokio::join!(run(0), run(1));
    assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
    deployment.run().await;
    assert_eq!(reported_lines(&deployment), expected);
    assert_eq!(deployment.messages().len(), 1, "{:?}", deployment.messages());
}

struct Slow;

impl Interceptor for Slow {
    fn latency(&self, call: &Call) -> Duration {
        Duration::from_millis(10 + call.number % 7)
    }
}
