//! The failed orders, by cause.

use askama::Template;
use domain::id::OrderId;
use domain::limit::REASON_CHARS_MAX;
use domain::person::Role;
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;

use crate::frame::{Frame, Section};
use crate::{asset, html, icon, text, word};

/// `GET /failures`: the failed orders, grouped by cause; with `code`, only those of one cause.
///
/// Each group has a form that posts to `/retries`: `idempotency_key`, `code`, `expected` (the count that was shown) and
/// `reason`.
#[derive(Clone, Debug, PartialEq)]
pub struct FailuresPage {
    /// Around it.
    pub frame: Frame,
    /// Makes a repeat of a form harmless.
    pub idempotency_key: String,
    /// When the failures were read.
    pub now: Timestamp,
    /// The one cause that is listed; none for all.
    pub code: Option<String>,
    /// The causes, the most frequent first.
    pub groups: Vec<FailureGroup>,
    /// Cursor of the failures before these, if there are any.
    pub older: Option<String>,
    /// Whether the person may retry all orders of a cause.
    pub may_retry: bool,
}

/// The orders that failed of one cause.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureGroup {
    /// Stable code.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
    /// How many orders, those not listed included.
    pub count: u32,
    /// When the newest failed.
    pub newest: Timestamp,
    /// The phases in which they failed.
    pub phases: Vec<Phase>,
    /// Orders of the group, the newest first; perhaps not all.
    pub orders: Vec<FailedOrder>,
}

/// An order that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedOrder {
    /// Identity.
    pub order_id: OrderId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// The phase that failed.
    pub phase: Phase,
    /// When.
    pub failed_at: Timestamp,
}

impl FailuresPage {
    /// The page.
    #[must_use]
    pub fn render(&self) -> String {
        super::text_of(&Whole { page: self })
    }

    pub(crate) fn section(&self) -> Section {
        Section::Failures
    }

    fn older_address(&self) -> Option<String> {
        let code = self.code.as_deref();
        self.older.as_deref().map(|cursor| text::address("/failures", &[("code", code), ("cursor", Some(cursor))]))
    }
}

impl FailureGroup {
    /// How many orders are not listed.
    fn unlisted(&self) -> usize {
        usize::try_from(self.count).unwrap_or(usize::MAX).saturating_sub(self.orders.len())
    }

    /// Address of the page that lists only this cause.
    fn address(&self) -> String {
        text::address("/failures", &[("code", Some(&self.code))])
    }
}

#[derive(Template)]
#[template(path = "failures.html")]
struct Whole<'a> {
    page: &'a FailuresPage,
}
