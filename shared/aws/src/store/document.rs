//! Writes the end of one document's execution.

use aws_sdk_dynamodb::types::{Put, ReturnValue, TransactWriteItem, Update};
use domain::failure::FailureRecord;
use domain::id::DocumentNumber;
use domain::lifecycle::Decision;
use domain::order::Order;

use super::{ALL_OLD, Store, condition_failure, expression, malformed};
use crate::item::Item;
use crate::{Error, item, key};

impl Store {
    /// Records that a document's execution ended, while others of the order may end concurrently: adds it to the set of
    /// ended documents, and returns the order with all that have ended so far. A failure is recorded in the same
    /// transaction.
    ///
    /// Does nothing if the document had already ended.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn end_document(&self, decision: &Decision, document: DocumentNumber) -> Result<Order, Error> {
        let order = decision.order();
        let execution = order.executions().get(&document).ok_or(Error::Damaged { operation: "UpdateItem" })?;
        let update = expression::end_document(order.run(), document, execution, order.writer())?;
        match decision.record() {
            None => self.breaker.guard("UpdateItem", self.end_alone(order, update)).await,
            Some(record) => {
                let call = self.end_with_failure(order, update, record);
                self.breaker.guard("TransactWriteItems", call).await
            }
        }
    }

    async fn end_alone(&self, order: &Order, update: expression::Update) -> Result<Order, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(order_key(order)))
            .condition_expression(update.condition)
            .update_expression(update.change)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        let found = match result {
            Ok(answer) => answer.attributes,
            Err(error) => condition_failure(OPERATION, error)?,
        };
        item::to_order(OPERATION, found.ok_or(Error::Missing { operation: OPERATION })?)
    }

    async fn end_with_failure(
        &self,
        order: &Order,
        update: expression::Update,
        record: &FailureRecord,
    ) -> Result<Order, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(order_key(order)))
            .condition_expression(update.condition)
            .update_expression(update.change)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(|_| malformed())?;
        let failure = Put::builder().table_name(&self.table).set_item(Some(item::from_failure(record)?));
        let failure = failure.build().map_err(|_| malformed())?;
        let items = vec![
            TransactWriteItem::builder().update(update).build(),
            TransactWriteItem::builder().put(failure).build(),
        ];
        if let Some(found) = self.transact(items).await? {
            return item::to_order(OPERATION, found.ok_or(Error::Missing { operation: OPERATION })?);
        }
        // A transaction does not return what it wrote.
        let now = self.order(order.firm_id(), order.order_id()).await?;
        now.ok_or(Error::Missing { operation: OPERATION })
    }
}

pub(super) fn order_key(order: &Order) -> Item {
    Item::from([
        ("pk".to_owned(), item::text(key::partition(order.firm_id(), order.order_id()))),
        ("sk".to_owned(), item::text(key::ORDER)),
    ])
}
