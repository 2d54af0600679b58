//! Signing in at the issuer, through the deployed function.

use std::time::Duration;

use serde_json::json;
use tests::desk::{Answer, Ask, ISSUER, Who};
use tests::log::capture;
use tests::stage_desk::{ADDRESS, StageDesk};

/// What a browser sends that opens a page.
fn page(path: &str) -> Ask {
    Ask::get(path).with("accept", "text/html,application/xhtml+xml").with("sec-fetch-mode", "navigate")
}

/// The cookies that an answer sets, as a browser sends them back: without those that it removes.
fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let kept = set.filter(|cookie| !cookie.contains("Max-Age=0;")).map(|cookie| cookie.split(';').next().unwrap());
    kept.collect::<Vec<_>>().join("; ")
}

/// A sign-in that has begun: the issuer's address, and the browser's cookie.
async fn begin(desk: &mut StageDesk, path: &str) -> (String, String) {
    let begun = desk.send(page(path)).await;
    assert_eq!(begun.status, 303, "{}", begun.json());
    (begun.header("location"), cookies(&begun))
}

/// A sign-in as somebody, up to what the desk answers when the issuer sends them back.
async fn come_back(desk: &mut StageDesk, who: &Who) -> Answer {
    let (address, cookie) = begin(desk, "/sign-in").await;
    let back = desk.issuer.sign_in(&address, who);
    desk.send(page(&back).with("cookie", &cookie)).await
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.bytes).into_owned()
}

/// Somebody is not let in, is told so in a page, and no cookie is kept.
fn assert_refused(answer: &Answer, status: u16, says: &str) {
    let page = text(answer);
    assert_eq!(answer.status.as_u16(), status, "{page}");
    assert!(page.contains(says), "{page}");
    assert_eq!(cookies(answer), "", "no session");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_opened_without_a_session_leads_to_the_issuer_and_back_to_itself() {
    let mut desk = StageDesk::new();
    let made = desk.ask(&Who::preparer(), Ask::post("/v1/orders", "a", &json!({ "service_code": "CANARY" }))).await;
    let path = format!("/orders/{}?done=created", made.json()["order_id"].as_str().unwrap());
    let opened = desk.send(page(&path)).await;
    assert_eq!(opened.status, 303);
    assert_eq!(cookies(&opened), "");
    let (address, cookie) = begin(&mut desk, &opened.header("location")).await;
    assert!(address.starts_with(&format!("{ISSUER}/authorize?")), "{address}");
    assert!(address.contains("redirect_uri=https%3A%2F%2Fdesk.example%2Fcallback"), "{address}");

    let back = desk.issuer.sign_in(&address, &Who::preparer());
    let entered = desk.send(page(&back).with("cookie", &cookie)).await;
    assert_eq!((entered.status.as_u16(), entered.header("location")), (303, path.clone()));
    let session = cookies(&entered);
    assert!(session.starts_with("__Host-docket=ey") && !session.contains("sign-in"), "{session}");
    for cookie in entered.headers.get_all("set-cookie") {
        let cookie = cookie.to_str().unwrap();
        assert!(
            cookie.starts_with("__Host-") && cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
            "{cookie}"
        );
    }
    let shown = desk.send(page(&path).with("cookie", &session)).await;
    assert_eq!(shown.status, 200);
    assert!(text(&shown).contains("pia") && text(&shown).contains("href=\"/sign-out\""), "{}", text(&shown));
}

#[tokio::test(start_paused = true)]
async fn only_a_page_that_a_person_opens_leads_to_the_issuer() {
    let mut desk = StageDesk::new();
    let program = desk.send(Ask::get("/v1/orders").with("accept", "text/html")).await;
    assert_eq!(program.problem(), (401, "access.signed_out".to_owned()));
    assert_eq!(program.header("www-authenticate"), "Bearer");
    let script = desk.send(Ask::get("/").with("accept", "text/html").with("sec-fetch-mode", "cors")).await;
    assert_eq!((script.status.as_u16(), script.header("location")), (401, String::new()));
    assert!(text(&script).contains("href=\"/sign-in\""), "{}", text(&script));
    let form = desk.send(Ask::method("POST", "/retries").with("accept", "text/html")).await;
    assert_eq!(form.status, 401, "what a form holds would be lost on the way");
}

#[tokio::test(start_paused = true)]
async fn a_state_that_is_not_this_browsers_is_refused_before_the_issuer_is_asked() {
    let mut desk = StageDesk::new();
    let (address, cookie) = begin(&mut desk, "/sign-in").await;
    let (other_address, _) = begin(&mut desk, "/sign-in").await;
    let own = desk.issuer.sign_in(&address, &Who::preparer());
    let other = desk.issuer.sign_in(&other_address, &Who::preparer());
    let asked = desk.issuer.asked().len();
    let says = "The sign-in did not begin in this browser";
    assert_refused(&desk.send(page(&own)).await, 400, says);
    assert_refused(&desk.send(page(&own).with("cookie", "__Host-docket-sign-in=nonsense")).await, 400, says);
    assert_refused(&desk.send(page(&other).with("cookie", &cookie)).await, 400, says);
    assert_refused(&desk.send(page("/callback?code=code-0").with("cookie", &cookie)).await, 400, says);
    tokio::time::sleep(Duration::from_secs(601)).await;
    assert_refused(&desk.send(page(&own).with("cookie", &cookie)).await, 400, says);
    assert_eq!(desk.issuer.asked().len(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_code_is_good_for_one_sign_in_of_the_browser_that_began_it() {
    let mut desk = StageDesk::new();
    let (address, cookie) = begin(&mut desk, "/sign-in").await;
    let back = desk.issuer.sign_in(&address, &Who::preparer());
    let code = back.split_once("code=").unwrap().1.split('&').next().unwrap();
    // Another browser has a state and a verifier of its own.
    let (other, stolen) = begin(&mut desk, "/sign-in").await;
    let state = other.split_once("state=").unwrap().1.split('&').next().unwrap();
    let taken = desk.send(page(&format!("/callback?code={code}&state={state}")).with("cookie", &stolen)).await;
    assert_refused(&taken, 400, "The sign-in was refused");
    assert_eq!(desk.send(page(&back).with("cookie", &cookie)).await.status, 303);
    assert_refused(&desk.send(page(&back).with("cookie", &cookie)).await, 400, "The sign-in was refused");
}

#[tokio::test(start_paused = true)]
async fn a_token_for_another_sign_in_or_another_client_or_out_of_time_lets_nobody_in() {
    for who in [
        Who::preparer().with("exp", json!(1_000_000_000)),
        Who::preparer().with("aud", json!("other")),
        Who::preparer().with("azp", json!("other")),
        Who::preparer().with("iss", json!("https://evil.example")),
        Who::preparer().signed_with("2"),
    ] {
        assert_refused(&come_back(&mut StageDesk::new(), &who).await, 400, "The sign-in was refused");
    }
    let mut desk = StageDesk::new();
    desk.issuer.set_nonce("of another sign-in");
    assert_refused(&come_back(&mut desk, &Who::preparer()).await, 400, "The sign-in was refused");
}

#[tokio::test(start_paused = true)]
async fn somebody_without_a_firm_is_told_so_and_not_sent_round_in_circles() {
    for firm in [json!(null), json!("Not A Firm")] {
        let who = Who::preparer().with("custom:firm_id", firm);
        assert_refused(&come_back(&mut StageDesk::new(), &who).await, 403, "Your account belongs to no firm");
    }
    let long = Who::preparer().with("picture", json!("x".repeat(4_000)));
    assert_refused(&come_back(&mut StageDesk::new(), &long).await, 502, "too large for a cookie");
    let mut desk = StageDesk::new();
    let (address, cookie) = begin(&mut desk, "/sign-in").await;
    let back = desk.issuer.sign_in(&address, &Who::preparer());
    let denied = back.replace("code=code-0", "error=access_denied");
    assert_refused(&desk.send(page(&denied).with("cookie", &cookie)).await, 400, "The sign-in was refused");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_led_to_another_site() {
    let mut desk = StageDesk::new();
    for to in
        ["//evil.example", "https%3A%2F%2Fevil.example", "%2F%5Cevil.example", "%2F%0d%0aSet-Cookie:a", "/sign-in"]
    {
        let (address, cookie) = begin(&mut desk, &format!("/sign-in?to={to}")).await;
        let back = desk.issuer.sign_in(&address, &Who::preparer());
        let entered = desk.send(page(&back).with("cookie", &cookie)).await;
        assert_eq!((entered.status.as_u16(), entered.header("location")), (303, "/".to_owned()), "{to}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_issuer_that_is_away_is_no_refusal() {
    let mut desk = StageDesk::new();
    let (address, cookie) = begin(&mut desk, "/sign-in").await;
    let back = desk.issuer.sign_in(&address, &Who::preparer());
    desk.issuer.set_away(true);
    let away = desk.send(page(&back).with("cookie", &cookie)).await;
    assert_eq!((away.status.as_u16(), away.header("retry-after").as_str()), (503, "5"));
    desk.issuer.set_away(false);
    assert_eq!(desk.send(page(&back).with("cookie", &cookie)).await.status, 303, "the code was not used up");

    let mut desk = StageDesk::new();
    desk.issuer.set_away(true);
    let begun = desk.send(page("/sign-in")).await;
    assert_eq!((begun.status.as_u16(), begun.header("retry-after").as_str()), (503, "5"));
    let asked = desk.ask(&Who::preparer(), Ask::get("/v1/orders")).await;
    assert_eq!((asked.problem(), asked.header("retry-after").as_str()), ((503, "service.unavailable".to_owned()), "5"));
    let opened = desk.send(page("/").with("cookie", &format!("__Host-docket={}", Who::preparer().token()))).await;
    assert_eq!((opened.status.as_u16(), opened.header("retry-after").as_str()), (503, "5"));
    for _ in 0..20 {
        desk.send(page("/sign-in")).await;
    }
    assert!(desk.issuer.asked().len() <= 3, "it is not asked all the time: {:?}", desk.issuer.asked());
    desk.issuer.set_away(false);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(desk.ask(&Who::preparer(), Ask::get("/v1/orders")).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_discovery_document_is_used_only_if_it_is_the_issuers_own_and_keeps_to_tls() {
    for (name, value) in [
        ("issuer", json!("https://other.example")),
        ("token_endpoint", json!("http://issuer.example/token")),
        ("jwks_uri", json!("file:///etc/passwd")),
        ("authorization_endpoint", json!(null)),
        ("end_session_endpoint", json!("javascript:alert(1)")),
    ] {
        let mut desk = StageDesk::new();
        desk.issuer.set_document(name, value);
        let log = capture();
        assert_eq!(desk.send(page("/sign-in")).await.status, 503, "{name}");
        assert!(log.text().contains("the issuer's discovery document cannot be used"), "{}", log.text());
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_ends_with_its_token() {
    let mut desk = StageDesk::new();
    let now = 1_767_603_600;
    let entered = come_back(&mut desk, &Who::preparer().with("exp", json!(now + 3_600))).await;
    let set = entered.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
    let session = set.into_iter().find(|cookie| cookie.starts_with("__Host-docket=ey")).unwrap();
    assert!(session.contains("; Max-Age=3600; "), "{session}");
    let cookie = cookies(&entered);
    assert_eq!(desk.send(page("/").with("cookie", &cookie)).await.status, 200);
    // The issuer's clock may be a minute behind.
    tokio::time::sleep(Duration::from_secs(3_661)).await;
    let over = desk.send(page("/").with("cookie", &cookie)).await;
    assert_eq!((over.status.as_u16(), over.header("location")), (303, "/sign-in".to_owned()));
    assert_eq!(desk.send(Ask::get("/v1/orders").with("cookie", &cookie)).await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn whoever_signs_out_is_signed_out_here_and_at_the_issuer() {
    let mut desk = StageDesk::new();
    let cookie = cookies(&come_back(&mut desk, &Who::preparer()).await);
    let elsewhere = page("/sign-out").with("cookie", &cookie).with("sec-fetch-site", "cross-site");
    assert_eq!(desk.send(elsewhere).await.status, 403, "a link of another site signs nobody out");
    let out = desk.send(page("/sign-out").with("cookie", &cookie).with("sec-fetch-site", "same-origin")).await;
    let target = out.header("location");
    assert!(target.starts_with(&format!("{ISSUER}/logout?client_id=desk&")), "{target}");
    assert!(target.contains("post_logout_redirect_uri=https%3A%2F%2Fdesk.example%2Fsigned-out"), "{target}");
    let gone = "__Host-docket=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax";
    assert!(out.headers.get_all("set-cookie").iter().any(|cookie| cookie == gone));
    let back = desk.send(page("/signed-out")).await;
    assert_eq!(back.status, 200);
    assert!(text(&back).contains("You are signed out") && text(&back).contains("href=\"/sign-in\""), "{}", text(&back));

    for away in [false, true] {
        let mut desk = StageDesk::new();
        desk.issuer.set_document("end_session_endpoint", json!(null));
        desk.issuer.set_away(away);
        let out = desk.send(page("/sign-out")).await;
        assert_eq!((out.status.as_u16(), out.header("location")), (303, "/signed-out".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn another_site_changes_nothing_with_somebodys_session() {
    let mut desk = StageDesk::new();
    let session = cookies(&come_back(&mut desk, &Who::preparer()).await);
    let order = Ask::post("/v1/orders", "a", &json!({ "service_code": "CANARY" })).with("cookie", &session);
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let refused = desk.send(order.clone().with(name, value)).await;
        assert_eq!(refused.problem(), (403, "access.other_site".to_owned()), "{name}: {value}");
    }
    assert_eq!(desk.send(order.clone().with("sec-fetch-site", "same-origin")).await.status, 201);
    assert_eq!(desk.send(order.with("origin", ADDRESS)).await.status, 201);
}
