//! The answer where the router gave none.

use api::problem::Problem;
use axum::response::IntoResponse as _;
use serde_json::{Map, Value, json};

/// A problem as the gateway takes it.
pub(crate) fn of(problem: &Problem, correlation_id: &str) -> Value {
    let problem = problem.clone().of_request(correlation_id);
    let response = problem.clone().into_response();
    let mut headers = Map::new();
    for (name, value) in response.headers() {
        headers.insert(name.as_str().to_owned(), value.to_str().unwrap_or_default().into());
    }
    headers.insert("cache-control".to_owned(), "no-store".into());
    headers.insert("x-correlation-id".to_owned(), correlation_id.into());
    let body = serde_json::to_string(problem.document()).unwrap_or_default();
    json!({
        "statusCode": response.status().as_u16(), "headers": headers, "body": body, "isBase64Encoded": false,
    })
}
