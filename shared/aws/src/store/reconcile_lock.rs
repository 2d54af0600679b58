//! The lock that lets one reconciliation pass run at a time. Its item also stores how far the backup was compared.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::limit::CLOCK_SKEW_SECS_MAX;
use jiff::Timestamp;

use super::{Store, condition_failure};
use crate::key::RECONCILE;
use crate::{Error, item};

/// Time after which an unreleased lock can be taken over, in seconds: the function's timeout plus the clocks' skew.
pub const RECONCILE_LOCK_SECS_MAX: u32 = 300 + CLOCK_SKEW_SECS_MAX;

/// The right to reconcile; one invocation holds it at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconcileLock {
    /// Key of the backup up to which it was compared; empty at first.
    pub cursor: String,
    owner: String,
}

impl Store {
    /// Takes the lock unless another invocation holds it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn lock_reconcile(&self, owner: &str, now: Timestamp) -> Result<Option<ReconcileLock>, Error> {
        const OPERATION: &str = "UpdateItem";
        let until_ms = now.as_millisecond() + i64::from(RECONCILE_LOCK_SECS_MAX) * 1_000;
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(RECONCILE.0))
            .key("sk", item::text(RECONCILE.1))
            .condition_expression("attribute_not_exists(turn_owner) OR turn_owner = :owner OR turn_until < :now")
            .update_expression("SET turn_owner = :owner, turn_until = :until")
            .expression_attribute_values(":owner", item::text(owner))
            .expression_attribute_values(":now", item::number(now.as_millisecond()))
            .expression_attribute_values(":until", item::number(until_ms))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match result {
            Ok(answer) => {
                let attributes = answer.attributes.unwrap_or_default();
                let cursor = attributes.get("compared_to").and_then(|value| value.as_s().ok()).cloned();
                Ok(Some(ReconcileLock { cursor: cursor.unwrap_or_default(), owner: owner.to_owned() }))
            }
            Err(error) => condition_failure(OPERATION, error).map(|_| None),
        }
    }

    /// Saves how far the backup was compared, and releases the lock. `false` if another invocation has taken it over, which
    /// compares again from where this pass began.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn unlock_reconcile(&self, lock: &ReconcileLock) -> Result<bool, Error> {
        self.update_lock(lock, "SET compared_to = :cursor REMOVE turn_owner, turn_until").await
    }

    /// Saves how far the backup was compared, and keeps the lock. `false` if another invocation has taken it over.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn save_cursor(&self, lock: &ReconcileLock) -> Result<bool, Error> {
        self.update_lock(lock, "SET compared_to = :cursor").await
    }

    async fn update_lock(&self, lock: &ReconcileLock, change: &str) -> Result<bool, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(RECONCILE.0))
            .key("sk", item::text(RECONCILE.1))
            .condition_expression("turn_owner = :owner")
            .update_expression(change)
            .expression_attribute_values(":owner", item::text(&lock.owner))
            .expression_attribute_values(":cursor", item::text(&lock.cursor))
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) => condition_failure(OPERATION, error).map(|_| false),
        }
    }
}
