//! Counts the alerts of one cause, so that a storm of them is announced in few publications.
//!
//! There is one item for each cause, which begins anew when its window is over, so the table does not grow.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::limit::ALERT_RATE_SECS;
use jiff::Timestamp;

use super::{Store, condition_failure};
use crate::item::{self, Item};
use crate::{Error, key};

/// Calls that one count takes at most.
pub(super) const COUNT_CALLS_MAX: u64 = 3;

impl Store {
    /// Counts one more alert of the cause `code`; returns how many the present window has, this one included.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn count_alert(&self, code: &str, now: Timestamp) -> Result<u32, Error> {
        if let Some(count) = self.count_in_window(code, now).await? {
            return Ok(count);
        }
        if self.begin_window(code, now).await? {
            return Ok(1);
        }
        // Another function has begun the window meanwhile.
        self.count_in_window(code, now)
            .await?
            .ok_or(Error::Unavailable { operation: "UpdateItem", code: "window".to_owned() })
    }

    /// Adds to the present window; `None` if there is none. One that begins in the future is a clock's mistake.
    async fn count_in_window(&self, code: &str, now: Timestamp) -> Result<Option<u32>, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(rate_key(code)))
            .condition_expression("window_from > :before AND window_from < :after")
            .update_expression("ADD alerts :one")
            .expression_attribute_values(":before", item::number(now.as_millisecond() - WINDOW_MS))
            .expression_attribute_values(":after", item::number(now.as_millisecond() + WINDOW_MS))
            .expression_attribute_values(":one", item::number(1))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await;
        match result {
            Ok(answer) => {
                let counted =
                    answer.attributes.as_ref().and_then(|found| found.get("alerts")?.as_n().ok()?.parse().ok());
                counted.map(Some).ok_or(Error::Damaged { operation: OPERATION })
            }
            Err(error) => condition_failure(OPERATION, error).map(|_| None),
        }
    }

    /// Begins a window with one alert; `false` if there is one.
    async fn begin_window(&self, code: &str, now: Timestamp) -> Result<bool, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(rate_key(code)))
            .condition_expression("NOT (window_from > :before AND window_from < :after)")
            .update_expression("SET window_from = :now, alerts = :one")
            .expression_attribute_values(":before", item::number(now.as_millisecond() - WINDOW_MS))
            .expression_attribute_values(":after", item::number(now.as_millisecond() + WINDOW_MS))
            .expression_attribute_values(":now", item::number(now.as_millisecond()))
            .expression_attribute_values(":one", item::number(1))
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) => condition_failure(OPERATION, error).map(|_| false),
        }
    }
}

const WINDOW_MS: i64 = ALERT_RATE_SECS as i64 * 1_000;

fn rate_key(code: &str) -> Item {
    let (pk, sk) = key::alert_rate(code);
    Item::from([("pk".to_owned(), item::text(pk)), ("sk".to_owned(), item::text(sk))])
}
