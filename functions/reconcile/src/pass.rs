//! The state of a reconciliation pass, which all its steps share.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws::store::ReconcileLock;
use domain::audit::{AuditAction, AuditEntry};
use domain::id::OrderId;
use domain::order::Order;
use domain::phase::Phase;
use domain::review::{Deadlines, next_due};
use jiff::{SignedDuration, Timestamp};
use runtime::metric::Metric;
use runtime::pipeline::Pipeline;

/// How far a pass compared the backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    /// As far as it may.
    CaughtUp,
    /// There is more than it had time for.
    Behind,
    /// It could not be read, or the table could not be written.
    Unavailable,
}

pub(crate) struct Pass<'a> {
    pub(crate) pipeline: &'a Pipeline,
    /// The invocation.
    pub(crate) actor: &'a str,
    /// Held for the whole pass; it also says up to which key the backup was compared.
    pub(crate) lock: ReconcileLock,
    /// How far the backup was compared.
    pub(crate) compared: Compared,
    /// How long orders may wait for a reviewer.
    pub(crate) deadlines: Deadlines,
    until: Timestamp,
    message_counts: RefCell<BTreeMap<Phase, Option<u64>>>,
    /// Shared by orders that are compared side by side.
    done: RefCell<BTreeMap<AuditAction, u32>>,
}

impl<'a> Pass<'a> {
    pub(crate) fn new(
        pipeline: &'a Pipeline,
        deadlines: Deadlines,
        actor: &'a str,
        until: Timestamp,
        lock: ReconcileLock,
    ) -> Self {
        Self {
            pipeline,
            actor,
            lock,
            compared: Compared::Unavailable,
            deadlines,
            until,
            message_counts: RefCell::default(),
            done: RefCell::default(),
        }
    }

    /// About how many messages the queue of a phase holds, asked once in a pass; `None` if it does not say.
    pub(crate) async fn message_count(&self, phase: Phase) -> Option<u64> {
        if let Some(known) = self.message_counts.borrow().get(&phase) {
            return *known;
        }
        let count = match self.pipeline.queues.message_count(phase).await {
            Ok(count) => Some(count),
            Err(error) => {
                tracing::warn!(phase = %phase, error = %error, "queue not counted");
                None
            }
        };
        self.message_counts.borrow_mut().insert(phase, count);
        count
    }

    /// When something is due about an order's review; `None` if it waits for none.
    pub(crate) fn review_due(&self, order: &Order) -> Option<Timestamp> {
        next_due(order, &self.deadlines).map(|(_, at)| at)
    }

    /// Whether there is time for another item.
    pub(crate) fn has_time(&self) -> bool {
        self.pipeline.clock.now() < self.until
    }

    /// The time at which half of the remaining time will have passed.
    pub(crate) fn half_time(&self) -> Timestamp {
        let now = self.pipeline.clock.now();
        let left = self.until.duration_since(now).max(SignedDuration::ZERO);
        now.saturating_add(left / 2).unwrap_or(self.until)
    }

    /// The audit entry about something done to an order.
    pub(crate) fn audit_entry(&self, order: &Order, action: AuditAction) -> AuditEntry {
        AuditEntry::about(order, action, self.pipeline.clock.now(), self.actor)
    }

    /// Counts and logs something done to an order.
    pub(crate) fn report(&self, order: &Order, action: AuditAction) {
        *self.done.borrow_mut().entry(action).or_default() += 1;
        let metric = match action {
            AuditAction::HandOffResent | AuditAction::PhaseEnded => Some(Metric::HandOffsResent),
            AuditAction::OrderFailed | AuditAction::ReviewExpired => Some(Metric::OrdersFailed),
            AuditAction::ReviewReminded | AuditAction::ReviewEscalated => Some(Metric::ReviewsOverdue),
            AuditAction::BackupRepaired => Some(Metric::BackupRepairs),
            AuditAction::TableRepaired => Some(Metric::TableRepairs),
            // People do these.
            AuditAction::OrderCreated
            | AuditAction::DocumentsAdded
            | AuditAction::OrderProcessed
            | AuditAction::OrderRetried
            | AuditAction::OrderRegenerated
            | AuditAction::OrderCancelled
            | AuditAction::ReviewDecided
            | AuditAction::ReviewResumed
            | AuditAction::ReviewTakenOver
            | AuditAction::ReviewExtended => None,
        };
        if let Some(metric) = metric {
            self.pipeline.metrics.count(metric, 1);
        }
        tracing::warn!(
            order.id = %order.order_id(),
            run = order.run().get(),
            phase = %order.phase(),
            correlation.id = %order.correlation_id(),
            action = action.as_str(),
            "reconciled"
        );
    }

    /// Counts and logs an item that has to wait for the next pass.
    pub(crate) fn defer(&self, order: Option<OrderId>, error: &aws::Error) {
        self.pipeline.metrics.count(Metric::ReconcileItemsFailed, 1);
        tracing::warn!(order.id = order.map(tracing::field::display), error = %error, "item deferred to the next pass");
    }

    /// Defers entries of the index that cannot be read.
    pub(crate) fn defer_unreadable(&self, count: usize) {
        for _ in 0..count {
            self.defer(None, &aws::Error::Damaged { operation: "Query" });
        }
    }

    /// What was done, by action.
    pub(crate) fn counts(&self) -> BTreeMap<&'static str, u32> {
        self.done.borrow().iter().map(|(action, count)| (action.as_str(), *count)).collect()
    }
}
