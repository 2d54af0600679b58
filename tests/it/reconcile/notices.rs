//! Reviewers are notified of every review, whatever happens.

use super::*;
use runtime::job::Outcome;
use std::rc::Rc;
use tests::fault::DuplicateDelivery;

const REVIEW: &str = "ReviewFunction";

/// A pipeline in which every review finds two items.
fn reviewing() -> Pipeline {
    reviewing_in(Pipeline::new())
}

/// The same for any pipeline.
pub(super) fn reviewing_in(mut pipeline: Pipeline) -> Pipeline {
    let environment = pipeline.local.environment(REVIEW).unwrap();
    let clients = Rc::new(runtime::pipeline::Pipeline::of_phase(&environment, Phase::Review).unwrap());
    let handler = move |invocation: engine::Invocation| {
        let clients = Rc::clone(&clients);
        Box::pin(async move {
            let engine::Invocation { request_id, deadline, event, .. } = invocation;
            let invocation = runtime::invocation::Invocation { request_id, deadline };
            let work = async |_: &mut runtime::job::Job| Ok(Outcome::ReviewNeeded(2));
            let answer = runtime::phase::handle(&clients, Phase::Review, &invocation, event, work).await;
            answer.map_err(|fault| InvokeError::Failed(fault.to_string()))
        })
    };
    pipeline.local.driver.register(REVIEW, handler).unwrap();
    pipeline
}

/// Answers every publication of the review with this.
struct Unpublished(Action);

impl Interceptor for Unpublished {
    fn before(&self, call: &Call) -> Action {
        if call.service == Service::Sns && *call.scope == *REVIEW { self.0.clone() } else { Action::Pass }
    }
}

fn notice_of(id: OrderId) -> BTreeMap<String, String> {
    [(format!("{id}/r1-review-needed"), "review_needed".to_owned())].into()
}

/// An order that waits for a review of which nobody was notified, and no message is left that could do it.
async fn silent_review(action: Action) -> (Pipeline, OrderId) {
    let mut pipeline = reviewing();
    pipeline.intercept(Arc::new(Unpublished(action)));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    lose_messages(&pipeline).await;
    assert!(pipeline.order(id).await.is_paused());
    assert_eq!(outcome::publication_count(&pipeline), 0);
    (pipeline, id)
}

#[tokio::test(start_paused = true)]
async fn reviewers_are_notified_after_a_crash_and_after_an_outage_of_sns() {
    for action in [Action::Crash, Action::Reset] {
        let (mut pipeline, id) = silent_review(action).await;
        pipeline.local.aws.intercept(None);
        run_for_hours(&mut pipeline, 1).await;
        assert_eq!(outcome::alerts(&pipeline), notice_of(id));
        assert_eq!(outcome::publication_count(&pipeline), 1);
        assert_eq!(watched_count(&pipeline).await, 0);
        assert!(pipeline.order(id).await.is_paused());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_notice_sns_did_not_take_is_delivered_again_for_it() {
    let mut pipeline = reviewing();
    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    pipeline.intercept(Arc::new(Unpublished(Action::Reset)));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
    pipeline.local.aws.intercept(None);
    pipeline.settle().await;
    assert_eq!(outcome::alerts(&pipeline), notice_of(id));
    assert_eq!(outcome::messages_left(&pipeline), 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_delivered_twice_notifies_reviewers_once() {
    let mut pipeline = reviewing();
    pipeline.intercept(Arc::new(DuplicateDelivery::default()));
    let id = pipeline.submit(&OrderRequest::canary()).await;
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(outcome::alerts(&pipeline), notice_of(id));
    assert_eq!(outcome::publication_count(&pipeline), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_notified_of_a_review_that_the_client_wants_no_notice_of() {
    let mut pipeline = reviewing();
    let mut request = OrderRequest::canary();
    request.options.notify_on_review = false;
    let id = pipeline.submit(&request).await;
    run_for_hours(&mut pipeline, 1).await;
    assert!(pipeline.order(id).await.is_paused());
    assert_eq!(outcome::publication_count(&pipeline), 0);
    assert_eq!(watched_count(&pipeline).await, 0);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_went_on_before_its_notice_owes_none() {
    let run = domain::id::RunNumber::FIRST;
    for command in [Command::Resume { run }, Command::Cancel { run: None }] {
        let (mut pipeline, id) = silent_review(Action::Reset).await;
        pipeline.client.command(id, command.clone()).await.unwrap();
        pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(30))).await;
        assert!(!pipeline.order(id).await.is_paused(), "{command:?}");
        pipeline.local.aws.intercept(None);
        run_for_hours(&mut pipeline, 1).await;
        assert_eq!(outcome::publication_count(&pipeline), 0, "{command:?}");
        assert_eq!(watched_count(&pipeline).await, 0, "{command:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_review_interrupted_at_any_call_notifies_reviewers() {
    let run = async |interceptor: Arc<dyn Interceptor>| {
        let mut pipeline = reviewing();
        pipeline.intercept(interceptor);
        let id = pipeline.submit(&OrderRequest::canary()).await;
        run_for_hours(&mut pipeline, 1).await;
        let outcome = outcome::of(&pipeline, id).await;
        (outcome, outcome::alerts(&pipeline) == notice_of(id), outcome::publication_count(&pipeline))
    };
    let recorder = Arc::new(Recorder::default());
    let (expected, notified, count) = run(recorder.clone()).await;
    assert!(notified && count == 1);
    let points: Vec<Point> = recorder.points().into_iter().filter(|point| point.function == REVIEW).collect();
    assert!(points.iter().any(|point| point.operation == "sns:Publish"), "{points:?}");
    for point in points {
        for (moment, action) in [
            (Moment::Before, Action::Crash),
            (Moment::Before, Action::Reset),
            (Moment::After, Action::Crash),
            (Moment::After, Action::Reset),
        ] {
            let fault = Once::new(point.clone(), moment, action.clone());
            let (outcome, notified, count) = run(fault.clone()).await;
            assert!(fault.was_hit(), "{point:?}");
            assert!(notified, "{action:?} {moment:?} {point:?}");
            assert_eq!(outcome, expected, "{action:?} {moment:?} {point:?}");
            let marks = point.operation == "dynamodb:UpdateItem";
            let excused = point.operation == "sns:Publish" && moment == Moment::After || marks;
            assert!(count == 1 || count == 2 && excused, "{count}: {action:?} {moment:?} {point:?}");
        }
    }
}
