//! Whose turn it is to reconcile, and how far the backup was compared.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::limit::CLOCK_SKEW_SECS_MAX;
use jiff::Timestamp;

use super::{Store, condition_failure};
use crate::key::RECONCILE;
use crate::{Error, item};

/// Longest time that one turn takes, in seconds: the function's time-out and the clocks' skew.
pub const TURN_SECS_MAX: u32 = 300 + CLOCK_SKEW_SECS_MAX;

/// The right to reconcile, for one at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Key of the backup up to which it was compared; empty at first.
    pub cursor: String,
    owner: String,
}

impl Store {
    /// Takes the turn, unless somebody else has it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn take_turn(&self, owner: &str, now: Timestamp) -> Result<Option<Turn>, Error> {
        const OPERATION: &str = "UpdateItem";
        let until_ms = now.as_millisecond() + i64::from(TURN_SECS_MAX) * 1_000;
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
                Ok(Some(Turn { cursor: cursor.unwrap_or_default(), owner: owner.to_owned() }))
            }
            Err(error) => condition_failure(OPERATION, error).map(|_| None),
        }
    }

    /// Gives the turn back and notes how far the backup was compared. `false`: it was taken by somebody else meanwhile, who
    /// compares from where this turn began.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn give_back(&self, turn: &Turn) -> Result<bool, Error> {
        self.update_turn(turn, "SET compared_to = :cursor REMOVE turn_owner, turn_until").await
    }

    /// Notes how far the backup was compared, and goes on. `false`: the turn was taken over by somebody else.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn keep_cursor(&self, turn: &Turn) -> Result<bool, Error> {
        self.update_turn(turn, "SET compared_to = :cursor").await
    }

    async fn update_turn(&self, turn: &Turn, change: &str) -> Result<bool, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(RECONCILE.0))
            .key("sk", item::text(RECONCILE.1))
            .condition_expression("turn_owner = :owner")
            .update_expression(change)
            .expression_attribute_values(":owner", item::text(&turn.owner))
            .expression_attribute_values(":cursor", item::text(&turn.cursor))
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) => condition_failure(OPERATION, error).map(|_| false),
        }
    }
}
