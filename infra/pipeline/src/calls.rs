//! Counts the AWS calls that functions make.

use std::collections::BTreeMap;

use engine::Aws;
use serde_json::{Map, Value, json};

/// How many AWS calls the functions made, by function and operation.
#[must_use]
pub fn by_function(aws: &Aws) -> Value {
    let mut by_function: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for ((scope, service, operation), count) in aws.calls() {
        if let Some(function) = scope.strip_suffix("Function") {
            let operations = by_function.entry(kebab(function)).or_default();
            *operations.entry(format!("{service}:{operation}")).or_default() += count;
        }
    }
    json!(by_function)
}

/// The sum of the counts that [`by_function`] gives.
#[must_use]
pub fn total(by_function: &Value) -> u64 {
    let functions = by_function.as_object().into_iter().flat_map(Map::values);
    functions.filter_map(Value::as_object).flat_map(Map::values).filter_map(Value::as_u64).sum()
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for (index, letter) in name.chars().enumerate() {
        if letter.is_ascii_uppercase() && index > 0 {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
