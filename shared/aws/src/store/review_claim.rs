//! Claims of reviewers to reviews.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::audit::AuditEntry;
use domain::id::{FirmId, OrderId};
use domain::order::Order;
use domain::person::UserId;
use domain::reviewing::ReviewClaim;
use jiff::Timestamp;

use super::{ALL_OLD, Store, condition_failure, malformed};
use crate::error::sort;
use crate::item::{self, Item};
use crate::{Error, key};

/// The result of claiming a review.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "another reviewer may hold it"]
pub enum ReviewClaimed {
    /// The claim is taken or renewed.
    Held,
    /// Another reviewer holds it.
    HeldBy(ReviewClaim),
}

impl Store {
    /// The claim to an order's review, which may have lapsed; none if there is none.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn review_claim(&self, firm: &FirmId, order: OrderId) -> Result<Option<ReviewClaim>, Error> {
        const OPERATION: &str = "GetItem";
        let request = self.client.get_item().table_name(&self.table).set_key(Some(claim_key(firm, order)));
        let answer = request.consistent_read(true).send().await.map_err(|error| sort(OPERATION, &error))?;
        answer.item.map(|found| read(OPERATION, found)).transpose()
    }

    /// Takes or renews a claim to an order's review, unless another reviewer holds it. With an audit entry, it is taken over
    /// from whoever holds it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn claim_review(
        &self,
        order: &Order,
        claim: &ReviewClaim,
        now: Timestamp,
        taken_over: Option<&AuditEntry>,
    ) -> Result<ReviewClaimed, Error> {
        const OPERATION: &str = "TransactWriteItems";
        let mut item: Item = item::serialize(claim)?;
        item.extend(claim_key(order.firm_id(), order.order_id()));
        let put = Put::builder().table_name(&self.table).set_item(Some(item));
        let mut puts = Vec::new();
        if let Some(entry) = taken_over {
            puts.push(put.build().map_err(|_| malformed())?);
            puts.push(self.put(item::from_audit(entry)?)?);
        } else {
            let put = put
                .condition_expression("attribute_not_exists(holder) OR holder = :me OR #run <> :run OR #until <= :now")
                .expression_attribute_names("#run", "run")
                .expression_attribute_names("#until", "until")
                .expression_attribute_values(":me", item::text(claim.holder.as_str()))
                .expression_attribute_values(":run", item::number(claim.run.get()))
                .expression_attribute_values(":now", item::number(now.as_millisecond()))
                .return_values_on_condition_check_failure(ALL_OLD);
            puts.push(put.build().map_err(|_| malformed())?);
        }
        let items = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        let Some(mut refusals) = self.transact(items).await? else { return Ok(ReviewClaimed::Held) };
        let found = refusals.remove(&0).flatten().ok_or_else(malformed)?;
        read(OPERATION, found).map(ReviewClaimed::HeldBy)
    }

    /// Gives a claim back. One of another reviewer stays.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn release_review(&self, firm: &FirmId, order: OrderId, holder: &UserId) -> Result<(), Error> {
        const OPERATION: &str = "UpdateItem";
        let result = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(claim_key(firm, order)))
            .condition_expression("holder = :me")
            .update_expression("SET #until = :never")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":me", item::text(holder.as_str()))
            .expression_attribute_values(":never", item::number(0))
            .send()
            .await;
        match result {
            Ok(_) => Ok(()),
            Err(error) => condition_failure(OPERATION, error).map(drop),
        }
    }
}

fn claim_key(firm: &FirmId, order: OrderId) -> Item {
    Item::from([
        ("pk".to_owned(), item::text(key::partition(firm, order))),
        ("sk".to_owned(), item::text(key::REVIEW_CLAIM)),
    ])
}

fn read(operation: &'static str, found: Item) -> Result<ReviewClaim, Error> {
    serde_dynamo::from_item(found).map_err(|_| Error::Damaged { operation })
}
