//! Commands of people: each is written with its audit entry and its receipt, in one transaction.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::audit::AuditEntry;
use domain::id::{FirmId, OrderId};
use domain::lifecycle::Decision;
use domain::order::Order;
use domain::receipt::{RECEIPT_SCHEMA, Receipt};

use super::{ALL_OLD, Store, Written, compare, malformed};
use crate::error::sort;
use crate::item::{self, Item};
use crate::{Error, key};

/// The result of a command.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "after a conflict the command has to be decided again"]
pub enum Commanded {
    /// It was carried out as decided.
    Done,
    /// A command with this key was carried out before, perhaps this very one. This is its receipt.
    Repeated(Receipt),
    /// Another write came first. This is the order now, if there is one.
    Conflict(Option<Box<Order>>),
}

impl Store {
    /// Creates the order of a command.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn create_commanded(
        &self,
        decision: &Decision,
        entry: &AuditEntry,
        receipt: &Receipt,
    ) -> Result<Commanded, Error> {
        let put = self.new_put(item::from_order(decision.order())?)?;
        self.command(put, decision, entry, receipt).await
    }

    /// Writes what a command changes, if the order has not changed since that was decided.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn write_commanded(
        &self,
        decision: &Decision,
        entry: &AuditEntry,
        receipt: &Receipt,
    ) -> Result<Commanded, Error> {
        self.command(self.conditional_put(decision)?, decision, entry, receipt).await
    }

    /// The receipt of the command with this key, if it was carried out.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn receipt(&self, firm: &FirmId, order: OrderId, key: &str) -> Result<Option<Receipt>, Error> {
        const OPERATION: &str = "GetItem";
        let request = self.client.get_item().table_name(&self.table).consistent_read(true);
        let request = request.key("pk", item::text(key::partition(firm, order)));
        let request = request.key("sk", item::text(key::receipt(key)));
        let answer = request.send().await.map_err(|error| sort(OPERATION, &error))?;
        answer.item.map(|found| to_receipt(OPERATION, found)).transpose()
    }

    async fn command(
        &self,
        order: Put,
        decision: &Decision,
        entry: &AuditEntry,
        receipt: &Receipt,
    ) -> Result<Commanded, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let mut puts = vec![order, self.new_put(from_receipt(receipt)?)?];
        puts.extend(self.beside(decision, Some(entry))?);
        let items = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        let Some(mut refusals) = self.breaker.guard(OPERATION, self.transact(items)).await? else {
            return Ok(Commanded::Done);
        };
        if let Some(found) = refusals.remove(&1).flatten() {
            return to_receipt(OPERATION, found).map(Commanded::Repeated);
        }
        let written = compare(OPERATION, decision, refusals.remove(&0).ok_or_else(malformed)?)?;
        match self.current_conflict(written).await? {
            Written::Done => Ok(Commanded::Done),
            Written::Conflict(order) => Ok(Commanded::Conflict(order)),
        }
    }

    /// A put within a transaction, on the condition that there is no such item.
    fn new_put(&self, item: Item) -> Result<Put, Error> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(|_| malformed())
    }
}

fn from_receipt(receipt: &Receipt) -> Result<Item, Error> {
    let mut item: Item = item::serialize(receipt)?;
    item.insert("pk".to_owned(), item::text(key::partition(&receipt.firm_id, receipt.order_id)));
    item.insert("sk".to_owned(), item::text(key::receipt(&receipt.key)));
    Ok(item)
}

fn to_receipt(operation: &'static str, item: Item) -> Result<Receipt, Error> {
    let receipt: Receipt = serde_dynamo::from_item(item).map_err(|_| Error::Damaged { operation })?;
    if receipt.schema > RECEIPT_SCHEMA { Err(Error::Damaged { operation }) } else { Ok(receipt) }
}
