//! The list of orders.

use askama::Template;
use domain::id::OrderId;
use domain::order::Order;
use domain::person::Role;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::status::{OrchestrationStatus, Status};
use jiff::Timestamp;

use crate::frame::{Frame, Section};
use crate::{asset, html, icon, text, word};

/// `GET /`: the orders of a firm, newest first.
///
/// Query: `status` and `service` (a code), both optional; `cursor` for older orders. With `fragment=rows` the answer is
/// [`OrdersPage::rows`], which the page asks for every few seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct OrdersPage {
    /// Around it.
    pub frame: Frame,
    /// When the orders were read.
    pub now: Timestamp,
    /// Which orders are listed.
    pub filter: Filter,
    /// The services to choose from.
    pub services: Vec<ServiceCode>,
    /// The orders of this page.
    pub orders: Vec<OrderRow>,
    /// Cursor of this page; none for the newest orders.
    pub cursor: Option<String>,
    /// Cursor of the orders before these, if there are any.
    pub older: Option<String>,
}

/// Which orders are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only those with this status.
    pub status: Option<Status>,
    /// Only those of this service.
    pub service: Option<ServiceCode>,
}

/// An order in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRow {
    /// Identity.
    pub order_id: OrderId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// Its status as the client sees it.
    pub status: Status,
    /// Its status within the pipeline.
    pub orchestration_status: OrchestrationStatus,
    /// The phase that it is in, or reached.
    pub phase: Phase,
    /// Progress, 0 to 100.
    pub percent: u8,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Code of the cause, if its last run failed.
    pub failure_code: Option<String>,
}

impl From<&Order> for OrderRow {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id(),
            service_code: order.service_code(),
            status: order.status(),
            orchestration_status: order.orchestration_status(),
            phase: order.phase(),
            percent: order.progress_percent(),
            created_at: order.created_at(),
            updated_at: order.updated_at(),
            failure_code: order.last_orchestration_error().map(|error| error.code.clone()),
        }
    }
}

impl OrderRow {
    /// Whether its status within the pipeline says more than its status.
    fn adds_detail(&self) -> bool {
        word::adds_detail(&self.status, &self.orchestration_status)
    }

    fn is_draft(&self) -> bool {
        self.status == Status::Draft
    }
}

impl OrdersPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&Whole { page: self })
    }

    fn section(&self) -> Section {
        if self.is_review_queue() { Section::Review } else { Section::Orders }
    }

    /// Only the table, for `fragment=rows`.
    #[must_use]
    pub fn rows(&self) -> String {
        super::text_of(&Rows { page: self })
    }

    /// Whether only what waits for a reviewer is listed, which the navigation calls the review queue.
    fn is_review_queue(&self) -> bool {
        self.filter == Filter { status: Some(Status::InternalReview), service: None }
    }

    fn is_listed(&self, status: &Status) -> bool {
        self.filter.status == Some(*status)
    }

    fn is_of(&self, service: &ServiceCode) -> bool {
        self.filter.service == Some(*service)
    }

    /// Whether the list is narrowed.
    fn is_filtered(&self) -> bool {
        self.filter != Filter::default()
    }

    /// The address of the list from `cursor` on, with what else is asked for.
    fn address(&self, cursor: Option<&str>, fragment: Option<&str>) -> String {
        let status = self.filter.status.map(Status::as_str);
        let service = self.filter.service.map(ServiceCode::as_str);
        text::address("/", &[("status", status), ("service", service), ("cursor", cursor), ("fragment", fragment)])
    }

    fn newest_address(&self) -> String {
        self.address(None, None)
    }

    fn older_address(&self) -> Option<String> {
        self.older.as_deref().map(|cursor| self.address(Some(cursor), None))
    }

    fn rows_address(&self) -> String {
        self.address(self.cursor.as_deref(), Some("rows"))
    }
}

#[derive(Template)]
#[template(path = "orders.html")]
struct Whole<'a> {
    page: &'a OrdersPage,
}

#[derive(Template)]
#[template(path = "orders.html", block = "rows")]
struct Rows<'a> {
    page: &'a OrdersPage,
}
