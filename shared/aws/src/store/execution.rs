//! Executions: read, claimed, ended. Each is an item of its own, so that executions of one order do not wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::execution::{Execution, ExecutionChange};
use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::lifecycle::{Decision, executions_of, renew};
use domain::order::{ORDER_SCHEMA, Order};
use futures_util::future::join_all;

use super::{ALL_OLD, Refusals, Store, Written, expression, malformed};
use crate::error::sort;
use crate::item::{self, Item};
use crate::{Error, key};

/// The result of writing executions together, and possibly their order with them.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "after a conflict the changes have to be decided again"]
pub enum ExecutionsWritten {
    /// All were written as decided.
    Done,
    /// None was written, because another write came first.
    Conflict {
        /// The executions that were written by others, as they are now; `None` if there is none.
        executions: BTreeMap<DocumentNumber, Option<Execution>>,
        /// The order as it is now, if it was written by others.
        order: Option<Box<Order>>,
    },
}

/// Items that are written side by side.
pub(super) const PUT_COUNT: usize = 25;
/// How often an order of an earlier layout is taken over again after another write came first.
const TAKE_OVER_COUNT_MAX: u32 = 8;

impl Store {
    /// All executions of an order, of all runs.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn executions(&self, firm: &FirmId, order: OrderId) -> Result<Vec<Execution>, Error> {
        let found = self.items(firm, order, key::EXECUTION).await?;
        found.into_iter().map(|found| item::to_execution("Query", found)).collect()
    }

    /// The execution `number` of the order's current run; `None` if it was never claimed.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn execution(&self, order: &Order, number: DocumentNumber) -> Result<Option<Execution>, Error> {
        const OPERATION: &str = "GetItem";
        let (processor, subject) = order.service_code().execution(number);
        let answer = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", item::text(key::partition(order.firm_id(), order.order_id())))
            .key("sk", item::text(key::execution_item(order.run(), processor, &subject)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| sort(OPERATION, &error))?;
        answer.item.map(|found| item::to_execution(OPERATION, found)).transpose()
    }

    /// Writes executions as decided, with the records of their failures, and with the order as decided and what it owes, if
    /// one is given: all or nothing.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn write_executions(
        &self,
        changes: &[ExecutionChange],
        order: Option<&Decision>,
    ) -> Result<ExecutionsWritten, Error> {
        match (changes, order) {
            ([], None) => Ok(ExecutionsWritten::Done),
            ([one], None) if one.record().is_none() => self.breaker.guard("PutItem", self.put_execution(one)).await,
            _ => self.write_executions_together(changes, order).await,
        }
    }

    /// Gives back claims to executions that took effect, or may have, so that they count no attempt. One that has changed since
    /// is left as it is. Like [`Store::release`], this goes past the circuit breaker.
    ///
    /// # Errors
    /// The first [`Error`]; the others are written nevertheless.
    pub async fn release_executions(&self, changes: &[ExecutionChange]) -> Result<(), Error> {
        let results = join_all(changes.iter().map(|change| self.put_execution(change))).await;
        results.into_iter().try_for_each(|result| result.map(drop))
    }

    async fn put_execution(&self, change: &ExecutionChange) -> Result<ExecutionsWritten, Error> {
        const OPERATION: &str = "PutItem";
        let mut request = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_execution(change.next())?))
            .condition_expression(condition(change))
            .return_values_on_condition_check_failure(ALL_OLD);
        if let Some(seen) = change.seen() {
            request = request.expression_attribute_values(":seen", item::text(seen));
        }
        let result = request.send().await;
        let Some(found) = Self::refused_put(OPERATION, result.map(drop))? else { return Ok(ExecutionsWritten::Done) };
        let mut executions = BTreeMap::new();
        collect(OPERATION, change, found, &mut executions)?;
        Ok(settled(executions, None))
    }

    async fn write_executions_together(
        &self,
        changes: &[ExecutionChange],
        order: Option<&Decision>,
    ) -> Result<ExecutionsWritten, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let mut puts = Vec::with_capacity(changes.len() + 1);
        for change in changes {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item::from_execution(change.next())?))
                .condition_expression(condition(change))
                .return_values_on_condition_check_failure(ALL_OLD);
            let put = match change.seen() {
                Some(seen) => put.expression_attribute_values(":seen", item::text(seen)),
                None => put,
            };
            puts.push(put.build().map_err(|_| malformed())?);
        }
        if let Some(decision) = order {
            puts.push(self.conditional_put(decision)?);
        }
        // The records and the notice come last, so that refusals are found by the positions of what is before them.
        for record in changes.iter().filter_map(ExecutionChange::record) {
            puts.push(self.put(item::from_document_failure(record)?)?);
        }
        if let Some(record) = order.and_then(Decision::record) {
            puts.push(self.put(item::from_failure(record)?)?);
        }
        if let Some(notice) = order.and_then(Decision::notice) {
            puts.push(self.put(item::from_notice(notice)?)?);
        }
        let items = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        let Some(mut refusals) = self.breaker.guard(OPERATION, self.transact(items)).await? else {
            return Ok(ExecutionsWritten::Done);
        };
        self.settle_together(changes, order, &mut refusals).await
    }

    async fn settle_together(
        &self,
        changes: &[ExecutionChange],
        order: Option<&Decision>,
        refusals: &mut Refusals,
    ) -> Result<ExecutionsWritten, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let mut executions = BTreeMap::new();
        for (index, change) in changes.iter().enumerate() {
            if let Some(found) = refusals.remove(&index) {
                collect(OPERATION, change, found, &mut executions)?;
            }
        }
        let mut current = None;
        if let (Some(decision), Some(found)) = (order, refusals.remove(&changes.len()))
            && let Written::Conflict(found) = super::compare(OPERATION, decision, found)?
        {
            let found = found.ok_or(Error::Missing { operation: OPERATION })?;
            current = Some(Box::new(self.taken_over(*found).await?));
        }
        Ok(settled(executions, current))
    }

    /// Adds executions that ended to the sets of their order, while others may end concurrently, and returns the order with
    /// all that have ended so far. `decision` is what the lifecycle makes of it. An order that does not accept it, or that
    /// knows them all, is returned as it is.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn add_ended(
        &self,
        decision: &Decision,
        ended: &BTreeSet<DocumentNumber>,
        failed: &BTreeSet<DocumentNumber>,
    ) -> Result<Order, Error> {
        self.breaker.guard("UpdateItem", self.update_ended(decision.order(), ended, failed)).await
    }

    async fn update_ended(
        &self,
        order: &Order,
        ended: &BTreeSet<DocumentNumber>,
        failed: &BTreeSet<DocumentNumber>,
    ) -> Result<Order, Error> {
        const OPERATION: &str = "UpdateItem";
        let update = expression::end_executions(order.run(), ended, failed, order.updated_at(), order.writer())?;
        match self.update_order(order.firm_id(), order.order_id(), update).await? {
            Ok(found) | Err(found) => self.to_current(OPERATION, found).await,
        }
    }

    /// Stores executions that the table lacks or knows only as begun, as after a loss of the table.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn restore_executions(&self, executions: &[Execution]) -> Result<(), Error> {
        for some in executions.chunks(PUT_COUNT) {
            for result in join_all(some.iter().map(|one| self.put_missing_execution(one))).await {
                result?;
            }
        }
        Ok(())
    }

    async fn put_missing_execution(&self, execution: &Execution) -> Result<(), Error> {
        const OPERATION: &str = "PutItem";
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item::from_execution(execution)?));
        let request = if execution.has_ended() {
            request
                .condition_expression("attribute_not_exists(pk) OR #status = :working")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":working", item::text("working"))
        } else {
            request.condition_expression("attribute_not_exists(pk)")
        };
        Self::refused_put(OPERATION, request.send().await.map(drop)).map(drop)
    }

    /// The order that an item holds, in the current layout.
    pub(super) async fn to_current(&self, operation: &'static str, found: Item) -> Result<Order, Error> {
        self.taken_over(item::to_order(operation, found)?).await
    }

    /// The order as it stands, and those of its executions that it holds itself; `None` if this firm has no such order. Nothing
    /// is written: one of an earlier layout is only shown in the current one, so that whoever may only read can see it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn view(&self, firm: &FirmId, order: OrderId) -> Result<Option<(Order, Vec<Execution>)>, Error> {
        const OPERATION: &str = "GetItem";
        let Some(found) = self.order_item(firm, order).await? else { return Ok(None) };
        let order = item::to_order(OPERATION, found)?;
        if order.schema() >= ORDER_SCHEMA {
            return Ok(Some((order, Vec::new())));
        }
        let (decision, executions) = renew(&order, "view", key::execution);
        Ok(Some((decision.into_order(), executions)))
    }

    /// The order in the current layout. One of an earlier layout is taken over: its executions become items of their own.
    pub(super) async fn taken_over(&self, order: Order) -> Result<Order, Error> {
        const OPERATION: &str = "PutItem";
        let mut order = order;
        for _ in 0..TAKE_OVER_COUNT_MAX {
            if order.schema() >= ORDER_SCHEMA {
                return Ok(order);
            }
            // Whoever takes over the same revision writes the same, so one identity serves all.
            let writer = format!("layout-{ORDER_SCHEMA}/{}", order.revision());
            let (decision, executions) = renew(&order, &writer, key::execution);
            self.restore_executions(&executions).await?;
            match self.replace(&decision).await? {
                Written::Done => return Ok(decision.into_order()),
                Written::Conflict(Some(now)) => order = *now,
                Written::Conflict(None) => return Err(Error::Missing { operation: OPERATION }),
            }
        }
        Err(Error::Unavailable { operation: OPERATION, code: "order is being written".to_owned() })
    }
}

/// The executions that a line of the backup in an earlier layout holds within its order.
pub(crate) fn executions_within(order: &Order) -> Vec<Execution> {
    executions_of(order, &format!("layout-{ORDER_SCHEMA}/{}", order.revision()), key::execution)
}

fn condition(change: &ExecutionChange) -> &'static str {
    if change.seen().is_some() { "writer = :seen" } else { "attribute_not_exists(pk)" }
}

/// Adds an execution whose write was refused, unless it turns out to be our own write.
fn collect(
    operation: &'static str,
    change: &ExecutionChange,
    found: Option<Item>,
    executions: &mut BTreeMap<DocumentNumber, Option<Execution>>,
) -> Result<(), Error> {
    let found = found.map(|found| item::to_execution(operation, found)).transpose()?;
    if found.as_ref().is_none_or(|found| found.writer() != change.next().writer()) {
        executions.insert(change.next().number(), found);
    }
    Ok(())
}

fn settled(executions: BTreeMap<DocumentNumber, Option<Execution>>, order: Option<Box<Order>>) -> ExecutionsWritten {
    if executions.is_empty() && order.is_none() {
        ExecutionsWritten::Done
    } else {
        ExecutionsWritten::Conflict { executions, order }
    }
}
