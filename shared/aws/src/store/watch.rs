//! The sparse index: lists orders that reconciliation still has to check, and alerts that are owed.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem, Update};
use domain::audit::AuditEntry;
use domain::failure::FailureId;
use domain::id::{FirmId, OrderId};
use domain::notice::{AlertId, NoticeId};
use domain::order::Order;
use jiff::Timestamp;

use super::{ALL_OLD, Store, condition_failure, malformed, order_key};
use crate::Error;
use crate::error::sort;
use crate::item::{self, Item};
use crate::key::{self, WATCH_SHARD_COUNT, WatchList};

/// An entry of the sparse index: enough to find the item itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The firm.
    pub firm_id: FirmId,
    /// The order.
    pub order_id: OrderId,
    /// The alert, if the entry is about one.
    pub alert: Option<AlertId>,
}

impl Store {
    /// Reads the entries of `list` from `before` or earlier, oldest first within each shard, at most `limit` of them. Each
    /// shard gets an equal share, so that many entries in one never hide those in another; which shard comes first changes
    /// with `before`. The index may lag behind the items, so read the item itself before acting. The second value counts
    /// entries that could not be read.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn watched(
        &self,
        list: WatchList,
        before: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Watched>, usize), Error> {
        let (mut found, mut unreadable) = (Vec::new(), 0);
        let share = limit.div_ceil(WATCH_SHARD_COUNT as usize);
        let minutes = u32::try_from(before.as_second().rem_euclid(86_400) / 60).unwrap_or(0);
        for shard in (0..WATCH_SHARD_COUNT).map(|part| (part + minutes) % WATCH_SHARD_COUNT) {
            let mut left = share;
            let mut pages = self
                .client
                .query()
                .table_name(&self.table)
                .index_name("by_watch")
                .key_condition_expression("watch = :watch AND watch_since <= :before")
                .expression_attribute_values(":watch", item::text(key::watched(list, shard)))
                .expression_attribute_values(":before", item::number(before.as_millisecond()))
                .into_paginator()
                .items()
                .send();
            while let Some(entry) = pages.next().await {
                match watched(&entry.map_err(|error| sort("Query", &error))?) {
                    Some(entry) => found.push(entry),
                    None => unreadable += 1,
                }
                left -= 1;
                if left == 0 {
                    break;
                }
            }
        }
        Ok((found, unreadable))
    }

    /// Removes an order from the list of orders if it is unchanged. `review_due` is when something is due about its review, if
    /// it waits for one: it is then listed among the reviews. `false` if the order changed concurrently.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn unwatch(&self, order: &Order, review_due: Option<Timestamp>) -> Result<bool, Error> {
        self.list_anew(order, review_due, "revision = :seen").await
    }

    /// Lists an order for later among the reviews, if it is unchanged and listed there: nothing is due about it before `due`.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn postpone_review(&self, order: &Order, due: Timestamp) -> Result<(), Error> {
        // One that changed may be among the orders again until it is found in the backup.
        self.list_anew(order, Some(due), "revision = :seen AND watch = :watch").await.map(drop)
    }

    /// Takes an order off the list that it is on, under a condition; `false` if that does not hold.
    async fn list_anew(&self, order: &Order, review_due: Option<Timestamp>, condition: &str) -> Result<bool, Error> {
        const OPERATION: &str = "UpdateItem";
        let (change, values) = unwatched(order, review_due);
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(order_key(order.firm_id(), order.order_id())))
            .condition_expression(condition)
            .update_expression(change)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) => condition_failure(OPERATION, error).map(|_| false),
        }
    }

    /// Like [`Store::unwatch`], with an audit entry in the same transaction.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn unwatch_audited(
        &self,
        order: &Order,
        review_due: Option<Timestamp>,
        entry: &AuditEntry,
    ) -> Result<bool, Error> {
        let (change, values) = unwatched(order, review_due);
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(order_key(order.firm_id(), order.order_id())))
            .condition_expression("revision = :seen")
            .update_expression(change)
            .set_expression_attribute_values(Some(values))
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(|_| malformed())?;
        let audit = Put::builder().table_name(&self.table).set_item(Some(item::from_audit(entry)?));
        let audit = audit.build().map_err(|_| malformed())?;
        let items =
            vec![TransactWriteItem::builder().update(update).build(), TransactWriteItem::builder().put(audit).build()];
        Ok(self.transact(items).await?.is_none())
    }

    /// The audit entries of an order, oldest first.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn audit(&self, firm: &FirmId, order: OrderId) -> Result<Vec<AuditEntry>, Error> {
        const OPERATION: &str = "Query";
        let entry = |found| serde_dynamo::from_item(found).map_err(|_| Error::Damaged { operation: OPERATION });
        self.items(firm, order, key::AUDIT).await?.into_iter().map(entry).collect()
    }
}

/// The update that takes an order off the list of orders, and its values.
fn unwatched(order: &Order, review_due: Option<Timestamp>) -> (&'static str, Item) {
    let mut values = Item::from([(":seen".to_owned(), item::number(order.revision()))]);
    let Some(due) = review_due else { return ("REMOVE watch, watch_since", values) };
    values.insert(":watch".to_owned(), item::text(key::watched_review(order.order_id())));
    values.insert(":due".to_owned(), item::number(due.as_millisecond()));
    ("SET watch = :watch, watch_since = :due", values)
}

fn watched(entry: &Item) -> Option<Watched> {
    let text = |name: &str| entry.get(name).and_then(|value| value.as_s().ok());
    // The index holds the keys of an item, and so the id of a notice.
    let alert = match (entry.get("failure_id"), text("sk").and_then(|sk| sk.strip_prefix(key::NOTICE))) {
        (Some(value), _) => Some(FailureId::stored(value.as_s().ok()?).into()),
        (None, Some(id)) => Some(NoticeId::stored(id).into()),
        (None, None) => None,
    };
    Some(Watched { firm_id: text("firm_id")?.parse().ok()?, order_id: text("order_id")?.parse().ok()?, alert })
}
