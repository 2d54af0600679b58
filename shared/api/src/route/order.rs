//! Orders: create, list, read.

use aws::store::Position;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::audit::AuditAction;
use domain::event::NewOrder;
use domain::option::Options;
use domain::order::Order;
use domain::person::{Person, Role};
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use domain::trail::{TrailEntry, trail};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::access::Signed;
use crate::command::{Command, create_order, find};
use crate::estimates;
use crate::problem::{Problem, ProblemDocument};
use crate::request::{Asked, IdempotencyKey, Json, OrderPath, has_seen};
use crate::view::{OrderView, ProgressView};

/// Orders on one page, unless the request asks for fewer.
const PAGE_COUNT: u16 = 50;
/// Most orders on one page.
const PAGE_COUNT_MAX: u16 = 100;
/// Pages of the index that one request reads to fill its own.
const READ_COUNT_MAX: usize = 10;

/// A new order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrderBody {
    /// The service to order, such as `CMA`.
    #[schema(value_type = String)]
    pub service_code: ServiceCode,
    /// Options of the order.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub options: Options,
}

/// Creates an order as a draft, for files to be added.
#[utoipa::path(post, path = "/v1/orders", tag = "orders", request_body = NewOrderBody,
    params(("Idempotency-Key" = String, Header, pattern = "^[!-~]{1,128}$", description = "A random value; the same one in a repeat")),
    responses((status = 201, body = OrderView, headers(("Location" = String))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn create(
    State(api): State<Api>,
    signed: Signed,
    key: IdempotencyKey,
    body: Json<NewOrderBody>,
) -> Result<Response, Problem> {
    let person = signed.with_any_of(&[Role::Preparer, Role::Operator])?;
    let order = create_draft(&api, &person, &key, body.value, &body.digest).await?;
    let location = format!("/v1/orders/{}", order.order_id());
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, axum::Json(OrderView::from(&order))).into_response())
}

/// Creates a draft, or finds the one that a repeated command made.
pub(crate) async fn create_draft(
    api: &Api,
    person: &Person,
    key: &IdempotencyKey,
    body: NewOrderBody,
    digest: &str,
) -> Result<Order, Problem> {
    if !body.service_code.is_offered() {
        let action = "Order one of the services that are offered.";
        let title = "The service is not offered";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "service.not_offered", title, action));
    }
    let id = key.order_id(person);
    let new = NewOrder {
        order_id: id,
        firm_id: person.firm.clone(),
        service_code: body.service_code,
        documents: 0,
        options: body.options,
        correlation_id: id.to_string(),
    };
    let command = Command {
        by: person,
        key,
        fingerprint: crate::request::digest(&["create", digest]),
        action: AuditAction::OrderCreated,
        reason: None,
    };
    create_order(api, command, new).await?;
    find(api, person, id).await
}

/// Which orders are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub struct ListQuery {
    /// Only orders with this status, or whose orchestration has it.
    pub status: Option<String>,
    /// Only orders for this service.
    pub service: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// At most so many orders, 1 to 100.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u16>,
}

/// A page of orders.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrderPage {
    /// The orders, newest first.
    pub items: Vec<OrderView>,
    /// Where the next page begins; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Lists the firm's orders, newest first.
#[utoipa::path(get, path = "/v1/orders", tag = "orders", params(ListQuery),
    responses((status = 200, body = OrderPage),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(api): State<Api>,
    Signed(person): Signed,
    Asked(query): Asked<ListQuery>,
) -> Result<axum::Json<OrderPage>, Problem> {
    let (orders, next) = page(&api, &person, &query).await?;
    Ok(axum::Json(OrderPage { items: orders.iter().map(OrderView::from).collect(), next }))
}

/// A page of orders, and where the next one begins.
pub(crate) async fn page(
    api: &Api,
    person: &Person,
    query: &ListQuery,
) -> Result<(Vec<Order>, Option<String>), Problem> {
    let wanted = query.status.as_deref().filter(|text| !text.is_empty()).map(status_name).transpose()?;
    let service = query.service.as_deref().filter(|text| !text.is_empty()).map(service).transpose()?;
    let mut from = query.cursor.as_deref().filter(|text| !text.is_empty()).map(read_cursor).transpose()?;
    let limit = query.limit.unwrap_or(PAGE_COUNT);
    if !(1..=PAGE_COUNT_MAX).contains(&limit) {
        return Err(Problem::malformed(format!("a page has 1 to {PAGE_COUNT_MAX} orders")));
    }
    let fits = |order: &Order| {
        let has = |name| order.status().as_str() == name || order.orchestration_status().as_str() == name;
        wanted.is_none_or(has) && service.is_none_or(|service| order.service_code() == service)
    };
    let mut orders: Vec<Order> = Vec::new();
    for _ in 0..READ_COUNT_MAX {
        let lacking = limit - u16::try_from(orders.len()).unwrap_or(limit).min(limit);
        let (ids, next) = api.pipeline.store.order_page(&person.firm, from.as_ref(), lacking.max(1)).await?;
        orders.extend(api.pipeline.store.orders(&person.firm, &ids).await?.into_iter().filter(fits));
        from = next;
        if from.is_none() || orders.len() >= usize::from(limit) {
            break;
        }
    }
    Ok((orders, from.as_ref().map(write_cursor)))
}

fn status_name(text: &str) -> Result<&'static str, Problem> {
    let names = Status::ALL.iter().map(|status| status.as_str());
    let mut names = names.chain(OrchestrationStatus::ALL.iter().map(|status| status.as_str()));
    names
        .find(|name| name.eq_ignore_ascii_case(text))
        .ok_or_else(|| Problem::malformed("there is no such status".to_owned()))
}

fn service(text: &str) -> Result<ServiceCode, Problem> {
    text.parse().map_err(|error: domain::service::UnknownService| Problem::malformed(error.to_string()))
}

/// A cursor names the last order of its page, with its time: orders of the same moment are told apart by their id.
fn write_cursor(position: &Position) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}/{}", position.created_at, position.order_id))
}

fn read_cursor(text: &str) -> Result<Position, Problem> {
    let wrong = || Problem::malformed("the cursor is not one that a page gave".to_owned());
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    let (created_at, order_id) = text.split_once('/').ok_or_else(wrong)?;
    let created_at = created_at.parse().map_err(|_| wrong())?;
    Ok(Position { created_at, order_id: order_id.parse().map_err(|_| wrong())? })
}

/// Reads an order.
#[utoipa::path(get, path = "/v1/orders/{order}", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = OrderView, headers(("ETag" = String))), (status = 304, description = "Not changed"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn read(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = find(&api, &person, id).await?;
    Ok(tagged(&headers, &order.revision().to_string(), || axum::Json(OrderView::from(&order)).into_response()))
}

/// Tells how far an order is, and how long it is likely to take still. Costs one read of the table.
#[utoipa::path(get, path = "/v1/orders/{order}/progress", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = ProgressView, headers(("ETag" = String))), (status = 304, description = "Not changed"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn progress(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let order = find(&api, &person, id).await?;
    let view = ProgressView::of(&order, estimates::of(&api, &order).await);
    // The estimate changes with time although the order does not.
    let left = view.estimated_remaining_seconds.map(|left| format!("-{}-{}", left.p50, left.p90));
    let tag = format!("{}{}", order.revision(), left.unwrap_or_else(|| format!("-{}", view.estimate)));
    Ok(tagged(&headers, &tag, || axum::Json(view).into_response()))
}

/// An answer about an order under its entity tag; 304 if the caller has seen it.
fn tagged(headers: &HeaderMap, tag: &str, answer: impl FnOnce() -> Response) -> Response {
    let mut response = if has_seen(headers, tag) { StatusCode::NOT_MODIFIED.into_response() } else { answer() };
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// What was done to an order, and by whom.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditView {
    /// When, UTC.
    pub at: String,
    /// What was done: a command or a repair, or a step of the pipeline such as `pipeline_extract_complete`.
    pub action: String,
    /// Who did it: a person, a function, or the pipeline.
    pub actor: String,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// The order's run at that time.
    pub run: u32,
    /// Milliseconds that what it completes took.
    pub duration_ms: Option<i64>,
    /// Code of the failure that ended the run.
    pub code: Option<String>,
}

impl From<TrailEntry> for AuditView {
    fn from(entry: TrailEntry) -> Self {
        Self {
            at: entry.at.to_string(),
            action: entry.action,
            actor: entry.actor,
            reason: entry.reason,
            run: entry.run.get(),
            duration_ms: entry.duration_ms,
            code: entry.code,
        }
    }
}

/// Lists what was done to an order, oldest first.
#[utoipa::path(get, path = "/v1/orders/{order}/audit", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = Vec<AuditView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn audit(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Vec<AuditView>>, Problem> {
    let order = find(&api, &person, id).await?;
    let trail = audit_trail(&api, &order).await?;
    Ok(axum::Json(trail.into_iter().map(AuditView::from).collect()))
}

/// What was done to an order, oldest first.
pub(crate) async fn audit_trail(api: &Api, order: &Order) -> Result<Vec<TrailEntry>, aws::Error> {
    let store = &api.pipeline.store;
    let (entries, runs) = tokio::join!(store.audit(order.firm_id(), order.order_id()), store.runs(order));
    Ok(trail(entries?, &runs?))
}
