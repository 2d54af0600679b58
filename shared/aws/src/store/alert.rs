//! Owed alerts: claimed, released, marked as sent. They are those of failures, and notices.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::id::{FirmId, OrderId};
use domain::limit::CLOCK_SKEW_SECS_MAX;
use domain::notice::{AlertId, Notice};
use jiff::Timestamp;

use super::alert_rate::COUNT_CALLS_MAX;
use super::{ALL_OLD, Store, condition_failure};
use crate::item::{self, Item, Rated, StoredFailure};
use crate::{Error, key, sdk};

/// How long a claim to publish an alert lasts, in seconds: longer than it takes to count an alert, to read what it announces and
/// to publish it, with all attempts, even if two functions' clocks differ. The next delivery of the same message waits for it too, because a queue may deliver a
/// message twice at the same time.
pub const ALERT_LEASE_SECS: u32 = 60 + CLOCK_SKEW_SECS_MAX;

const _: () = assert!(
    (ALERT_LEASE_SECS - CLOCK_SKEW_SECS_MAX) as u64 * 1_000 > (COUNT_CALLS_MAX + 2) * sdk::OPERATION_TIMEOUT_MS
);

/// What to do about an owed alert.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an alert that was claimed has to be published"]
pub enum AlertClaim {
    /// Publish it.
    Publish(Owed),
    /// Another function has claimed it, and may have crashed; it can be claimed after that time.
    Busy {
        /// When their claim ends.
        until: Timestamp,
    },
    /// It was published or withdrawn, or there is no such alert.
    NothingOwed,
    /// It is owed, and its item cannot be read: a newer version wrote it, or it is damaged.
    Unreadable {
        /// Whether that was reported before.
        reported: bool,
    },
}

/// What an owed alert is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owed {
    /// A failure.
    Failure(Box<StoredFailure>),
    /// An order that has not failed.
    Notice(Box<Notice>),
}

impl Owed {
    fn read(operation: &'static str, id: &AlertId, found: Item) -> Option<Self> {
        match id {
            AlertId::Failure(_) => Some(Self::Failure(Box::new(item::to_failure(operation, found).ok()?))),
            AlertId::Notice(_) => Some(Self::Notice(Box::new(item::to_notice(operation, found).ok()?))),
        }
    }
}

impl Store {
    /// Claims the publication of an owed alert, so that two functions that find the same one do not both publish it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn claim_alert(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &AlertId,
        owner: &str,
        now: Timestamp,
    ) -> Result<AlertClaim, Error> {
        const OPERATION: &str = "UpdateItem";
        let until_ms = now.as_millisecond() + i64::from(ALERT_LEASE_SECS) * 1_000;
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(alert_key(firm, order, id)))
            .condition_expression(
                "alert = :pending AND (attribute_not_exists(alert_owner) OR alert_owner = :owner OR alert_until < :now)",
            )
            .update_expression("SET alert_owner = :owner, alert_until = :until")
            .expression_attribute_values(":pending", item::text(item::PENDING))
            .expression_attribute_values(":owner", item::text(owner))
            .expression_attribute_values(":now", item::number(now.as_millisecond()))
            .expression_attribute_values(":until", item::number(until_ms))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        match result {
            Ok(answer) => {
                let found = answer.attributes.unwrap_or_default();
                let reported = found.contains_key(UNREADABLE);
                let owed = Owed::read(OPERATION, id, found);
                Ok(owed.map_or(AlertClaim::Unreadable { reported }, AlertClaim::Publish))
            }
            Err(error) => Ok(match condition_failure(OPERATION, error)? {
                Some(found) if item::is_pending(&found) => AlertClaim::Busy { until: item::alert_until(&found) },
                _ => AlertClaim::NothingOwed,
            }),
        }
    }

    /// Releases the claim to an alert that could not be published, so that a retry need not wait for it to expire. `rated`
    /// says whether it was counted. Best effort: when it fails, the claim expires, and the alert may be counted again.
    pub async fn release_alert(&self, firm: &FirmId, order: OrderId, id: &AlertId, owner: &str, rated: Rated) {
        match self.end_alert_claim(firm, order, id, owner, rated).await {
            Ok(true) => {}
            other => tracing::info!(gone = other.is_ok(), "alert claim not released; it will expire"),
        }
    }

    /// Releases the claim to an alert that is over the rate of its cause, and records that a digest is to announce it. It stays
    /// owed. If somebody else has claimed it meanwhile, it is theirs.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn leave_alert_for_digest(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &AlertId,
        owner: &str,
    ) -> Result<(), Error> {
        self.end_alert_claim(firm, order, id, owner, Rated::LeftForDigest).await.map(drop)
    }

    /// Ends a claim; `false` if it is somebody else's by now.
    async fn end_alert_claim(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &AlertId,
        owner: &str,
        rated: Rated,
    ) -> Result<bool, Error> {
        const OPERATION: &str = "UpdateItem";
        let noted = match rated {
            Rated::No => None,
            Rated::Counted => Some(item::COUNTED),
            Rated::LeftForDigest => Some(item::LEFT_FOR_DIGEST),
        };
        let note = noted.map_or("", |_| "SET alert_rated = :rated ");
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(alert_key(firm, order, id)))
            .condition_expression("alert_owner = :owner")
            .update_expression(format!("{note}REMOVE alert_owner, alert_until"))
            .expression_attribute_values(":owner", item::text(owner));
        let update = match noted {
            Some(noted) => update.expression_attribute_values(":rated", item::text(noted)),
            None => update,
        };
        match update.send().await {
            Ok(_) => Ok(true),
            Err(error) => condition_failure(OPERATION, error).map(|_| false),
        }
    }

    /// Records that SNS accepted an alert, in the publication `sent_as`.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn mark_alert_sent(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &AlertId,
        sent_as: &str,
    ) -> Result<(), Error> {
        self.end_alert(firm, order, id, item::SENT, sent_as).await
    }

    /// Records that an alert is no longer owed: what it would have said no longer holds.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn withdraw_alert(&self, firm: &FirmId, order: OrderId, id: &AlertId) -> Result<(), Error> {
        self.end_alert(firm, order, id, item::WITHDRAWN, "").await
    }

    async fn end_alert(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &AlertId,
        state: &str,
        sent_as: &str,
    ) -> Result<(), Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(alert_key(firm, order, id)))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET alert = :state, alert_sent_as = :as REMOVE watch, watch_since")
            .expression_attribute_values(":state", item::text(state))
            .expression_attribute_values(":as", item::text(sent_as))
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) => condition_failure(OPERATION, error).map(drop),
        }
    }

    /// Takes an owed alert that cannot be read off the list of the index until `until`, and notes that it was reported. It
    /// stays owed, for a version that can read it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn postpone_alert(
        &self,
        firm: &FirmId,
        order: OrderId,
        id: &AlertId,
        until: Timestamp,
    ) -> Result<(), Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(alert_key(firm, order, id)))
            .condition_expression("alert = :pending")
            .update_expression(format!(
                "SET watch_since = :until, {UNREADABLE} = :until REMOVE alert_owner, alert_until"
            ))
            .expression_attribute_values(":pending", item::text(item::PENDING))
            .expression_attribute_values(":until", item::number(until.as_millisecond()))
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) => condition_failure(OPERATION, error).map(drop),
        }
    }

    /// Stores a notice that is not part of an order's write, as owed. One that is already stored does not change.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn record_notice(&self, notice: &Notice) -> Result<(), Error> {
        self.put_if_absent(item::from_notice(notice)?).await
    }
}

/// The attribute of an alert that was reported as unreadable.
const UNREADABLE: &str = "alert_unreadable";

fn alert_key(firm: &FirmId, order: OrderId, id: &AlertId) -> Item {
    Item::from([
        ("pk".to_owned(), item::text(key::partition(firm, order))),
        ("sk".to_owned(), item::text(key::alert(id))),
    ])
}
