//! Benchmarks the pipeline itself: drives orders that do no work through all five phases.
//!
//! It drives two passes of the same orders, as many in flight in both. The first, of as many orders as are in flight at a
//! time, warms up and counts units and bytes. The second is measured: times, CPU and calls. Counting units parses every call
//! of DynamoDB once more, which would distort the CPU time, so it is off in the second pass.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use client::Client;
use domain::id::{DocumentNumber, OrderId};
use domain::message::PhaseMessage;
use domain::option::Options;
use domain::service::ServiceCode;
use domain::status::Status;
use engine::Clock;
use pipeline::{LocalPipeline, calls, consumed};
use serde::Serialize;

/// The kind of order that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Workload {
    /// A canary order without documents: five phases one after the other.
    Seq5,
    /// A canary order with eight documents, one of which fails for good; the order still completes.
    Fan8,
    /// A canary order with this many documents, none of which fails.
    #[value(skip)]
    Documents(u32),
}

/// What to run.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    /// The kind of order.
    pub workload: Workload,
    /// How many orders.
    pub orders: usize,
    /// How many orders are in flight at a time.
    pub in_flight: usize,
    /// Folder for the state; `None` keeps it in memory.
    pub data: Option<&'a Path>,
}

/// The measurements.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Name of the workload.
    pub workload: String,
    /// Orders that completed.
    pub orders: usize,
    /// Orders per second of wall clock.
    pub orders_per_s: f64,
    /// Median time from submission to completion, in milliseconds.
    pub p50_ms: f64,
    /// The 99th percentile of that time.
    pub p99_ms: f64,
    /// CPU time of the whole process per order, in milliseconds.
    pub cpu_ms_per_order: f64,
    /// AWS calls that the functions made, per order.
    pub aws_calls_per_order: f64,
    /// All of those calls, by function and operation.
    pub aws_calls: serde_json::Value,
    /// Write units of the table that the functions consumed, per order.
    pub write_units_per_order: f64,
    /// Read units of the table that the functions consumed, per order.
    pub read_units_per_order: f64,
    /// Bytes that the functions put into the backup of completions, per order.
    pub backup_bytes_per_order: f64,
    /// What each order consumed, divided by the number of its documents, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_document: Option<PerDocument>,
    /// Peak resident memory, in MiB.
    pub rss_mib: f64,
    /// How durable the state is.
    pub durability: &'static str,
}

/// What an order consumed, divided by the number of its documents.
#[derive(Clone, Debug, Serialize)]
pub struct PerDocument {
    /// CPU time of the whole process, in milliseconds.
    pub cpu_ms: f64,
    /// AWS calls of the functions.
    pub aws_calls: f64,
    /// Write units of the table.
    pub write_units: f64,
    /// Bytes that the functions put into buckets, the backup included.
    pub bytes_stored: f64,
}

/// Runs a benchmark.
///
/// # Errors
/// A message that says why it could not run or complete every order.
pub async fn run(plan: &Plan<'_>) -> Result<Measured, String> {
    let clock = Clock::system();
    let opened = match plan.data {
        Some(data) => LocalPipeline::open(data, clock),
        None => LocalPipeline::in_memory(clock),
    };
    let mut local = opened.map_err(|error| error.to_string())?;
    let client = local.client().map_err(|error| error.to_string())?;
    let warming = plan.in_flight.min(plan.orders);
    local.aws.start_meter();
    drive(plan, &mut local, &client, warming).await?;
    let consumed = consumed::by_functions(&local.aws.stop_meter());
    local.aws.reset_calls();

    let (cpu, wall) = (cpu_time(), Instant::now());
    let mut latencies = drive(plan, &mut local, &client, plan.orders).await?;
    let (cpu, wall) = (cpu_time() - cpu, wall.elapsed());

    let calls = calls::by_function(&local.aws);
    latencies.sort_unstable();
    let per_order = |total: f64| total / float(plan.orders);
    let of_warming = |total: f64| total / float(warming);
    let cpu_ms_per_order = per_order(cpu.as_secs_f64() * 1_000.0);
    let aws_calls_per_order = per_order(float(calls::total(&calls)));
    let write_units_per_order = of_warming(consumed.write_units);
    let documents = plan.workload.documents();
    let per_document = |per_order: f64| per_order / f64::from(documents);
    Ok(Measured {
        workload: plan.workload.name(),
        orders: plan.orders,
        orders_per_s: 1.0 / per_order(wall.as_secs_f64()),
        p50_ms: percentile(&latencies, 50),
        p99_ms: percentile(&latencies, 99),
        cpu_ms_per_order,
        aws_calls_per_order,
        aws_calls: calls,
        write_units_per_order,
        read_units_per_order: of_warming(consumed.read_units),
        backup_bytes_per_order: of_warming(float(consumed.backup_bytes)),
        per_document: (documents > 0).then(|| PerDocument {
            cpu_ms: per_document(cpu_ms_per_order),
            aws_calls: per_document(aws_calls_per_order),
            write_units: per_document(write_units_per_order),
            bytes_stored: per_document(of_warming(float(consumed.stored_bytes))),
        }),
        rss_mib: peak_rss_mib(),
        durability: match plan.data {
            Some(_) => "every call that changes something is on disk (fsync) before it is answered",
            None => "none: state in memory",
        },
    })
}

/// Runs `orders` orders, keeping as many in flight as `plan` says, and returns the latency of each.
async fn drive(
    plan: &Plan<'_>,
    local: &mut LocalPipeline,
    client: &Client,
    orders: usize,
) -> Result<Vec<Duration>, String> {
    let done = Rc::new(RefCell::new(BTreeSet::new()));
    collect_completed(local, Rc::clone(&done));
    let mut started: BTreeMap<OrderId, Instant> = BTreeMap::new();
    let mut latencies = Vec::with_capacity(orders);
    let mut submitted = 0;
    let mut last = None;
    while latencies.len() < orders {
        while started.len() < plan.in_flight && submitted < orders {
            let id = client.order_id();
            let (documents, options) = (plan.workload.documents(), plan.workload.options());
            client
                .submit_uploaded(id, ServiceCode::Canary, documents, options)
                .await
                .map_err(|error| error.to_string())?;
            started.insert(id, Instant::now());
            submitted += 1;
        }
        if !local.driver.step().await {
            return Err("the pipeline became idle before every order completed".to_owned());
        }
        for id in std::mem::take(&mut *done.borrow_mut()) {
            if let Some(start) = started.remove(&id) {
                latencies.push(start.elapsed());
                last = Some(id);
            }
        }
    }
    if let Some(id) = last {
        let order = client.order(id).await.map_err(|error| error.to_string())?;
        if order.is_none_or(|order| order.status() != Status::Completed) {
            return Err("an order did not complete".to_owned());
        }
    }
    Ok(latencies)
}

/// Collects the orders whose last phase was acknowledged.
fn collect_completed(local: &LocalPipeline, done: Rc<RefCell<BTreeSet<OrderId>>>) {
    local.on_answer(move |function, event, answer| {
        let refused = answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
        if function == "GenerateFunction" && !refused {
            let bodies = event["Records"].as_array().into_iter().flatten().filter_map(|record| record["body"].as_str());
            let messages = bodies.filter_map(|body| serde_json::from_str::<PhaseMessage>(body).ok());
            done.borrow_mut().extend(messages.map(|message| message.order_id));
        }
    });
}

impl Workload {
    /// Its name, as the measurements state it.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Seq5 => "seq5".to_owned(),
            Self::Fan8 => "fan8".to_owned(),
            Self::Documents(count) => format!("documents-{count}"),
        }
    }

    /// How many documents each order has.
    #[must_use]
    pub fn documents(self) -> u32 {
        match self {
            Self::Seq5 => 0,
            Self::Fan8 => 8,
            Self::Documents(count) => count,
        }
    }

    /// The options of each order.
    #[must_use]
    pub fn options(self) -> Options {
        match self {
            Self::Seq5 | Self::Documents(_) => Options::default(),
            Self::Fan8 => {
                let canary_failures = DocumentNumber::all(8).skip(2).take(1).collect();
                Options { canary_failures, ..Options::default() }
            }
        }
    }
}

/// A count as a number to divide.
#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
fn float(count: impl TryInto<u64>) -> f64 {
    count.try_into().unwrap_or(u64::MAX) as f64
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
}

/// CPU time that this process has used.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The peak resident memory so far, on systems that report it.
fn peak_rss_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: Option<f64> = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok());
    kib.map_or(0.0, |kib| kib / 1_024.0)
}
