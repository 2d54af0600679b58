//! `docket retry`: runs a failed order again, or every order that failed for one cause.

use std::process::ExitCode;

use domain::message::Command;
use domain::order::Order;
use domain::phase::Phase;
use domain::status::OrchestrationStatus;
use serde_json::json;

use super::failures::failed;
use super::order::{command, find};
use super::outcome::Lines;
use super::pipeline::{Pipeline, Target};
use super::{Problem, outcome};
use crate::cli::{OrderArgs, Retry, State};
use crate::output;
use crate::progress::Progress;

pub(super) async fn retry(asked: Retry, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let Retry { order, cause, newest, out, state, from } = asked;
    match (order, cause) {
        (Some(order), _) => retry_one(OrderArgs { order, out, state }, from, target).await,
        (None, Some(cause)) => retry_all(&cause, newest, from, &state, target).await,
        (None, None) => Err(Problem::Usage("give an order, or --cause CODE".to_owned())),
    }
}

async fn retry_one(asked: OrderArgs, from: Option<Phase>, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let (pipeline, order) = find(&asked, target).await?;
    let starts_over = order.is_paused() && from.is_some();
    if order.orchestration_status() != OrchestrationStatus::Failed && !starts_over {
        let hint = if order.is_paused() { ", or one that waits for a reviewer with --from PHASE" } else { "" };
        return Err(Problem::Usage(format!(
            "order {} is {}; only a failed order can be retried{hint}",
            order.order_id(),
            order.status()
        )));
    }
    check_start(&order, from)?;
    command(pipeline, &order, Command::Retry { run: order.run(), start_from: from }, asked).await
}

/// A retry starts at a phase that the order has reached.
fn check_start(order: &Order, from: Option<Phase>) -> Result<(), Problem> {
    if from.is_none_or(|from| from <= order.phase()) {
        return Ok(());
    }
    Err(Problem::Usage(format!(
        "order {} has reached {}; a retry starts there or at an earlier phase",
        order.order_id(),
        order.phase()
    )))
}

/// Retries the orders that failed for a cause, the oldest first. Nothing is sent unless all of them can start at `from`.
async fn retry_all(
    cause: &str,
    newest: usize,
    from: Option<Phase>,
    state: &State,
    target: &Target<'_>,
) -> Result<ExitCode, Problem> {
    let mut pipeline = Pipeline::open(state, target).await?;
    let (mut orders, are_all) = failed(&pipeline, newest).await?;
    orders.retain(|order| order.last_orchestration_error().is_some_and(|error| error.code == cause));
    if orders.is_empty() {
        let (place, list) = (pipeline.place.name(), pipeline.place.command("failures"));
        return Err(Problem::Usage(format!(
            "no failed order with the cause {cause} in {place}; list them with: {list}"
        )));
    }
    orders.iter().try_for_each(|order| check_start(order, from))?;
    orders.reverse();
    for (number, order) in orders.iter().enumerate() {
        let command = Command::Retry { run: order.run(), start_from: from };
        if let Err(error) = pipeline.client.command(order.order_id(), command).await {
            let problem = pipeline.place.problem(error);
            return Err(Problem::Failed(format!("{number} of {} retries were sent; {problem}", orders.len())));
        }
    }
    let code = settle_all(&mut pipeline, &mut orders, state.json).await?;
    print(&pipeline, cause, &orders, state.json)?;
    super::failures::note(are_all, newest);
    Ok(code)
}

/// Waits for retried orders where that takes this process. Those of a deployed stage go on by themselves.
async fn settle_all(pipeline: &mut Pipeline, orders: &mut [Order], quiet: bool) -> Result<ExitCode, Problem> {
    if !pipeline.place.is_local() {
        return Ok(ExitCode::SUCCESS);
    }
    let mut code = ExitCode::SUCCESS;
    for order in orders {
        let before = order.revision();
        let changed = |now: &Order| now.revision() > before;
        *order = pipeline.until_settled(order.order_id(), &mut Progress::new(quiet), changed).await?;
        if outcome::exit_code(order, &pipeline.place) != ExitCode::SUCCESS {
            code = ExitCode::FAILURE;
        }
    }
    pipeline.finish().await;
    Ok(code)
}

fn print(pipeline: &Pipeline, cause: &str, orders: &[Order], as_json: bool) -> Result<(), Problem> {
    if as_json {
        let ids: Vec<_> = orders.iter().map(Order::order_id).collect();
        return output::json(&json!({ "cause": cause, "retried": ids }));
    }
    let mut lines = Lines::default();
    lines.add(format_args!("{} retried", output::count(orders.len(), "order")));
    for order in orders {
        let now = if pipeline.place.is_local() { order.status().as_str() } else { "sent" };
        lines.add(format_args!("  {}  {now}", order.order_id()));
    }
    if !pipeline.place.is_local() {
        lines.add(format_args!("see which fail again with: {}", pipeline.place.command("failures")));
    }
    output::answer(&lines.0)
}
