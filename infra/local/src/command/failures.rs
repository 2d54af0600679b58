//! `docket failures`: lists the orders that failed and were not retried, by cause.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::process::ExitCode;

use domain::failure::retry_from;
use domain::order::{OrchestrationError, Order};
use domain::status::OrchestrationStatus;
use serde_json::{Value, json};

use super::Problem;
use super::outcome::Lines;
use super::pipeline::{Pipeline, Target};
use super::place::Place;
use crate::cli::Failures;
use crate::output::{self, eprint};

/// How many orders of a cause the text lists; JSON has all.
const LISTED_ORDER_COUNT_MAX: usize = 20;

/// An order and what it failed for.
type Failed<'a> = (&'a Order, &'a OrchestrationError);

pub(super) async fn list(asked: Failures, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let pipeline = Pipeline::open(&asked.state, target).await?;
    let (orders, are_all) = failed(&pipeline, asked.newest).await?;
    let causes = by_cause(&orders);
    if asked.state.json {
        let causes: Vec<Value> = causes.iter().map(|(code, failed)| describe(code, failed)).collect();
        output::json(&json!({ "causes": causes, "all_orders_read": are_all }))?;
    } else {
        output::answer(&text(&causes, &pipeline.place))?;
        note(are_all, asked.newest);
    }
    Ok(ExitCode::SUCCESS)
}

/// The failed orders among the newest ones, newest first, and whether there are no older ones.
pub(super) async fn failed(pipeline: &Pipeline, newest: usize) -> Result<(Vec<Order>, bool), Problem> {
    let found = pipeline.client.newest(newest).await.map_err(|error| pipeline.place.problem(error))?;
    let mut orders = found.orders;
    orders.retain(|order| order.orchestration_status() == OrchestrationStatus::Failed);
    Ok((orders, found.are_all))
}

/// Says that older orders were left out.
pub(super) fn note(are_all: bool, newest: usize) {
    if !are_all {
        eprint(format!("looked at the newest {newest} orders; look at more with --newest N\n"));
    }
}

/// The most frequent cause first.
fn by_cause(orders: &[Order]) -> Vec<(&str, Vec<Failed<'_>>)> {
    let mut causes: BTreeMap<&str, Vec<Failed<'_>>> = BTreeMap::new();
    for order in orders {
        if let Some(error) = order.last_orchestration_error() {
            causes.entry(&error.code).or_default().push((order, error));
        }
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, failed)| Reverse(failed.len()));
    causes
}

fn describe(code: &str, failed: &[Failed<'_>]) -> Value {
    let one = |(order, error): &Failed<'_>| {
        json!({
            "order_id": order.order_id(),
            "run": order.run(),
            "phase": error.phase,
            "failed_at": error.at,
            "message": error.message,
        })
    };
    let orders: Vec<Value> = failed.iter().map(one).collect();
    json!({ "code": code, "retry_from": retry_from(code), "orders": orders })
}

fn text(causes: &[(&str, Vec<Failed<'_>>)], place: &Place) -> String {
    let mut lines = Lines::default();
    if causes.is_empty() {
        lines.add(format_args!("no failed orders in {}", place.name()));
    }
    for (code, failed) in causes {
        lines.add(format_args!("{code}  {}", output::count(failed.len(), "order")));
        if let Some((_, newest)) = failed.first() {
            lines.add(format_args!("  {}", newest.message));
        }
        for (order, error) in failed.iter().take(LISTED_ORDER_COUNT_MAX) {
            let (id, phase, run) = (order.order_id(), error.phase.as_str(), order.run());
            lines.add(format_args!("    {id}  {phase:<9} run {run}  {:.0}", error.at));
        }
        if let Some(more) = failed.len().checked_sub(LISTED_ORDER_COUNT_MAX).filter(|more| *more > 0) {
            lines.add(format_args!("    and {more} more"));
        }
        let from = retry_from(code).map(|phase| format!(" --from {phase}")).unwrap_or_default();
        lines.add(format_args!("  retry with: {}", place.command(&format!("retry --cause {code}{from}"))));
    }
    lines.0
}
