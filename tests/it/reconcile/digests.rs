//! Many orders that fail of one cause are announced in few publications, and each failure names the one that announced it.

use super::*;
use domain::limit::{ALERT_OVERDUE_SECS, ALERT_RATE_COUNT_MAX};
use domain::option::Options;

const SINGLE_MAX: usize = ALERT_RATE_COUNT_MAX as usize;

/// A canary all of whose documents fail.
fn unreadable() -> OrderRequest {
    OrderRequest::canary_with(1, &[1])
}

/// An order for a service that is not offered.
fn not_offered() -> OrderRequest {
    OrderRequest { service: ServiceCode::Underwriting, documents: 1, ..OrderRequest::canary() }
}

async fn submit(pipeline: &Pipeline, request: &OrderRequest, numbers: std::ops::Range<u128>) -> Vec<OrderId> {
    let mut ids = Vec::new();
    for number in numbers {
        let id = OrderId::from_parts(1_767_603_600_000, number);
        let options: Options = request.options.clone();
        pipeline.client.submit_uploaded(id, request.service, request.documents, options).await.unwrap();
        ids.push(id);
    }
    ids
}

async fn run_for_secs(pipeline: &mut Pipeline, secs: u64) {
    pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(secs))).await;
}

/// How many orders' failures each publication announced, by its id. Every failure names one that was made, and a digest states
/// how many it announced.
async fn announced(pipeline: &Pipeline, ids: &[OrderId]) -> BTreeMap<String, usize> {
    let alerts = outcome::alerts(pipeline);
    let mut announced: BTreeMap<String, usize> = BTreeMap::new();
    for id in ids {
        for failure in pipeline.client.failures(*id).await.unwrap() {
            assert_eq!(failure.alert, AlertState::Sent, "{failure:?}");
            let sent_as = failure.sent_as.unwrap();
            assert!(alerts.contains_key(&sent_as), "{sent_as} was not published");
            let of_document = failure.record.failure_id.document().is_some();
            *announced.entry(sent_as).or_default() += usize::from(!of_document);
        }
    }
    assert_eq!(announced.keys().collect::<Vec<_>>(), alerts.keys().collect::<Vec<_>>());
    assert_eq!(watched_count(pipeline).await, 0);
    announced
}

/// The texts of the digests, in the order in which they were published.
fn digests(pipeline: &Pipeline) -> Vec<String> {
    let published = pipeline.local.aws.publications(0).unwrap();
    let texts = published.into_iter().map(|publication| publication.message);
    texts.filter(|text| text.contains("\nDigest: digest/")).collect()
}

fn stated(digest: &str) -> usize {
    let line = digest.lines().find(|line| line.contains(" failures of one cause")).unwrap();
    line.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test(start_paused = true)]
async fn two_hundred_orders_that_fail_of_one_cause_make_ten_alerts_and_few_digests() {
    let mut pipeline = Pipeline::new();
    let ids = submit(&pipeline, &unreadable(), 0..200).await;
    run_for_secs(&mut pipeline, 240).await;
    for id in &ids {
        assert_eq!(pipeline.order(*id).await.status(), Status::Failed);
    }
    assert_eq!(outcome::messages_left(&pipeline), 0, "no message waits for a digest");
    assert_eq!(outcome::publication_count(&pipeline), SINGLE_MAX);
    run_for_hours(&mut pipeline, 1).await;
    let announced = announced(&pipeline, &ids).await;
    let digests = digests(&pipeline);
    assert!((1..=3).contains(&digests.len()), "{digests:?}");
    assert_eq!(outcome::publication_count(&pipeline), SINGLE_MAX + digests.len());
    assert_eq!(digests.iter().map(|digest| stated(digest)).sum::<usize>(), 200 - SINGLE_MAX);
    assert_eq!(announced.values().sum::<usize>(), 200);
    for digest in &digests {
        let id = digest.lines().find_map(|line| line.strip_prefix("Digest: ")).unwrap();
        assert_eq!(announced[id], stated(digest));
        assert!(digest.contains("Cause: extract.no_document_left\n"), "{digest}");
        assert!(
            digest.contains(&format!("Documents that failed: canary.made_to_fail {}\n", stated(digest))),
            "{digest}"
        );
    }
    let kinds = outcome::alerts(&pipeline).into_values().filter(|kind| kind == "digest").count();
    assert_eq!(kinds, digests.len());
}

#[tokio::test(start_paused = true)]
async fn two_causes_make_a_digest_each() {
    let mut pipeline = Pipeline::new();
    let mut ids = submit(&pipeline, &unreadable(), 0..30).await;
    ids.extend(submit(&pipeline, &not_offered(), 100..130).await);
    run_for_hours(&mut pipeline, 1).await;
    announced(&pipeline, &ids).await;
    let digests = digests(&pipeline);
    assert_eq!(digests.iter().map(|digest| stated(digest)).collect::<Vec<_>>(), [20, 20]);
    for code in ["extract.no_document_left", "service.not_offered"] {
        let of_code = digests.iter().filter(|digest| digest.contains(&format!("Cause: {code}\n"))).count();
        assert_eq!(of_code, 1, "{code}: {digests:?}");
    }
    assert_eq!(outcome::publication_count(&pipeline), 2 * SINGLE_MAX + 2);
}

#[tokio::test(start_paused = true)]
async fn failures_that_trickle_in_are_alerted_one_by_one_at_once() {
    let mut pipeline = Pipeline::new();
    for number in 0..30 {
        submit(&pipeline, &unreadable(), number..number + 1).await;
        run_for_secs(&mut pipeline, 30).await;
        assert_eq!(outcome::publication_count(&pipeline) as u128, number + 1);
        run_for_secs(&mut pipeline, 270).await;
    }
    assert_eq!(digests(&pipeline), <[String; 0]>::default());
}

#[tokio::test(start_paused = true)]
async fn what_is_over_the_rate_is_announced_together_even_if_it_is_little() {
    let mut pipeline = Pipeline::new();
    let ids = submit(&pipeline, &unreadable(), 0..13).await;
    run_for_hours(&mut pipeline, 1).await;
    announced(&pipeline, &ids).await;
    assert_eq!(digests(&pipeline).iter().map(|digest| stated(digest)).collect::<Vec<_>>(), [3]);
}

#[tokio::test(start_paused = true)]
async fn alerts_that_an_outage_of_sns_held_back_are_announced_together() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(Disconnected(|call| call.service == Service::Sns)));
    let ids = submit(&pipeline, &unreadable(), 0..60).await;
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(outcome::publication_count(&pipeline), 0);
    pipeline.local.aws.intercept(None);
    run_for_hours(&mut pipeline, 1).await;
    announced(&pipeline, &ids).await;
    assert!(!digests(&pipeline).is_empty());
    assert!(outcome::publication_count(&pipeline) <= SINGLE_MAX + 2, "{}", outcome::publication_count(&pipeline));
}

/// Refuses the calls that count alerts.
struct NotCounted(Action);

impl Interceptor for NotCounted {
    fn before(&self, call: &Call) -> Action {
        let counts = String::from_utf8_lossy(&call.body).contains("SYSTEM#ALERT_RATE");
        if counts && !call.scope.is_empty() { self.0.clone() } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn alerts_that_cannot_be_counted_are_published_one_by_one() {
    for action in [Action::Reset, Action::Fail { status: 400, code: "AccessDeniedException".to_owned() }] {
        let mut pipeline = Pipeline::new();
        pipeline.intercept(Arc::new(NotCounted(action.clone())));
        let ids = submit(&pipeline, &unreadable(), 0..15).await;
        run_for_secs(&mut pipeline, 240).await;
        assert_eq!(outcome::publication_count(&pipeline), 15, "{action:?}");
        pipeline.local.aws.intercept(None);
        run_for_hours(&mut pipeline, 1).await;
        announced(&pipeline, &ids).await;
        assert_eq!(outcome::publication_count(&pipeline), 15, "{action:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_count_delays_no_alert() {
    let mut pipeline = Pipeline::new();
    let text = |value: &str| AttributeValue::S(value.to_owned());
    let now = pipeline.local.aws.clock().now().as_millisecond();
    let (pk, number) = ("SYSTEM#ALERT_RATE#extract.no_document_left", AttributeValue::N(now.to_string()));
    let damaged = [
        Item::from([("alerts".to_owned(), text("many")), ("window_from".to_owned(), number)]),
        Item::from([("window_from".to_owned(), text("today"))]),
    ];
    for (part, mut item) in damaged.into_iter().enumerate() {
        item.extend([("pk".to_owned(), text(pk)), ("sk".to_owned(), text("WINDOW"))]);
        put(&pipeline, item).await;
        let part = part as u128;
        submit(&pipeline, &unreadable(), 10 * part..10 * part + 5).await;
        run_for_secs(&mut pipeline, 60).await;
        assert_eq!(outcome::publication_count(&pipeline) as u128, 5 * part + 5);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_delivered_again_does_not_announce_what_is_left_for_a_digest() {
    let mut pipeline = Pipeline::new();
    pipeline.intercept(Arc::new(tests::fault::DuplicateDelivery::default()));
    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    let ids = submit(&pipeline, &unreadable(), 0..15).await;
    run_for_hours(&mut pipeline, 2).await;
    assert_eq!(outcome::publication_count(&pipeline), SINGLE_MAX);
    assert_eq!(outcome::messages_left(&pipeline), 0);
    pipeline.local.driver.limit(RECONCILE, 1).unwrap();
    run_for_hours(&mut pipeline, 1).await;
    announced(&pipeline, &ids).await;
    assert_eq!(outcome::publication_count(&pipeline), SINGLE_MAX + 1);
}

/// The failures of four orders are left for a digest, and their messages are gone.
async fn pipeline_with_a_digest_due() -> (Pipeline, Vec<OrderId>) {
    let mut pipeline = Pipeline::new();
    pipeline.local.driver.limit(RECONCILE, 0).unwrap();
    let ids = submit(&pipeline, &unreadable(), 0..14).await;
    run_for_secs(&mut pipeline, 60).await;
    assert_eq!((outcome::publication_count(&pipeline), outcome::messages_left(&pipeline)), (SINGLE_MAX, 0));
    tokio::time::sleep(Duration::from_secs(u64::from(ALERT_OVERDUE_SECS))).await;
    (pipeline, ids)
}

#[tokio::test(start_paused = true)]
async fn a_digest_interrupted_at_any_call_loses_no_alert() {
    let (mut pipeline, ids) = pipeline_with_a_digest_due().await;
    let recorder = Arc::new(Recorder::default());
    pipeline.intercept(recorder.clone());
    reconcile(&mut pipeline).await;
    let points: Vec<Point> = recorder.points().into_iter().filter(|point| point.function == RECONCILE).collect();
    let of_alerts = points.iter().position(|point| point.operation == "s3:ListObjectsV2").unwrap();
    reconcile(&mut pipeline).await;
    assert_eq!(outcome::publication_count(&pipeline), SINGLE_MAX + 1, "a second pass finds nothing to publish");
    let expected = outcome::alerts(&pipeline);
    assert_eq!(digests(&pipeline).iter().map(|digest| stated(digest)).collect::<Vec<_>>(), [4]);
    pipeline.local.driver.limit(RECONCILE, 1).unwrap();
    run_for_hours(&mut pipeline, 1).await;
    announced(&pipeline, &ids).await;
    assert!(points[..of_alerts].iter().any(|point| point.operation == "sns:Publish"), "{points:?}");
    for point in &points[..of_alerts] {
        for (moment, action) in
            [(Moment::Before, Action::Crash), (Moment::After, Action::Crash), (Moment::After, Action::Reset)]
        {
            let (mut pipeline, ids) = pipeline_with_a_digest_due().await;
            let fault = Once::new(point.clone(), moment, action.clone());
            pipeline.intercept(fault.clone());
            let _ = pipeline.local.driver.invoke(RECONCILE, json!({ "reconcile": {} })).await;
            assert!(fault.was_hit(), "{point:?}");
            pipeline.local.aws.intercept(None);
            pipeline.local.driver.limit(RECONCILE, 1).unwrap();
            run_for_hours(&mut pipeline, 1).await;
            let failed: Vec<AlertState> = states(&pipeline, &ids).await;
            assert!(failed.iter().all(|state| *state == AlertState::Sent), "{action:?} {moment:?} {point:?}");
            let repeated = outcome::publication_count(&pipeline) - expected.len();
            let excused = action == Action::Crash || point.operation == "sns:Publish";
            assert!(repeated == 0 || repeated == 1 && excused, "{repeated}: {action:?} {moment:?} {point:?}");
            let alerts = outcome::alerts(&pipeline);
            assert!(expected.keys().all(|id| alerts.contains_key(id)), "{action:?} {moment:?} {point:?}: {alerts:?}");
            assert_eq!(watched_count(&pipeline).await, 0, "{action:?} {moment:?} {point:?}");
        }
    }
}

async fn states(pipeline: &Pipeline, ids: &[OrderId]) -> Vec<AlertState> {
    let mut states = Vec::new();
    for id in ids {
        states.extend(pipeline.client.failures(*id).await.unwrap().into_iter().map(|failure| failure.alert));
    }
    states
}

#[tokio::test(start_paused = true)]
async fn a_function_killed_at_any_call_about_an_alert_over_the_rate_loses_none() {
    const EXTRACT: &str = "ExtractFunction";
    let failing = async |interceptor: Option<Arc<dyn Interceptor>>| {
        let mut pipeline = Pipeline::new();
        let mut ids = submit(&pipeline, &unreadable(), 0..10).await;
        run_for_secs(&mut pipeline, 60).await;
        pipeline.local.aws.intercept(interceptor);
        ids.extend(submit(&pipeline, &unreadable(), 10..11).await);
        run_for_hours(&mut pipeline, 2).await;
        (states(&pipeline, &ids).await, outcome::alerts(&pipeline), watched_count(&pipeline).await)
    };
    let recorder = Arc::new(Recorder::default());
    let expected = failing(Some(recorder.clone())).await;
    assert_eq!((expected.1.len(), expected.2), (11, 0));
    let points: Vec<Point> = recorder.points().into_iter().filter(|point| point.function == EXTRACT).collect();
    assert!(!points.iter().any(|point| point.operation == "sns:Publish"), "it is over the rate: {points:?}");
    for point in points {
        for (moment, action) in
            [(Moment::Before, Action::Crash), (Moment::After, Action::Crash), (Moment::After, Action::Reset)]
        {
            let fault = Once::new(point.clone(), moment, action.clone());
            let found = failing(Some(fault.clone())).await;
            assert!(fault.was_hit(), "{point:?}");
            assert_eq!(found, expected, "{action:?} {moment:?} {point:?}");
        }
    }
}
