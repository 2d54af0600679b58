//! Failure records and their alerts.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::failure::{FailureId, FailureRecord};
use domain::id::{FirmId, OrderId};
use domain::limit::CLOCK_SKEW_SECS_MAX;

use jiff::Timestamp;

use super::{ALL_OLD, AlertState, Store, StoredFailure, condition_failure};
use crate::error::sort;
use crate::{Error, item, key, sdk};

/// How long a claim to publish an alert lasts, in seconds: longer than a publication takes with all its attempts, even if
/// two functions' clocks differ. The next delivery of the same message waits for it too, because a queue may deliver a
/// message twice at the same time.
pub const ALERT_LEASE_SECS: u32 = 60 + CLOCK_SKEW_SECS_MAX;

const _: () = assert!((ALERT_LEASE_SECS - CLOCK_SKEW_SECS_MAX) as u64 * 1_000 > 2 * sdk::OPERATION_TIMEOUT_MS);

/// What to do about an owed alert.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an alert that was claimed has to be published"]
pub enum AlertClaim {
    /// Publish it.
    Publish(Box<FailureRecord>),
    /// Another function has claimed it, and may have crashed; it can be claimed after that time.
    Busy {
        /// When their claim ends.
        until: Timestamp,
    },
    /// It was published, or there is no such failure.
    NothingOwed,
}

impl Store {
    /// All failure records of an order, by id.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn failures(&self, firm: &FirmId, order: OrderId) -> Result<Vec<StoredFailure>, Error> {
        let found = self.items(firm, order, &key::failure("")).await?;
        found.into_iter().map(|found| item::to_failure("Query", found)).collect()
    }

    /// Records a failure that is not part of an order's write, e.g. of a command that could not be read, with its alert
    /// owed. A failure that is already recorded does not change.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn record_failure(&self, record: &FailureRecord) -> Result<(), Error> {
        const OPERATION: &str = "PutItem";
        let result = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_failure(record)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        let Err(error) = result else { return Ok(()) };
        let sorted = sort(OPERATION, &error);
        if error.as_service_error().is_some_and(|error| error.is_conditional_check_failed_exception()) {
            return Ok(());
        }
        Err(sorted)
    }

    /// Claims the publication of an owed alert, so that two functions that find the same failure do not both publish it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn claim_alert(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &FailureId,
        owner: &str,
        now: Timestamp,
    ) -> Result<AlertClaim, Error> {
        const OPERATION: &str = "UpdateItem";
        let until_ms = now.as_millisecond() + i64::from(ALERT_LEASE_SECS) * 1_000;
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(key::partition(firm, order)))
            .key("sk", item::text(key::failure(id.as_str())))
            .condition_expression(
                "alert = :pending AND (attribute_not_exists(alert_owner) OR alert_owner = :owner OR alert_until < :now)",
            )
            .update_expression("SET alert_owner = :owner, alert_until = :until")
            .expression_attribute_values(":pending", item::text("pending"))
            .expression_attribute_values(":owner", item::text(owner))
            .expression_attribute_values(":now", item::number(now.as_millisecond()))
            .expression_attribute_values(":until", item::number(until_ms))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        match result {
            Ok(answer) => {
                let stored = item::to_failure(OPERATION, answer.attributes.unwrap_or_default())?;
                Ok(AlertClaim::Publish(Box::new(stored.record)))
            }
            Err(error) => match condition_failure(OPERATION, error)? {
                None => Ok(AlertClaim::NothingOwed),
                Some(found) => {
                    let until = item::alert_until(&found);
                    match item::to_failure(OPERATION, found)?.alert {
                        AlertState::Pending => Ok(AlertClaim::Busy { until }),
                        AlertState::Sent => Ok(AlertClaim::NothingOwed),
                    }
                }
            },
        }
    }

    /// Releases the claim to an alert that could not be published, so that a retry need not wait for it to expire. Best
    /// effort: when it fails, the claim expires.
    pub async fn release_alert(&self, record: &FailureRecord, owner: &str) {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(key::partition(&record.firm_id, record.order_id)))
            .key("sk", item::text(key::failure(record.failure_id.as_str())))
            .condition_expression("alert_owner = :owner")
            .update_expression("REMOVE alert_owner, alert_until")
            .expression_attribute_values(":owner", item::text(owner))
            .send()
            .await;
        if let Err(error) = result.map_err(|error| condition_failure(OPERATION, error)) {
            tracing::info!(gone = error.is_ok(), "alert claim not released; it will expire");
        }
    }

    /// Records that SNS accepted the alert about a failure.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn mark_alert_sent(&self, record: &FailureRecord) -> Result<AlertState, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(key::partition(&record.firm_id, record.order_id)))
            .key("sk", item::text(key::failure(record.failure_id.as_str())))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET alert = :sent REMOVE watch, watch_since")
            .expression_attribute_values(":sent", item::text("sent"))
            .send()
            .await;
        match result {
            Ok(_) => Ok(AlertState::Sent),
            Err(error) => condition_failure(OPERATION, error).map(|_| AlertState::Sent),
        }
    }
}
