//! The lock that lets one reconciliation pass run at a time. Its item also stores how far the backup was compared, and what the
//! orders compared so far say about durations: both change in one write, so no order is counted twice because of a crash.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::history::{HISTORY_SCHEMA, History};
use domain::limit::CLOCK_SKEW_SECS_MAX;
use jiff::Timestamp;

use super::{Store, condition_failure};
use crate::Error;
use crate::error::sort;
use crate::item::{self, Item};
use crate::key::RECONCILE;

/// Time after which an unreleased lock can be taken over, in seconds: the function's timeout plus the clocks' skew.
pub const RECONCILE_LOCK_SECS_MAX: u32 = 300 + CLOCK_SKEW_SECS_MAX;

/// The attribute that holds durations.
const HISTORY: &str = "history";

/// What an update of the lock does to it.
enum Changes {
    /// Keeps it.
    Save,
    /// Releases it.
    Release,
}

/// The right to reconcile; one invocation holds it at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReconcileLock {
    /// Key of the backup up to which it was compared; empty at first.
    pub cursor: String,
    /// How long the phases of the orders took that were compared up to there. `None` if a later version of the program wrote it,
    /// which must not be overwritten.
    pub history: Option<History>,
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
                let history = read_history(&attributes);
                Ok(Some(ReconcileLock { cursor: cursor.unwrap_or_default(), history, owner: owner.to_owned() }))
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
        self.update_lock(lock, Changes::Release).await
    }

    /// Saves how far the backup was compared, and keeps the lock. `false` if another invocation has taken it over.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn save_cursor(&self, lock: &ReconcileLock) -> Result<bool, Error> {
        self.update_lock(lock, Changes::Save).await
    }

    /// How long phases took; empty if a later version of the program gathered it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn history(&self) -> Result<History, Error> {
        const OPERATION: &str = "GetItem";
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", item::text(RECONCILE.0))
            .key("sk", item::text(RECONCILE.1))
            .projection_expression(HISTORY)
            .send()
            .await
            .map_err(|error| sort(OPERATION, &error))?;
        Ok(read_history(&answer.item.unwrap_or_default()).unwrap_or_default())
    }

    /// `changes` besides the history.
    async fn update_lock(&self, lock: &ReconcileLock, changes: Changes) -> Result<bool, Error> {
        const OPERATION: &str = "UpdateItem";
        let history = lock.history.as_ref().map(serde_json::to_string).transpose();
        let history = history.map_err(|_| Error::Damaged { operation: "serialization" })?;
        let set = if history.is_some() {
            "SET compared_to = :cursor, history = :history"
        } else {
            "SET compared_to = :cursor"
        };
        let change = match changes {
            Changes::Save => set.to_owned(),
            Changes::Release => format!("{set} REMOVE turn_owner, turn_until"),
        };
        let mut values = Item::from([
            (":owner".to_owned(), item::text(&lock.owner)),
            (":cursor".to_owned(), item::text(&lock.cursor)),
        ]);
        values.extend(history.map(|history| (":history".to_owned(), item::text(history))));
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(RECONCILE.0))
            .key("sk", item::text(RECONCILE.1))
            .condition_expression("turn_owner = :owner")
            .update_expression(change)
            .set_expression_attribute_values(Some(values))
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) => condition_failure(OPERATION, error).map(|_| false),
        }
    }
}

/// The history that the lock's item holds: empty at first, `None` if a later version of the program wrote it. One that cannot be
/// read at all is gathered anew: it says how long orders take, and nothing depends on it.
fn read_history(attributes: &Item) -> Option<History> {
    let text = attributes.get(HISTORY).and_then(|value| value.as_s().ok());
    let known: History = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    (known.schema() <= HISTORY_SCHEMA).then_some(known)
}
