//! Notices: what people are told about an order that has not failed. Like the alert of a failure, a notice is owed from the
//! write that causes it until it is published.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::FailureId;
use crate::id::{FirmId, OrderId, RunNumber};
use crate::order::Order;
use crate::service::ServiceCode;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The order waits for a reviewer.
    ReviewNeeded,
}

/// Id of a notice within its order. The same notice has the same id, so it is owed once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NoticeId(String);

impl NoticeId {
    /// Id of the notice of one kind about a run.
    #[must_use]
    pub fn of(run: RunNumber, kind: NoticeKind) -> Self {
        match kind {
            NoticeKind::ReviewNeeded => Self(format!("r{run}-review")),
        }
    }

    /// An id read from a store.
    #[must_use]
    pub fn stored(id: &str) -> Self {
        Self(id.to_owned())
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NoticeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A notice as it is stored until it is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Its id within its order.
    pub notice_id: NoticeId,
    /// What it is about.
    pub kind: NoticeKind,
    /// The order.
    pub order_id: OrderId,
    /// The firm it belongs to.
    pub firm_id: FirmId,
    /// What was ordered.
    pub service_code: ServiceCode,
    /// The run.
    pub run: RunNumber,
    /// How many items it is about.
    pub items: u32,
    /// When it became due.
    pub occurred_at: Timestamp,
    /// Follows the order from its first message to the notice.
    pub correlation_id: String,
}

impl Notice {
    /// The notice that an order waits for a reviewer; `None` if it does not, or if its client wants none.
    #[must_use]
    pub fn of_review(order: &Order) -> Option<Self> {
        let kind = NoticeKind::ReviewNeeded;
        (order.is_paused() && order.options().notify_on_review).then(|| Self {
            notice_id: NoticeId::of(order.run(), kind),
            kind,
            order_id: order.order_id(),
            firm_id: order.firm_id().clone(),
            service_code: order.service_code(),
            run: order.run(),
            items: order.review_items(),
            occurred_at: order.updated_at(),
            correlation_id: order.correlation_id().to_owned(),
        })
    }

    /// Whether there is still a reason to publish it, given the order as it is now.
    #[must_use]
    pub fn still_applies(&self, order: &Order) -> bool {
        match self.kind {
            NoticeKind::ReviewNeeded => order.is_paused() && order.run() == self.run,
        }
    }
}

/// Names an alert within its order: that of a failure, or a notice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertId {
    /// The alert of a failure.
    Failure(FailureId),
    /// A notice.
    Notice(NoticeId),
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(id) => id.fmt(f),
            Self::Notice(id) => id.fmt(f),
        }
    }
}

impl From<FailureId> for AlertId {
    fn from(id: FailureId) -> Self {
        Self::Failure(id)
    }
}

impl From<NoticeId> for AlertId {
    fn from(id: NoticeId) -> Self {
        Self::Notice(id)
    }
}
