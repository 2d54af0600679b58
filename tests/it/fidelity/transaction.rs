//! Generates transactions and runs them, with the reasons for their cancellation.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::attribute::{Item, show};
use super::condition::{Expression, condition};
use super::dynamodb::Table;
use super::side::refusal;
use super::table::{Key, NewItem, item, valid_key as key};
use super::update::update;

/// One more than the 100 items that a transaction may hold.
const OVER_ITEM_COUNT_MAX: usize = 101;

/// Writes that take effect together.
#[derive(Debug, Clone)]
pub(super) struct Transaction {
    writes: Vec<Part>,
    /// Whether the transaction is sent again at once with the same token, as an SDK does after a lost answer;
    /// `Some(true)` drops a part from the second.
    repeated: Option<bool>,
}

#[derive(Debug, Clone)]
enum Part {
    Put(NewItem, Option<Expression>),
    Update(Key, Expression, Option<Expression>),
    Delete(Key, Option<Expression>),
    Check(Key, Expression),
}

/// Transactions, some of which write an item twice.
pub(super) fn transaction() -> impl Strategy<Value = Transaction> {
    let optional = || prop::option::weighted(0.5, condition());
    let part = prop_oneof![
        4 => (key(), item(), optional()).prop_map(|(key, item, condition)| Part::Put(item.with(key), condition)),
        4 => (key(), update(), optional()).prop_map(|(key, change, condition)| Part::Update(key, change, condition)),
        1 => (key(), optional()).prop_map(|(key, condition)| Part::Delete(key, condition)),
        2 => (key(), condition()).prop_map(|(key, condition)| Part::Check(key, condition)),
    ];
    let writes = prop_oneof![
        60 => prop::collection::vec(part.clone(), 1..4),
        1 => Just(Vec::new()),
        1 => part.prop_map(|part| vec![part; OVER_ITEM_COUNT_MAX]),
    ];
    (writes, prop::option::weighted(0.2, any::<bool>())).prop_map(|(writes, repeated)| Transaction { writes, repeated })
}

/// Runs `transaction`; twice if it is repeated.
pub(super) async fn run(table: &Table, transaction: &Transaction) -> Value {
    let Some(changed) = transaction.repeated else { return send(table, &transaction.writes, None).await };
    let token = format!("{:032x}", fastrand::u128(..));
    let first = send(table, &transaction.writes, Some(&token)).await;
    let mut again = transaction.writes.clone();
    if changed && again.len() > 1 {
        again.pop();
    }
    json!([first, send(table, &again, Some(&token)).await])
}

async fn send(table: &Table, writes: &[Part], token: Option<&str>) -> Value {
    let writes = writes.iter().map(|part| part.to_sdk(&table.name)).collect();
    let request = table.side.dynamodb.transact_write_items().set_transact_items(Some(writes));
    match request.set_client_request_token(token.map(str::to_owned)).send().await {
        Ok(_) => json!("done"),
        Err(error) => {
            let mut shown = refusal(&error);
            if let SdkError::ServiceError(service) = &error
                && let TransactWriteItemsError::TransactionCanceledException(cancelled) = service.err()
            {
                let reason =
                    |reason: &aws_sdk_dynamodb::types::CancellationReason| json!([reason.code(), show(reason.item())]);
                shown["reasons"] = cancelled.cancellation_reasons().iter().map(reason).collect();
            }
            shown
        }
    }
}

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

impl Part {
    fn to_sdk(&self, table: &str) -> TransactWriteItem {
        let item = TransactWriteItem::builder();
        match self {
            Self::Put(new, condition) => {
                let placeholders = placeholders(condition.clone().unwrap_or_default());
                let put = Put::builder().table_name(table).set_item(Some(new.to_sdk()));
                let put = put
                    .set_condition_expression(text(condition.as_ref()))
                    .set_expression_attribute_names(placeholders.0)
                    .set_expression_attribute_values(placeholders.1)
                    .return_values_on_condition_check_failure(ALL_OLD);
                item.put(put.build().unwrap()).build()
            }
            Self::Update(key, change, condition) => {
                let placeholders = placeholders(condition.clone().unwrap_or_default().and(Some(change)));
                let update = Update::builder().table_name(table).set_key(Some(key.to_sdk()));
                let update = update
                    .update_expression(&change.text)
                    .set_condition_expression(text(condition.as_ref()))
                    .set_expression_attribute_names(placeholders.0)
                    .set_expression_attribute_values(placeholders.1)
                    .return_values_on_condition_check_failure(ALL_OLD);
                item.update(update.build().unwrap()).build()
            }
            Self::Delete(key, condition) => {
                let placeholders = placeholders(condition.clone().unwrap_or_default());
                let delete = Delete::builder().table_name(table).set_key(Some(key.to_sdk()));
                let delete = delete
                    .set_condition_expression(text(condition.as_ref()))
                    .set_expression_attribute_names(placeholders.0)
                    .set_expression_attribute_values(placeholders.1);
                item.delete(delete.build().unwrap()).build()
            }
            Self::Check(key, condition) => {
                let placeholders = placeholders(condition.clone());
                let check = ConditionCheck::builder().table_name(table).set_key(Some(key.to_sdk()));
                let check = check
                    .condition_expression(&condition.text)
                    .set_expression_attribute_names(placeholders.0)
                    .set_expression_attribute_values(placeholders.1)
                    .return_values_on_condition_check_failure(ALL_OLD);
                item.condition_check(check.build().unwrap()).build()
            }
        }
    }
}

fn text(condition: Option<&Expression>) -> Option<String> {
    condition.map(|condition| condition.text.clone())
}

fn placeholders(of: Expression) -> (Option<std::collections::HashMap<String, String>>, Option<Item>) {
    let values: Item = of.values.iter().map(|(name, value)| (name.clone(), value.to_sdk())).collect();
    let names: std::collections::HashMap<_, _> = of.names.into_iter().collect();
    (Some(names).filter(|names| !names.is_empty()), Some(values).filter(|values| !values.is_empty()))
}
