//! Compares the Athena table over the backup with what the backup holds.

use std::collections::BTreeSet;

use domain::completion::{Completion, Primary};
use serde_json::Value;
use tests::pipeline::{OrderRequest, Pipeline};

use super::root;

#[tokio::test(start_paused = true)]
async fn the_athena_columns_match_the_fields_of_a_completion() {
    let mut pipeline = Pipeline::new();
    let id = pipeline.submit(&OrderRequest::canary_with(1, &[1])).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    let executions = pipeline.client.executions(&order).await.unwrap();
    let completion = Completion::of(&order, order.phase(), executions, Some("a.code"), Primary::Written);
    let line: Value = serde_json::to_value(&completion).unwrap();
    let fields: BTreeSet<String> = line.as_object().unwrap().keys().cloned().collect();

    let sql = std::fs::read_to_string(root().join("infra/athena/completions.sql")).unwrap();
    let columns = sql.split_once("completions (").unwrap().1.split_once("\n)").unwrap().0;
    let columns = columns.lines().filter_map(|line| line.split_whitespace().next()).map(|name| name.trim_matches('`'));
    let columns: BTreeSet<String> = columns.map(str::to_owned).collect();
    assert_eq!(columns, fields, "left: the table, right: a line of the backup");
    for column in ["schema", "run", "revision"] {
        assert!(line[column].is_u64(), "{column} is a number in the table");
    }
    let described = sql.split_once("array<struct<").unwrap().1.split_once(">>").unwrap().0;
    for (field, kind) in described.split(',').filter_map(|field| field.split_once(':')) {
        let value = &line["executions"][0][field];
        let fits = if kind == "int" { value.is_u64() } else { value.is_string() || value.is_null() };
        assert!(fits, "{field} is {value}, and {kind} in the table");
    }
}
