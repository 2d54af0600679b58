//! The list of orders.

use axum::extract::State;
use axum::response::Response;
use desk::page::{Filter, OrderRow, OrdersPage};
use domain::service::ServiceCode;
use domain::status::Status;
use serde::Deserialize;

use super::{after, frame, html};
use crate::Api;
use crate::access::Signed;
use crate::problem::Problem;
use crate::request::Asked;
use crate::route::order::{ListQuery, page};

/// Which orders are shown.
#[derive(Default, Deserialize)]
pub(super) struct Shown {
    status: Option<String>,
    service: Option<String>,
    cursor: Option<String>,
    fragment: Option<String>,
    done: Option<String>,
}

pub(super) async fn list(
    State(api): State<Api>,
    Signed(person): Signed,
    Asked(asked): Asked<Shown>,
) -> Result<Response, Problem> {
    let query = ListQuery { status: asked.status, service: asked.service, cursor: asked.cursor, limit: None };
    let (orders, older) = page(&api, &person, &query).await?;
    let named = |name: &Option<String>| name.as_deref().filter(|name| !name.is_empty()).map(str::to_owned);
    let status = named(&query.status);
    let filter = Filter {
        status: status
            .and_then(|name| Status::ALL.iter().copied().find(|one| one.as_str().eq_ignore_ascii_case(&name))),
        service: named(&query.service).and_then(|name| name.parse().ok()),
    };
    let page = OrdersPage {
        frame: after(frame(&api, &person), asked.done.as_deref()),
        now: api.pipeline.clock.now(),
        filter,
        services: ServiceCode::ALL.iter().copied().filter(|service| service.is_offered()).collect(),
        orders: orders.iter().map(OrderRow::from).collect(),
        cursor: named(&query.cursor),
        older,
    };
    Ok(html(if asked.fragment.as_deref() == Some("rows") { page.rows() } else { page.render() }))
}
