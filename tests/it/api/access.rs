//! Who may do what: every route, asked by everybody who may not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use api::Uploads;
use api::access::token::{Keys, Settings};
use serde_json::{Value, json};
use tests::desk::{AUDIENCE, Ask, Desk, ISSUER, Who};
use tests::pipeline::Pipeline;

use super::review::waiting;
use super::{processed, sample_draft};

/// A route: its method, its path with an order's id, a body it takes, and the roles that may use it.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: String,
    body: Option<Value>,
    pub(super) roles: &'static [&'static str],
}

pub(super) const ALL: &[&str] = &["preparer", "reviewer", "operator"];

/// Every route that is not public. That none is missing is checked against the description of the API.
pub(super) fn routes(order: &str) -> Vec<Route> {
    let retries = order;
    let of = |method, path: &str, body: Option<Value>, roles| {
        let path = path.replace("{order}", order).replace("{retries}", retries);
        Route { method, path, body, roles }
    };
    let why = || Some(json!({ "reason": "why" }));
    vec![
        of("POST", "/v1/orders", Some(json!({ "service_code": "CANARY" })), &["preparer", "operator"]),
        of("GET", "/v1/orders", None, ALL),
        of("GET", "/v1/orders/{order}", None, ALL),
        of("GET", "/v1/orders/{order}/progress", None, ALL),
        of("GET", "/v1/orders/{order}/audit", None, ALL),
        of("GET", "/v1/orders/{order}/documents", None, ALL),
        of(
            "POST",
            "/v1/orders/{order}/documents",
            Some(json!({ "files": [{ "name": "a", "bytes": 1 }] })),
            &["preparer", "operator"],
        ),
        of("PUT", "/v1/orders/{order}/documents/1/content", None, &["preparer", "operator"]),
        of("POST", "/v1/orders/{order}/process", Some(json!({})), &["preparer", "operator"]),
        of("POST", "/v1/orders/{order}/retry", why(), &["operator"]),
        of("POST", "/v1/orders/{order}/regenerate", why(), &["preparer", "operator"]),
        of("POST", "/v1/orders/{order}/cancel", Some(json!({ "reason": "why", "run": 1 })), &["preparer", "operator"]),
        of("GET", "/v1/orders/{order}/review", None, &["reviewer"]),
        of("PUT", "/v1/orders/{order}/review/claim", Some(json!({})), &["reviewer"]),
        of("DELETE", "/v1/orders/{order}/review/claim", None, &["reviewer"]),
        of("PUT", "/v1/orders/{order}/review/decisions", Some(json!({ "decisions": [] })), &["reviewer"]),
        of("POST", "/v1/orders/{order}/review/submit", Some(json!({})), &["reviewer"]),
        of("POST", "/v1/orders/{order}/review/extend", why(), &["reviewer", "operator"]),
        of("POST", "/v1/orders/{order}/resume", why(), &["reviewer"]),
        of("GET", "/v1/orders/{order}/artifacts", None, ALL),
        of("GET", "/v1/orders/{order}/artifacts/1/CMA.xlsx", None, ALL),
        of("GET", "/v1/orders/{order}/failures", None, ALL),
        of("GET", "/v1/failures", None, &["operator"]),
        of("POST", "/v1/retries", Some(json!({ "code": "a", "reason": "b", "expected": 0 })), &["operator"]),
        of("GET", "/v1/retries/{retries}", None, &["operator"]),
    ]
}

pub(super) fn ask(route: &Route, key: &str) -> Ask {
    let ask = Ask::method(route.method, &route.path).with("idempotency-key", key).with("if-match", "\"1-none\"");
    match &route.body {
        Some(body) => ask.json(body),
        None => ask,
    }
}

#[test]
fn every_route_of_the_description_is_in_the_table() {
    let description: Value = serde_json::from_str(&api::openapi()).unwrap();
    let mut described = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|_| path.starts_with("/v1")) {
            let path = path.replace("{document}", "1").replace("{version}", "1").replace("{name}", "CMA.xlsx");
            described.push(format!("{} {}", method.to_uppercase(), path.replace("{retries}", "{order}")));
        }
    }
    let mut tested: Vec<_> = routes("{order}").iter().map(|route| format!("{} {}", route.method, route.path)).collect();
    described.sort();
    tested.sort();
    assert_eq!(described, tested);
}

#[tokio::test(start_paused = true)]
async fn nobody_gets_in_without_a_token_that_holds() {
    let desk = Desk::new();
    let order = processed(&desk, "a", &json!({})).await;
    let everybody = || Who::of("eve", ALL);
    let outsiders = [
        ("expired", everybody().with("exp", json!(1_000_000_000))),
        ("of another audience", everybody().with("aud", json!("other"))),
        ("of another issuer", everybody().with("iss", json!("https://evil.example"))),
        ("not valid yet", everybody().with("nbf", json!(1_999_999_999))),
        ("without an end", everybody().with("exp", json!(null))),
        ("of no firm", everybody().with("custom:firm_id", json!(null))),
        ("of a firm that is none", everybody().with("custom:firm_id", json!("local#ORDER"))),
        ("of nobody", everybody().with("sub", json!(null))),
        ("with an unknown key", everybody().signed_with("2")),
    ];
    for (number, route) in routes(&order).iter().enumerate() {
        let none = desk.send(ask(route, &format!("n{number}"))).await;
        assert_eq!(none.problem(), (401, "access.signed_out".to_owned()), "{} {}", route.method, route.path);
        for (how, who) in &outsiders {
            let refused = desk.ask(who, ask(route, &format!("o{number}"))).await;
            assert_eq!(refused.problem().0, 401, "{} {} with a token {how}", route.method, route.path);
        }
        let token = everybody().token();
        let tampered = format!("Bearer {}x.{}", &token[..token.len() - 20], "AAAA");
        assert_eq!(desk.send(ask(route, "t").with("authorization", &tampered)).await.problem().0, 401);
    }
}

#[tokio::test(start_paused = true)]
async fn each_route_takes_one_of_its_roles() {
    let desk = Desk::new();
    let order = processed(&desk, "a", &json!({})).await;
    for (number, route) in routes(&order).iter().enumerate() {
        for role in ALL.iter().chain(&["admin", ""]) {
            let who = Who::of("x", &[role]);
            let answer = desk.ask(&who, ask(route, &format!("{number}-{role}"))).await;
            let is_refused = answer.problem() == (403, "access.wrong_role".to_owned());
            // Without any role, one may still read what all roles may.
            let may = route.roles.contains(role) || route.roles.len() == ALL.len();
            assert_eq!(is_refused, !may, "{} {} by '{role}': {}", route.method, route.path, answer.json());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_firms_order_is_answered_like_one_that_does_not_exist() {
    let desk = Desk::new();
    let order = processed(&desk, "a", &json!({})).await;
    let unknown = "01KE6P4YM00000000000000007";
    let stranger = Who::of("eve", ALL).with("custom:firm_id", json!("other"));
    for (route, same) in routes(&order).iter().zip(routes(unknown)).filter(|(route, _)| route.path.contains(&order)) {
        let foreign = desk.ask(&stranger, ask(route, "f")).await;
        let absent = desk.ask(&stranger, ask(&same, "f")).await;
        assert_eq!(foreign.status, 404, "{} {}: {}", route.method, route.path, foreign.json());
        assert_eq!((foreign.status, foreign.json()), (absent.status, absent.json()), "{} {}", route.method, route.path);
    }
    let listed = desk.ask(&stranger, Ask::get("/v1/orders")).await.json();
    assert_eq!(listed, json!({ "items": [] }));
    assert_eq!(desk.order(&order).await["status"], json!("QUEUED"), "nobody else changed it");
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_away_is_no_refusal_and_is_not_asked_all_the_time() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    let settings = Settings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        firm_claim: "custom:firm_id".to_owned(),
        role_claim: "roles".to_owned(),
    };
    let keys = Keys::new(Box::new(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        Box::pin(async { None })
    }));
    let desk = Desk::with_keys(Pipeline::new(), settings, keys, Uploads::ThroughApi);
    for _ in 0..20 {
        let answer = desk.ask(&Who::operator(), Ask::get("/v1/orders")).await;
        assert_eq!(answer.problem(), (503, "service.unavailable".to_owned()));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    desk.ask(&Who::operator(), Ask::get("/v1/orders")).await;
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

/// Calls of a stranger that are made, unless DOCKET_STRANGER_CALLS says how many.
const STRANGER_CALLS: u64 = 1_500;

#[tokio::test(start_paused = true)]
async fn a_stranger_with_every_role_reaches_no_order_however_often_they_try() {
    let mut desk = Desk::new();
    let waits = waiting(&mut desk).await;
    let draft = sample_draft(&desk, "b", &json!({})).await;
    let completed = processed(&desk, "c", &json!({})).await;
    let failed = desk.draft(&Who::preparer(), "d", &json!({ "service_code": "CMA" })).await;
    desk.upload(&Who::preparer(), &failed, "d-files", &[("a.csv".to_owned(), b"nothing".to_vec())]).await;
    let process = Ask::post(&format!("/v1/orders/{failed}/process"), "d-process", &json!({}));
    assert_eq!(desk.ask(&Who::preparer(), process).await.status, 202);
    desk.pipeline.settle().await;
    let orders = [waits, draft, completed, failed];
    let mut before = Vec::new();
    for order in &orders {
        before.push(desk.order(order).await);
    }
    assert_eq!(
        before.iter().map(|order| order["status"].clone()).collect::<Vec<_>>(),
        ["INTERNAL_REVIEW", "DRAFT", "COMPLETED", "FAILED"]
    );

    let token = format!("Bearer {}", Who::of("eve", ALL).with("custom:firm_id", json!("other")).token());
    let calls =
        std::env::var("DOCKET_STRANGER_CALLS").ok().and_then(|text| text.parse().ok()).unwrap_or(STRANGER_CALLS);
    let mut random = fastrand::Rng::with_seed(7);
    let mut answers: BTreeMap<u16, u64> = BTreeMap::new();
    for number in 0..calls {
        let routes = routes(&orders[random.usize(..orders.len())]);
        let aimed: Vec<&Route> = routes.iter().filter(|route| route.path.len() > "/v1/orders/".len() + 20).collect();
        let route = aimed[random.usize(..aimed.len())];
        let answer = desk.send(ask(route, &format!("key-{number}")).with("authorization", &token)).await;
        assert_eq!(answer.status, 404, "{} {}: {}", route.method, route.path, answer.json());
        *answers.entry(answer.status.as_u16()).or_default() += 1;
    }
    println!("answers by status: {answers:?}");
    let mut after = Vec::new();
    for order in &orders {
        after.push(desk.order(order).await);
    }
    assert_eq!(before, after, "nothing of any order has changed");
}
