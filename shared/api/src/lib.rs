//! The API: what a program asks over HTTP. The pages of the desk are answered by the same router.
//!
//! Writes are decided by the lifecycle in this function and written in one transaction with their audit entry and their
//! receipt. Nothing goes through the command queue, so an answer says what has happened.

pub mod access;
mod command;
mod estimates;
mod page;
pub mod problem;
mod request;
mod review;
pub mod route;
mod view;

use std::sync::Arc;

use aws::bucket::Bucket;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::id::OrderId;
use domain::limit::UPLOAD_BYTES_MAX;
use domain::person::Person;
use domain::review::Deadlines;
use runtime::pipeline::Pipeline;
use tracing::Instrument as _;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::Access;
use crate::problem::Problem;
use crate::route::{artifact, document, failure, health, order, process, rerun, retries, review as reviews};

/// The clients that the API uses, and who may use it. Clones share them.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

/// What an [`Api`] shares.
pub struct Inner {
    pub(crate) pipeline: Pipeline,
    pub(crate) bucket: Bucket,
    pub(crate) access: Access,
    pub(crate) uploads: Uploads,
    pub(crate) deadlines: Deadlines,
    pub(crate) health: health::Health,
    pub(crate) history: estimates::KeptHistory,
    pub(crate) correlate: Box<dyn Fn() -> String + Send + Sync>,
}

impl std::ops::Deref for Api {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

/// How files reach the document bucket, and clients their documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploads {
    /// Directly, with requests that the API signs.
    ToBucket,
    /// Through the API, since the bucket is out of the clients' reach.
    ThroughApi,
}

/// The id under which whoever passed a request on knows it, as an extension of the request. The request keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Size limit of a file that is sent through the API on Lambda, in bytes: a request there has at most 6 MB, encoded.
const THROUGH_LAMBDA_BYTES_MAX: u64 = 4 * 1024 * 1024;

impl Uploads {
    /// Size limit of a file that is sent through the API, in bytes.
    pub(crate) fn bytes_max(self) -> u64 {
        match self {
            Self::ToBucket => THROUGH_LAMBDA_BYTES_MAX,
            Self::ThroughApi => UPLOAD_BYTES_MAX,
        }
    }
}

impl Api {
    /// An API over these clients. `deadlines` say how long orders may wait for a reviewer, and `correlate` makes the id of a request
    /// that has no [`RequestId`] yet.
    #[must_use]
    pub fn new(
        pipeline: Pipeline,
        bucket: Bucket,
        access: Access,
        uploads: Uploads,
        deadlines: Deadlines,
        correlate: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        let correlate = Box::new(correlate);
        let (health, history) = Default::default();
        Self(Arc::new(Inner { pipeline, bucket, access, uploads, deadlines, health, history, correlate }))
    }

    /// Who may use it.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }
}

/// The id of the order that a person creates under an `Idempotency-Key`; `None` for a text that is no key.
#[must_use]
pub fn order_id(by: &Person, key: &str) -> Option<OrderId> {
    request::IdempotencyKey::parse(key).ok().map(|key| key.order_id(by))
}

/// The description of the API.
#[derive(OpenApi)]
#[openapi(info(
    title = "Docket",
    description = "Orders of documents: create one, upload its files, have it processed, decide its review, download what was made.",
    license(name = "MIT", identifier = "MIT")
))]
struct Description;

fn described() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(order::create, order::list))
        .routes(routes!(order::read))
        .routes(routes!(order::progress))
        .routes(routes!(order::audit))
        .routes(routes!(document::add, document::list))
        .routes(routes!(document::put_content))
        .routes(routes!(process::process))
        .routes(routes!(rerun::retry))
        .routes(routes!(rerun::regenerate))
        .routes(routes!(rerun::cancel))
        .routes(routes!(reviews::read))
        .routes(routes!(reviews::claim, reviews::release))
        .routes(routes!(reviews::save))
        .routes(routes!(reviews::submit))
        .routes(routes!(reviews::extend))
        .routes(routes!(reviews::resume))
        .routes(routes!(artifact::list))
        .routes(routes!(artifact::download))
        .routes(routes!(failure::list))
        .routes(routes!(failure::by_cause))
        .routes(routes!(retries::create))
        .routes(routes!(retries::read))
        .routes(routes!(health::health))
}

/// The description of the API as OpenAPI 3.1, in JSON.
#[must_use]
pub fn openapi() -> String {
    described().into_openapi().to_pretty_json().unwrap_or_default()
}

/// The description as it is committed and served.
const OPENAPI: &str = include_str!("../openapi.json");

/// Every route.
pub fn router(api: Api) -> Router {
    let (router, _) = described().split_for_parts();
    router
        .merge(page::routes())
        .route("/openapi.json", axum::routing::get(async || ([(CONTENT_TYPE, "application/json")], OPENAPI)))
        .fallback(async || Problem::not_found())
        .method_not_allowed_fallback(async || {
            let action = "GET /openapi.json lists the methods of each address.";
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "request.method", "The address has no such method", action)
        })
        .layer(from_fn_with_state(api.clone(), surround))
        .with_state(api)
}

/// Guards the desk's host name, gives the request its id, and writes problems with it.
async fn surround(State(api): State<Api>, request: Request, next: Next) -> Response {
    let given = request.extensions().get::<RequestId>().filter(|RequestId(id)| HeaderValue::from_str(id).is_ok());
    let correlation_id = given.map_or_else(|| (api.correlate)(), |RequestId(id)| id.clone());
    let opened = page::opened(&request);
    let wants_page = page::wants_page(request.uri().path(), request.headers());
    let span = tracing::info_span!("request", correlation.id = %correlation_id);
    let response = if api.access.is_addressed(request.headers()) {
        next.run(request).instrument(span).await
    } else {
        let action = "Open the desk under the address that `docket serve` printed.";
        let misdirected = StatusCode::MISDIRECTED_REQUEST;
        Problem::new(misdirected, "request.host", "This host name is not answered", action).into_response()
    };
    let mut response = match response.extensions().get::<Problem>().cloned() {
        Some(problem) if wants_page => {
            page::problem_page(&api, &problem.of_request(&correlation_id), opened.as_deref())
        }
        Some(problem) => problem.of_request(&correlation_id).into_response(),
        None => response,
    };
    for (name, value) in [
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("referrer-policy"), HeaderValue::from_static("no-referrer")),
    ] {
        response.headers_mut().entry(name).or_insert(value);
    }
    if let Ok(id) = HeaderValue::from_str(&correlation_id) {
        response.headers_mut().insert(HeaderName::from_static("x-correlation-id"), id);
    }
    api.pipeline.metrics.flush(api.pipeline.clock.now());
    response
}
