//! The desk's API, asked over the pipeline in this process.

mod access;
mod day;
mod estimate;
mod local;
mod program;
mod repeat;
mod review;
mod sign_in;

use serde_json::{Value, json};
use tests::desk::{Desk, Who};
use tests::pipeline::OrderRequest;

/// A canary that a preparer has had processed; returns its id.
async fn processed(desk: &Desk, key: &str, options: &Value) -> String {
    let body = json!({ "service_code": "CANARY", "options": options });
    let order = desk.draft(&Who::preparer(), key, &body).await;
    let path = format!("/v1/orders/{order}/process");
    let answer = desk.ask(&Who::preparer(), tests::desk::Ask::post(&path, &format!("{key}-process"), &json!({}))).await;
    assert_eq!(answer.status, 202, "{}", answer.json());
    order
}

/// A CMA of the sample borrower as a draft with its files; returns its id.
async fn sample_draft(desk: &Desk, key: &str, options: &Value) -> String {
    let body = json!({ "service_code": "CMA", "options": options });
    let order = desk.draft(&Who::of("olga", &["preparer", "operator"]), key, &body).await;
    desk.upload(&Who::preparer(), &order, &format!("{key}-files"), &OrderRequest::sample().files).await;
    order
}

#[test]
fn the_committed_description_is_the_one_that_the_code_gives() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/api/openapi.json");
    let given = api::openapi();
    if std::env::var_os("DOCKET_UPDATE").is_some() {
        std::fs::write(&path, &given).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == given, "run this test with DOCKET_UPDATE=1");
}
