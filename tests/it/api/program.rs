//! Programs that sign with AWS credentials, and what the gateway says about a request.

use pipeline::{API, SetUpError};
use serde_json::{Value, json};
use tests::desk::{Ask, ISSUER, Who};
use tests::issuer::Issuer;
use tests::log::capture;
use tests::pipeline::Pipeline;
use tests::stage_desk::{REQUEST_ID, StageDesk, event, signed_by};

use super::access::{ALL, ask, routes};

/// A session of the role of each program.
fn session(role: &str) -> String {
    format!("arn:aws:sts::123456789012:assumed-role/{role}/nightly")
}

/// Programs with each role, with all of them, and of another firm.
fn desk() -> StageDesk {
    let mut programs = serde_json::Map::new();
    let mut add = |name: &str, firm: &str, roles: &[&str]| {
        programs.insert(format!("arn:aws:iam::123456789012:role/{name}"), json!({ "firm": firm, "roles": roles }));
    };
    ALL.iter().for_each(|role| add(role, "local", &[role]));
    add("everything", "local", ALL);
    add("stranger", "other", ALL);
    StageDesk::with_programs(&Value::Object(programs).to_string())
}

/// A canary that was processed.
async fn processed(desk: &mut StageDesk) -> String {
    let made = desk.ask(&Who::preparer(), Ask::post("/v1/orders", "a", &json!({ "service_code": "CANARY" }))).await;
    let order = made.json()["order_id"].as_str().unwrap().to_owned();
    let process = Ask::post(&format!("/v1/orders/{order}/process"), "b", &json!({}));
    assert_eq!(desk.ask(&Who::preparer(), process).await.status, 202);
    order
}

#[tokio::test(start_paused = true)]
async fn each_route_takes_a_program_with_one_of_its_roles() {
    let mut desk = desk();
    let order = processed(&mut desk).await;
    for (number, mut route) in routes(&order).into_iter().enumerate() {
        route.path = format!("/iam{}", route.path);
        for role in ALL {
            let answer = desk.sign(&session(role), ask(&route, &format!("{number}-{role}"))).await;
            let is_refused = answer.problem() == (403, "access.wrong_role".to_owned());
            assert_eq!(is_refused, !route.roles.contains(role), "{} {} by {role}", route.method, route.path);
            assert_ne!(answer.status, 401, "{} {} by {role}", route.method, route.path);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_principal_that_is_not_listed_is_nobody() {
    let mut desk = desk();
    let order = processed(&mut desk).await;
    let others = [
        session("unlisted"),
        session("Everything"),
        "arn:aws:sts::210987654321:assumed-role/everything/nightly".to_owned(),
        "arn:aws:iam::123456789012:user/everything".to_owned(),
        "arn:aws:sts::123456789012:federated-user/everything".to_owned(),
        "arn:aws:iam::123456789012:root".to_owned(),
        String::new(),
    ];
    for (number, mut route) in routes(&order).into_iter().enumerate() {
        route.path = format!("/iam{}", route.path);
        for other in &others {
            let refused = desk.sign(other, ask(&route, &format!("{number}"))).await;
            assert_eq!(refused.problem(), (401, "access.signed_out".to_owned()), "{} {other}", route.path);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_gateways_word_on_its_own_route_makes_a_program() {
    let mut desk = desk();
    let order = processed(&mut desk).await;
    let signed_out = (401, "access.signed_out".to_owned());
    let principal = session("everything");
    for (number, route) in routes(&order).iter().enumerate() {
        let key = number.to_string();
        // On the routes of people an IAM context lets nobody in.
        assert_eq!(desk.sign(&principal, ask(route, &key)).await.problem(), signed_out, "{}", route.path);
        // On the programs' route, neither headers nor tokens stand in for the context.
        let mut iam = ask(route, &key);
        iam = iam.under("/iam");
        let claims = iam
            .clone()
            .with("x-amzn-iam-user-arn", &principal)
            .with("x-amz-user-arn", &principal)
            .with("x-amzn-request-context", &signed_by(&principal).to_string());
        assert_eq!(desk.send(claims).await.problem(), signed_out, "{}", route.path);
        assert_eq!(desk.ask(&Who::of("x", ALL), iam.clone()).await.problem(), signed_out, "{}", route.path);
        let cookie = format!("__Host-docket={}", Who::of("x", ALL).token());
        let with_session = iam.clone().with("cookie", &cookie).with("sec-fetch-site", "same-origin");
        assert_eq!(desk.send(with_session).await.problem(), signed_out, "{}", route.path);
        // Another authorizer's context is none.
        let mut event = event(&iam);
        event["requestContext"]["authorizer"] =
            json!({ "lambda": { "userArn": principal }, "jwt": { "claims": {}, "scopes": [] } });
        assert_eq!(desk.handle(event).await.problem(), signed_out, "{}", route.path);
    }
}

#[tokio::test(start_paused = true)]
async fn a_program_sees_its_own_firm_and_is_named_in_the_audit_trail() {
    let mut desk = desk();
    let body = json!({ "service_code": "CANARY" });
    let made = desk.sign(&session("preparer"), Ask::post("/iam/v1/orders", "a", &body)).await;
    assert_eq!(made.status, 201, "{}", made.json());
    let order = format!("/iam/v1/orders/{}", made.json()["order_id"].as_str().unwrap());
    assert_eq!(desk.sign(&session("stranger"), Ask::get(&order)).await.problem().0, 404);
    let listed = desk.sign(&session("stranger"), Ask::get("/iam/v1/orders?limit=2")).await;
    assert_eq!(listed.json(), json!({ "items": [] }));
    let audit = desk.sign(&session("operator"), Ask::get(&format!("{order}/audit"))).await.json();
    assert_eq!(audit[0]["actor"], json!("iam:123456789012:role/preparer"));
}

#[tokio::test(start_paused = true)]
async fn programs_reach_the_api_and_no_page() {
    let mut desk = desk();
    for path in [
        "/iam/",
        "/iam/orders",
        "/iam/new",
        "/iam/sign-in",
        "/iam/health",
        "/iam/v1",
        "/iam/v1/",
        "/iam//v1/orders",
        "/iam/v1/../orders",
    ] {
        let answer = desk.sign(&session("everything"), Ask::get(path)).await;
        assert_eq!(answer.problem().0, 404, "{path}: {}", answer.json());
    }
    assert_eq!(desk.sign(&session("everything"), Ask::get("/iamv1/orders")).await.problem().0, 404);
    assert_eq!(desk.sign(&session("everything"), Ask::get("/iam/v1/orders")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn the_gateways_id_of_a_request_leads_to_its_log() {
    let (mut desk, log) = (desk(), capture());
    let answer = desk.ask(&Who::preparer(), Ask::get("/v1/orders/01KE6N1VM00000000000000001")).await;
    assert_eq!(
        (answer.header("x-correlation-id"), &answer.json()["correlation_id"]),
        (REQUEST_ID.to_owned(), &json!(REQUEST_ID))
    );
    let lines = log.text();
    let line = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["message"] == "request answered");
    let line = line.unwrap_or_else(|| panic!("no line: {lines}"));
    assert_eq!((&line["correlation.id"], &line["http.status"]), (&json!(REQUEST_ID), &json!(404)));
    assert!(line["invocation.id"].is_string() && line["duration_ms"].is_i64(), "{line}");
}

#[tokio::test(start_paused = true)]
async fn whatever_a_request_holds_it_is_answered() {
    let mut desk = desk();
    let signed_out = (401, "access.signed_out".to_owned());
    for path in [
        "/v1/orders/é",
        "/v1/orders/a b",
        "/v1/orders/%zz",
        "/v1/orders/\u{0}",
        "/v1/orders/%00",
        "/v1/orders/<\"{`}>",
        "/v1/orders/..%2f..",
    ] {
        let answer = desk.send(Ask::get(path)).await;
        assert!(answer.status.is_client_error(), "{path}: {}", answer.json());
    }
    let sample = || event(&Ask::get("/v1/orders"));
    for (pointer, value) in [
        ("/rawQueryString", json!("a=%zz&b=é\u{0}")),
        ("/headers/host", json!("not a host")),
        ("/headers/host", json!("evil.example")),
        ("/headers/x-forwarded-proto", json!("gopher<")),
        ("/rawPath", json!("no-slash")),
        ("/rawPath", json!("")),
        ("/requestContext/requestId", json!("bad\nid")),
        ("/requestContext/stage", json!("other")),
    ] {
        let mut event = sample();
        *event.pointer_mut(pointer).unwrap() = value.clone();
        let answer = desk.handle(event).await;
        assert!((400..=500).contains(&answer.status.as_u16()), "{pointer} {value}: {}", answer.status);
    }
    let mut event = sample();
    event["body"] = json!("not base64!");
    assert!(desk.handle(event).await.status.as_u16() <= 500);
    assert_eq!(desk.send(Ask::get("/v1/orders")).await.problem(), signed_out, "it goes on");
}

#[test]
fn programs_that_cannot_be_read_keep_the_function_from_starting() {
    let log = capture();
    for (name, value) in [
        ("PROGRAMS", "{"),
        ("PROGRAMS", r#"{"*": {"firm": "acme", "roles": ["operator"]}}"#),
        ("PROGRAMS", r#"{"arn:aws:iam::123456789012:role/a": {"firm": "acme", "roles": ["admin"]}}"#),
        ("OIDC_ISSUER", "http://issuer.example"),
        ("OIDC_ISSUER", "issuer.example"),
    ] {
        let mut pipeline = Pipeline::new();
        let function = pipeline.local.stack.functions.get_mut(API).unwrap();
        function.environment.insert(name.to_owned(), value.to_owned());
        let refused = pipeline.local.serve_api(Issuer::at(ISSUER).call());
        let Err(SetUpError::Configuration { source, .. }) = refused else { panic!("{name}={value} is taken") };
        assert_eq!(source.name, name, "{value}");
        let told = log.text();
        assert!(told.contains("a variable cannot be used") && told.contains(name), "{told}");
        assert!(!told.contains("admin"), "the text itself is not logged: {told}");
    }
}
