//! A firm's orders, page by page.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::id::{FirmId, OrderId};
use domain::order::Order;
use jiff::Timestamp;

use super::{Store, malformed, order_key};
use crate::error::sort;
use crate::item::{self, Item};
use crate::{Error, key};

/// Orders that one call of `BatchGetItem` reads.
const BATCH_COUNT: usize = 100;
/// How often the rest of a batch is asked for that DynamoDB did not get to.
const BATCH_TRY_COUNT_MAX: usize = 5;

/// Where a page of orders begins: after this order. Orders that were created in the same moment are told apart by their id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// When the order was created.
    pub created_at: Timestamp,
    /// Its id.
    pub order_id: OrderId,
}

impl Store {
    /// Ids of a firm's orders after `from`, newest first, and where the next page begins, if there is one.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn order_page(
        &self,
        firm: &FirmId,
        from: Option<&Position>,
        limit: u16,
    ) -> Result<(Vec<OrderId>, Option<Position>), Error> {
        const OPERATION: &str = "Query";
        let damaged = || Error::Damaged { operation: OPERATION };
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("by_firm")
            .key_condition_expression("firm_id = :firm")
            .expression_attribute_values(":firm", item::text(firm.as_str()))
            .scan_index_forward(false)
            .limit(i32::from(limit.max(1)))
            .set_exclusive_start_key(from.map(|from| start_key(firm, from)));
        let answer = query.send().await.map_err(|error| sort(OPERATION, &error))?;
        let ids: Option<Vec<OrderId>> = answer.items().iter().map(id_of).collect();
        let next = answer.last_evaluated_key().map(position_of);
        Ok((ids.ok_or_else(damaged)?, next.map(|next| next.ok_or_else(damaged)).transpose()?))
    }

    /// A firm's orders with these ids, in the order of the ids. Those that do not exist, or cannot be read, are left out.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn orders(&self, firm: &FirmId, ids: &[OrderId]) -> Result<Vec<Order>, Error> {
        let mut found = HashMap::new();
        for some in ids.chunks(BATCH_COUNT) {
            for order in self.batch(firm, some).await? {
                found.insert(order.order_id(), order);
            }
        }
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// Whether the table answers.
    ///
    /// # Errors
    /// [`Error`] when it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        let nothing = Item::from([("pk".to_owned(), item::text("HEALTH")), ("sk".to_owned(), item::text("HEALTH"))]);
        let request = self.client.get_item().table_name(&self.table).set_key(Some(nothing));
        request.send().await.map(drop).map_err(|error| sort("GetItem", &error))
    }

    async fn batch(&self, firm: &FirmId, ids: &[OrderId]) -> Result<Vec<Order>, Error> {
        const OPERATION: &str = "BatchGetItem";
        let mut keys: Vec<Item> = ids.iter().map(|id| order_key(firm, *id)).collect();
        let mut orders = Vec::new();
        for _ in 0..BATCH_TRY_COUNT_MAX {
            if keys.is_empty() {
                return Ok(orders);
            }
            let wanted = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true);
            let wanted = wanted.build().map_err(|_| malformed())?;
            let request = self.client.batch_get_item().request_items(&self.table, wanted);
            let answer = request.send().await.map_err(|error| sort(OPERATION, &error))?;
            let items = answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default();
            orders.extend(items.into_iter().filter_map(|found| item::to_order(OPERATION, found).ok()));
            let rest = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
            keys = rest.map(|rest| rest.keys).unwrap_or_default();
        }
        if keys.is_empty() {
            return Ok(orders);
        }
        Err(Error::Unavailable { operation: OPERATION, code: "unprocessed keys".to_owned() })
    }
}

fn start_key(firm: &FirmId, from: &Position) -> Item {
    let mut key = order_key(firm, from.order_id);
    key.insert("firm_id".to_owned(), item::text(firm.as_str()));
    key.insert("created_at".to_owned(), item::text(from.created_at.to_string()));
    key
}

fn id_of(item: &Item) -> Option<OrderId> {
    text_of(item, "order_id")?.parse().ok()
}

fn position_of(key: &Item) -> Option<Position> {
    let (_, order) = text_of(key, "pk")?.rsplit_once(key::ORDER_SEPARATOR)?;
    Some(Position { created_at: text_of(key, "created_at")?.parse().ok()?, order_id: order.parse().ok()? })
}

fn text_of<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).map(AttributeValue::as_s)?.ok().map(String::as_str)
}
