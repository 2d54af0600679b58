//! Reviews over HTTP.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::audit::AuditAction;
use domain::event::EventKind;
use domain::order::Order;
use domain::person::{Person, Role};
use domain::review::expires_at;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Api;
use crate::access::Signed;
use crate::command::{Command, change};
use crate::problem::{Problem, ProblemDocument};
use crate::request::{IdempotencyKey, Json, OrderPath, digest, if_match, reason};
use crate::review::{self, DraftDecision, Open};
use crate::route::process::accepted;
use crate::route::rerun::named;

/// The review that an order waits for.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewView {
    /// Id of the order.
    pub order_id: String,
    /// The run that waits.
    pub run: u32,
    /// What is to be decided, the most important first, as the service describes it.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Value>,
    /// The decisions so far.
    pub decisions: Vec<DraftDecision>,
    /// When they were saved, UTC.
    pub saved_at: Option<String>,
    /// Who works on it, if anybody does.
    pub claim: Option<ClaimView>,
    /// When the order fails unless the review is submitted or extended, UTC.
    pub expires_at: Option<String>,
}

/// A reviewer's claim to a review.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// Who holds it.
    pub holder: String,
    /// When it lapses, UTC.
    pub until: String,
}

/// Reads the review that an order waits for.
#[utoipa::path(get, path = "/v1/orders/{order}/review", tag = "review", params(("order" = String, Path)),
    responses((status = 200, body = ReviewView, headers(("ETag" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn read(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let open = review::open(&api, &person, id).await?;
    let tag = open.etag();
    let Open { order, items, draft, claim, .. } = open;
    let claim = claim.map(|claim| ClaimView { holder: claim.holder.to_string(), until: claim.until.to_string() });
    let view = ReviewView {
        order_id: order.order_id().to_string(),
        run: order.run().get(),
        items,
        decisions: draft.decisions,
        saved_at: draft.saved_at.map(|at| at.to_string()),
        claim,
        expires_at: expires_at(&order, &api.deadlines).map(|at| at.to_string()),
    };
    Ok(tagged(&tag, axum::Json(view)))
}

fn tagged(tag: &str, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Whether a claim may be taken from another reviewer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimBody {
    /// Takes it from whoever holds it; that is recorded.
    #[serde(default)]
    pub take_over: bool,
}

/// Claims a review for half an hour, or renews the claim.
#[utoipa::path(put, path = "/v1/orders/{order}/review/claim", tag = "review", request_body = ClaimBody,
    params(("order" = String, Path)),
    responses((status = 200, body = ClaimView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn claim(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    body: Json<ClaimBody>,
) -> Result<axum::Json<ClaimView>, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let open = review::open(&api, &person, id).await?;
    let claim = review::claim(&api, &person, &open, body.value.take_over).await?;
    Ok(axum::Json(ClaimView { holder: claim.holder.to_string(), until: claim.until.to_string() }))
}

/// Gives a claim back.
#[utoipa::path(delete, path = "/v1/orders/{order}/review/claim", tag = "review", params(("order" = String, Path)),
    responses((status = 204, description = "Nobody holds it any more, or another reviewer does"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn release(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
) -> Result<StatusCode, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    crate::command::find(&api, &person, id).await?;
    api.pipeline.store.release_review(&person.firm, id, &person.user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Decisions to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionsBody {
    /// All decisions so far; they replace those saved before.
    pub decisions: Vec<DraftDecision>,
}

/// The tag of what was saved.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedView {
    /// The entity tag that the next change must name.
    pub etag: String,
}

/// Saves decisions without ending the review.
#[utoipa::path(put, path = "/v1/orders/{order}/review/decisions", tag = "review", request_body = DecisionsBody,
    params(("order" = String, Path), ("If-Match" = String, Header, description = "The ETag of the review that was read")),
    responses((status = 200, body = SavedView, headers(("ETag" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn save(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    headers: HeaderMap,
    body: Json<DecisionsBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let seen = if_match(&headers)?;
    let open = review::open(&api, &person, id).await?;
    let etag = review::save(&api, &person, &open, &seen, body.value.decisions).await?;
    Ok(tagged(&etag.clone(), axum::Json(SavedView { etag })))
}

/// How a review ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitBody {
    /// Accepts the proposal for every line that is not decided. A question has none.
    #[serde(default)]
    pub accept_remaining: bool,
}

/// Ends a review with the decisions that are saved.
#[utoipa::path(post, path = "/v1/orders/{order}/review/submit", tag = "review", request_body = SubmitBody,
    params(("order" = String, Path), ("If-Match" = String, Header, description = "The ETag of the review that was read"),
        ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = super::CommandView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn submit(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    headers: HeaderMap,
    body: Json<SubmitBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let seen = if_match(&headers)?;
    Ok(accepted(&review::submit(&api, &person, &key, id, &seen, body.value.accept_remaining).await?))
}

/// Why a person does something to a review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Why.
    pub reason: String,
    /// The run that waits; the current one if absent.
    #[serde(default)]
    pub run: Option<u32>,
}

/// Lets an order wait for a reviewer for as long as if it had just begun to wait.
#[utoipa::path(post, path = "/v1/orders/{order}/review/extend", tag = "review", request_body = ReasonBody,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = super::CommandView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn extend(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    body: Json<ReasonBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer, Role::Operator])?;
    let asked = Asked { person: &person, key: &key, body: &body };
    let kind = |run| EventKind::ReviewExtended { run };
    asked.carry_out(&api, id, "extend", AuditAction::ReviewExtended, kind).await
}

/// Continues an order with the proposal for every item that no reviewer decided.
#[utoipa::path(post, path = "/v1/orders/{order}/resume", tag = "review", request_body = ReasonBody,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = super::CommandView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn resume(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    body: Json<ReasonBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Reviewer])?;
    let asked = Asked { person: &person, key: &key, body: &body };
    let kind = |run| EventKind::Resumed { run };
    asked.carry_out(&api, id, "resume", AuditAction::ReviewResumed, kind).await
}

/// What a person asks for, with a reason.
struct Asked<'a> {
    person: &'a Person,
    key: &'a IdempotencyKey,
    body: &'a Json<ReasonBody>,
}

impl Asked<'_> {
    async fn carry_out(
        self,
        api: &Api,
        id: domain::id::OrderId,
        name: &str,
        action: AuditAction,
        kind: impl Fn(domain::id::RunNumber) -> EventKind,
    ) -> Result<Response, Problem> {
        let ReasonBody { reason: why, run } = &self.body.value;
        let command = Command {
            by: self.person,
            key: self.key,
            fingerprint: digest(&[name, &self.body.digest]),
            action,
            reason: Some(reason(why)?),
        };
        let receipt = change(api, command, id, |order: &Order| Ok(kind(named(order, *run)?))).await?;
        Ok(accepted(&receipt))
    }
}
