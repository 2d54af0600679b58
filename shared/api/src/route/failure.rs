//! Failures: of one order, and of all orders by their cause.

use std::collections::BTreeMap;

use aws::store::{AlertState, StoredFailure};
use axum::extract::State;
use domain::order::Order;
use domain::person::{Person, Role};
use domain::status::OrchestrationStatus;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Api;
use crate::access::Signed;
use crate::command::find;
use crate::problem::{Problem, ProblemDocument};
use crate::request::OrderPath;

/// The newest orders that are looked through for those that failed.
pub const LOOKED_AT_COUNT_MAX: usize = 1_000;
/// Orders that one query of the index reads.
const PAGE_COUNT: u16 = 100;

/// A failure of an order or of one of its documents.
#[derive(Debug, Serialize, ToSchema)]
pub struct FailureView {
    /// Its id within the order.
    pub failure_id: String,
    /// The phase that failed.
    pub phase: String,
    /// The run that it happened in.
    pub run: u32,
    /// Stable code.
    pub code: String,
    /// What is done about it.
    pub category: String,
    /// What happened and what to do.
    pub message: String,
    /// When, UTC.
    pub occurred_at: String,
    /// Whether its alert was published: `owed` or `sent`.
    pub alert: String,
    /// Whether a later run of the order was begun since.
    pub is_superseded: bool,
}

/// Lists the failures of an order and of its documents.
#[utoipa::path(get, path = "/v1/orders/{order}/failures", tag = "orders", params(("order" = String, Path)),
    responses((status = 200, body = Vec<FailureView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn list(
    State(api): State<Api>,
    Signed(person): Signed,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Vec<FailureView>>, Problem> {
    let order = find(&api, &person, id).await?;
    let stored = api.pipeline.store.failures(&person.firm, id).await?;
    Ok(axum::Json(stored.iter().map(|failure| view(&order, failure)).collect()))
}

/// A failure of an order.
pub(crate) fn view(order: &Order, failure: &StoredFailure) -> FailureView {
    let record = &failure.record;
    FailureView {
        failure_id: record.failure_id.as_str().to_owned(),
        phase: record.phase.as_str().to_owned(),
        run: record.run.get(),
        code: record.code.clone(),
        category: record.category.as_str().to_owned(),
        message: record.error_message.clone(),
        occurred_at: record.occurred_at.to_string(),
        alert: match failure.alert {
            AlertState::Pending => "owed",
            AlertState::Sent => "sent",
        }
        .to_owned(),
        is_superseded: record.run < order.run(),
    }
}

/// Orders that failed of one cause and were not retried.
#[derive(Debug, Serialize, ToSchema)]
pub struct CauseView {
    /// Stable code of the cause.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// How many orders.
    pub count: usize,
    /// When the newest of them failed, UTC.
    pub newest: String,
    /// Ids of the orders, newest first.
    pub orders: Vec<String>,
}

/// Failures by cause.
#[derive(Debug, Serialize, ToSchema)]
pub struct CausesView {
    /// The causes, the most frequent first.
    pub causes: Vec<CauseView>,
    /// How many of the firm's newest orders were looked at.
    pub looked_at: usize,
    /// Whether the firm has no older orders.
    pub is_all: bool,
}

/// Lists the orders that failed and were not retried, by cause.
#[utoipa::path(get, path = "/v1/failures", tag = "failures",
    responses((status = 200, body = CausesView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json")))]
pub(crate) async fn by_cause(State(api): State<Api>, signed: Signed) -> Result<axum::Json<CausesView>, Problem> {
    let person = signed.with_any_of(&[Role::Operator])?;
    let failed = failed(&api, &person).await?;
    Ok(axum::Json(CausesView { causes: causes(&failed.orders), looked_at: failed.looked_at, is_all: failed.is_all }))
}

/// The orders that have failed, out of a firm's newest.
pub(crate) struct Failed {
    /// The orders, newest first.
    pub(crate) orders: Vec<Order>,
    /// How many orders were looked at.
    pub(crate) looked_at: usize,
    /// Whether the firm has no older orders.
    pub(crate) is_all: bool,
}

/// Looks through a firm's newest orders for those that failed and were not retried.
pub(crate) async fn failed(api: &Api, person: &Person) -> Result<Failed, Problem> {
    let store = &api.pipeline.store;
    let (mut found, mut looked_at, mut from) = (Vec::new(), 0, None);
    loop {
        let (ids, next) = store.order_page(&person.firm, from.as_ref(), PAGE_COUNT).await?;
        looked_at += ids.len();
        let orders = store.orders(&person.firm, &ids).await?;
        found.extend(orders.into_iter().filter(|o| o.orchestration_status() == OrchestrationStatus::Failed));
        from = next;
        if from.is_none() || looked_at >= LOOKED_AT_COUNT_MAX {
            return Ok(Failed { orders: found, looked_at, is_all: from.is_none() });
        }
    }
}

/// The code of the cause that an order failed for.
pub(crate) fn code(order: &Order) -> &str {
    order.last_orchestration_error().map_or("unknown", |error| error.code.as_str())
}

/// Groups failed orders by their cause, the most frequent first.
pub(crate) fn causes(orders: &[Order]) -> Vec<CauseView> {
    let mut by_code: BTreeMap<&str, Vec<&Order>> = BTreeMap::new();
    for order in orders {
        by_code.entry(code(order)).or_default().push(order);
    }
    let mut causes: Vec<CauseView> = by_code
        .into_iter()
        .map(|(code, orders)| {
            let errors = || orders.iter().filter_map(|order| order.last_orchestration_error());
            CauseView {
                code: code.to_owned(),
                message: errors().next().map_or_else(String::new, |error| error.message.clone()),
                count: orders.len(),
                newest: errors().map(|error| error.at).max().map_or_else(String::new, |at| at.to_string()),
                orders: orders.iter().map(|order| order.order_id().to_string()).collect(),
            }
        })
        .collect();
    causes.sort_by(|one, other| other.count.cmp(&one.count).then_with(|| one.code.cmp(&other.code)));
    causes
}
