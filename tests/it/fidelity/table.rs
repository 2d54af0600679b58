//! Creates the table that both implementations have, and generates keys and items for it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use proptest::prelude::*;

use super::attribute::{Attr, Item, number, numbers, text, texts, to_item, value};

/// Creates the table `name`, shaped like the template's, with an additional index of whole items.
pub(super) async fn create(client: &Client, name: &str) {
    let attribute = |name: &str| {
        let attribute = AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        attribute.build().unwrap()
    };
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(["pk", "sk", "firm_id", "created_at", "due"].map(attribute).to_vec()))
        .set_key_schema(Some(keys("pk", "sk")))
        .global_secondary_indexes(
            GlobalSecondaryIndex::builder()
                .index_name("by_firm")
                .set_key_schema(Some(keys("firm_id", "created_at")))
                .projection(
                    Projection::builder()
                        .projection_type(ProjectionType::Include)
                        .non_key_attributes("order_id")
                        .build(),
                )
                .build()
                .unwrap(),
        )
        .global_secondary_indexes(
            GlobalSecondaryIndex::builder()
                .index_name("by_due")
                .set_key_schema(Some(keys("due", "pk")))
                .projection(Projection::builder().projection_type(ProjectionType::All).build())
                .build()
                .unwrap(),
        )
        .send()
        .await
        .unwrap();
}

fn keys(partition: &str, sort: &str) -> Vec<KeySchemaElement> {
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    vec![key(partition, KeyType::Hash), key(sort, KeyType::Range)]
}

/// A key from a small set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(BTreeMap<String, Attr>);

impl Key {
    pub(super) fn to_sdk(&self) -> Item {
        to_item(&self.0)
    }
}

/// Keys that are valid for the table.
pub(super) fn valid_key() -> impl Strategy<Value = Key> {
    let pair = (prop::sample::select(vec!["a", "b"]), prop::sample::select(vec!["ORDER", "FAILURE#1", "FAILURE#2"]));
    pair.prop_map(|(pk, sk)| to_key(vec![("pk", Attr::S(pk.to_owned())), ("sk", Attr::S(sk.to_owned()))]))
}

fn to_key(parts: Vec<(&str, Attr)>) -> Key {
    Key(parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Keys, a few of them malformed.
pub(super) fn key() -> impl Strategy<Value = Key> {
    let text = |text: &str| Attr::S(text.to_owned());
    let bad = prop::sample::select(vec![
        vec![("pk", text("a"))],
        vec![("pk", text("a")), ("sk", text(""))],
        vec![("pk", text("a")), ("sk", Attr::N("1".to_owned()))],
        vec![("pk", text("a")), ("sk", text("ORDER")), ("more", text("x"))],
        vec![],
    ]);
    prop_oneof![40 => valid_key(), 1 => bad.prop_map(to_key)]
}

/// An item to put.
#[derive(Debug, Clone)]
pub(super) struct NewItem(BTreeMap<String, Attr>);

impl NewItem {
    pub(super) fn to_sdk(&self) -> Item {
        to_item(&self.0)
    }

    /// The same item with another key.
    pub(super) fn with(mut self, key: Key) -> Self {
        self.0.extend(key.0);
        self
    }
}

/// Items whose attributes mostly have the types that paths expect.
pub(super) fn item() -> impl Strategy<Value = NewItem> {
    let map = prop::collection::btree_map(
        prop::sample::select(vec!["x".to_owned(), "y".to_owned(), "z".to_owned(), "message".to_owned()]),
        prop_oneof![number(), text(), number().prop_map(|number| Attr::M(BTreeMap::from([("w".to_owned(), number)])))],
        0..4,
    );
    let firm = prop::sample::select(vec!["firm-1", "firm-2"]).prop_map(|firm| Attr::S(firm.to_owned()));
    let at = (0..6_u8).prop_map(|day| Attr::S(format!("2026-01-0{day}")));
    let parts: Vec<(&str, BoxedStrategy<Attr>)> = vec![
        ("status", text().boxed()),
        ("revision", number().boxed()),
        ("n", number().boxed()),
        ("m", map.prop_map(Attr::M).boxed()),
        ("l", prop::collection::vec(prop_oneof![number(), text()], 0..3).prop_map(Attr::L).boxed()),
        ("ns", numbers().boxed()),
        ("ss", texts().boxed()),
        ("s", text().boxed()),
        ("firm_id", firm.boxed()),
        ("created_at", at.clone().boxed()),
        ("due", at.boxed()),
        ("order_id", text().boxed()),
    ];
    let attributes: Vec<BoxedStrategy<Option<(String, Attr)>>> = parts
        .into_iter()
        .map(|(name, expected)| {
            let present = prop_oneof![30 => expected, 1 => value()];
            prop::option::weighted(0.6, present.prop_map(move |value| (name.to_owned(), value))).boxed()
        })
        .collect();
    attributes.prop_map(|attributes| NewItem(attributes.into_iter().flatten().collect()))
}
