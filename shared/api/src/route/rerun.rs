//! Retries, further versions, cancellations.

use axum::extract::State;
use axum::response::Response;
use domain::audit::AuditAction;
use domain::event::EventKind;
use domain::id::RunNumber;
use domain::order::Order;
use domain::person::Role;
use domain::phase::Phase;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Api;
use crate::access::Signed;
use crate::command::{Command, change};
use crate::problem::{Problem, ProblemDocument};
use crate::request::{IdempotencyKey, Json, OrderPath, digest, reason};
use crate::route::process::accepted;

/// Why an order is retried, and from where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryBody {
    /// Why.
    pub reason: String,
    /// The phase that failed or an earlier one; the one that failed if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub start_from: Option<Phase>,
    /// The run that failed; the current one if absent.
    #[serde(default)]
    pub run: Option<u32>,
}

/// Retries a failed order, or starts one that waits for a reviewer over.
#[utoipa::path(post, path = "/v1/orders/{order}/retry", tag = "orders", request_body = RetryBody,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = super::CommandView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn retry(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    body: Json<RetryBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    let RetryBody { reason: why, start_from, run } = body.value;
    let command = Command {
        by: &person,
        key: &key,
        fingerprint: digest(&["retry", &body.digest]),
        action: AuditAction::OrderRetried,
        reason: Some(reason(&why)?),
    };
    let receipt =
        change(&api, command, id, |order| Ok(EventKind::Retried { run: named(order, run)?, start_from })).await?;
    Ok(accepted(&receipt))
}

/// The run that a command names, or the order's own.
pub(crate) fn named(order: &Order, run: Option<u32>) -> Result<RunNumber, Problem> {
    match run {
        Some(run) => RunNumber::try_from(run).map_err(|error| Problem::malformed(error.to_string())),
        None => Ok(order.run()),
    }
}

/// Why another version is made, and from where.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegenerateBody {
    /// Why.
    pub reason: String,
    /// The phase to start from; `generate` if absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub start_from: Option<Phase>,
    /// The run that made the current version; the current one if absent.
    #[serde(default)]
    pub run: Option<u32>,
}

/// Makes another version of an order's documents. The earlier one stays.
#[utoipa::path(post, path = "/v1/orders/{order}/regenerate", tag = "orders", request_body = RegenerateBody,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = super::CommandView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn regenerate(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    body: Json<RegenerateBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let RegenerateBody { reason: why, start_from, run } = body.value;
    let start_from = start_from.unwrap_or(Phase::Generate);
    let command = Command {
        by: &person,
        key: &key,
        fingerprint: digest(&["regenerate", &body.digest]),
        action: AuditAction::OrderRegenerated,
        reason: Some(reason(&why)?),
    };
    let kind = |order: &Order| Ok(EventKind::Regenerated { run: named(order, run)?, start_from });
    Ok(accepted(&change(&api, command, id, kind).await?))
}

/// Why an order is cancelled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// Why.
    pub reason: String,
    /// The run to cancel, so that a late request does not end a later one.
    pub run: u32,
}

/// Cancels an order. Work that has begun ends without an effect.
#[utoipa::path(post, path = "/v1/orders/{order}/cancel", tag = "orders", request_body = CancelBody,
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = super::CommandView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn cancel(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
    body: Json<CancelBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let CancelBody { reason: why, run } = body.value;
    let command = Command {
        by: &person,
        key: &key,
        fingerprint: digest(&["cancel", &body.digest]),
        action: AuditAction::OrderCancelled,
        reason: Some(reason(&why)?),
    };
    let kind = |order: &Order| match order.run().get() == run {
        true => Ok(EventKind::Cancelled),
        false => Err(Problem::changed().about(order)),
    };
    Ok(accepted(&change(&api, command, id, kind).await?))
}
