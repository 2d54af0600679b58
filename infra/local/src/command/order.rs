//! The commands about orders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use client::{Client, Upload, report};
use domain::id::OrderId;
use domain::limit::DOCUMENT_COUNT_MAX;
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::order::{Order, PhaseRecord};
use domain::service::ServiceCode;
use domain::status::OrchestrationStatus;
use pipeline::{LocalPipeline, calls};
use serde_json::json;

use super::outcome::Lines;
use super::{Problem, drive, outcome};
use crate::cli::{Again, Resume, Run, State};
use crate::output::{self, note};
use crate::progress::Progress;

/// Bytes of one file that is taken up. What is larger than the reader's own limit is refused by the order itself, with its
/// record; this bound only keeps the command's memory in check.
const UPLOAD_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Orders that are listed.
const LISTED_ORDER_COUNT_MAX: usize = 100;

/// `docket run`.
pub(super) async fn run(asked: Run) -> Result<ExitCode, Problem> {
    match asked.service {
        ServiceCode::Cma if asked.files.is_empty() => {
            return Err(Problem::Usage(
                "the service needs at least one document; add the borrower's statements (XLSX, XLS, ODS or CSV)"
                    .to_owned(),
            ));
        }
        ServiceCode::Underwriting | ServiceCode::RepositoryDocs => {
            return Err(Problem::Usage("this version offers CMA and CANARY; order one of them".to_owned()));
        }
        ServiceCode::Cma | ServiceCode::Canary => {}
    }
    let uploads = read_files(&asked.files)?;
    let options = Options {
        skip_review: asked.skip_review,
        skip_validation: asked.skip_validation,
        auto_approve_above: asked.auto_approve_above.unwrap_or(Confidence::DEFAULT_THRESHOLD),
        ..Options::default()
    };
    let (mut local, client) = drive::open(&asked.state)?;
    finish_earlier(&mut local, &client, asked.state.json).await?;
    let order = client.order_id();
    let mut progress = Progress::new(asked.state.json);
    client.submit(order, asked.service, uploads, options).await.map_err(Problem::failed)?;
    if !asked.state.json {
        note(format!("order {order}  {}  {}\n", asked.service, output::count(asked.files.len(), "document")));
    }
    let settled = drive::until_settled(&mut local, &client, order, &mut progress, |_| true).await?;
    drive::wind_up(&mut local).await;
    outcome::tell(&client, &local.aws, &settled, asked.out, &asked.state).await
}

/// `docket retry`.
pub(super) async fn retry(asked: Again) -> Result<ExitCode, Problem> {
    let (local, client, order) = find(&asked).await?;
    if order.orchestration_status != OrchestrationStatus::Failed {
        return Err(Problem::Usage(format!(
            "order {} is {}; only a failed order is retried",
            order.order_id, order.status
        )));
    }
    command(local, &client, &order, Command::Retry { run: order.run }, asked).await
}

/// `docket resume`.
pub(super) async fn resume(asked: Resume) -> Result<ExitCode, Problem> {
    let (mut local, client) = drive::open(&asked.again.state)?;
    let is_submitted_only = client.order(asked.again.order).await.map_err(Problem::failed)?.is_none();
    if is_submitted_only {
        // Its submission may still wait for the process that was to take it up; it may end by that alone.
        drive::wind_up(&mut local).await;
    }
    let order = known(&client, &asked.again).await?;
    if (order.is_active() || is_submitted_only) && asked.decisions.is_none() {
        return go_on(local, &client, &order, asked.again).await;
    }
    if !order.is_paused() {
        return Err(Problem::Usage(format!(
            "order {} is {}; it does not wait for a reviewer",
            order.order_id, order.status
        )));
    }
    let Some(file) = &asked.decisions else {
        return command(local, &client, &order, Command::Resume { run: order.run }, asked.again).await;
    };
    let decisions = decisions(file)?;
    check_decisions(&client, &order, &decisions).await?;
    if !client.decide(&order, &json!(decisions)).await.map_err(Problem::failed)? {
        return Err(Problem::Usage("other decisions were given for this review already".to_owned()));
    }
    command(local, &client, &order, Command::ReviewDecided { run: order.run }, asked.again).await
}

/// Drives an order on that an earlier process left under way.
async fn go_on(mut local: LocalPipeline, client: &Client, order: &Order, asked: Again) -> Result<ExitCode, Problem> {
    let mut progress = Progress::after(asked.state.json, order);
    let settled = drive::until_settled(&mut local, client, order.order_id, &mut progress, |_| true).await?;
    drive::wind_up(&mut local).await;
    outcome::tell(client, &local.aws, &settled, asked.out, &asked.state).await
}

/// `docket cancel`.
pub(super) async fn cancel(asked: Again) -> Result<ExitCode, Problem> {
    let (local, client, order) = find(&asked).await?;
    if order.is_ended() {
        return Err(Problem::Usage(format!("order {} is {}; it has ended already", order.order_id, order.status)));
    }
    command(local, &client, &order, Command::Cancel { run: Some(order.run) }, asked).await
}

/// `docket orders`.
pub(super) async fn list(state: State) -> Result<ExitCode, Problem> {
    let (_local, client) = drive::open(&state)?;
    let orders = client.orders(LISTED_ORDER_COUNT_MAX).await.map_err(Problem::failed)?;
    if state.json {
        let one = |order: &Order| {
            json!({
                "order_id": order.order_id,
                "service_code": order.service_code,
                "status": order.status,
                "orchestration_status": order.orchestration_status,
                "progress": order.progress_percent(),
                "created_at": order.created_at,
                "updated_at": order.updated_at,
            })
        };
        let listed: Vec<_> = orders.iter().map(one).collect();
        output::json(&json!(listed))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines::default();
    if orders.is_empty() {
        lines.add(format_args!("no orders yet; begin with: docket run --service CMA{} FILE…", state.again()));
    }
    for order in &orders {
        lines.add(format_args!(
            "{}  {:<7} {:<15} {:<14} {:>3} %  {:.0}",
            order.order_id,
            order.service_code.as_str(),
            order.status.as_str(),
            order.orchestration_status.as_str(),
            order.progress_percent(),
            order.created_at,
        ));
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
}

/// `docket show`.
pub(super) async fn show(asked: Again) -> Result<ExitCode, Problem> {
    let (local, client, order) = find(&asked).await?;
    let report = report::build(&client, &order, &BTreeMap::new(), calls::by_function(&local.aws))
        .await
        .map_err(Problem::failed)?;
    if asked.state.json {
        output::json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines(outcome::text(&order, &report, &asked.state));
    for (phase, record) in &order.phases {
        let run = record.run;
        lines.add(format_args!(
            "  {:<9} run {run}  {:.0}  {}",
            phase.as_str(),
            record.started_at,
            time(&order, record)
        ));
    }
    for failure in client.failures(order.order_id).await.map_err(Problem::failed)? {
        let record = &failure.record;
        lines.add(format_args!(
            "  failure {}  {}  {}  {:.0}  alert {}",
            record.failure_id,
            record.category.as_str(),
            record.code,
            record.occurred_at,
            report::alert_state(failure.alert),
        ));
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
}

/// How long a phase took, or why it is not over.
fn time(order: &Order, record: &PhaseRecord) -> String {
    match record.duration_ms() {
        _ if record.skipped => "left out".to_owned(),
        Some(ms) => format!("{ms} ms"),
        None if order.is_paused() => "waits for a reviewer".to_owned(),
        None if order.is_active() => "under way".to_owned(),
        None => "not finished".to_owned(),
    }
}

/// Sends a command and drives until it has worked.
async fn command(
    mut local: LocalPipeline,
    client: &Client,
    order: &Order,
    command: Command,
    asked: Again,
) -> Result<ExitCode, Problem> {
    let before = order.revision;
    let mut progress = match command {
        Command::Retry { .. } => Progress::new(asked.state.json),
        _ => Progress::after(asked.state.json, order),
    };
    client.command(order.order_id, command).await.map_err(Problem::failed)?;
    let changed = |now: &Order| now.revision > before;
    let settled = drive::until_settled(&mut local, client, order.order_id, &mut progress, changed).await?;
    drive::wind_up(&mut local).await;
    outcome::tell(client, &local.aws, &settled, asked.out, &asked.state).await
}

/// Finishes what an earlier process left under way.
async fn finish_earlier(local: &mut LocalPipeline, client: &Client, quiet: bool) -> Result<(), Problem> {
    let orders = client.orders(LISTED_ORDER_COUNT_MAX).await.map_err(Problem::failed)?;
    let open: Vec<OrderId> = orders.iter().filter(|order| order.is_active()).map(|order| order.order_id).collect();
    if open.is_empty() {
        return Ok(());
    }
    if !quiet {
        let orders = output::count(open.len(), "earlier order");
        note(format!("finishing {orders} first: interrupted before the end\n"));
    }
    for order in open {
        // One that nothing moves any more is told of by `docket show`; it must not keep a new order from being taken.
        let _ = drive::until_settled(local, client, order, &mut Progress::new(true), |_| true).await;
    }
    local.aws.reset_calls();
    Ok(())
}

async fn find(asked: &Again) -> Result<(LocalPipeline, Client, Order), Problem> {
    let (local, client) = drive::open(&asked.state)?;
    let order = known(&client, asked).await?;
    Ok((local, client, order))
}

async fn known(client: &Client, asked: &Again) -> Result<Order, Problem> {
    let found = client.order(asked.order).await.map_err(Problem::failed)?;
    found.ok_or_else(|| {
        let (data, again) = (asked.state.data.display(), asked.state.again());
        Problem::Usage(format!("there is no order {} in {data}; list them with: docket orders{again}", asked.order))
    })
}

fn read_files(files: &[PathBuf]) -> Result<Vec<Upload>, Problem> {
    if files.len() > usize::try_from(DOCUMENT_COUNT_MAX).unwrap_or(usize::MAX) {
        return Err(Problem::Usage(format!("an order takes at most {DOCUMENT_COUNT_MAX} documents; split it")));
    }
    files.iter().map(|file| read_file(file)).collect()
}

fn read_file(file: &Path) -> Result<Upload, Problem> {
    let unreadable = |why: String| Problem::Usage(format!("{} cannot be read: {why}", file.display()));
    let facts = std::fs::metadata(file).map_err(|error| unreadable(error.to_string()))?;
    if !facts.is_file() {
        return Err(unreadable("it is no file; name the files in it".to_owned()));
    }
    if facts.len() > UPLOAD_BYTES_MAX {
        return Err(unreadable(format!("it has {} bytes; at most {UPLOAD_BYTES_MAX} are taken up", facts.len())));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = std::fs::read(file).map_err(|error| unreadable(error.to_string()))?;
    Ok(Upload { name, bytes })
}

fn decisions(file: &Path) -> Result<Vec<cma::review::ReviewDecision>, Problem> {
    let unreadable = |why: String| Problem::Usage(format!("{}: {why}", file.display()));
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(file)
        .map_err(|error| unreadable(error.to_string()))?;
    let decisions = reader
        .deserialize()
        .collect::<Result<Vec<_>, csv::Error>>()
        .map_err(|error| unreadable(format!("{error}; the columns are line, row_code and reason")))?;
    if decisions.is_empty() {
        return Err(unreadable("it holds no decision; to accept all proposals leave --decisions out".to_owned()));
    }
    Ok(decisions)
}

/// Applies the decisions for a trial, so that one that does not fit is told now and not by a failed order.
async fn check_decisions(
    client: &Client,
    order: &Order,
    decisions: &[cma::review::ReviewDecision],
) -> Result<(), Problem> {
    let stored = client.result(order, domain::phase::Phase::Classify).await.map_err(Problem::failed)?;
    let case: Option<cma::case::Case> = stored.and_then(|value| serde_json::from_value(value).ok());
    let mut case = case.ok_or_else(|| Problem::Failed("the order's classification cannot be read".to_owned()))?;
    case.decide(decisions).map_err(|error| Problem::Usage(error.to_string()))
}
