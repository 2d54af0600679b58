//! The outcome of an order, for a person or as JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use docket::client::Client;
use docket::engine::Aws;
use docket::report;
use domain::order::Order;
use domain::status::Status;
use serde_json::Value;

use super::Problem;

/// Most review items that are listed for a person; JSON has all.
const LISTED_ITEM_COUNT_MAX: usize = 12;

/// Saves the order's documents, prints what became of it, and says so by exit code.
pub(super) async fn tell(
    client: &Client,
    aws: &Aws,
    order: &Order,
    out: Option<PathBuf>,
    json: bool,
) -> Result<ExitCode, Problem> {
    let calls = report::calls(aws);
    let out = out.unwrap_or_else(|| PathBuf::from("out").join(order.order_id.to_string()));
    let saved = report::save_artifacts(client, order, &out).await.map_err(Problem::Failed)?;
    let report = report::of(client, order, &saved, calls).await.map_err(Problem::failed)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(Problem::failed)?);
    } else {
        print(order, &report);
    }
    Ok(exit_code(order))
}

/// What an order's state means to a script.
pub(super) fn exit_code(order: &Order) -> ExitCode {
    match order.status {
        Status::Completed => ExitCode::SUCCESS,
        _ if order.is_paused() => ExitCode::from(3),
        Status::Cancelled => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

/// The order in lines.
pub(super) fn print(order: &Order, report: &Value) {
    println!("order {}  {}  {} / {}", order.order_id, order.service_code, order.status, order.orchestration_status);
    for execution in list(report, "executions").filter(|execution| execution["status"] == "failed") {
        let (document, message) = (&execution["document"], text(&execution["error_message"]));
        println!("  document {document} failed: {message} ({})", text(&execution["error_code"]));
    }
    if let Some(error) = &order.last_orchestration_error {
        println!("  {} failed: {} ({})", error.phase, error.message, error.code);
        println!("  try again with: docket retry {}", order.order_id);
    }
    if order.is_paused() {
        print_items(order, report);
    }
    for artifact in list(report, "artifacts") {
        match artifact["path"].as_str() {
            Some(path) => println!("  wrote {path}"),
            None => println!("  has {} (version {})", text(&artifact["name"]), artifact["version"]),
        }
    }
    print_checks(report);
}

fn print_items(order: &Order, report: &Value) {
    println!("  {} items wait for a reviewer, most important first:", order.review_items);
    for item in list(report, "review_items").take(LISTED_ITEM_COUNT_MAX) {
        println!(
            "    {:<14} {:<44.44} → {:<10} {:>4.2}  {}",
            text(&item["line"]),
            text(&item["label"]),
            text(&item["row_code"]),
            item["confidence"].as_f64().unwrap_or_default(),
            text(&item["reason"]),
        );
    }
    println!("  accept all proposals with: docket resume {}", order.order_id);
    println!("  or decide with: docket resume {} --decisions FILE.csv (line,row_code,reason)", order.order_id);
}

fn print_checks(report: &Value) {
    let failed: Vec<_> = list(report, "checks").filter(|check| check["passed"] == false).collect();
    let total = list(report, "checks").count();
    if total > 0 {
        println!("  checks: {} of {total} passed", total - failed.len());
    }
    for check in failed {
        let year = check["year"].as_str().unwrap_or("all years");
        println!("    {} {} {year}: {}", text(&check["severity"]), text(&check["rule"]), text(&check["detail"]));
    }
}

fn list<'a>(report: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    report[name].as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
