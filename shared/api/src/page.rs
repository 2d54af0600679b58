//! The pages of the desk: they read what the API reads, and their forms do what its commands do.

mod failures;
mod form;
mod new_order;
mod order;
mod orders;
mod review;
mod session;
mod sign_in;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, extract::DefaultBodyLimit};
use desk::asset;
use desk::frame::{FlashKind, Frame};
use desk::page::{EnterPage, ErrorPage, NotFoundPage};
use domain::limit::UPLOAD_BYTES_MAX;
use domain::person::Person;

use crate::access::sign_in::address_for;
use crate::problem::{self, Problem};
use crate::{Api, Uploads};

/// Size limit of a form with files on this machine, in bytes.
const FORM_BYTES_MAX: u64 = 4 * UPLOAD_BYTES_MAX;

/// The pages.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/", get(orders::list))
        .route("/new", get(new_order::form))
        .route("/orders", post(new_order::create))
        .route("/orders/{order}", get(order::read))
        .route("/orders/{order}/documents", post(new_order::add))
        .route("/orders/{order}/process", post(order::process))
        .route("/orders/{order}/retry", post(order::retry))
        .route("/orders/{order}/regenerate", post(order::regenerate))
        .route("/orders/{order}/cancel", post(order::cancel))
        .route("/orders/{order}/review", get(review::read))
        .route("/orders/{order}/review/decisions", post(review::save))
        .route("/orders/{order}/review/submit", post(review::submit))
        .route("/orders/{order}/review/claim", post(review::claim))
        .route("/orders/{order}/review/release", post(review::release))
        .route("/orders/{order}/review/extend", post(order::extend))
        .route("/orders/{order}/artifacts/{version}/{name}", get(crate::route::artifact::download))
        .route("/failures", get(failures::list))
        .route("/retries", post(failures::retry))
        .route("/retries/{retries}", get(failures::results))
        .route("/enter", get(session::enter))
        .route("/role", post(session::play))
        .route("/sign-in", get(sign_in::begin))
        .route("/callback", get(sign_in::finish))
        .route("/sign-out", get(sign_in::end))
        .route("/signed-out", get(sign_in::ended))
        .route("/assets/{digest}/{name}", get(asset_of))
        .layer(DefaultBodyLimit::max(usize::try_from(FORM_BYTES_MAX).unwrap_or(usize::MAX)))
}

/// A page as it is sent.
pub(crate) fn html(text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(desk::CONTENT_TYPE));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(desk::CONTENT_SECURITY_POLICY));
    response
}

/// A page from which files are uploaded, as it is sent: where they go to the bucket, its module may send requests there.
async fn html_with_files(api: &Api, text: String) -> Response {
    let mut response = html(text);
    if api.uploads != Uploads::ToBucket {
        return response;
    }
    let policy = match api.bucket.origin(api.pipeline.clock.now()).await {
        Ok(origin) => HeaderValue::from_str(&desk::content_security_policy_to(&origin)).ok(),
        Err(error) => {
            tracing::warn!(error = %error, "no upload can be signed");
            None
        }
    };
    if let Some(policy) = policy {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What is around a page for whoever is signed in.
fn frame(api: &Api, person: &Person) -> Frame {
    Frame::of(person.clone(), api.access.is_local())
}

/// Leads a browser to a page after a form has done its work, so that a reload does not send it again.
fn see(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or_else(|_| HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

/// What was done, as the address of the next page names it, and the words for it. Other texts are not shown.
const DONE: [(&str, &str); 10] = [
    ("created", "The draft is saved."),
    ("uploaded", "The files are uploaded."),
    ("processing", "The order is being processed."),
    ("retried", "The order is retried."),
    ("regenerated", "Another version is being made. The earlier one stays."),
    ("cancelled", "The order is cancelled."),
    ("extended", "The review may take longer. The reason stands in the audit trail."),
    ("saved", "Your decisions are saved."),
    ("submitted", "The review is submitted. The order continues."),
    ("claimed", "The review is yours for half an hour; saving renews that."),
];

/// A frame with what the address says was done.
fn after(frame: Frame, done: Option<&str>) -> Frame {
    match DONE.into_iter().find(|(name, _)| Some(*name) == done) {
        Some((_, text)) => frame.with(FlashKind::Done, text),
        None => frame,
    }
}

/// A frame with why a form was refused.
fn refused(frame: Frame, problem: &Problem) -> Frame {
    frame.with(kind_of(problem), sentence(problem))
}

fn kind_of(problem: &Problem) -> FlashKind {
    if problem.status().is_server_error() { FlashKind::Failed } else { FlashKind::Refused }
}

/// A problem in words: what, what exactly, and what to do.
fn sentence(problem: &Problem) -> String {
    let document = problem.document();
    let detail = document.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
    let holder = document.holder.as_ref().map(|holder| format!(": {holder}")).unwrap_or_default();
    format!("{}{holder}{detail}. {}", document.title, document.action)
}

/// Whether a request comes from a browser that wants a page, and not from a program.
pub(crate) fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let is_page = !path.starts_with("/v1/") && path != "/health" && path != "/openapi.json";
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    is_page && accept.is_some_and(|accept| accept.contains("text/html"))
}

/// The page that a browser opens with a request; none if one of our scripts or another site asks, or something is changed.
pub(crate) fn opened(request: &Request) -> Option<String> {
    let mode = request.headers().get("sec-fetch-mode").and_then(|value| value.to_str().ok());
    let opens = request.method() == Method::GET && mode.is_none_or(|mode| mode == "navigate");
    opens.then(|| request.uri().path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string))
}

/// A problem as a page. Whoever is not signed in and has `opened` a page is led to sign in.
pub(crate) fn problem_page(api: &Api, problem: &Problem, opened: Option<&str>) -> Response {
    let document = problem.document();
    let frame = Frame::nobody(api.access.is_local());
    let sign_in = api.access.sign_in().map(|_| address_for(opened.unwrap_or("/")));
    let text = match problem.status() {
        StatusCode::UNAUTHORIZED => match (sign_in, opened) {
            (Some(address), Some(_)) => return see(&address),
            (sign_in, _) => EnterPage { frame, sign_in, because: None }.render(),
        },
        StatusCode::NOT_FOUND => NotFoundPage { frame, correlation_id: document.correlation_id.clone() }.render(),
        _ => ErrorPage {
            frame,
            title: document.title.to_owned(),
            happened: document.detail.clone().unwrap_or_else(|| document.title.to_owned()),
            action: document.action.to_owned(),
            correlation_id: document.correlation_id.clone(),
            way_on: Some(("/".to_owned(), "Orders".to_owned())),
        }
        .render(),
    };
    let mut response = html(text);
    *response.status_mut() = problem.status();
    if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, problem::RETRY_AFTER);
    }
    response
}

/// A file beside the pages. Its address changes with its content, so browsers keep it.
async fn asset_of(Path((digest, name)): Path<(String, String)>, State(_): State<Api>) -> Result<Response, Problem> {
    let asset = asset::find(&format!("/assets/{digest}/{name}")).ok_or_else(Problem::not_found)?;
    Ok(([(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, asset::CACHE_CONTROL)], asset.body).into_response())
}
