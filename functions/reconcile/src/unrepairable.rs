//! What reconciliation cannot repair: recorded and alerted once, under an id that it has every time it is met.

use domain::failure::{Failure, FailureId, FailureRecord};
use domain::id::{FirmId, OrderId, RunNumber};
use domain::phase::Phase;
use domain::service::ServiceCode;
use runtime::metric::Metric;
use runtime::orphan::record_and_alert;

use crate::turn::Turn;

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

/// Tells people, once, about what is wrong with an order; `part` tells apart several of one kind.
pub(crate) async fn tell(turn: &Turn<'_>, order: Option<(&FirmId, OrderId)>, failure: Failure, part: &str) {
    let pipeline = turn.pipeline;
    let order = order.map(|(firm, order)| (firm.clone(), order));
    let nobody = || NO_FIRM.parse().ok().map(|firm| (firm, OrderId::from_parts(0, 0)));
    let Some((firm_id, order_id)) = order.or_else(nobody) else { return };
    let id = if part.is_empty() { failure.code.to_string() } else { format!("{}-{part}", failure.code) };
    let record = FailureRecord {
        failure_id: FailureId::of_comparison(&id),
        order_id,
        firm_id,
        service_code: ServiceCode::Canary,
        doc_type: None,
        prompt_version_used: None,
        phase: Phase::Extract,
        run: RunNumber::FIRST,
        category: failure.category,
        code: failure.code.into_owned(),
        error_message: failure.message.into_owned(),
        occurred_at: pipeline.clock.now(),
        correlation_id: order_id.to_string(),
    };
    pipeline.metrics.count(Metric::Unrepairable, 1);
    tracing::error!(order.id = %order_id, code = %record.code, part, "it cannot be repaired");
    if let Err(error) = record_and_alert(pipeline, &record, turn.actor).await {
        turn.defer(&error);
    }
}
