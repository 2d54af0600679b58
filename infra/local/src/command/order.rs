//! The commands about orders: run, retry, resume, cancel, orders and show.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use aws::store::{AlertState, Rated, StoredFailure};
use client::{Client, NotDecided, Upload, report};
use domain::id::OrderId;
use domain::limit::DOCUMENT_COUNT_MAX;
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::order::{Order, PhaseRecord};
use domain::service::{self, ServiceCode};
use domain::status::OrchestrationStatus;
use pipeline::{LocalPipeline, calls};
use runtime::service::{Decisions, InvalidDecisions};
use serde_json::{Value, json};

use super::findings::Extent;
use super::outcome::Lines;
use super::{Problem, drive, outcome};
use crate::cli::{OrderArgs, Resume, Retry, Run, State};
use crate::output::{self, eprint};
use crate::progress::Progress;

/// Largest file that is uploaded; it only bounds the command's memory. Files above the readers' lower limit fail within the
/// order, with a failure record.
const UPLOAD_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How many orders are listed.
const LISTED_ORDER_COUNT_MAX: usize = 100;

/// `docket run`.
pub(super) async fn run(asked: Run) -> Result<ExitCode, Problem> {
    if !asked.service.is_offered() {
        let offered: Vec<_> = ServiceCode::ALL.iter().copied().filter(|service| service.is_offered()).collect();
        let codes = service::list(&offered);
        return Err(Problem::Usage(format!("this version offers {codes}; order one of them")));
    }
    if asked.service.needs_documents() && asked.files.is_empty() {
        let files = services::presentation(asked.service).files;
        return Err(Problem::Usage(format!("the service needs at least one document; add {files}")));
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
        eprint(format!("order {order}  {}  {}\n", asked.service, output::count(asked.files.len(), "document")));
    }
    let settled = drive::until_settled(&mut local, &client, order, &mut progress, |_| true).await?;
    drive::finish(&mut local).await;
    outcome::print(&client, &local.aws, &settled, asked.out, &asked.state).await
}

/// `docket retry`.
pub(super) async fn retry(asked: Retry) -> Result<ExitCode, Problem> {
    let Retry { order: asked, from } = asked;
    let (local, client, order) = find(&asked).await?;
    let starts_over = order.is_paused() && from.is_some();
    if order.orchestration_status() != OrchestrationStatus::Failed && !starts_over {
        let hint = if order.is_paused() { ", or one that waits for a reviewer with --from PHASE" } else { "" };
        return Err(Problem::Usage(format!(
            "order {} is {}; only a failed order can be retried{hint}",
            order.order_id(),
            order.status()
        )));
    }
    if from.is_some_and(|from| from > order.phase()) {
        return Err(Problem::Usage(format!(
            "order {} has reached {}; a retry starts there or at an earlier phase",
            order.order_id(),
            order.phase()
        )));
    }
    command(local, &client, &order, Command::Retry { run: order.run(), start_from: from }, asked).await
}

/// `docket resume`.
pub(super) async fn resume(asked: Resume) -> Result<ExitCode, Problem> {
    let (mut local, client) = drive::open(&asked.order.state)?;
    let is_only_submitted = client.order(asked.order.order).await.map_err(Problem::failed)?.is_none();
    if is_only_submitted {
        // The submission may still be in the queue, and handling it may complete the order.
        drive::finish(&mut local).await;
    }
    let order = read_order(&client, &asked.order).await?;
    if (order.is_active() || is_only_submitted) && asked.decisions.is_none() {
        return continue_order(local, &client, &order, asked.order).await;
    }
    if !order.is_paused() {
        return Err(Problem::Usage(format!(
            "order {} is {}; it is not waiting for a reviewer",
            order.order_id(),
            order.status()
        )));
    }
    let Some(file) = &asked.decisions else {
        check_proposals(&client, &order).await?;
        return command(local, &client, &order, Command::Resume { run: order.run() }, asked.order).await;
    };
    let (taken, decisions) = read_decisions(&order, file)?;
    client.decide(&order, &decisions, taken).await.map_err(not_decided)?;
    command(local, &client, &order, Command::ReviewDecided { run: order.run() }, asked.order).await
}

/// Continues an order that an earlier process left in progress.
async fn continue_order(
    mut local: LocalPipeline,
    client: &Client,
    order: &Order,
    asked: OrderArgs,
) -> Result<ExitCode, Problem> {
    let mut progress = Progress::after(asked.state.json, order);
    let settled = drive::until_settled(&mut local, client, order.order_id(), &mut progress, |_| true).await?;
    drive::finish(&mut local).await;
    outcome::print(client, &local.aws, &settled, asked.out, &asked.state).await
}

/// `docket cancel`.
pub(super) async fn cancel(asked: OrderArgs) -> Result<ExitCode, Problem> {
    let (local, client, order) = find(&asked).await?;
    if order.is_ended() {
        return Err(Problem::Usage(format!("order {} is {}; it has already ended", order.order_id(), order.status())));
    }
    command(local, &client, &order, Command::Cancel { run: Some(order.run()) }, asked).await
}

/// `docket orders`.
pub(super) async fn list(state: State) -> Result<ExitCode, Problem> {
    let (_local, client) = drive::open(&state)?;
    let orders = client.orders(LISTED_ORDER_COUNT_MAX).await.map_err(Problem::failed)?;
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
        lines.add(format_args!("no orders yet; start with: docket run --service CMA{} FILE…", state.data_option()));
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
    let (local, client, order) = find(&asked).await?;
    let report = report::build(
        &client,
        &order,
        services::presentation(order.service_code()).report,
        &BTreeMap::new(),
        calls::by_function(&local.aws),
    )
    .await
    .map_err(Problem::failed)?;
    if asked.state.json {
        output::json(&report)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines(outcome::text(&order, &report, &asked.state, Extent::Full));
    for (phase, record) in order.phases() {
        let run = record.run;
        lines.add(format_args!(
            "  {:<9} run {run}  {:.0}  {}",
            phase.as_str(),
            record.started_at,
            duration(&order, record)
        ));
    }
    for failure in client.failures(order.order_id()).await.map_err(Problem::failed)? {
        let record = &failure.record;
        lines.add(format_args!(
            "  failure {}  {}  {}  {:.0}  alert {}",
            record.failure_id,
            record.category.as_str(),
            record.code,
            record.occurred_at,
            alert(&failure),
        ));
    }
    output::answer(&lines.0)?;
    Ok(ExitCode::SUCCESS)
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

/// Sends a command and drives the pipeline until it has taken effect.
async fn command(
    mut local: LocalPipeline,
    client: &Client,
    order: &Order,
    command: Command,
    asked: OrderArgs,
) -> Result<ExitCode, Problem> {
    let before = order.revision();
    let mut progress = match command {
        Command::Retry { .. } => Progress::new(asked.state.json),
        _ => Progress::after(asked.state.json, order),
    };
    client.command(order.order_id(), command).await.map_err(Problem::failed)?;
    let changed = |now: &Order| now.revision() > before;
    let settled = drive::until_settled(&mut local, client, order.order_id(), &mut progress, changed).await?;
    drive::finish(&mut local).await;
    outcome::print(client, &local.aws, &settled, asked.out, &asked.state).await
}

/// Finishes the orders that an earlier process left in progress.
async fn finish_earlier(local: &mut LocalPipeline, client: &Client, quiet: bool) -> Result<(), Problem> {
    let orders = client.orders(LISTED_ORDER_COUNT_MAX).await.map_err(Problem::failed)?;
    let open: Vec<OrderId> = orders.iter().filter(|order| order.is_active()).map(|order| order.order_id()).collect();
    if open.is_empty() {
        return Ok(());
    }
    if !quiet {
        let orders = output::count(open.len(), "earlier order");
        eprint(format!("first finishing {orders} left in progress\n"));
    }
    for order in open {
        // A stuck order must not prevent a new one; `docket show` reports it.
        let _ = drive::until_settled(local, client, order, &mut Progress::new(true), |_| true).await;
    }
    local.aws.reset_calls();
    Ok(())
}

async fn find(asked: &OrderArgs) -> Result<(LocalPipeline, Client, Order), Problem> {
    let (local, client) = drive::open(&asked.state)?;
    let order = read_order(&client, asked).await?;
    Ok((local, client, order))
}

async fn read_order(client: &Client, asked: &OrderArgs) -> Result<Order, Problem> {
    let found = client.order(asked.order).await.map_err(Problem::failed)?;
    found.ok_or_else(|| {
        let (data, again) = (asked.state.data.display(), asked.state.data_option());
        Problem::Usage(format!("no order {} in {data}; list the orders with: docket orders{again}", asked.order))
    })
}

fn read_files(files: &[PathBuf]) -> Result<Vec<Upload>, Problem> {
    if files.len() > usize::try_from(DOCUMENT_COUNT_MAX).unwrap_or(usize::MAX) {
        return Err(Problem::Usage(format!("an order has at most {DOCUMENT_COUNT_MAX} documents; split it")));
    }
    files.iter().map(|file| read_file(file)).collect()
}

fn read_file(file: &Path) -> Result<Upload, Problem> {
    let refused = |why: String| Problem::Usage(format!("{} {why}", file.display()));
    let unreadable = |error: std::io::Error| refused(format!("cannot be read: {error}"));
    let metadata = std::fs::metadata(file).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(refused("is a directory; list its files".to_owned()));
    }
    if !metadata.is_file() {
        return Err(refused("is not a regular file".to_owned()));
    }
    if metadata.len() > UPLOAD_BYTES_MAX {
        return Err(refused(format!("is too large: {} bytes, at most {UPLOAD_BYTES_MAX} allowed", metadata.len())));
    }
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let bytes = std::fs::read(file).map_err(unreadable)?;
    Ok(Upload { name, bytes })
}

/// Reads a reviewer's decisions from a file.
fn read_decisions(order: &Order, file: &Path) -> Result<(Decisions, Value), Problem> {
    let Some(taken) = services::presentation(order.service_code()).decisions else {
        return Err(Problem::Usage(format!(
            "{} takes no decisions from a file; to accept all proposals leave --decisions out",
            order.service_code()
        )));
    };
    let unreadable = |why: String| Problem::Usage(format!("{}: {why}", file.display()));
    let mut content = std::fs::File::open(file).map_err(|error| unreadable(error.to_string()))?;
    let decisions = (taken.read)(&mut content).map_err(|error| unreadable(error.to_string()))?;
    Ok((taken, decisions))
}

/// Checks that every proposal of the order can be accepted as it is.
async fn check_proposals(client: &Client, order: &Order) -> Result<(), Problem> {
    let Some(taken) = services::presentation(order.service_code()).decisions else { return Ok(()) };
    client.check_decisions(order, &Value::Array(Vec::new()), taken).await.map_err(not_decided)
}

fn not_decided(error: NotDecided) -> Problem {
    match error {
        NotDecided::Decided | NotDecided::Invalid(InvalidDecisions::Unfit(_)) => Problem::usage(error),
        NotDecided::Invalid(InvalidDecisions::Unreadable) | NotDecided::Aws(_) => Problem::failed(error),
    }
}
