//! Generates calls to a table and makes them.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{ReturnValue, ReturnValuesOnConditionCheckFailure};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::attribute::{Item, show};
use super::condition::{Expression, condition};
use super::query::{self, Query};
use super::random::World;
use super::side::{Side, refusal};
use super::table::{self, Key, NewItem, item, key};
use super::transaction::{self, Transaction};
use super::update::update;

/// A table of one implementation.
pub(super) struct Table {
    pub(super) side: Side,
    pub(super) name: String,
}

/// A call.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Put { item: NewItem, write: Write },
    Update { key: Key, change: Expression, write: Write },
    Delete { key: Key, write: Write },
    Get { key: Key, projection: Option<&'static str> },
    Query(Query),
    Transact(Transaction),
}

/// What all writes have in common.
#[derive(Debug, Clone)]
pub(super) struct Write {
    condition: Option<Expression>,
    returns: ReturnValue,
    old_on_failure: bool,
    /// Whether a placeholder is defined that no expression uses.
    unused: bool,
    /// Whether the call is to a table that does not exist.
    nowhere: bool,
}

impl World for Table {
    type Step = Step;

    fn sequences() -> BoxedStrategy<Vec<Step>> {
        prop::collection::vec(step(), 1..40).boxed()
    }

    async fn create(side: Side, name: &str) -> Self {
        table::create(&side.dynamodb, name).await;
        Self { side, name: name.to_owned() }
    }

    async fn call(&mut self, step: &Step) -> Value {
        match step {
            Step::Put { item, write } => self.put(item, write).await,
            Step::Update { key, change, write } => self.update(key, change, write).await,
            Step::Delete { key, write } => self.delete(key, write).await,
            Step::Get { key, projection } => self.get(key, *projection).await,
            Step::Query(query) => query::run(self, query).await,
            Step::Transact(transaction) => transaction::run(self, transaction).await,
        }
    }
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (key(), item(), write()).prop_map(|(key, item, write)| Step::Put { item: item.with(key), write }),
        10 => (key(), update(), write()).prop_map(|(key, change, write)| Step::Update { key, change, write }),
        1 => (key(), write()).prop_map(|(key, write)| Step::Delete { key, write }),
        3 => (key(), projection()).prop_map(|(key, projection)| Step::Get { key, projection }),
        3 => query::query().prop_map(Step::Query),
        4 => transaction::transaction().prop_map(Step::Transact),
    ]
}

fn projection() -> impl Strategy<Value = Option<&'static str>> {
    let some = vec!["order_id", "pk, m.x", "l[0], l[1]", "m.x, m.y", "absent", "status"];
    prop::option::weighted(0.2, prop::sample::select(some))
}

fn write() -> impl Strategy<Value = Write> {
    let returns = vec![
        ReturnValue::None,
        ReturnValue::AllOld,
        ReturnValue::AllNew,
        ReturnValue::AllNew,
        ReturnValue::UpdatedOld,
        ReturnValue::UpdatedNew,
    ];
    let seldom = || prop::bool::weighted(0.02);
    let condition = prop::option::weighted(0.5, condition());
    (condition, prop::sample::select(returns), any::<bool>(), seldom(), seldom()).prop_map(
        |(condition, returns, old_on_failure, unused, nowhere)| Write {
            condition,
            returns,
            old_on_failure,
            unused,
            nowhere,
        },
    )
}

impl Write {
    fn on_failure(&self) -> Option<ReturnValuesOnConditionCheckFailure> {
        self.old_on_failure.then_some(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// What a put or a delete can return; other values would end most sequences.
    fn old(&self) -> ReturnValue {
        match self.returns {
            ReturnValue::AllNew => ReturnValue::None,
            ReturnValue::UpdatedOld => ReturnValue::AllOld,
            ref other => other.clone(),
        }
    }

    /// What an update returns. The old attributes of a new item are a known difference.
    fn of_update(&self) -> ReturnValue {
        if self.returns == ReturnValue::AllOld { ReturnValue::AllNew } else { self.returns.clone() }
    }

    fn text(&self) -> Option<String> {
        self.condition.as_ref().map(|condition| condition.text.clone())
    }

    /// Names and values of the condition and of `change`; `None` where there are none, as the API requires.
    fn placeholders(&self, change: Option<&Expression>) -> (Option<HashMap<String, String>>, Option<Item>) {
        let both = self.condition.clone().unwrap_or_default().and(change);
        let mut names: HashMap<_, _> = both.names.into_iter().collect();
        if self.unused {
            names.insert("#unused".to_owned(), "unused".to_owned());
        }
        let values: Item = both.values.iter().map(|(name, value)| (name.clone(), value.to_sdk())).collect();
        (Some(names).filter(|names| !names.is_empty()), Some(values).filter(|values| !values.is_empty()))
    }
}

impl Table {
    fn named(&self, write: &Write) -> String {
        if write.nowhere { "no-such-table".to_owned() } else { self.name.clone() }
    }

    async fn put(&self, item: &NewItem, write: &Write) -> Value {
        let (names, values) = write.placeholders(None);
        let answer = self.side.dynamodb.put_item().table_name(self.named(write)).set_item(Some(item.to_sdk()));
        let answer = answer
            .set_condition_expression(write.text())
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(write.old())
            .set_return_values_on_condition_check_failure(write.on_failure());
        match answer.send().await {
            Ok(answer) => json!({ "attributes": show(answer.attributes()) }),
            Err(error) => condition_failure!(error, aws_sdk_dynamodb::operation::put_item::PutItemError),
        }
    }

    async fn update(&self, key: &Key, change: &Expression, write: &Write) -> Value {
        let (names, values) = write.placeholders(Some(change));
        let answer = self.side.dynamodb.update_item().table_name(self.named(write)).set_key(Some(key.to_sdk()));
        let answer = answer
            .set_update_expression(Some(change.text.clone()).filter(|text| !text.is_empty()))
            .set_condition_expression(write.text())
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(write.of_update())
            .set_return_values_on_condition_check_failure(write.on_failure());
        match answer.send().await {
            Ok(answer) => json!({ "attributes": show(answer.attributes()) }),
            Err(error) => condition_failure!(error, aws_sdk_dynamodb::operation::update_item::UpdateItemError),
        }
    }

    async fn delete(&self, key: &Key, write: &Write) -> Value {
        let (names, values) = write.placeholders(None);
        let answer = self.side.dynamodb.delete_item().table_name(self.named(write)).set_key(Some(key.to_sdk()));
        let answer = answer
            .set_condition_expression(write.text())
            .set_expression_attribute_names(names)
            .set_expression_attribute_values(values)
            .return_values(write.old())
            .set_return_values_on_condition_check_failure(write.on_failure());
        match answer.send().await {
            Ok(answer) => json!({ "attributes": show(answer.attributes()) }),
            Err(error) => condition_failure!(error, aws_sdk_dynamodb::operation::delete_item::DeleteItemError),
        }
    }

    async fn get(&self, key: &Key, projection: Option<&'static str>) -> Value {
        let answer = self.side.dynamodb.get_item().table_name(&self.name).set_key(Some(key.to_sdk()));
        let answer = answer.consistent_read(true).set_projection_expression(projection.map(str::to_owned));
        match answer.send().await {
            Ok(answer) => json!({ "item": show(answer.item()) }),
            Err(error) => refusal(&error),
        }
    }
}

/// An error, with the item that failed a condition.
macro_rules! condition_failure {
    ($error:expr, $kind:path) => {{
        use $kind as Kind;
        let mut shown = refusal(&$error);
        if let SdkError::ServiceError(service) = &$error
            && let Kind::ConditionalCheckFailedException(failed) = service.err()
        {
            shown["item"] = show(failed.item());
        }
        shown
    }};
}
use condition_failure;
