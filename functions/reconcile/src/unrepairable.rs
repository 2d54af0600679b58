//! What reconciliation cannot repair: recorded and alerted once, under an id that it has every time it is met.

use aws::store::Watched;
use domain::completion::Completion;
use domain::failure::{Failure, FailureId, FailureRecord};
use domain::id::{FirmId, OrderId, RunNumber};
use domain::phase::Phase;
use domain::service::ServiceCode;
use runtime::metric::Metric;
use runtime::rejection::alert_recorded;

use crate::pass::Turn;

/// The table does not hold an order that the backup knows.
pub(crate) const ORDER_LOST: Failure = Failure::permanent(
    "reconcile.order_lost",
    "The backup knows an order that the table does not hold. If nobody deleted it on purpose, restore it from the table's point-in-time recovery.",
);

/// The table holds another order than the backup knows, under the same id.
pub(crate) const ORDER_REPLACED: Failure = Failure::permanent(
    "reconcile.order_replaced",
    "The backup knows an order that the table no longer holds: its id was submitted again later. If nobody deleted it on purpose, read it in the backup; the order in the table goes on.",
);

/// An order's item cannot be read.
pub(crate) const ORDER_DAMAGED: Failure = Failure::permanent(
    "reconcile.order_damaged",
    "An order's item cannot be read: a newer version wrote it, or it is damaged. Deploy the newer version, or restore the item from the table's point-in-time recovery.",
);

/// A part of the backup cannot be read.
pub(crate) const BACKUP_DAMAGED: Failure = Failure::permanent(
    "reconcile.backup_damaged",
    "A part of the backup cannot be read. Look at the object named in the log; the table still holds the orders in it.",
);

/// Firm under which failures are recorded that name none.
const NO_FIRM: &str = "unknown";

/// What is known of the order that something is wrong with.
pub(crate) struct About<'a> {
    firm_id: &'a FirmId,
    order_id: OrderId,
    service_code: Option<ServiceCode>,
    correlation_id: Option<&'a str>,
}

impl<'a> From<&'a Completion> for About<'a> {
    fn from(kept: &'a Completion) -> Self {
        Self {
            firm_id: &kept.firm_id,
            order_id: kept.order_id,
            service_code: Some(kept.order.service_code),
            correlation_id: Some(&kept.correlation_id),
        }
    }
}

impl<'a> From<&'a Watched> for About<'a> {
    fn from(entry: &'a Watched) -> Self {
        Self { firm_id: &entry.firm_id, order_id: entry.order_id, service_code: None, correlation_id: None }
    }
}

/// Tells people, once, what is wrong with an order or with the backup; `part` tells apart several of one kind. Once it is
/// recorded its alert is owed, so that another turn finds it.
///
/// # Errors
/// [`aws::Error`] when it is not recorded: whoever found it has to find it again.
pub(crate) async fn tell(
    turn: &Turn<'_>,
    about: Option<About<'_>>,
    failure: Failure,
    part: &str,
) -> Result<(), aws::Error> {
    let pipeline = turn.pipeline;
    let Some(record) = record(turn, about, failure, part) else { return Ok(()) };
    pipeline.metrics.count(Metric::Unrepairable, 1);
    tracing::error!(
        order.id = %record.order_id,
        correlation.id = %record.correlation_id,
        code = %record.code,
        part,
        "it cannot be repaired"
    );
    pipeline.store.record_failure(&record).await?;
    if let Err(error) = alert_recorded(pipeline, &record, turn.actor).await {
        turn.defer(Some(record.order_id), &error);
    }
    Ok(())
}

fn record(turn: &Turn<'_>, about: Option<About<'_>>, failure: Failure, part: &str) -> Option<FailureRecord> {
    let id = if part.is_empty() { failure.code.to_string() } else { format!("{}-{part}", failure.code) };
    let (firm_id, order_id) = match &about {
        Some(about) => (about.firm_id.clone(), about.order_id),
        None => (NO_FIRM.parse().ok()?, OrderId::from_parts(0, 0)),
    };
    let service_code = about.as_ref().and_then(|about| about.service_code);
    let correlation_id = about.and_then(|about| about.correlation_id).map(str::to_owned);
    Some(FailureRecord {
        failure_id: FailureId::of_comparison(&id),
        order_id,
        firm_id,
        // A record has one. Where it is not known, neither is what was ordered.
        service_code: service_code.unwrap_or(ServiceCode::Canary),
        doc_type: None,
        prompt_version_used: None,
        phase: Phase::Extract,
        run: RunNumber::FIRST,
        category: failure.category,
        code: failure.code.into_owned(),
        error_message: failure.message.into_owned(),
        occurred_at: turn.pipeline.clock.now(),
        correlation_id: correlation_id.unwrap_or_else(|| order_id.to_string()),
    })
}
