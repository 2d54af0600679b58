//! Generates queries of a table and its indexes, and runs them page by page.

use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::attribute::{Item, show};
use super::condition::{Expression, condition};
use super::dynamodb::Table;
use super::side::refusal;

/// More pages than any query has.
const PAGE_COUNT_MAX: usize = 20;

/// A query.
#[derive(Debug, Clone)]
pub(super) struct Query {
    index: Option<&'static str>,
    keys: Keys,
    values: Vec<(&'static str, &'static str)>,
    filter: Option<Expression>,
    projection: Option<&'static str>,
    forward: bool,
    limit: Option<i32>,
    consistent: bool,
}

/// A key condition.
type Keys = &'static str;

/// Queries, a few of them malformed.
pub(super) fn query() -> impl Strategy<Value = Query> {
    let day = prop::sample::select(vec!["2026-01-01", "2026-01-03", "2026-01-05"]);
    let table = (prop::sample::select(vec!["a", "b", "c"]), any::<bool>()).prop_map(|(pk, all)| {
        let prefixed = ("pk = :pk AND begins_with(sk, :sk)", vec![(":pk", pk), (":sk", "FAILURE#")]);
        (None, if all { ("pk = :pk", vec![(":pk", pk)]) } else { prefixed })
    });
    let firm =
        (prop::sample::select(vec!["firm-1", "firm-2"]), day.clone(), any::<bool>()).prop_map(|(firm, day, all)| {
            let since = ("firm_id = :firm AND created_at >= :at", vec![(":firm", firm), (":at", day)]);
            (Some("by_firm"), if all { ("firm_id = :firm", vec![(":firm", firm)]) } else { since })
        });
    let due = day.prop_map(|day| (Some("by_due"), ("due = :due", vec![(":due", day)])));
    let between = Just((
        None,
        ("pk = :pk AND sk BETWEEN :low AND :high", vec![(":pk", "a"), (":low", "FAILURE#1"), (":high", "ORDER")]),
    ));
    let malformed = prop::sample::select(vec![
        (None, ("sk = :sk", vec![(":sk", "ORDER")])),
        (None, ("pk > :pk", vec![(":pk", "a")])),
        (Some("by_nothing"), ("pk = :pk", vec![(":pk", "a")])),
        (None, ("pk = :pk AND n = :pk", vec![(":pk", "a")])),
        (None, ("pk = :pk", vec![(":pk", "a"), (":unused", "a")])),
    ]);
    let limit = prop::option::weighted(0.4, prop_oneof![9 => 1..4, 1 => Just(0)]);
    let filter = prop::option::weighted(0.2, condition());
    let projection = prop::option::weighted(0.2, prop::sample::select(vec!["order_id", "pk, sk", "m.x"]));
    let which = prop_oneof![3 => table, 4 => firm, 3 => due, 1 => between, 1 => malformed];
    (which, filter, projection, any::<bool>(), limit, prop::bool::weighted(0.2)).prop_map(
        |((index, (keys, values)), filter, projection, forward, limit, consistent)| Query {
            index,
            keys,
            values,
            filter,
            projection,
            forward,
            limit,
            consistent,
        },
    )
}

/// Runs `query` to its last page.
pub(super) async fn run(table: &Table, query: &Query) -> Value {
    let (mut items, mut counts, mut next) = (Vec::new(), Vec::new(), None);
    loop {
        let page = page(table, query, next).await;
        let (found, count, last) = match page {
            Ok(page) => page,
            Err(refusal) => return refusal,
        };
        items.extend(found);
        counts.push(count);
        next = last;
        if next.is_none() || counts.len() == PAGE_COUNT_MAX {
            break;
        }
    }
    // An index returns items with equal keys in any order, which also changes where pages end.
    if query.index.is_some() {
        items.sort_by_key(Value::to_string);
        let total = counts.iter().fold((0, 0), |(all, scanned), page| (all + page.0, scanned + page.1));
        return json!({ "items": items, "total": total, "pages": counts.len() });
    }
    json!({ "items": items, "pages": counts })
}

type Page = (Vec<Value>, (i32, i32), Option<Item>);

async fn page(table: &Table, query: &Query, start: Option<Item>) -> Result<Page, Value> {
    let filter = query.filter.clone().unwrap_or_default();
    let mut values: Item = filter.values.iter().map(|(name, value)| (name.clone(), value.to_sdk())).collect();
    values.extend(query.values.iter().map(|(name, text)| ((*name).to_owned(), AttributeValue::S((*text).to_owned()))));
    let names =
        Some(filter.names.into_iter().collect()).filter(|names: &std::collections::HashMap<_, _>| !names.is_empty());
    let answer = table
        .side
        .dynamodb
        .query()
        .table_name(&table.name)
        .set_index_name(query.index.map(str::to_owned))
        .key_condition_expression(query.keys)
        .set_filter_expression(query.filter.as_ref().map(|filter| filter.text.clone()))
        .set_projection_expression(query.projection.map(str::to_owned))
        .set_expression_attribute_names(names)
        .set_expression_attribute_values(Some(values))
        .scan_index_forward(query.forward)
        .set_limit(query.limit)
        .consistent_read(query.consistent)
        .set_exclusive_start_key(start)
        .send()
        .await
        .map_err(|error| refusal(&error))?;
    let found = answer.items().iter().map(|item| show(Some(item))).collect();
    Ok((found, (answer.count(), answer.scanned_count()), answer.last_evaluated_key))
}
