//! The commands that move an order, but for retry: run, resume and cancel.

use std::path::Path;
use std::process::ExitCode;

use client::NotDecided;
use domain::id::OrderId;
use domain::message::Command;
use domain::option::{Confidence, Options};
use domain::order::Order;
use domain::service::{self, ServiceCode};
use runtime::service::{Decisions, InvalidDecisions};
use serde_json::Value;

use super::pipeline::{Pipeline, Target};
use super::place::Place;
use super::{Problem, outcome, upload};
use crate::cli::{OrderArgs, Resume, Run};
use crate::output::{self, eprint};
use crate::progress::Progress;

/// How many of the newest orders are looked at for what an earlier process left in progress.
const EARLIER_ORDER_COUNT_MAX: usize = 100;

/// `docket run`.
pub(super) async fn run(asked: Run, target: &Target<'_>) -> Result<ExitCode, Problem> {
    if !asked.service.is_offered() {
        let offered: Vec<_> = ServiceCode::ALL.iter().copied().filter(|service| service.is_offered()).collect();
        let codes = service::list(&offered);
        return Err(Problem::Usage(format!("this version offers {codes}; order one of them")));
    }
    if asked.service.needs_documents() && asked.files.is_empty() {
        let files = services::presentation(asked.service).files;
        return Err(Problem::Usage(format!("the service needs at least one document; add {files}")));
    }
    let uploads = upload::read_files(&asked.files)?;
    let options = Options {
        skip_review: asked.skip_review,
        skip_validation: asked.skip_validation,
        auto_approve_above: asked.auto_approve_above.unwrap_or(Confidence::DEFAULT_THRESHOLD),
        ..Options::default()
    };
    let mut pipeline = Pipeline::open(&asked.state, target).await?;
    // Beside a desk, orders in progress go on by themselves.
    if pipeline.runs_here() {
        finish_earlier(&mut pipeline, asked.state.json).await?;
    }
    let order = pipeline.client.order_id();
    let mut progress = Progress::new(asked.state.json);
    let submitted = pipeline.client.submit(order, asked.service, uploads, options).await;
    submitted.map_err(|error| pipeline.place.problem(error))?;
    if !asked.state.json {
        eprint(format!("order {order}  {}  {}\n", asked.service, output::count(asked.files.len(), "document")));
    }
    let settled = pipeline.until_settled(order, &mut progress, |_| true).await?;
    pipeline.finish().await;
    outcome::print(&pipeline, &settled, asked.out, asked.state.json).await
}

/// `docket resume`.
pub(super) async fn resume(asked: Resume, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let mut pipeline = Pipeline::open(&asked.order.state, target).await?;
    let is_only_submitted = pipeline.order(asked.order.order).await?.is_none();
    if is_only_submitted {
        // The submission may still be in the queue, and handling it may complete the order.
        pipeline.finish().await;
    }
    let order = read_order(&pipeline, &asked.order).await?;
    let continues = pipeline.place.is_local() && (order.is_active() || is_only_submitted);
    if continues && asked.decisions.is_none() {
        return continue_order(pipeline, &order, asked.order).await;
    }
    if !order.is_paused() {
        return Err(Problem::Usage(format!(
            "order {} is {}; it is not waiting for a reviewer",
            order.order_id(),
            order.status()
        )));
    }
    let Some(file) = &asked.decisions else {
        check_proposals(&pipeline, &order).await?;
        return command(pipeline, &order, Command::Resume { run: order.run() }, asked.order).await;
    };
    let (taken, decisions) = read_decisions(&order, file)?;
    let decided = pipeline.client.decide(&order, &decisions, taken).await;
    decided.map_err(|error| not_decided(&pipeline.place, error))?;
    command(pipeline, &order, Command::ReviewDecided { run: order.run() }, asked.order).await
}

/// Continues an order that an earlier process left in progress.
async fn continue_order(mut pipeline: Pipeline, order: &Order, asked: OrderArgs) -> Result<ExitCode, Problem> {
    let mut progress = Progress::after(asked.state.json, order);
    let settled = pipeline.until_settled(order.order_id(), &mut progress, |_| true).await?;
    pipeline.finish().await;
    outcome::print(&pipeline, &settled, asked.out, asked.state.json).await
}

/// `docket cancel`.
pub(super) async fn cancel(asked: OrderArgs, target: &Target<'_>) -> Result<ExitCode, Problem> {
    let (pipeline, order) = find(&asked, target).await?;
    if order.is_ended() {
        return Err(Problem::Usage(format!("order {} is {}; it has already ended", order.order_id(), order.status())));
    }
    command(pipeline, &order, Command::Cancel { run: Some(order.run()) }, asked).await
}

/// Sends a command and waits until it has taken effect.
pub(super) async fn command(
    mut pipeline: Pipeline,
    order: &Order,
    command: Command,
    asked: OrderArgs,
) -> Result<ExitCode, Problem> {
    let before = order.revision();
    let mut progress = match command {
        Command::Retry { .. } => Progress::new(asked.state.json),
        _ => Progress::after(asked.state.json, order),
    };
    let sent = pipeline.client.command(order.order_id(), command).await;
    sent.map_err(|error| pipeline.place.problem(error))?;
    let changed = |now: &Order| now.revision() > before;
    let settled = pipeline.until_settled(order.order_id(), &mut progress, changed).await?;
    pipeline.finish().await;
    outcome::print(&pipeline, &settled, asked.out, asked.state.json).await
}

/// Finishes the orders that an earlier process left in progress.
async fn finish_earlier(pipeline: &mut Pipeline, quiet: bool) -> Result<(), Problem> {
    let orders = pipeline.client.newest(EARLIER_ORDER_COUNT_MAX).await;
    let orders = orders.map_err(|error| pipeline.place.problem(error))?.orders;
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
        let _ = pipeline.until_settled(order, &mut Progress::new(true), |_| true).await;
    }
    pipeline.reset_calls();
    Ok(())
}

/// Opens the pipeline and reads the order of a command.
pub(super) async fn find(asked: &OrderArgs, target: &Target<'_>) -> Result<(Pipeline, Order), Problem> {
    let pipeline = Pipeline::open(&asked.state, target).await?;
    let order = read_order(&pipeline, asked).await?;
    Ok((pipeline, order))
}

async fn read_order(pipeline: &Pipeline, asked: &OrderArgs) -> Result<Order, Problem> {
    let found = pipeline.order(asked.order).await?;
    found.ok_or_else(|| unknown(&pipeline.place, asked.order))
}

/// There is no such order there, or it is another firm's.
pub(super) fn unknown(place: &Place, order: OrderId) -> Problem {
    Problem::Usage(format!("no order {order} in {}; list the orders with: {}", place.name(), place.command("orders")))
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
async fn check_proposals(pipeline: &Pipeline, order: &Order) -> Result<(), Problem> {
    let Some(taken) = services::presentation(order.service_code()).decisions else { return Ok(()) };
    let checked = pipeline.client.check_decisions(order, &Value::Array(Vec::new()), taken).await;
    checked.map_err(|error| not_decided(&pipeline.place, error))
}

fn not_decided(place: &Place, error: NotDecided) -> Problem {
    match error {
        NotDecided::Decided | NotDecided::Invalid(InvalidDecisions::Unfit(_)) => Problem::usage(error),
        NotDecided::Invalid(InvalidDecisions::Unreadable) => Problem::failed(error),
        NotDecided::Aws(error) => place.problem(error),
    }
}
