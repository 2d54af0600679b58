//! The commands about orders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use docket::client::{Client, Upload};
use docket::local::Local;
use docket::report;
use domain::id::OrderId;
use domain::limit::DOCUMENT_COUNT_MAX;
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::order::Order;
use domain::service::ServiceCode;
use domain::status::OrchestrationStatus;
use serde_json::json;

use super::{Problem, drive, outcome};
use crate::cli::{Again, Resume, Run, State};
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
        eprintln!("order {order}  {}  {} documents", asked.service, asked.files.len());
    }
    let settled = drive::until_settled(&mut local, &client, order, &mut progress, |_| true).await?;
    drive::until_idle(&mut local).await;
    outcome::tell(&client, &local.aws, &settled, asked.out, asked.state.json).await
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
    let (mut local, client, order) = find(&asked.again).await?;
    if !order.is_paused() {
        if order.is_active() && asked.decisions.is_none() {
            let mut progress = Progress::new(asked.again.state.json);
            let settled = drive::until_settled(&mut local, &client, order.order_id, &mut progress, |_| true).await?;
            drive::until_idle(&mut local).await;
            return outcome::tell(&client, &local.aws, &settled, asked.again.out, asked.again.state.json).await;
        }
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

/// `docket cancel`.
pub(super) async fn cancel(asked: Again) -> Result<ExitCode, Problem> {
    let (local, client, order) = find(&asked).await?;
    if order.is_ended() {
        return Err(Problem::Usage(format!("order {} is {}; it has ended already", order.order_id, order.status)));
    }
    command(local, &client, &order, Command::Cancel, asked).await
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
        println!("{}", serde_json::to_string_pretty(&listed).map_err(Problem::failed)?);
    } else if orders.is_empty() {
        println!("no orders yet; begin with: docket run --service CMA FILE…");
    } else {
        for order in &orders {
            println!(
                "{}  {:<7} {:<16} {:<15} {:>3} %  {:.0}",
                order.order_id,
                order.service_code.as_str(),
                order.status.as_str(),
                order.orchestration_status.as_str(),
                order.progress_percent(),
                order.created_at,
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// `docket show`.
pub(super) async fn show(asked: Again) -> Result<ExitCode, Problem> {
    let (local, client, order) = find(&asked).await?;
    let report =
        report::of(&client, &order, &BTreeMap::new(), report::calls(&local.aws)).await.map_err(Problem::failed)?;
    if asked.state.json {
        println!("{}", serde_json::to_string_pretty(&report).map_err(Problem::failed)?);
        return Ok(ExitCode::SUCCESS);
    }
    outcome::print(&order, &report);
    for (phase, record) in &order.phases {
        let duration = record.duration_ms().map_or_else(|| "under way".to_owned(), |ms| format!("{ms} ms"));
        println!(
            "  {phase:<9} run {}  {:.0}  {duration}{}",
            record.run,
            record.started_at,
            if record.skipped { "  left out" } else { "" }
        );
    }
    for failure in client.failures(order.order_id).await.map_err(Problem::failed)? {
        let record = &failure.record;
        println!(
            "  failure {}  {}  {}  {}  alert {:?}",
            record.failure_id,
            record.category.as_str(),
            record.code,
            record.occurred_at,
            failure.alert
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends a command and drives until it has worked.
async fn command(
    mut local: Local,
    client: &Client,
    order: &Order,
    command: Command,
    asked: Again,
) -> Result<ExitCode, Problem> {
    let before = order.revision;
    client.command(order.order_id, command).await.map_err(Problem::failed)?;
    let mut progress = Progress::new(asked.state.json);
    let changed = |now: &Order| now.revision > before;
    let settled = drive::until_settled(&mut local, client, order.order_id, &mut progress, changed).await?;
    drive::until_idle(&mut local).await;
    outcome::tell(client, &local.aws, &settled, asked.out, asked.state.json).await
}

/// Finishes what an earlier process left under way.
async fn finish_earlier(local: &mut Local, client: &Client, quiet: bool) -> Result<(), Problem> {
    let orders = client.orders(LISTED_ORDER_COUNT_MAX).await.map_err(Problem::failed)?;
    let open: Vec<OrderId> = orders.iter().filter(|order| order.is_active()).map(|order| order.order_id).collect();
    if open.is_empty() {
        return Ok(());
    }
    if !quiet {
        eprintln!("finishing {} earlier orders that were interrupted", open.len());
    }
    drive::until_idle(local).await;
    local.aws.reset_calls();
    Ok(())
}

async fn find(asked: &Again) -> Result<(Local, Client, Order), Problem> {
    let (local, client) = drive::open(&asked.state)?;
    let found = client.order(asked.order).await.map_err(Problem::failed)?;
    let order = found.ok_or_else(|| {
        Problem::Usage(format!(
            "there is no order {} in {}; list them with: docket orders",
            asked.order,
            asked.state.data.display()
        ))
    })?;
    Ok((local, client, order))
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
    reader
        .deserialize()
        .collect::<Result<Vec<_>, csv::Error>>()
        .map_err(|error| unreadable(format!("{error}; the columns are line, row_code and reason")))
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
