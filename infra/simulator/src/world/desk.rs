//! People who use the API: each request is an invocation of its own, which faults hit like those of functions. A request that is not
//! answered is repeated with the same key.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use api::Uploads;
use api::access::Access;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use domain::id::{FirmId, OrderId, RunNumber};
use domain::message::Command;
use domain::person::Person;
use engine::{Ended, InvokeError, Scope, scoped};
use pipeline::{LocalPipeline, SetUpError};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::judge::model::Invoked;
use crate::judge::violation::{Kind, Violation};
use crate::world::fault_injector::FaultInjector;
use crate::world::run::wait_for_threads;

/// Logical id of the function that answers the API.
pub(crate) const API: &str = "ApiFunction";
/// How long the gateway waits for the function.
const TIMEOUT: Duration = Duration::from_secs(29);
/// How long a person waits before they repeat a request.
const PAUSE: Duration = Duration::from_secs(7);
/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The API, and whoever watches it.
#[derive(Clone)]
pub(crate) struct Desk {
    router: Router,
    faults: Arc<FaultInjector>,
    aws: engine::Aws,
    invocations: Rc<Cell<u64>>,
}

/// A request.
#[derive(Clone)]
pub(crate) struct Ask {
    by: Person,
    firm: FirmId,
    order: OrderId,
    method: &'static str,
    path: String,
    key: Option<String>,
    seen: Option<String>,
    body: Vec<u8>,
    is_json: bool,
    /// What it asks for, if that begins or ends a run or a review.
    command: Option<Command>,
}

impl Ask {
    /// A request about an order of `firm`; `path` follows `/v1/orders`.
    pub(crate) fn new(by: Person, firm: &FirmId, order: OrderId, method: &'static str, path: &str) -> Self {
        let path = format!("/v1/orders{path}");
        let firm = firm.clone();
        Self { by, firm, order, method, path, key: None, seen: None, body: Vec::new(), is_json: false, command: None }
    }

    /// The same request with a body.
    pub(crate) fn json(self, body: &Value) -> Self {
        Self { body: body.to_string().into_bytes(), is_json: true, ..self }
    }

    /// The same request with a file.
    pub(crate) fn file(self, bytes: Vec<u8>) -> Self {
        Self { body: bytes, ..self }
    }

    /// The same request under a key, by which a repeat is recognised.
    pub(crate) fn keyed(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }

    /// The same request, which changes only what has this entity tag.
    pub(crate) fn seen(self, tag: &str) -> Self {
        Self { seen: Some(tag.to_owned()), ..self }
    }

    /// The same request, which asks for a command.
    pub(crate) fn asking(self, command: Command) -> Self {
        Self { command: Some(command), ..self }
    }

    fn request(&self) -> Option<Request<Body>> {
        let mut request = Request::builder().method(self.method).uri(&self.path);
        if self.is_json {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        if let Some(key) = &self.key {
            request = request.header("idempotency-key", key);
        }
        if let Some(tag) = &self.seen {
            request = request.header(header::IF_MATCH, tag);
        }
        request.extension(self.by.clone()).body(Body::from(self.body.clone())).ok()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) tag: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The order and its run, which a repeat of a command must be told too.
    fn told(&self) -> (&Value, &Value) {
        (&self.body["order_id"], &self.body["run"])
    }
}

impl Desk {
    /// The API over a pipeline.
    pub(crate) fn new(local: &LocalPipeline, faults: &Arc<FaultInjector>) -> Result<Self, SetUpError> {
        let api = local.api(Access::Known, Uploads::ThroughApi, || "request".to_owned())?;
        Ok(Self {
            router: api::router(api),
            faults: Arc::clone(faults),
            aws: local.aws.clone(),
            // Higher than any number of the driver's invocations and of the clients.
            invocations: Rc::new(Cell::new(1 << 48)),
        })
    }

    /// The time, in milliseconds since 1970.
    pub(crate) fn now_ms(&self) -> i64 {
        self.aws.clock().now_ms()
    }

    /// Asks until there is an answer. A command that was carried out is given once more, and must be told the same.
    pub(crate) async fn ask(&self, ask: Ask) -> Answer {
        let answer = self.until_answered(&ask).await;
        self.judge(&ask, &answer);
        if ask.key.is_some() && answer.is_success() {
            let again = self.until_answered(&ask).await;
            // The order may have been removed meanwhile.
            if again.status != 404 && (again.status, again.told()) != (answer.status, answer.told()) {
                self.report(
                    &ask,
                    &format!(
                        "a repeat was answered {} {:?}, after {} {:?}",
                        again.status,
                        again.told(),
                        answer.status,
                        answer.told()
                    ),
                );
            }
        }
        answer
    }

    /// An answer that no well-formed request of these people is given.
    fn judge(&self, ask: &Ask, answer: &Answer) {
        let is_foreign = ask.by.firm != ask.firm;
        let is_expected = answer.is_success() && !is_foreign || matches!(answer.status, 404 | 409 | 412);
        if !is_expected || is_foreign && answer.status != 404 {
            self.report(ask, &format!("it was answered {} {}", answer.status, answer.body["code"]));
        }
    }

    fn report(&self, ask: &Ask, what: &str) {
        let text = format!("{} {} by {}: {what}", ask.method, ask.path, ask.by.user);
        let invariant = if ask.by.firm == ask.firm { "desk" } else { "I8" };
        self.faults.state().observed.violations.push(Violation::new(Kind::Broken, invariant, text));
    }

    /// Judges a review that a reviewer was told has ended with their decision to leave the doubtful line out.
    pub(crate) fn judge_decision(&self, firm: &FirmId, order: OrderId, run: RunNumber) {
        let pk = format!("FIRM#{firm}#ORDER#{order}");
        let mut state = self.faults.state();
        let decided = state.model.contents.decided(&pk, run);
        if decided != Some(true) {
            let text = format!("{pk}: a reviewer left a line out of run {run}, and what is stored says {decided:?}");
            state.observed.violations.push(Violation::new(Kind::Broken, "desk", text));
        }
    }

    async fn until_answered(&self, ask: &Ask) -> Answer {
        loop {
            if let Ok(answer) = self.invoke(ask).await
                && answer.status < 500
            {
                return answer;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Invokes the function once.
    async fn invoke(&self, ask: &Ask) -> Result<Answer, InvokeError> {
        let number = self.invocations.get() + 1;
        self.invocations.set(number);
        let started = self.aws.clock().now();
        let pk = format!("FIRM#{}#ORDER#{}", ask.by.firm, ask.order);
        self.faults.begin(number, Invoked::by_person(API, &pk, ask.command.clone()));
        let scope = Scope::new(API, number);
        let result = self.race(&scope, ask).await;
        let error = result.as_ref().err().cloned();
        self.faults.ended(&Ended {
            function: API.to_owned(),
            number,
            request_id: format!("request-{number}"),
            started,
            ended: self.aws.clock().now(),
            messages: Vec::new(),
            failed: Vec::new(),
            error,
        });
        result
    }

    async fn race(&self, scope: &Scope, ask: &Ask) -> Result<Answer, InvokeError> {
        let unanswered = || InvokeError::Failed("no answer".to_owned());
        let request = ask.request().ok_or_else(unanswered)?;
        let router = self.router.clone();
        let (tell, told) = tokio::sync::oneshot::channel();
        let work = wait_for_threads(Box::pin(async move {
            let _ = tell.send(answer(router, request).await);
            Ok(Value::Null)
        }));
        let work = scoped(scope.clone(), work);
        let stalled = async {
            scope.stalled().await;
            tokio::time::sleep(TIMEOUT).await;
        };
        tokio::select! {
            biased;
            () = scope.crashed() => Err(InvokeError::Killed),
            () = stalled => Err(InvokeError::TimedOut),
            _ = work => told.await.ok().flatten().ok_or_else(unanswered),
            () = tokio::time::sleep(TIMEOUT) => Err(InvokeError::TimedOut),
        }
    }
}

async fn answer(router: Router, request: Request<Body>) -> Option<Answer> {
    let response = router.oneshot(request).await.ok()?;
    let status = response.status().as_u16();
    let tag = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
    let bytes = to_bytes(response.into_body(), ANSWER_BYTES_MAX).await.ok()?;
    Some(Answer { status, tag, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
}
