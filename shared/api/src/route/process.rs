//! Has a draft processed.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::audit::AuditAction;
use domain::event::EventKind;
use domain::id::{DocumentNumber, OrderId};
use domain::notice::ranges_text;
use domain::order::Order;
use domain::person::{Person, Role};
use domain::receipt::Receipt;
use domain::status::Status;

use crate::Api;
use crate::access::Signed;
use crate::command::{Command, change, find};
use crate::estimates;
use crate::problem::{Problem, ProblemDocument};
use crate::request::{IdempotencyKey, OrderPath, digest};
use crate::route::{CommandView, StartedView};

/// Characters of the numbers of documents that are listed.
const NUMBERS_CHARS_MAX: usize = 200;

/// Has an order processed, once all its files are uploaded.
#[utoipa::path(post, path = "/v1/orders/{order}/process", tag = "orders",
    params(("order" = String, Path), ("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 202, body = StartedView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn process(
    State(api): State<Api>,
    signed: Signed,
    OrderPath(id): OrderPath,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let receipt = submit(&api, &person, &key, id).await?;
    let order = find(&api, &person, id).await?;
    let view = StartedView::of(&receipt, estimates::of(&api, &order).await);
    let headers = [(header::LOCATION, CommandView::from(&receipt).progress)];
    Ok((StatusCode::ACCEPTED, headers, axum::Json(view)).into_response())
}

/// Submits a draft whose files are all there.
pub(crate) async fn submit(api: &Api, person: &Person, key: &IdempotencyKey, id: OrderId) -> Result<Receipt, Problem> {
    let order = find(api, person, id).await?;
    if order.status() == Status::Draft {
        check_uploads(api, &order).await?;
    }
    let command = Command {
        by: person,
        key,
        fingerprint: digest(&["process"]),
        action: AuditAction::OrderProcessed,
        reason: None,
    };
    // Files that were added meanwhile have not been checked.
    let documents = order.documents();
    change(api, command, id, |now| {
        let is_checked = now.status() != Status::Draft || now.documents() == documents;
        if is_checked { Ok(EventKind::Submitted) } else { Err(Problem::changed()) }
    })
    .await
}

/// Refuses to process an order whose files are not all uploaded: it would fail later.
async fn check_uploads(api: &Api, order: &Order) -> Result<(), Problem> {
    if order.documents() == 0 {
        return Ok(());
    }
    let uploaded = api.bucket.uploaded(order.firm_id(), order.order_id()).await?;
    let missing = DocumentNumber::all(order.documents()).filter(|number| !uploaded.contains(number)).collect();
    let text = ranges_text(&missing, NUMBERS_CHARS_MAX);
    if missing.is_empty() {
        return Ok(());
    }
    let action =
        "Upload these files to the addresses that POST /v1/orders/{order}/documents gave, then process the order.";
    let problem = Problem::new(StatusCode::BAD_REQUEST, "order.not_uploaded", "Files are missing", action);
    Err(problem.counting(missing.len()).with_detail(format!("documents {text} are not uploaded")))
}

/// The answer to a command that the pipeline carries on with.
pub(crate) fn accepted(receipt: &Receipt) -> Response {
    let view = CommandView::from(receipt);
    let headers = [(header::LOCATION, view.progress.clone())];
    (StatusCode::ACCEPTED, headers, axum::Json(view)).into_response()
}
