//! What a preparer and an operator do in a day, over HTTP.

use std::sync::Arc;
use std::time::Duration;

use engine::{Action, Call, Interceptor, Service};
use serde_json::json;
use tests::desk::{Ask, Desk, Who};
use tests::log::capture;
use tests::pipeline::Pipeline;

use super::{processed, sample_draft};

#[tokio::test(start_paused = true)]
async fn a_preparer_uploads_has_it_processed_watches_and_downloads() {
    let mut desk = Desk::new();
    let order = sample_draft(&desk, "a", &json!({ "skip_review": true })).await;
    let before = desk.order(&order).await;
    assert_eq!((&before["status"], &before["documents"]), (&json!("DRAFT"), &json!(2)));

    let accepted =
        desk.ask(&Who::preparer(), Ask::post(&format!("/v1/orders/{order}/process"), "go", &json!({}))).await;
    assert_eq!((accepted.status.as_u16(), &accepted.json()["run"]), (202, &json!(1)));
    let progress = desk.ask(&Who::preparer(), Ask::get(&accepted.header("location"))).await;
    let view = progress.json();
    assert_eq!(
        (&view["is_processing"], &view["percent"], &view["poll_after_seconds"]),
        (&json!(true), &json!(0), &json!(4))
    );
    let seen = Ask::get(&accepted.header("location")).with("if-none-match", &progress.header("etag"));
    assert_eq!(desk.ask(&Who::preparer(), seen.clone()).await.status, 304);

    desk.pipeline.settle().await;
    let view = desk.ask(&Who::preparer(), seen).await.json();
    assert_eq!(
        (&view["status"], &view["percent"], &view["is_processing"]),
        (&json!("COMPLETED"), &json!(100), &json!(false))
    );
    assert_eq!(view["poll_after_seconds"], json!(null));
    let phases = view["phases"].as_array().unwrap();
    assert_eq!(phases.len(), 5);
    for phase in phases.iter().filter(|phase| phase["skipped"] == json!(false)) {
        assert!(phase["duration_ms"].is_i64() && phase["completed_at"].is_string(), "{phase}");
    }

    let versions = desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders/{order}/artifacts"))).await.json();
    assert_eq!((&versions[0]["version"], &versions[0]["is_current"]), (&json!(1), &json!(true)));
    let file = desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders/{order}/artifacts/1/CMA.xlsx"))).await;
    assert_eq!(file.status, 200);
    assert!(file.bytes.starts_with(b"PK"), "a workbook");
    assert!(file.header("content-disposition").starts_with("attachment"));
    let none = desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders/{order}/artifacts/2/CMA.xlsx"))).await;
    assert_eq!(none.problem(), (404, "artifact.not_found".to_owned()));

    let (commands, steps) = desk.audit(&order).await;
    let trail: Vec<_> = commands.iter().map(|entry| (&entry["actor"], &entry["action"])).collect();
    let by = |who: &str, what: &str| (json!(who), json!(what));
    let expected = [by("olga", "order_created"), by("pia", "documents_added"), by("pia", "order_processed")];
    assert_eq!(trail, expected.iter().map(|(who, what)| (who, what)).collect::<Vec<_>>());
    let names: Vec<_> = steps.iter().filter_map(|step| step["action"].as_str()).collect();
    let phase = |name: &str| [format!("pipeline_{name}_start"), format!("pipeline_{name}_complete")];
    let mut phases = ["extract", "classify", "validate", "generate"].map(phase).concat();
    // Whoever created it asked for that.
    phases.insert(4, "pipeline_review_skip".to_owned());
    assert_eq!(names[1..names.len() - 1], phases);
    assert_eq!((names[0], names[names.len() - 1]), ("pipeline_start", "pipeline_complete"));
    for step in steps.iter().filter(|step| step["action"].as_str().is_some_and(|name| name.ends_with("_complete"))) {
        assert!(step["duration_ms"].is_i64(), "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_processed_only_with_all_its_files() {
    let desk = Desk::new();
    let preparer = Who::preparer();
    let order = desk.draft(&preparer, "a", &json!({ "service_code": "CMA" })).await;
    let process = |key: &str| Ask::post(&format!("/v1/orders/{order}/process"), key, &json!({}));
    let empty = desk.ask(&preparer, process("1")).await;
    assert_eq!(empty.problem(), (400, "order.no_documents".to_owned()));
    let files = json!({ "files": [{ "name": "a.csv", "bytes": 3 }, { "name": "b.csv", "bytes": 3 }, { "name": "c.csv", "bytes": 3 }] });
    let added = desk.ask(&preparer, Ask::post(&format!("/v1/orders/{order}/documents"), "2", &files)).await.json();
    assert_eq!(added[1]["document"], json!(2));
    let content = |number: u32| {
        Ask::method("PUT", &format!("/v1/orders/{order}/documents/{number}/content")).bytes(b"a,b".to_vec())
    };
    assert_eq!(desk.ask(&preparer, content(2)).await.status, 204);
    assert_eq!(desk.ask(&preparer, content(4)).await.status, 404, "it has three");
    let missing = desk.ask(&preparer, process("3")).await;
    assert_eq!(missing.problem(), (400, "order.not_uploaded".to_owned()));
    assert_eq!(
        (&missing.json()["detail"], &missing.json()["count"]),
        (&json!("documents 1, 3 are not uploaded"), &json!(2))
    );
    for number in [1, 3] {
        assert_eq!(desk.ask(&preparer, content(number)).await.status, 204);
    }
    // The key of a command that was refused is not used up.
    assert_eq!(desk.ask(&preparer, process("3")).await.status, 202);
    let late = desk.ask(&preparer, content(1)).await;
    assert_eq!(late.problem(), (409, "order.processed".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_being_processed_says_so() {
    let desk = Desk::new();
    let order = processed(&desk, "a", &json!({})).await;
    let again =
        desk.ask(&Who::preparer(), Ask::post(&format!("/v1/orders/{order}/process"), "other", &json!({}))).await;
    assert_eq!(again.problem(), (409, "order.processing".to_owned()));
    let state = again.json();
    assert_eq!((&state["run"], &state["phase"], &state["percent"]), (&json!(1), &json!("extract"), &json!(0)));
    let retry = Ask::post(&format!("/v1/orders/{order}/retry"), "r", &json!({ "reason": "why" }));
    assert_eq!(desk.ask(&Who::operator(), retry).await.problem(), (409, "order.processing".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_names_its_run_and_ends_the_order() {
    let mut desk = Desk::new();
    let order = processed(&desk, "a", &json!({})).await;
    let cancel = |key: &str, run: u32, reason: &str| {
        Ask::post(&format!("/v1/orders/{order}/cancel"), key, &json!({ "run": run, "reason": reason }))
    };
    assert_eq!(desk.ask(&Who::preparer(), cancel("1", 2, "wrong files")).await.problem().0, 412);
    assert_eq!(desk.ask(&Who::preparer(), cancel("2", 1, "  ")).await.problem(), (400, "request.no_reason".to_owned()));
    assert_eq!(desk.ask(&Who::preparer(), cancel("3", 1, "wrong files")).await.status, 202);
    desk.pipeline.settle().await;
    assert_eq!(desk.order(&order).await["status"], json!("CANCELLED"));
    let (commands, _) = desk.audit(&order).await;
    let last = commands.last().unwrap();
    assert_eq!((&last["action"], &last["reason"]), (&json!("order_cancelled"), &json!("wrong files")));
}

/// Lets every call of one function fail for good.
struct Denied(&'static str);

impl Interceptor for Denied {
    fn before(&self, call: &Call) -> Action {
        if &*call.scope == self.0 && call.service == Service::S3 {
            return Action::Fail { status: 403, code: "AccessDenied".to_owned() };
        }
        Action::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn an_operator_finds_a_cause_and_retries_all_its_orders() {
    let mut desk = Desk::new();
    let unreadable = ("a.xlsx".to_owned(), b"PK\x03\x04 nothing".to_vec());
    let mut orders = Vec::new();
    for number in 0..3 {
        let order = desk.draft(&Who::preparer(), &format!("o{number}"), &json!({ "service_code": "CMA" })).await;
        desk.upload(&Who::preparer(), &order, "f", std::slice::from_ref(&unreadable)).await;
        let process = Ask::post(&format!("/v1/orders/{order}/process"), &format!("p{number}"), &json!({}));
        assert_eq!(desk.ask(&Who::preparer(), process).await.status, 202);
        orders.push(order);
    }
    desk.pipeline.settle().await;
    let found = desk.ask(&Who::operator(), Ask::get("/v1/failures")).await.json();
    let cause = &found["causes"][0];
    assert_eq!((&cause["code"], &cause["count"]), (&json!("extract.no_document_left"), &json!(3)));
    let failed = desk.order(&orders[0]).await;
    assert_eq!((&failed["status"], &failed["orchestration_status"]), (&json!("FAILED"), &json!("FAILED")));
    assert!(failed["failure_reason"].is_string() && failed["failed_at"].is_string());
    let records = desk.ask(&Who::operator(), Ask::get(&format!("/v1/orders/{}/failures", orders[0]))).await.json();
    assert!(records.as_array().unwrap().iter().any(|record| record["alert"] == json!("sent")), "{records}");

    let retries = |key: &str, expected: u32| {
        let body = json!({ "code": "extract.no_document_left", "reason": "new reader", "expected": expected });
        Ask::post("/v1/retries", key, &body)
    };
    let other = desk.ask(&Who::operator(), retries("1", 2)).await;
    assert_eq!((other.problem(), &other.json()["count"]), ((412, "failures.changed".to_owned()), &json!(3)));
    let done = desk.ask(&Who::operator(), retries("2", 3)).await;
    assert_eq!(done.status, 202);
    let results = done.json()["results"].clone();
    assert_eq!(results.as_array().unwrap().len(), 3);
    assert!(results.as_array().unwrap().iter().all(|one| one["outcome"] == "retried" && one["run"] == 2), "{results}");
    let repeated = desk.ask(&Who::operator(), retries("2", 3)).await;
    assert_eq!(repeated.json(), done.json());
    assert_eq!(desk.ask(&Who::operator(), Ask::get(&done.header("location"))).await.json(), done.json());
    desk.pipeline.settle().await;
    assert_eq!(desk.order(&orders[1]).await["run"], json!(2));
}

#[tokio::test(start_paused = true)]
async fn a_failed_new_version_leaves_the_earlier_one() {
    let mut desk = Desk::new();
    let order = sample_draft(&desk, "a", &json!({ "skip_review": true })).await;
    desk.ask(&Who::preparer(), Ask::post(&format!("/v1/orders/{order}/process"), "go", &json!({}))).await;
    desk.pipeline.settle().await;
    desk.pipeline.intercept(Arc::new(Denied("GenerateFunction")));
    let regenerate = Ask::post(&format!("/v1/orders/{order}/regenerate"), "v2", &json!({ "reason": "new form" }));
    let accepted = desk.ask(&Who::preparer(), regenerate).await;
    assert_eq!((accepted.status.as_u16(), &accepted.json()["run"]), (202, &json!(2)));
    desk.pipeline.local.driver.run_while(tokio::time::sleep(Duration::from_secs(3 * 3_600))).await;
    let failed = desk.order(&order).await;
    assert_eq!((&failed["status"], &failed["orchestration_status"]), (&json!("INTERNAL_REVIEW"), &json!("FAILED")));
    assert_eq!((&failed["version"], &failed["failure_reason"]), (&json!(1), &json!(null)));
    assert_eq!(failed["last_orchestration_error"]["phase"], json!("generate"));
    let file = desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders/{order}/artifacts/1/CMA.xlsx"))).await;
    assert_eq!(file.status, 200);
}

#[tokio::test(start_paused = true)]
async fn lists_are_paged_and_lose_no_order_of_the_same_moment() {
    let desk = Desk::new();
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(desk.draft(&Who::preparer(), &format!("o{number}"), &json!({ "service_code": "CANARY" })).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders?limit=2&cursor={cursor}"))).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|one| one["order_id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    all.sort();
    seen.sort();
    assert_eq!(seen, all);
    let drafts = desk.ask(&Who::preparer(), Ask::get("/v1/orders?status=draft")).await.json();
    assert_eq!(drafts["items"].as_array().unwrap().len(), 7);
    let none = desk.ask(&Who::preparer(), Ask::get("/v1/orders?status=failed")).await.json();
    assert_eq!(none["items"], json!([]));
    for wrong in ["status=nonsense", "cursor=nonsense", "service=nonsense", "limit=x", "limit=0", "limit=101"] {
        assert_eq!(
            desk.ask(&Who::preparer(), Ask::get(&format!("/v1/orders?{wrong}"))).await.problem().0,
            400,
            "{wrong}"
        );
    }
}

/// Nothing answers.
struct Away;

impl Interceptor for Away {
    fn before(&self, call: &Call) -> Action {
        if call.service == Service::DynamoDb { Action::Reset } else { Action::Pass }
    }
}

#[tokio::test(start_paused = true)]
async fn health_names_the_dependency_that_is_away() {
    let desk = Desk::new();
    let good = desk.send(Ask::get("/health")).await;
    assert_eq!((good.status.as_u16(), &good.json()["status"]), (200, &json!("ok")));
    assert_eq!(good.json()["dependencies"].as_array().unwrap().len(), 3);
    desk.pipeline.intercept(Arc::new(Away));
    assert_eq!(desk.send(Ask::get("/health")).await.status, 200, "an answer is kept for 30 seconds");
    tokio::time::sleep(Duration::from_secs(31)).await;
    let bad = desk.send(Ask::get("/health")).await;
    assert_eq!((bad.status.as_u16(), &bad.json()["status"]), (503, &json!("unavailable")));
    let states: Vec<_> =
        bad.json()["dependencies"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(states, ["unavailable", "ok", "ok"]);
    let log = capture();
    let read = desk.ask(&Who::operator(), Ask::get("/v1/orders")).await;
    assert_eq!(read.json()["correlation_id"], json!("request-1"));
    let told = log.text();
    assert!(
        told.contains("a dependency is unavailable") && told.contains("request-1"),
        "the id leads to the log: {told}"
    );
    assert_eq!((read.problem(), read.header("retry-after").as_str()), ((503, "service.unavailable".to_owned()), "5"));
}

/// Counts the calls of the API.
#[derive(Default)]
struct Counter(std::sync::Mutex<Vec<String>>);

impl Interceptor for Counter {
    fn before(&self, call: &Call) -> Action {
        self.0.lock().unwrap().push(call.operation.to_string());
        Action::Pass
    }
}

#[tokio::test(start_paused = true)]
async fn watching_an_order_costs_one_read_each_time() {
    let desk = Desk::new();
    let order = processed(&desk, "a", &json!({})).await;
    let path = format!("/v1/orders/{order}/progress");
    // The first one also reads how long orders take, which is kept for a minute.
    let first = desk.ask(&Who::preparer(), Ask::get(&path)).await;
    let calls = Arc::new(Counter::default());
    desk.pipeline.intercept(calls.clone());
    assert_eq!(desk.ask(&Who::preparer(), Ask::get(&path)).await.status, 200);
    let seen = Ask::get(&path).with("if-none-match", &first.header("etag"));
    assert_eq!(desk.ask(&Who::preparer(), seen).await.status, 304);
    assert_eq!(*calls.0.lock().unwrap(), ["GetItem", "GetItem"]);
}

#[tokio::test(start_paused = true)]
async fn a_file_is_uploaded_to_the_bucket_once_with_the_request_that_was_signed() {
    let mut desk = Desk::uploading(Pipeline::new(), api::Uploads::ToBucket);
    let order = desk.draft(&Who::preparer(), "a", &json!({ "service_code": "CMA" })).await;
    let statement = b"Statement,2024\nCash,1\n".to_vec();
    let files =
        json!({ "files": [{ "name": "B\u{e4}lance.csv", "bytes": statement.len(), "content_type": "text/csv" }] });
    let added =
        desk.ask(&Who::preparer(), Ask::post(&format!("/v1/orders/{order}/documents"), "f", &files)).await.json();
    let target = &added[0];
    let url = target["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Signature=") && url.contains("X-Amz-Expires=900"), "{url}");
    for signed in ["content-length", "content-type", "if-none-match", "x-amz-meta-file-name"] {
        assert!(url.contains(signed), "{signed} is signed: {url}");
    }
    let send = async |desk: &Desk, body: &[u8]| {
        let (host, rest) = url.strip_prefix("https://").unwrap().split_once('/').unwrap();
        let (path, query) = rest.split_once('?').unwrap();
        let headers = target["headers"].as_array().unwrap().iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let request = engine::wire::Request {
            method: text(&target["method"]),
            host: host.to_owned(),
            path: format!("/{path}"),
            query: query.to_owned(),
            headers: headers.map(|pair| (text(&pair[0]).to_lowercase(), text(&pair[1]))).collect(),
            body: body.to_vec().into(),
        };
        desk.pipeline.local.aws.answer(request).await.unwrap().status
    };
    assert_eq!(send(&desk, &statement).await, 200);
    let process = Ask::post(&format!("/v1/orders/{order}/process"), "go", &json!({}));
    assert_eq!(desk.ask(&Who::preparer(), process).await.status, 202);
    assert_eq!(send(&desk, &statement).await, 412, "what it is processed with stays");
    desk.pipeline.settle().await;
    assert!(desk.order(&order).await["status"] != json!("QUEUED"));
}

#[tokio::test(start_paused = true)]
async fn pages_with_files_may_send_them_to_the_bucket_and_nowhere_else() {
    let stage = Desk::uploading(Pipeline::new(), api::Uploads::ToBucket);
    let draft = stage.draft(&Who::preparer(), "a", &json!({ "service_code": "CMA" })).await;
    for path in ["/new".to_owned(), format!("/orders/{draft}")] {
        let page = stage.ask(&Who::preparer(), Ask::get(&path)).await;
        let policy = page.header("content-security-policy");
        let allowed = policy.split("connect-src ").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or_default();
        let hosts: Vec<_> = allowed.split(' ').collect();
        assert_eq!((hosts.len(), hosts[0]), (2, "'self'"), "{path}: {policy}");
        assert!(hosts[1].starts_with("https://") && hosts[1].ends_with(".amazonaws.com"), "{path}: {policy}");
        assert!(String::from_utf8_lossy(&page.bytes).contains("data-direct"), "{path}");
    }
    // Where files go through the API, and on every other page, requests go to the desk only.
    let machine = Desk::uploading(Pipeline::new(), api::Uploads::ThroughApi);
    for (desk, path) in [(&machine, "/new"), (&stage, "/")] {
        let page = desk.ask(&Who::preparer(), Ask::get(path)).await;
        let policy = page.header("content-security-policy");
        assert!(policy.contains("connect-src 'self';"), "{path}: {policy}");
        assert!(!String::from_utf8_lossy(&page.bytes).contains("data-direct"), "{path}");
    }
}
