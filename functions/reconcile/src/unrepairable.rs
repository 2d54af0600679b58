//! Records and alerts what reconciliation cannot repair. The failure has the same id each time it is found, so there is
//! only one alert.

use aws::store::Watched;
use domain::completion::Completion;
use domain::failure::{Failure, FailureId};
use domain::phase::Phase;
use runtime::failure::{FailureOwner, Origin, alert_recorded};
use runtime::metric::Metric;

use crate::pass::Pass;

/// The table does not hold an order that the backup holds.
pub(crate) const ORDER_LOST: Failure = Failure::permanent(
    "reconcile.order_lost",
    "The backup holds an order that the table does not. If nobody deleted it on purpose, restore it from the table's point-in-time recovery.",
);

/// The table and the backup hold different orders under the same id.
pub(crate) const ORDER_REPLACED: Failure = Failure::permanent(
    "reconcile.order_replaced",
    "The backup holds an order that the table no longer does: another order was submitted under its id. If nobody deleted it on purpose, read it in the backup; the order in the table is not affected.",
);

/// An order's item cannot be read.
pub(crate) const ORDER_DAMAGED: Failure = Failure::permanent(
    "reconcile.order_damaged",
    "An order's item cannot be read: a newer version wrote it, or it is damaged. Deploy the newer version, or restore the item from the table's point-in-time recovery.",
);

/// The item of an owed alert cannot be read.
pub(crate) const ALERT_DAMAGED: Failure = Failure::permanent(
    "reconcile.alert_damaged",
    "An alert that is owed cannot be read: a newer version wrote it, or it is damaged. Look at the failure or notice that this failure's id ends with, among the order's items. It is looked at again every day, so deploy the newer version or repair it.",
);

/// A part of the backup cannot be read.
pub(crate) const BACKUP_DAMAGED: Failure = Failure::permanent(
    "reconcile.backup_damaged",
    "A part of the backup cannot be read. Look at the object named in the log; the table still holds the orders in it.",
);

/// Where a failure about an order in the backup comes from.
pub(crate) fn origin_of_completion(kept: &Completion) -> Origin {
    Origin {
        owner: FailureOwner::Order { firm_id: kept.firm_id.clone(), order_id: kept.order_id },
        service_code: Some(kept.order.service_code()),
        correlation_id: Some(kept.correlation_id.clone()),
    }
}

/// Where a failure about an entry of the index comes from.
pub(crate) fn origin_of_entry(entry: &Watched) -> Origin {
    let owner = FailureOwner::Order { firm_id: entry.firm_id.clone(), order_id: entry.order_id };
    Origin { owner, ..Origin::default() }
}

/// Records and alerts, once, what is wrong with an order or with the backup. `part` distinguishes several failures of one
/// kind. If this pass cannot publish the alert of a recorded failure, a later one does.
///
/// # Errors
/// [`aws::Error`] when it is not recorded. A later pass must then find it again.
pub(crate) async fn report_unrepairable(
    pass: &Pass<'_>,
    origin: Origin,
    failure: Failure,
    part: &str,
) -> Result<(), aws::Error> {
    let pipeline = pass.pipeline;
    let id = if part.is_empty() { failure.code.to_string() } else { format!("{}-{part}", failure.code) };
    let record = origin.into_record(FailureId::of_comparison(&id), failure, Phase::Extract, pipeline.clock.now());
    pipeline.metrics.count(Metric::Unrepairable, 1);
    tracing::error!(
        order.id = %record.order_id,
        correlation.id = %record.correlation_id,
        code = %record.code,
        part,
        "cannot be repaired; recording a failure"
    );
    pipeline.store.record_failure(&record).await?;
    if let Err(error) = alert_recorded(pipeline, &record, pass.actor).await {
        pass.defer(Some(record.order_id), &error);
    }
    Ok(())
}
