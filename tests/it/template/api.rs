//! Scenarios in which the API's function makes every kind of call that it can make: a day of everybody who works with orders.

use std::sync::Arc;

use serde_json::{Value, json};
use tests::desk::{Answer, Ask, Who};
use tests::pipeline::{OrderRequest, Pipeline};
use tests::previous_layout;
use tests::stage_desk::StageDesk;

use super::scenario::NoFault;
use super::used::{Permission, PermissionRecorder, Seen};

/// Runs all scenarios and returns what the functions used, the requests that the API has signed for others included.
pub(super) async fn run_all() -> Seen {
    let (pipeline, recorder) = (Pipeline::new(), Arc::new(PermissionRecorder::new(NoFault)));
    pipeline.intercept(recorder.clone());
    let mut day = Day { desk: StageDesk::over(pipeline, "{}"), keys: 0, signed: Vec::new() };
    assert_eq!(day.desk.send(Ask::get("/health")).await.status, 200);
    let order = day.reviewed().await;
    day.regenerated(&order).await;
    day.reads(&order).await;
    day.failed().await;
    day.previous_layout().await;
    let mut seen = recorder.take();
    seen.entry(pipeline::API.to_owned()).or_default().extend(day.signed);
    seen
}

struct Day {
    desk: StageDesk,
    keys: u32,
    signed: Vec<Permission>,
}

impl Day {
    async fn ask(&mut self, who: &Who, ask: Ask, status: u16) -> Answer {
        let told = format!("{ask:?}");
        let answer = self.desk.ask(who, ask).await;
        assert_eq!(answer.status.as_u16(), status, "{told}: {}", answer.json());
        answer
    }

    async fn post(&mut self, who: &Who, path: &str, body: Value, status: u16) -> Answer {
        self.keys += 1;
        let key = format!("key-{}", self.keys);
        self.ask(who, Ask::post(path, &key, &body), status).await
    }

    /// An order with these files, some of them sent through the API and some to the bucket.
    async fn draft(&mut self, files: &[(String, Vec<u8>)], options: Value) -> String {
        let maker = Who::of("olga", &["preparer", "operator"]);
        let made =
            self.post(&maker, "/v1/orders", json!({ "service_code": "CMA", "options": options }), 201).await.json();
        let order = format!("/v1/orders/{}", made["order_id"].as_str().unwrap());
        let listed: Vec<Value> =
            files.iter().map(|(name, bytes)| json!({ "name": name, "bytes": bytes.len() })).collect();
        let added = self.post(&maker, &format!("{order}/documents"), json!({ "files": listed }), 201).await.json();
        for (number, (name, bytes)) in (1..).zip(files) {
            self.signed.push(signed(&added[number - 1]["url"], "s3:PutObject"));
            let content = Ask::method("PUT", &format!("{order}/documents/{number}/content"));
            self.ask(&maker, content.with("x-file-name", name).bytes(bytes.clone()), 204).await;
        }
        order
    }

    async fn reviewed(&mut self) -> String {
        let (pia, rita) = (Who::preparer(), Who::reviewer());
        let order = self.draft(&OrderRequest::sample().files, json!({ "auto_approve_above": 1.0 })).await;
        self.post(&pia, &format!("{order}/process"), json!({}), 202).await;
        self.desk.pipeline.settle().await;
        let page = order.replace("/v1", "");
        self.ask(&rita, Ask::get(&format!("{page}/review")), 200).await;
        let read = self.ask(&rita, Ask::get(&format!("{order}/review")), 200).await;
        self.ask(&rita, Ask::put(&format!("{order}/review/claim"), &json!({})), 200).await;
        self.ask(&rita, Ask::method("DELETE", &format!("{order}/review/claim")), 204).await;
        let line = read.json()["items"].as_array().unwrap().iter().find(|item| item["kind"] == "line").unwrap().clone();
        let decision = json!({ "line": line["line"], "row_code": "X.ignore", "reason": "a contra entry" });
        let save = Ask::put(&format!("{order}/review/decisions"), &json!({ "decisions": [decision] }));
        let mut saved = self.ask(&rita, save.clone().with("if-match", &read.header("etag")), 200).await;
        saved = self.ask(&rita, save.with("if-match", &saved.header("etag")), 200).await;
        self.post(&rita, &format!("{order}/review/extend"), json!({ "reason": "abroad" }), 202).await;
        let submit = Ask::post(&format!("{order}/review/submit"), "submit", &json!({ "accept_remaining": true }));
        self.ask(&rita, submit.with("if-match", &saved.header("etag")), 202).await;
        self.desk.pipeline.settle().await;
        order
    }

    /// Every phase is started by the API once.
    async fn regenerated(&mut self, order: &str) {
        for phase in ["extract", "classify", "review", "validate", "generate"] {
            let body = json!({ "reason": "again", "start_from": phase });
            self.post(&Who::preparer(), &format!("{order}/regenerate"), body, 202).await;
            self.desk.pipeline.settle().await;
            let now = self.ask(&Who::operator(), Ask::get(order), 200).await.json();
            if now["orchestration_status"] == "REVIEW_PENDING" {
                self.post(&Who::reviewer(), &format!("{order}/resume"), json!({ "reason": "fine" }), 202).await;
                self.desk.pipeline.settle().await;
            }
        }
    }

    async fn reads(&mut self, order: &str) {
        let otto = Who::operator();
        for path in ["", "/progress", "/audit", "/documents", "/artifacts", "/failures"] {
            self.ask(&otto, Ask::get(&format!("{order}{path}")), 200).await;
        }
        let file = self.ask(&otto, Ask::get(&format!("{order}/artifacts/1/CMA.xlsx")), 303).await;
        self.signed.push(signed(&json!(file.header("location")), "s3:GetObject"));
        let page = order.replace("/v1", "");
        for path in ["/v1/orders", "/", "/new", "/failures", &page] {
            self.ask(&otto, Ask::get(path).with("accept", "text/html"), 200).await;
        }
    }

    async fn failed(&mut self) {
        let otto = Who::operator();
        let unreadable = [("a.csv".to_owned(), b"nothing".to_vec())];
        let mut order = String::new();
        for _ in 0..2 {
            order = self.draft(&unreadable, json!({})).await;
            self.post(&otto, &format!("{order}/process"), json!({}), 202).await;
        }
        self.desk.pipeline.settle().await;
        self.ask(&otto, Ask::get("/v1/failures"), 200).await;
        self.ask(&otto, Ask::get("/failures"), 200).await;
        self.post(&otto, &format!("{order}/retry"), json!({ "reason": "again" }), 202).await;
        self.desk.pipeline.settle().await;
        let all = json!({ "code": "extract.no_document_left", "reason": "again", "expected": 2 });
        let retried = self.post(&otto, "/v1/retries", all, 202).await;
        self.ask(&otto, Ask::get(&retried.header("location")), 200).await;
        let cancel = json!({ "reason": "wrong files", "run": 3 });
        self.post(&Who::preparer(), &format!("{order}/cancel"), cancel, 202).await;
        self.desk.pipeline.settle().await;
    }

    /// An order that the previous release wrote is taken over.
    async fn previous_layout(&mut self) {
        let id = self.desk.pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
        self.desk.pipeline.settle().await;
        previous_layout::put_back(&self.desk.pipeline, id).await;
        self.ask(&Who::operator(), Ask::get(&format!("/v1/orders/{id}")), 200).await;
    }
}

/// The permission that a signed address uses: that of whoever signed it.
fn signed(url: &Value, action: &str) -> Permission {
    let url = url.as_str().unwrap();
    assert!(url.contains("X-Amz-Signature="), "{url} is not signed");
    let object = url.split('?').next().unwrap().splitn(4, '/').nth(3).unwrap();
    Permission { action: action.to_owned(), resource: format!("arn:aws:s3:::{object}") }
}
