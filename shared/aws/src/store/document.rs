//! The end of one document's execution.

use aws_sdk_dynamodb::types::ReturnValue;
use domain::id::DocumentNumber;
use domain::lifecycle::Decision;
use domain::order::Order;

use super::{ALL_OLD, Store, condition_failure, expression};
use crate::error::sort;
use crate::{Error, item, key};

impl Store {
    /// Writes that a document's execution completed, side by side with its siblings: the set of ended documents grows by
    /// one, and the answer is the order with all that ended so far.
    ///
    /// A document that had ended before changes nothing; the order returned says so.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn end_document(&self, decision: &Decision, document: DocumentNumber) -> Result<Order, Error> {
        const OPERATION: &str = "UpdateItem";
        let order = decision.order();
        let execution = order.executions.get(&document).ok_or(Error::Damaged { operation: OPERATION })?;
        let update = expression::end_document(order.run, document, execution, &order.writer)?;
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", item::text(key::partition(&order.firm_id, order.order_id)))
            .key("sk", item::text(key::ORDER))
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
            Err(error) => {
                let sorted = sort(OPERATION, &error);
                condition_failure(OPERATION, error).map_err(|_| sorted)?
            }
        };
        item::to_order(OPERATION, found.ok_or(Error::Missing { operation: OPERATION })?)
    }
}
