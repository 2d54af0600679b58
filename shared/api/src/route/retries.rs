//! Retries of all orders that failed of one cause, with a result for each.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::audit::AuditAction;
use domain::event::EventKind;
use domain::id::{OrderId, RunNumber};
use domain::person::{Person, Role};
use futures_util::future::join_all;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Api;
use crate::access::Signed;
use crate::command::{Command, change, key_reused};
use crate::problem::{Problem, ProblemDocument};
use crate::request::{IdempotencyKey, Json, digest, reason};
use crate::route::failure::{code, failed};

/// Orders that are retried side by side.
const AT_ONCE: usize = 8;
/// Size limit of the stored results, in bytes.
const RESULT_BYTES_MAX: u64 = 1024 * 1024;

/// Which orders are retried, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetriesBody {
    /// The cause that they failed for, as GET /v1/failures lists it.
    pub code: String,
    /// Why they are retried.
    pub reason: String,
    /// How many orders GET /v1/failures counted. If it is another number by now, none is retried.
    pub expected: usize,
}

/// What became of a retry of many orders.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct RetriesView {
    /// Its id.
    pub retries_id: String,
    /// The cause.
    pub code: String,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub by: String,
    /// When, UTC.
    pub at: String,
    /// Each order, newest first.
    pub results: Vec<RetryResult>,
}

/// What became of the retry of one order.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub struct RetryResult {
    /// The order.
    pub order_id: String,
    /// `retried`, or the code of the problem.
    pub outcome: String,
    /// What happened, where it was not retried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The order's run since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<u32>,
}

/// Retries every order that failed of one cause, each exactly as by itself.
#[utoipa::path(post, path = "/v1/retries", tag = "failures", request_body = RetriesBody,
    params(("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = RetriesView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn create(
    State(api): State<Api>,
    signed: Signed,
    key: IdempotencyKey,
    body: Json<RetriesBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    let view = retry_all(&api, &person, &key, &body.value).await?;
    let location = format!("/v1/retries/{}", view.retries_id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], axum::Json(view)).into_response())
}

/// Retries every order that failed of one cause. A repeat answers what the first one did.
pub(crate) async fn retry_all(
    api: &Api,
    person: &Person,
    key: &IdempotencyKey,
    body: &RetriesBody,
) -> Result<RetriesView, Problem> {
    let why = reason(&body.reason)?;
    let id = key.order_id(person).to_string();
    let plan = plan(api, person, &id, body).await?;
    if let Some(earlier) = stored(api, person, &id).await? {
        return Ok(earlier);
    }
    let mut results = Vec::new();
    for some in plan.orders.chunks(AT_ONCE) {
        results.extend(join_all(some.iter().map(|order| retry(api, person, key, order, &why))).await);
    }
    let (by, at) = (person.user.to_string(), api.pipeline.clock.now().to_string());
    let view = RetriesView { retries_id: id, code: body.code.clone(), reason: why, by, at, results };
    let bytes = serde_json::to_vec(&view).unwrap_or_default();
    // Only the list of results is lost if it cannot be stored; the orders are retried.
    if let Err(error) = api.bucket.put_once(&target(person, &view.retries_id), bytes, "application/json").await {
        tracing::warn!(error = %error, "results of retries not stored");
    }
    Ok(view)
}

/// What is to be retried. It is stored before the first order is, so that a repeat of a request that was stopped in the middle
/// finishes it.
#[derive(Debug, Deserialize, Serialize)]
struct Plan {
    asked: String,
    orders: Vec<Planned>,
}

/// An order to retry.
#[derive(Debug, Deserialize, Serialize)]
struct Planned {
    order: OrderId,
    run: RunNumber,
}

/// The plan of a request: that of the request that it repeats, or a new one.
async fn plan(api: &Api, person: &Person, id: &str, body: &RetriesBody) -> Result<Plan, Problem> {
    let asked = digest(&[&body.code, &body.reason, &body.expected.to_string()]);
    let target = aws::key::retries_plan(&person.firm, id);
    if let Some(found) = api.bucket.find(&target, RESULT_BYTES_MAX).await? {
        return Plan::read(&found.bytes, &asked);
    }
    let mut orders = failed(api, person).await?.orders;
    orders.retain(|order| code(order) == body.code);
    if orders.len() != body.expected {
        let action = "Look at the failures again, and decide again.";
        let title = "Another number of orders has failed of this cause";
        let problem = Problem::new(StatusCode::PRECONDITION_FAILED, "failures.changed", title, action);
        return Err(problem.counting(orders.len()));
    }
    let orders = orders.iter().map(|order| Planned { order: order.order_id(), run: order.run() }).collect();
    let plan = Plan { asked, orders };
    api.bucket.put_once(&target, serde_json::to_vec(&plan).unwrap_or_default(), "application/json").await?;
    // If the same request came twice at once, the plan that was stored first counts for both.
    let stored = api.bucket.get(&target, RESULT_BYTES_MAX).await?;
    Plan::read(&stored.bytes, &plan.asked)
}

impl Plan {
    /// A stored plan, if it is of the request that asks this.
    fn read(bytes: &[u8], asked: &str) -> Result<Self, Problem> {
        let plan: Self = serde_json::from_slice(bytes).map_err(|_| Problem::unavailable())?;
        if plan.asked == asked { Ok(plan) } else { Err(key_reused()) }
    }
}

/// Retries one order of many, under a key of its own.
async fn retry(api: &Api, person: &Person, key: &IdempotencyKey, planned: &Planned, why: &str) -> RetryResult {
    let Planned { order, run } = *planned;
    let command = Command {
        by: person,
        key: &key.of_part(&order.to_string()),
        fingerprint: digest(&["retries", why, &run.to_string()]),
        action: AuditAction::OrderRetried,
        reason: Some(why.to_owned()),
    };
    let order_id = order.to_string();
    match change(api, command, order, |_| Ok(EventKind::Retried { run, start_from: None })).await {
        Ok(receipt) => {
            RetryResult { order_id, outcome: "retried".to_owned(), detail: None, run: Some(receipt.run.get()) }
        }
        Err(problem) => {
            let document = problem.document();
            let detail = document.detail.clone().unwrap_or_else(|| document.title.to_owned());
            RetryResult { order_id, outcome: document.code.to_owned(), detail: Some(detail), run: None }
        }
    }
}

/// The results in the path.
pub(crate) struct RetriesPath(pub(crate) OrderId);

/// Variables of such a path.
#[derive(Deserialize)]
struct Variables {
    retries: OrderId,
}

impl<S: Send + Sync> FromRequestParts<S> for RetriesPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<Variables>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(variables)| Self(variables.retries)).map_err(|_| Problem::not_found())
    }
}

/// Tells what became of a retry of many orders.
#[utoipa::path(get, path = "/v1/retries/{retries}", tag = "failures", params(("retries" = String, Path)),
    responses((status = 200, body = RetriesView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn read(
    State(api): State<Api>,
    signed: Signed,
    RetriesPath(id): RetriesPath,
) -> Result<axum::Json<RetriesView>, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    stored(&api, &person, &id.to_string()).await?.map(axum::Json).ok_or_else(Problem::not_found)
}

/// The stored results, if there are any.
pub(crate) async fn stored(api: &Api, person: &Person, id: &str) -> Result<Option<RetriesView>, Problem> {
    let Some(found) = api.bucket.find(&target(person, id), RESULT_BYTES_MAX).await? else { return Ok(None) };
    Ok(serde_json::from_slice(&found.bytes).ok())
}

fn target(person: &Person, id: &str) -> String {
    aws::key::retries(&person.firm, id)
}
