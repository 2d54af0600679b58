//! Notices: what people are told about an order beside its own failure. Like the alert of a failure, a notice is owed from the
//! write that causes it until it is published.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::failure::FailureId;
use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use crate::order::Order;
use crate::ranges;
use crate::service::ServiceCode;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// The order waits for a reviewer.
    ReviewNeeded,
    /// The order still waits for a reviewer.
    ReviewReminder,
    /// The order has waited for a reviewer for so long that the operators are told.
    ReviewEscalated,
    /// Documents of the order failed in a phase that is over. The failures have a record each, which are announced together.
    DocumentsFailed,
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
            // Not the id of a failure of the phase, which is published too.
            NoticeKind::ReviewNeeded => Self(format!("r{run}-review-needed")),
            NoticeKind::ReviewReminder => Self(format!("r{run}-review-reminder")),
            NoticeKind::ReviewEscalated => Self(format!("r{run}-review-escalated")),
            NoticeKind::DocumentsFailed => Self(format!("r{run}-extract-documents")),
        }
    }

    /// The id of a notice about a wait that was extended: those before the extension have other ids.
    fn extended(self, extensions: u32) -> Self {
        if extensions == 0 { self } else { Self(format!("{self}-{extensions}")) }
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
        let is_due = order.is_paused() && order.options().notify_on_review;
        is_due.then(|| Self::of(order, NoticeKind::ReviewNeeded, order.review_items()))
    }

    /// The notice that an order still waits for a reviewer; `None` if it does not, or if its client wants none.
    #[must_use]
    pub fn of_reminder(order: &Order) -> Option<Self> {
        let is_due = order.is_paused() && order.options().notify_on_review;
        is_due.then(|| Self::of_wait(order, NoticeKind::ReviewReminder))
    }

    /// The notice for the operators that an order has waited for a reviewer for long; `None` if it does not wait.
    #[must_use]
    pub fn of_escalation(order: &Order) -> Option<Self> {
        order.is_paused().then(|| Self::of_wait(order, NoticeKind::ReviewEscalated))
    }

    fn of_wait(order: &Order, kind: NoticeKind) -> Self {
        let notice = Self::of(order, kind, order.review_items());
        Self { notice_id: notice.notice_id.extended(order.review_wait().extensions), ..notice }
    }

    /// The notice that documents of an order failed in the phase that is over now; `None` if none did.
    #[must_use]
    pub fn of_failed_documents(order: &Order) -> Option<Self> {
        let failed = u32::try_from(order.failed().len()).unwrap_or(u32::MAX);
        (failed > 0).then(|| Self::of(order, NoticeKind::DocumentsFailed, failed))
    }

    fn of(order: &Order, kind: NoticeKind, items: u32) -> Self {
        Self {
            notice_id: NoticeId::of(order.run(), kind),
            kind,
            order_id: order.order_id(),
            firm_id: order.firm_id().clone(),
            service_code: order.service_code(),
            run: order.run(),
            items,
            occurred_at: order.updated_at(),
            correlation_id: order.correlation_id().to_owned(),
        }
    }

    /// Whether there is still a reason to publish it, given the order as it is now.
    #[must_use]
    pub fn still_applies(&self, order: &Order) -> bool {
        match self.kind {
            NoticeKind::ReviewNeeded => order.is_paused() && order.run() == self.run,
            NoticeKind::ReviewReminder | NoticeKind::ReviewEscalated => {
                let current = || Self::of_wait(order, self.kind).notice_id == self.notice_id;
                order.is_paused() && order.run() == self.run && current()
            }
            NoticeKind::DocumentsFailed => true,
        }
    }
}

/// Numbers of documents as ranges, such as `1-37, 40`, in at most about `chars_max` characters; the rest is counted.
#[must_use]
pub fn ranges_text(numbers: &BTreeSet<DocumentNumber>, chars_max: usize) -> String {
    let (mut text, mut left) = (String::new(), numbers.len());
    for (first, last) in ranges::of(numbers) {
        let range = if first == last { first.to_string() } else { format!("{first}-{last}") };
        if !text.is_empty() && text.len() + range.len() > chars_max {
            return format!("{text} and {left} more");
        }
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&range);
        left -= usize::try_from(last - first + 1).unwrap_or(left).min(left);
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_ranges_and_the_rest_is_counted() {
        let of = |numbers: &[u32]| numbers.iter().filter_map(|n| DocumentNumber::try_from(*n).ok()).collect();
        let show = |numbers: &[u32], chars_max| ranges_text(&of(numbers), chars_max);
        assert_eq!(show(&[], 9), "");
        assert_eq!(show(&[4], 9), "4");
        assert_eq!(show(&[1, 2, 3, 7, 9, 10], 99), "1-3, 7, 9-10");
        assert_eq!(show(&[1, 2, 3, 7, 9, 10], 6), "1-3, 7 and 2 more");
        assert_eq!(show(&[1, 3, 5, 7], 3), "1, 3 and 2 more");
        assert_eq!(show(&[1, 3], 2), "1, 3", "what just fits is shown");
        assert_eq!(show(&[1, 3], 1), "1 and 1 more", "what does not fit is counted");
        assert_eq!(show(&[100, 101], 1), "100-101", "the first range is always shown");
        let every_other: Vec<u32> = (1..=1_000).step_by(2).collect();
        assert!(show(&every_other, 200).len() < 220);
        assert!(show(&every_other, 200).ends_with(" more"));
    }
}
