//! Asks the deployed function of the API: each request is an event of an HTTP API that the function handles.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::desk::{Answer, Ask, ISSUER, Who};
use crate::issuer::Issuer;
use crate::pipeline::Pipeline;

/// The desk's address.
pub const ADDRESS: &str = "https://desk.example";
/// The gateway's id of each request.
pub const REQUEST_ID: &str = "JKJaXmPLvHcESHA=";

/// The function over the pipeline, and its issuer.
pub struct StageDesk {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// The issuer.
    pub issuer: Issuer,
}

impl StageDesk {
    /// A desk at which no program may do anything.
    #[must_use]
    pub fn new() -> Self {
        Self::with_programs("{}")
    }

    /// A desk with these programs.
    #[must_use]
    pub fn with_programs(programs: &str) -> Self {
        Self::over(Pipeline::new(), programs)
    }

    /// A desk over a pipeline.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn over(mut pipeline: Pipeline, programs: &str) -> Self {
        let function = pipeline.local.stack.functions.get_mut(pipeline::API).expect("a function of the template");
        for (name, value) in [("PROGRAMS", programs), ("DESK_ADDRESS", ADDRESS)] {
            function.environment.insert(name.to_owned(), value.to_owned());
        }
        let issuer = Issuer::at(ISSUER);
        pipeline.local.serve_api(issuer.call()).expect("the API can be set up");
        Self { pipeline, issuer }
    }

    /// Asks as nobody, or as whoever the headers say.
    pub async fn send(&mut self, ask: Ask) -> Answer {
        self.handle(event(&ask)).await
    }

    /// Asks with a token.
    pub async fn ask(&mut self, who: &Who, ask: Ask) -> Answer {
        self.send(ask.with("authorization", &format!("Bearer {}", who.token()))).await
    }

    /// Asks as a program whose signature the gateway has checked.
    pub async fn sign(&mut self, principal: &str, ask: Ask) -> Answer {
        let mut event = event(&ask);
        event["requestContext"]["authorizer"] = signed_by(principal);
        self.handle(event).await
    }

    /// Has the function handle an event.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn handle(&mut self, event: Value) -> Answer {
        let answer = self.pipeline.local.driver.invoke(pipeline::API, event).await;
        answer_of(&answer.expect("an answer"))
    }
}

impl Default for StageDesk {
    fn default() -> Self {
        Self::new()
    }
}

/// What the gateway says about a request that was signed by a principal.
#[must_use]
pub fn signed_by(principal: &str) -> Value {
    json!({ "iam": {
        "accessKey": "ASIAEXAMPLE", "accountId": "123456789012", "callerId": "AROAEXAMPLE:s", "cognitoIdentity": null,
        "principalOrgId": null, "userArn": principal, "userId": "AROAEXAMPLE:s",
    } })
}

/// A request as the gateway passes it on.
#[must_use]
pub fn event(ask: &Ask) -> Value {
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    let route = if path.starts_with("/iam/") { "ANY /iam/{proxy+}" } else { "$default" };
    let mut headers =
        Map::from_iter([("host".to_owned(), json!("desk.example")), ("x-forwarded-proto".to_owned(), json!("https"))]);
    let mut cookies = Vec::new();
    for (name, value) in &ask.headers {
        if name == "cookie" {
            cookies.extend(value.split("; ").map(str::to_owned));
        } else {
            headers.insert(name.clone(), json!(value));
        }
    }
    let mut event = json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": query, "headers": headers,
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "desk.example", "domainPrefix": "desk",
            "http": { "method": ask.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test" },
            "requestId": REQUEST_ID, "routeKey": route, "stage": "$default", "time": "05/Jan/2026:09:00:00 +0000",
            "timeEpoch": 1_767_603_600_000_i64,
        },
        "isBase64Encoded": true,
    });
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    if !ask.body.is_empty() {
        event["body"] = json!(STANDARD.encode(&ask.body));
    }
    event
}

/// What the gateway sends to the caller.
///
/// # Panics
/// When it is no answer of a function behind an HTTP API.
#[must_use]
pub fn answer_of(answer: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    for (name, value) in answer["headers"].as_object().expect("headers") {
        let name: HeaderName = name.parse().expect("a name");
        headers.insert(name, HeaderValue::from_str(value.as_str().expect("a value")).expect("a value"));
    }
    for cookie in answer["cookies"].as_array().into_iter().flatten() {
        headers.append("set-cookie", HeaderValue::from_str(cookie.as_str().expect("a cookie")).expect("a cookie"));
    }
    let body = answer["body"].as_str().unwrap_or_default();
    let bytes = if answer["isBase64Encoded"] == true { STANDARD.decode(body).expect("base64") } else { body.into() };
    let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    Answer { status: StatusCode::from_u16(status).expect("a status"), headers, bytes }
}
