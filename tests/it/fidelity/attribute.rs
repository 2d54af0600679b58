//! Generates attribute values and paths to them.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use serde_json::{Value, json};

/// An item, as the SDK represents it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An attribute value that, unlike the SDK's, can be ordered and printed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Attr {
    S(String),
    N(String),
    B(Vec<u8>),
    Bool(bool),
    Null,
    Ss(Vec<String>),
    Ns(Vec<String>),
    L(Vec<Attr>),
    M(BTreeMap<String, Attr>),
}

impl Attr {
    pub(super) fn to_sdk(&self) -> AttributeValue {
        match self {
            Self::S(text) => AttributeValue::S(text.clone()),
            Self::N(number) => AttributeValue::N(number.clone()),
            Self::B(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
            Self::Bool(value) => AttributeValue::Bool(*value),
            Self::Null => AttributeValue::Null(true),
            Self::Ss(set) => AttributeValue::Ss(set.clone()),
            Self::Ns(set) => AttributeValue::Ns(set.clone()),
            Self::L(list) => AttributeValue::L(list.iter().map(Self::to_sdk).collect()),
            Self::M(map) => AttributeValue::M(to_item(map)),
        }
    }
}

/// Converts `map` to an SDK item.
pub(super) fn to_item(map: &BTreeMap<String, Attr>) -> Item {
    map.iter().map(|(name, value)| (name.clone(), value.to_sdk())).collect()
}

/// An item in comparable form: sets sorted, since they have no order, and an empty item as null.
pub(super) fn show(item: Option<&Item>) -> Value {
    item.filter(|item| !item.is_empty())
        .map_or(Value::Null, |item| item.iter().map(|(name, value)| (name.clone(), show_value(value))).collect())
}

fn show_value(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::B(bytes) => json!({ "B": bytes.as_ref() }),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::Null(value) => json!({ "NULL": value }),
        AttributeValue::Ss(set) => json!({ "SS": sorted(set) }),
        AttributeValue::Ns(set) => json!({ "NS": sorted(set) }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(show_value).collect::<Vec<_>>() }),
        AttributeValue::M(map) => json!({ "M": if map.is_empty() { json!({}) } else { show(Some(map)) } }),
        other => panic!("an unexpected attribute: {other:?}"),
    }
}

fn sorted(set: &[String]) -> Vec<&String> {
    let mut sorted: Vec<_> = set.iter().collect();
    sorted.sort();
    sorted
}

/// Numbers in the spellings that DynamoDB accepts, and a few that it refuses.
pub(super) fn number() -> impl Strategy<Value = Attr> {
    let spelt = ["0", "1", "2", "-1", "10", "1.50", "1e3", "0.001", "+3", "007", "1800000000000"];
    prop_oneof![
        12 => prop::sample::select(spelt.to_vec()).prop_map(|number| Attr::N(number.to_owned())),
        1 => Just(Attr::N("12345678901234567890123456789012345678".to_owned())),
        1 => Just(Attr::N("one".to_owned())),
        1 => Just(Attr::N("123456789012345678901234567890123456789".to_owned())),
    ]
}

/// Short strings from a small set, so that they recur.
pub(super) fn text() -> impl Strategy<Value = Attr> {
    prop::sample::select(vec!["", "x", "xy", "pending", "sent", "grüße"]).prop_map(|text| Attr::S(text.to_owned()))
}

/// Sets of numbers.
pub(super) fn numbers() -> impl Strategy<Value = Attr> {
    let sets: [&[&str]; 5] = [&["1"], &["2"], &["1", "2"], &["3", "4"], &["2", "5", "7"]];
    prop::sample::select(sets.to_vec()).prop_map(|set| Attr::Ns(set.iter().map(|&number| number.to_owned()).collect()))
}

/// Sets of strings.
pub(super) fn texts() -> impl Strategy<Value = Attr> {
    let sets: [&[&str]; 3] = [&["x"], &["x", "y"], &["y", "z"]];
    prop::sample::select(sets.to_vec()).prop_map(|set| Attr::Ss(set.iter().map(|&text| text.to_owned()).collect()))
}

/// Any value, nested to a small depth.
pub(super) fn value() -> impl Strategy<Value = Attr> {
    let leaf = prop_oneof![
        4 => number(),
        4 => text(),
        2 => numbers(),
        1 => texts(),
        1 => any::<bool>().prop_map(Attr::Bool),
        1 => Just(Attr::Null),
        1 => prop::collection::vec(any::<u8>(), 0..3).prop_map(Attr::B),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let name = prop::sample::select(vec!["x", "y", "z", "w", "message", "until"]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Attr::L),
            prop::collection::btree_map(name, inner, 0..3).prop_map(Attr::M),
        ]
    })
}

/// A path to an attribute, as an expression names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(pub(super) &'static str);

/// Paths, most of which exist in the items that are put.
pub(super) fn path() -> impl Strategy<Value = Path> {
    let often = [
        "#status",
        "revision",
        "n",
        "m",
        "m.x",
        "m.y",
        "m.z.w",
        "m.#new",
        "l",
        "l[0]",
        "l[1]",
        "ns",
        "ss",
        "s",
        "firm_id",
        "created_at",
        "due",
    ];
    let seldom = ["absent", "absent.x", "l[5]", "m.x.deep", "s[0]", "#undefined", "pk", "sk", "m..x"];
    prop_oneof![
        14 => prop::sample::select(often.to_vec()).prop_map(Path),
        1 => prop::sample::select(seldom.to_vec()).prop_map(Path),
    ]
}
