//! The commands that read orders: orders and show.

use std::collections::BTreeMap;
use std::process::ExitCode;

use aws::store::{AlertState, Rated, StoredFailure};
use client::{Newest, report};
use domain::audit::AuditEntry;
use domain::order::{Order, PhaseRecord};
use serde_json::json;

use super::failures::note;
use super::findings::Extent;
use super::outcome::Lines;
use super::pipeline::{Pipeline, Target};
use super::{Problem, order, outcome};
use crate::cli::{NEWEST_DEFAULT, OrderArgs, Orders};
use crate::output;

/// How many orders are listed if nothing else is asked for.
const LISTED_ORDER_COUNT_MAX: usize = 100;

/// `docket orders`.
pub(super) async fn list(asked: Orders, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let pipeline = Pipeline::open(&asked.state, target).await?;
    let place = &pipeline.place;
    let unfiltered = if asked.status.is_some() { NEWEST_DEFAULT } else { LISTED_ORDER_COUNT_MAX };
    let newest = asked.newest.unwrap_or(unfiltered);
    let Newest { mut orders, are_all } = pipeline.client.newest(newest).await.map_err(|error| place.problem(error))?;
    let is_empty = orders.is_empty();
    if let Some(status) = asked.status {
        orders.retain(|order| status == order.status().as_str() || status == order.orchestration_status().as_str());
    }
    if asked.state.json {
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
    match asked.status {
        _ if is_empty && place.is_local() => {
            lines.add(format_args!("no orders yet; start with: {} FILE…", place.command("run --service CMA")));
        }
        _ if is_empty => lines.add(format_args!("no orders in {}", place.name())),
        Some(status) if orders.is_empty() => lines.add(format_args!("no order is {status}")),
        _ => {}
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
    note(are_all, newest);
    Ok(ExitCode::SUCCESS)
}

/// `docket show`.
pub(super) async fn show(asked: OrderArgs, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let pipeline = Pipeline::open(&asked.state, target).await?;
    let (client, place) = (&pipeline.client, &pipeline.place);
    let Some(order) = pipeline.order(asked.order).await? else { return show_rejected(&pipeline, &asked).await };
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
        add_failure(&mut lines, &failure);
    }
    for entry in client.audit(order.order_id()).await.map_err(|error| place.problem(error))? {
        add_audit(&mut lines, &entry);
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
}

/// Shows the failures of an order that does not exist, such as a submission that was not accepted.
async fn show_rejected(pipeline: &Pipeline, asked: &OrderArgs) -> Result<ExitCode, Problem> {
    let (id, place) = (asked.order, &pipeline.place);
    let failures = pipeline.client.failures(id).await.map_err(|error| place.problem(error))?;
    if failures.is_empty() {
        return Err(order::unknown(place, id));
    }
    if asked.state.json {
        let failures: Vec<_> = failures.iter().map(report::describe_failure).collect();
        output::json(&json!({ "order_id": id, "status": null, "failures": failures }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines::default();
    lines.add(format_args!("no order {id} in {}, but failures that were recorded for it", place.name()));
    for failure in &failures {
        add_failure(&mut lines, failure);
        lines.add(format_args!("    {}", failure.record.error_message));
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
}

fn add_failure(lines: &mut Lines, failure: &StoredFailure) {
    let record = &failure.record;
    lines.add(format_args!(
        "  failure {}  {}  {}  {:.0}  alert {}",
        record.failure_id,
        record.category.as_str(),
        record.code,
        record.occurred_at,
        alert(failure),
    ));
}

/// The state of an alert, for a person. One that announced other failures too is named.
fn alert(failure: &StoredFailure) -> String {
    let own = format!("{}/{}", failure.record.order_id, failure.record.failure_id);
    match (failure.alert, &failure.sent_as) {
        (AlertState::Pending, _) if failure.rated == Rated::LeftForDigest => {
            "pending; it will be announced with others of its cause".to_owned()
        }
        (AlertState::Pending, _) => "pending".to_owned(),
        (AlertState::Sent, Some(sent_as)) if *sent_as != own => format!("sent as {sent_as}"),
        (AlertState::Sent, _) => "sent".to_owned(),
    }
}

/// What was done to the order, by the pipeline itself or by a person.
fn add_audit(lines: &mut Lines, entry: &AuditEntry) {
    let reason = entry.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    lines.add(format_args!("  {} by {}  {:.0}{reason}", entry.action.as_str(), entry.actor, entry.at));
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
