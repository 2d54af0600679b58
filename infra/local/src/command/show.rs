//! The commands that read orders: orders and show.

use std::collections::BTreeMap;
use std::process::ExitCode;

use aws::store::AlertState;
use client::report;
use domain::order::{Order, PhaseRecord};
use serde_json::json;

use super::findings::Extent;
use super::order::find;
use super::outcome::Lines;
use super::pipeline::Pipeline;
use super::{Problem, outcome};
use crate::cli::{OrderArgs, State};
use crate::output;

/// How many orders are listed.
const LISTED_ORDER_COUNT_MAX: usize = 100;

/// `docket orders`.
pub(super) async fn list(state: State) -> Result<ExitCode, Problem> {
    let pipeline = Pipeline::open(&state)?;
    let place = &pipeline.place;
    let found = pipeline.client.orders(LISTED_ORDER_COUNT_MAX).await;
    let orders = found.map_err(|error| place.problem(error))?;
    if state.json {
        let one = |order: &Order| {
            json!({
                "order_id": order.order_id(),
                "service_code": order.service_code(),
                "status": order.status(),
                "orchestration_status": order.orchestration_status(),
                "progress": order.progress_percent(),
                "created_at": order.created_at(),
                "updated_at": order.updated_at(),
            })
        };
        let listed: Vec<_> = orders.iter().map(one).collect();
        output::json(&json!(listed))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines::default();
    if orders.is_empty() {
        lines.add(format_args!("no orders yet; start with: {} FILE…", place.command("run --service CMA")));
    }
    for order in &orders {
        lines.add(format_args!(
            "{}  {:<7} {:<15} {:<14} {:>3} %  {:.0}",
            order.order_id(),
            order.service_code().as_str(),
            order.status().as_str(),
            order.orchestration_status().as_str(),
            order.progress_percent(),
            order.created_at(),
        ));
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
}

/// `docket show`.
pub(super) async fn show(asked: OrderArgs) -> Result<ExitCode, Problem> {
    let (pipeline, order) = find(&asked).await?;
    let (client, place) = (&pipeline.client, &pipeline.place);
    let own = services::presentation(order.service_code()).report;
    let report = report::build(client, &order, own, &BTreeMap::new(), pipeline.calls()).await;
    let report = report.map_err(|error| place.problem(error))?;
    if asked.state.json {
        output::json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines(outcome::text(&order, &report, place, Extent::Full));
    for (phase, record) in order.phases() {
        let run = record.run;
        lines.add(format_args!(
            "  {:<9} run {run}  {:.0}  {}",
            phase.as_str(),
            record.started_at,
            duration(&order, record)
        ));
    }
    for failure in client.failures(order.order_id()).await.map_err(|error| place.problem(error))? {
        let record = &failure.record;
        lines.add(format_args!(
            "  failure {}  {}  {}  {:.0}  alert {}",
            record.failure_id,
            record.category.as_str(),
            record.code,
            record.occurred_at,
            alert(failure.alert),
        ));
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
}

/// The state of an alert, for a person.
fn alert(state: AlertState) -> &'static str {
    match state {
        AlertState::Pending => "pending",
        AlertState::Sent => "sent",
    }
}

/// How long a phase took, or why it has not completed.
fn duration(order: &Order, record: &PhaseRecord) -> String {
    match record.duration_ms() {
        _ if record.skipped => "skipped".to_owned(),
        Some(ms) => format!("{ms} ms"),
        None if order.is_paused() => "waiting for a reviewer".to_owned(),
        None if order.is_active() => "in progress".to_owned(),
        None => "not finished".to_owned(),
    }
}
