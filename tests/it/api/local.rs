//! The desk of this machine: its door, and what other sites cannot do.

use api::Uploads;
use api::access::Access;
use api::access::local::Desk as Door;
use axum::body::Body;
use axum::http::{Request, Response};
use tests::desk::FIRM;
use tests::pipeline::Pipeline;
use tower::ServiceExt as _;

const HOST: &str = "127.0.0.1:4870";

/// The desk of this machine on port 4870, and the token of the command.
struct Machine {
    _pipeline: Pipeline,
    router: axum::Router,
}

impl Machine {
    fn new() -> Self {
        let pipeline = Pipeline::new();
        let mut secrets = ["ticket-1", "session-1", "token-1"].into_iter();
        let door = Door::new(FIRM.parse().unwrap(), 4870, || secrets.next().unwrap().to_owned());
        let api = pipeline.local.api(Access::Local(door), Uploads::ThroughApi, || "request-1".to_owned()).unwrap();
        Self { router: api::router(api), _pipeline: pipeline }
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn status(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> u16 {
        self.ask(method, path, headers).await.status().as_u16()
    }
}

#[tokio::test(start_paused = true)]
async fn a_ticket_lets_in_once_and_only_with_its_cookie() {
    let machine = Machine::new();
    let host = ("host", HOST);
    assert_eq!(machine.status("GET", "/", &[host]).await, 401);
    assert_eq!(machine.status("GET", "/enter?ticket=ticket-2", &[host]).await, 401);
    assert_eq!(machine.status("GET", "/enter", &[host]).await, 401);
    let entered = machine.ask("GET", "/enter?ticket=ticket-1", &[host]).await;
    assert_eq!(entered.status(), 303);
    let cookie = entered.headers()["set-cookie"].to_str().unwrap();
    assert_eq!(cookie, "docket-4870=session-1; HttpOnly; SameSite=Strict; Path=/");
    assert_eq!(machine.status("GET", "/", &[host, ("cookie", "a=b; docket-4870=session-1")]).await, 200);
    assert_eq!(machine.status("GET", "/", &[host, ("cookie", "docket-4870=session-2")]).await, 401);
    assert_eq!(machine.status("GET", "/enter?ticket=ticket-1", &[host]).await, 401, "it was used");
    assert_eq!(machine.status("GET", "/v1/orders", &[host, ("authorization", "Bearer token-1")]).await, 200);
    assert_eq!(machine.status("GET", "/v1/orders", &[host, ("authorization", "Bearer session-1")]).await, 401);
}

#[tokio::test(start_paused = true)]
async fn no_other_host_name_is_answered() {
    let machine = Machine::new();
    let cookie = ("cookie", "docket-4870=session-1");
    for host in ["evil.example", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil.example:4870", ""] {
        for path in ["/", "/health", "/openapi.json", "/v1/orders", "/enter?ticket=ticket-1"] {
            assert_eq!(machine.status("GET", path, &[("host", host), cookie]).await, 421, "{host} {path}");
        }
    }
    assert_eq!(machine.status("GET", "/", &[("host", "localhost:4870"), cookie]).await, 200);
}

#[tokio::test(start_paused = true)]
async fn another_site_cannot_make_a_browser_change_anything() {
    let machine = Machine::new();
    let (host, cookie) = (("host", HOST), ("cookie", "docket-4870=session-1"));
    let form = ("content-type", "application/x-www-form-urlencoded");
    for foreign in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "http://evil.example"),
        ("origin", "http://127.0.0.1:4871"),
        ("origin", "null"),
    ] {
        let status = machine.status("POST", "/role", &[host, cookie, form, foreign]).await;
        assert_eq!(status, 403, "{foreign:?}");
    }
    assert_eq!(machine.status("POST", "/role", &[host, cookie, form]).await, 403, "nothing says where it comes from");
    // Its own pages may; the form lacks its field.
    assert_eq!(machine.status("POST", "/role", &[host, cookie, form, ("sec-fetch-site", "same-origin")]).await, 400);
    assert_eq!(machine.status("POST", "/role", &[host, cookie, form, ("origin", "http://127.0.0.1:4870")]).await, 400);
}

#[tokio::test(start_paused = true)]
async fn every_page_forbids_scripts_and_frames_of_others() {
    let machine = Machine::new();
    let page = machine.ask("GET", "/", &[("host", HOST), ("accept", "text/html")]).await;
    assert_eq!(page.status(), 401, "the door is a page too");
    for answer in [page, machine.ask("GET", "/", &[("host", HOST), ("cookie", "docket-4870=session-1")]).await] {
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
}

#[tokio::test(start_paused = true)]
async fn a_laptop_has_no_issuer_to_sign_in_or_out_at() {
    let machine = Machine::new();
    let session = [("host", HOST), ("cookie", "docket-4870=session-1")];
    for path in ["/sign-in", "/callback?code=a&state=b", "/sign-out", "/signed-out"] {
        assert_eq!(machine.status("GET", path, &session).await, 404, "{path}");
    }
    let page = machine.ask("GET", "/", &session).await;
    let bytes = axum::body::to_bytes(page.into_body(), usize::MAX).await.unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("/sign-out"));
}
