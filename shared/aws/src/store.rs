//! The table: orders, their executions, failure records and notices.
//!
//! Every write is conditional and carries a unique id. A failed condition returns the item, and the ids are compared: if an
//! answer was lost, the SDK's retry finds our own write, which is a success rather than a conflict.

mod alert;
mod alert_rate;
mod command;
mod earlier;
mod execution;
mod expression;
mod failure;
mod list;
mod reconcile_lock;
mod review_claim;
mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use aws_types::SdkConfig;
use domain::audit::AuditEntry;
use domain::claim::{Claim, judge};
use domain::event::Unit;
use domain::id::{FirmId, OrderId};
use domain::lifecycle::Decision;
use domain::order::{Lease, ORDER_SCHEMA, Order};
use jiff::Timestamp;

use crate::breaker::Breaker;
use crate::error::{TRANSACTION_CANCELED, sort};
use crate::item::{self, Item};
pub use crate::item::{AlertState, Rated, StoredFailure};
use crate::sdk::Clock;
use crate::{Error, key, sdk};
pub use alert::{ALERT_LEASE_SECS, AlertClaim, Owed};
pub use command::Commanded;
pub use execution::ExecutionsWritten;
pub(crate) use execution::executions_within;
pub use list::Position;
pub use reconcile_lock::{RECONCILE_LOCK_SECS_MAX, ReconcileLock};
pub use review_claim::ReviewClaimed;
pub use watch::Watched;

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// The table that holds orders and failure records.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    table: String,
    breaker: Arc<Breaker>,
}

/// The result of an optimistic write.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "after a conflict the change has to be decided again"]
pub enum Written {
    /// The order was written as decided.
    Done,
    /// Another write came first. This is the order now, if there is one.
    Conflict(Option<Box<Order>>),
}

/// The result of a claim.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a claim says what to do next"]
pub struct Claimed {
    /// What to do.
    pub claim: Claim,
    /// The current order, with the claim in it if there is work to do.
    pub order: Box<Order>,
}

impl Store {
    /// The store over `table`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, table: String) -> Self {
        let config =
            aws_sdk_dynamodb::config::Builder::from(configuration).retry_partition(sdk::partition("dynamodb")).build();
        let breaker = Arc::new(Breaker::new("table", Clock::of(configuration)));
        Self { client: Client::from_conf(config), table, breaker }
    }

    /// The circuit breaker that guards claims and completions.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// The order as last written; `None` if this firm has no such order. One of an earlier layout is taken over first.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn order(&self, firm: &FirmId, order: OrderId) -> Result<Option<Order>, Error> {
        match self.order_item(firm, order).await? {
            Some(found) => self.to_current("GetItem", found).await.map(Some),
            None => Ok(None),
        }
    }

    /// The item of an order.
    async fn order_item(&self, firm: &FirmId, order: OrderId) -> Result<Option<Item>, Error> {
        let request = self.client.get_item().table_name(&self.table).set_key(Some(order_key(firm, order)));
        let answer = request.consistent_read(true).send().await.map_err(|error| sort("GetItem", &error))?;
        Ok(answer.item)
    }

    /// Like [`Store::order`], for the claims of executions, which begin with it: while the circuit is open, it fails at once.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn order_to_claim(&self, firm: &FirmId, order: OrderId) -> Result<Option<Order>, Error> {
        self.breaker.guard("GetItem", self.order(firm, order)).await
    }

    /// A firm's orders according to the index, newest first.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn order_ids(&self, firm: &FirmId, limit: usize) -> Result<Vec<OrderId>, Error> {
        const OPERATION: &str = "Query";
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .index_name("by_firm")
            .key_condition_expression("firm_id = :firm")
            .expression_attribute_values(":firm", item::text(firm.as_str()))
            .projection_expression("order_id")
            .scan_index_forward(false)
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(found) = pages.next().await {
            let found = found.map_err(|error| sort(OPERATION, &error))?;
            let id = found.get("order_id").and_then(|value| value.as_s().ok()).and_then(|id| id.parse().ok());
            ids.push(id.ok_or(Error::Damaged { operation: OPERATION })?);
            if ids.len() == limit {
                break;
            }
        }
        Ok(ids)
    }

    /// All items of an order whose sort key begins with `prefix`, in the order of their keys.
    async fn items(&self, firm: &FirmId, order: OrderId, prefix: &str) -> Result<Vec<Item>, Error> {
        const OPERATION: &str = "Query";
        let mut pages = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", item::text(key::partition(firm, order)))
            .expression_attribute_values(":prefix", item::text(prefix))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(found) = pages.next().await {
            items.push(found.map_err(|error| sort(OPERATION, &error))?);
        }
        Ok(items)
    }

    /// Updates an order by an expression. `Ok` holds the order as updated; `Err` within holds it as it stands, if the condition
    /// failed.
    async fn update_order(
        &self,
        firm: &FirmId,
        order: OrderId,
        update: expression::Update,
    ) -> Result<Result<Item, Item>, Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(order_key(firm, order)))
            .condition_expression(update.condition)
            .update_expression(update.change)
            .set_expression_attribute_names(Some(update.names))
            .set_expression_attribute_values(Some(update.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        match result {
            Ok(answer) => Ok(Ok(answer.attributes.unwrap_or_default())),
            Err(error) => {
                let found = condition_failure(OPERATION, error)?;
                Ok(Err(found.ok_or(Error::Missing { operation: OPERATION })?))
            }
        }
    }

    /// Writes a new order. A conflict holds the order that already exists.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn create(&self, decision: &Decision) -> Result<Written, Error> {
        let written = self.breaker.guard("PutItem", self.put_new(decision)).await?;
        self.current_conflict(written).await
    }

    /// A conflict with the order in the current layout.
    async fn current_conflict(&self, written: Written) -> Result<Written, Error> {
        match written {
            Written::Conflict(Some(order)) if order.schema() < ORDER_SCHEMA => {
                Ok(Written::Conflict(Some(Box::new(self.taken_over(*order).await?))))
            }
            written => Ok(written),
        }
    }

    async fn put_new(&self, decision: &Decision) -> Result<Written, Error> {
        const OPERATION: &str = "PutItem";
        let result = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_order(decision.order())?))
            .condition_expression("attribute_not_exists(pk)")
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        self.settle_put(OPERATION, decision, result.map(drop))
    }

    /// Writes a decision, if the order has not changed since it was made. Its failure and its notice are stored in the same
    /// transaction, as owed, and so are the versions and the run that the order no longer holds.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn write(&self, decision: &Decision) -> Result<Written, Error> {
        let written = match (decision.record(), decision.notice(), decision.versions(), decision.ended_run()) {
            (None, None, [], None) => self.breaker.guard("PutItem", self.replace(decision)).await?,
            _ => self.write_together(decision, None).await?,
        };
        self.current_conflict(written).await
    }

    /// Like [`Store::write`], with an audit entry in the same transaction.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn write_audited(&self, decision: &Decision, entry: &AuditEntry) -> Result<Written, Error> {
        let written = self.write_together(decision, Some(entry)).await?;
        self.current_conflict(written).await
    }

    async fn write_together(&self, decision: &Decision, entry: Option<&AuditEntry>) -> Result<Written, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let mut puts = vec![self.conditional_put(decision)?];
        puts.extend(self.beside(decision, entry)?);
        let items = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        match self.breaker.guard(OPERATION, self.transact(items)).await? {
            None => Ok(Written::Done),
            Some(mut refusals) => match refusals.remove(&0) {
                Some(found) => compare(OPERATION, decision, found),
                None => Err(malformed()),
            },
        }
    }

    /// What a decision writes beside the order.
    fn beside(&self, decision: &Decision, entry: Option<&AuditEntry>) -> Result<Vec<Put>, Error> {
        let record = decision.record().map(item::from_failure);
        let notice = decision.notice().map(item::from_notice);
        let versions = decision.versions().iter().map(item::from_version);
        let run = decision.ended_run().map(item::from_run);
        let items = record.into_iter().chain(notice).chain(versions).chain(run).chain(entry.map(item::from_audit));
        items.map(|item| self.put(item?)).collect()
    }

    /// An unconditional put within a transaction.
    fn put(&self, item: Item) -> Result<Put, Error> {
        Put::builder().table_name(&self.table).set_item(Some(item)).build().map_err(|_| malformed())
    }

    /// Claims a phase that is one unit of work for an invocation, in one conditional update. If the SDK repeats the claim
    /// because its answer was lost, the repeat finds it taken for this very delivery and counts no further attempt.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; [`Error::Missing`] when there is no such order.
    pub async fn claim(
        &self,
        firm: &FirmId,
        order: OrderId,
        unit: &Unit,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Claimed, Error> {
        const OPERATION: &str = "UpdateItem";
        let mut claimed = self.breaker.guard(OPERATION, self.take_lease(firm, order, unit, lease, now)).await?;
        if claimed.order.schema() < ORDER_SCHEMA {
            self.taken_over(*claimed.order).await?;
            claimed = self.breaker.guard(OPERATION, self.take_lease(firm, order, unit, lease, now)).await?;
        }
        Ok(claimed)
    }

    /// Gives back the claim that a delivery took, or may have taken, so that it counts no attempt. `writer` is the id of this
    /// write. `false` if the delivery holds no claim: the claim never took effect, or the phase has ended.
    ///
    /// It goes past the circuit breaker: the failed claim may be what opened it, and a claim that is not given back counts as
    /// an attempt of the work.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; [`Error::Missing`] when there is no such order.
    pub async fn release(
        &self,
        firm: &FirmId,
        order: OrderId,
        unit: &Unit,
        lease: &Lease,
        now: Timestamp,
        writer: &str,
    ) -> Result<bool, Error> {
        let update = expression::release(unit.run, unit.phase, lease, now, writer);
        Ok(self.update_order(firm, order, update).await?.is_ok())
    }

    async fn take_lease(
        &self,
        firm: &FirmId,
        order: OrderId,
        unit: &Unit,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Claimed, Error> {
        const OPERATION: &str = "UpdateItem";
        let update = expression::claim(unit.run, unit.phase, lease, now)?;
        match self.update_order(firm, order, update).await? {
            Ok(claimed) => {
                let order = item::to_order(OPERATION, claimed)?;
                Ok(Claimed { claim: Claim::Work, order: Box::new(order) })
            }
            Err(found) => {
                let order = item::to_order(OPERATION, found)?;
                Ok(Claimed { claim: judge(&order, unit, &lease.message, now), order: Box::new(order) })
            }
        }
    }

    async fn replace(&self, decision: &Decision) -> Result<Written, Error> {
        const OPERATION: &str = "PutItem";
        let result = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item::from_order(decision.order())?))
            .condition_expression("revision = :seen")
            .expression_attribute_values(":seen", seen(decision))
            .return_values_on_condition_check_failure(ALL_OLD)
            .send()
            .await;
        self.settle_put(OPERATION, decision, result.map(drop))
    }

    fn conditional_put(&self, decision: &Decision) -> Result<Put, Error> {
        Put::builder()
            .table_name(&self.table)
            .set_item(Some(item::from_order(decision.order())?))
            .condition_expression("revision = :seen")
            .expression_attribute_values(":seen", seen(decision))
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map_err(|_| malformed())
    }

    /// Writes items in one transaction. `Some` means that nothing was written because conditions failed.
    async fn transact(&self, items: Vec<TransactWriteItem>) -> Result<Option<Refusals>, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let result = self.client.transact_write_items().set_transact_items(Some(items)).send().await;
        let Err(error) = result else { return Ok(None) };
        let sorted = sort(OPERATION, &error);
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.into_service_error_of()
        else {
            return Err(sorted);
        };
        let mut refusals = Refusals::new();
        for (index, reason) in cancelled.cancellation_reasons.unwrap_or_default().into_iter().enumerate() {
            match reason.code.as_deref() {
                Some("ConditionalCheckFailed") => {
                    refusals.insert(index, reason.item);
                }
                None | Some("None") => {}
                // Another transaction or write held an item. The SDK does not retry this; the next delivery does.
                Some(_) => {
                    return Err(Error::Unavailable { operation: OPERATION, code: TRANSACTION_CANCELED.to_owned() });
                }
            }
        }
        if refusals.is_empty() { Err(sorted) } else { Ok(Some(refusals)) }
    }

    fn settle_put(
        &self,
        operation: &'static str,
        decision: &Decision,
        result: Result<(), SdkError<PutItemError>>,
    ) -> Result<Written, Error> {
        match Self::refused_put(operation, result)? {
            None => Ok(Written::Done),
            Some(found) => compare(operation, decision, found),
        }
    }

    /// The item that refused a put, if its condition failed.
    fn refused_put(
        operation: &'static str,
        result: Result<(), SdkError<PutItemError>>,
    ) -> Result<Option<Option<Item>>, Error> {
        let Err(error) = result else { return Ok(None) };
        let sorted = sort(operation, &error);
        match error.into_service_error_of() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => Ok(Some(failed.item)),
            _ => Err(sorted),
        }
    }
}

/// The writes of a transaction whose conditions failed, by position, each with the existing item, if any.
type Refusals = BTreeMap<usize, Option<Item>>;

/// Checks whether the item that failed the condition is our own write.
fn compare(operation: &'static str, decision: &Decision, found: Option<Item>) -> Result<Written, Error> {
    let Some(found) = found else { return Ok(Written::Conflict(None)) };
    let order = item::to_order(operation, found)?;
    let ours = decision.order();
    if order.revision() == ours.revision() && order.writer() == ours.writer() {
        return Ok(Written::Done);
    }
    Ok(Written::Conflict(Some(Box::new(order))))
}

/// The item that failed the condition, if that is why the call failed.
fn condition_failure(operation: &'static str, error: SdkError<UpdateItemError>) -> Result<Option<Item>, Error> {
    let sorted = sort(operation, &error);
    match error.into_service_error_of() {
        Some(UpdateItemError::ConditionalCheckFailedException(failed)) => Ok(failed.item),
        _ => Err(sorted),
    }
}

fn order_key(firm: &FirmId, order: OrderId) -> Item {
    Item::from([("pk".to_owned(), item::text(key::partition(firm, order))), ("sk".to_owned(), item::text(key::ORDER))])
}

fn seen(decision: &Decision) -> aws_sdk_dynamodb::types::AttributeValue {
    item::number(decision.seen())
}

fn malformed() -> Error {
    Error::Refused { operation: "request", code: "could not be built".to_owned() }
}

/// The modelled error of a call, if the service answered at all.
trait IntoServiceError<E> {
    fn into_service_error_of(self) -> Option<E>;
}

impl<E> IntoServiceError<E> for SdkError<E> {
    fn into_service_error_of(self) -> Option<E> {
        match self {
            SdkError::ServiceError(service) => Some(service.into_err()),
            _ => None,
        }
    }
}
