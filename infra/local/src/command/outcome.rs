//! Prints the outcome of an order, as text or as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use client::report;
use domain::failure::retry_from;
use domain::order::Order;
use domain::status::{OrchestrationStatus, Status};
use serde_json::Value;

use super::Problem;
use super::findings::{self, Extent};
use super::pipeline::Pipeline;
use super::place::Place;
use crate::output;

/// How many documents that failed the text lists; JSON has all.
const LISTED_DOCUMENT_COUNT_MAX: usize = 20;
/// How many review items the text lists; JSON has all.
const LISTED_ITEM_COUNT_MAX: usize = 12;

/// Saves the order's documents and prints its outcome. Returns the exit code.
pub(super) async fn print(
    pipeline: &Pipeline,
    order: &Order,
    out: Option<PathBuf>,
    json: bool,
) -> Result<ExitCode, Problem> {
    let (client, place) = (&pipeline.client, &pipeline.place);
    // An operator gets a client's documents only if asked for.
    let default = place.is_local().then(|| PathBuf::from("out").join(order.order_id().to_string()));
    let saved = match out.or(default) {
        Some(out) => save_artifacts(pipeline, order, &out).await?,
        None => BTreeMap::new(),
    };
    let own = services::presentation(order.service_code()).report;
    let report = report::build(client, order, own, &saved, pipeline.calls()).await;
    let report = report.map_err(|error| place.problem(error))?;
    if json {
        output::json(&report)?;
    } else {
        output::answer(&text(order, &report, place, Extent::Brief))?;
    }
    Ok(exit_code(order, place))
}

/// Writes the current final documents to the folder `out`.
async fn save_artifacts(pipeline: &Pipeline, order: &Order, out: &Path) -> Result<BTreeMap<String, PathBuf>, Problem> {
    let mut saved = BTreeMap::new();
    for artifact in order.artifacts().iter().filter(|artifact| artifact.version == order.artifact_version()) {
        let missing = || Problem::Failed(format!("document {} is missing from the bucket", artifact.name));
        let bytes = pipeline.client.artifact(order, &artifact.name).await;
        let bytes = bytes.map_err(|error| pipeline.place.problem(error))?.ok_or_else(missing)?;
        let path = out.join(&artifact.name);
        std::fs::create_dir_all(out).and_then(|()| std::fs::write(&path, bytes)).map_err(|error| {
            Problem::Failed(format!("{} cannot be written: {error}; give another --out", path.display()))
        })?;
        saved.insert(artifact.name.clone(), path);
    }
    Ok(saved)
}

/// The exit code, which tells a script how the order ended.
pub(super) fn exit_code(order: &Order, place: &Place) -> ExitCode {
    match order.status() {
        _ if order.is_active() && !place.is_local() => ExitCode::SUCCESS,
        Status::Completed => ExitCode::SUCCESS,
        _ if order.is_paused() => ExitCode::from(3),
        Status::Cancelled => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    }
}

/// The order as text.
pub(super) fn text(order: &Order, report: &Value, place: &Place, extent: Extent) -> String {
    let mut lines = Lines::default();
    let id = order.order_id();
    lines.add(format_args!(
        "order {id}  {}  {} / {}",
        order.service_code(),
        order.status(),
        order.orchestration_status()
    ));
    let failed = || list(report, "executions").filter(|execution| execution["status"] == "failed");
    for execution in failed().take(LISTED_DOCUMENT_COUNT_MAX) {
        let (document, message) = (&execution["document"], word(&execution["error_message"]));
        lines.add(format_args!("  document {document} failed: {message} ({})", word(&execution["error_code"])));
    }
    if let Some(more) = failed().count().checked_sub(LISTED_DOCUMENT_COUNT_MAX).filter(|more| *more > 0) {
        let all = place.command(&format!("show {id} --json"));
        lines.add(format_args!("  and {more} more documents that failed; list them with: {all}"));
    }
    if let Some(error) = &order.last_orchestration_error() {
        lines.add(format_args!("  {} failed: {} ({})", error.phase, error.message, error.code));
    }
    if order.orchestration_status() == OrchestrationStatus::Failed {
        let code = order.last_orchestration_error().map(|error| error.code.as_str());
        let from = code.and_then(retry_from).map(|phase| format!(" --from {phase}")).unwrap_or_default();
        lines.add(format_args!("  run it again with: {}", place.command(&format!("retry {id}{from}"))));
    }
    if order.is_active() {
        lines.add(format_args!("  {}", place.in_progress(id)));
    }
    if order.is_paused() {
        add_items(&mut lines, order, report, place);
    }
    for artifact in list(report, "artifacts") {
        match artifact["path"].as_str() {
            Some(path) => lines.add(format_args!("  wrote {path}")),
            None => lines.add(format_args!("  has {} (version {})", word(&artifact["name"]), artifact["version"])),
        }
    }
    findings::add(&mut lines, report, extent);
    lines.0
}

fn add_items(lines: &mut Lines, order: &Order, report: &Value, place: &Place) {
    let wait = order.review_wait();
    let extended = match wait.extensions {
        0 => String::new(),
        count => format!(", extended {}", output::count(usize::try_from(count).unwrap_or(usize::MAX), "time")),
    };
    lines.add(format_args!("  waits for a reviewer since {:.0}{extended}", wait.since));
    let count = usize::try_from(order.review_items()).unwrap_or(usize::MAX);
    lines.add(format_args!("  {} to review, most important first:", output::count(count, "item")));
    for item in list(report, "review_items").take(LISTED_ITEM_COUNT_MAX) {
        if item["kind"] == "question" {
            lines.add(format_args!("    {:<14} {}", word(&item["line"]), word(&item["label"])));
            lines.add(format_args!("    {:<14} answer: {}", "", word(&item["answers"])));
            continue;
        }
        lines.add(format_args!(
            "    {:<14} {:<44.44} → {:<10} {:>4.2}  {}",
            word(&item["line"]),
            word(&item["label"]),
            word(&item["row_code"]),
            item["confidence"].as_f64().unwrap_or_default(),
            word(&item["reason"]),
        ));
        if let Some(suspicion) = item["suspicion"].as_str() {
            lines.add(format_args!("    {:<14} suspect: {suspicion}", ""));
        }
    }
    if count > LISTED_ITEM_COUNT_MAX {
        let show = place.command(&format!("show {}", order.order_id()));
        let more = count - LISTED_ITEM_COUNT_MAX;
        lines.add(format_args!("    and {more} more; see all with: {show} --json"));
    }
    let resume = place.command(&format!("resume {}", order.order_id()));
    if list(report, "review_items").all(|item| item["kind"] != "question") {
        lines.add(format_args!("  accept all proposals with: {resume}"));
    }
    if let Some(decisions) = services::presentation(order.service_code()).decisions {
        let columns = decisions.columns;
        lines.add(format_args!("  decide with: {resume} --decisions FILE.csv ({columns})"));
    }
}

/// Lines of text.
#[derive(Default)]
pub(super) struct Lines(pub(super) String);

impl Lines {
    pub(super) fn add(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{line}");
    }
}

pub(super) fn list<'a>(report: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    report[name].as_array().into_iter().flatten()
}

pub(super) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
