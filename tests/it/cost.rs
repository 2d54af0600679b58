//! Computes what a million orders cost on AWS, from counted calls and list prices: the table in docs/guide/DEPLOY.md.
//!
//! Each order is driven alone and its documents one after another, so nothing is batched: the most expensive case. The duration of an invocation and the
//! bytes that it logs are assumed, not measured.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use client::{Client, Upload};
use domain::id::{DocumentNumber, OrderId};
use domain::option::Options;
use domain::service::ServiceCode;
use engine::{Action, Call, Interceptor, Service};
use pipeline::consumed;
use tests::pipeline::{Pipeline, in_virtual_time, sample_folder};

use crate::docs::between;

/// Orders to drive, one after another.
const ORDERS: u32 = 10;
/// Time allowed for one order.
const ORDER_TIME: Duration = Duration::from_secs(20);
/// Time within which reconciliation has finished with all orders.
const RECONCILED_WITHIN: Duration = Duration::from_secs(3_600);
/// Billed milliseconds assumed per invocation: a few calls of a few milliseconds each, and the work.
const INVOCATION_MS: f64 = 100.0;
/// Bytes of log assumed per invocation: Lambda's own lines and some of ours.
const LOG_BYTES: f64 = 1_500.0;
/// Share of invocations that X-Ray traces, beyond the first in each second.
const TRACED: f64 = 0.05;

/// List prices in us-east-1 in US dollars per unit, in the order of the table. docs/guide/DEPLOY.md gives sources and
/// dates.
const PRICES: [(&str, f64); 10] = [
    ("Lambda, requests", 0.20e-6),
    ("Lambda, GB-seconds on arm64", 13.333_4e-6),
    (TABLE_WRITES, 0.625e-6),
    (TABLE_READS, 0.125e-6),
    ("SQS, receives and deletes included", 0.40e-6),
    ("S3, writes: the backup", 5e-6),
    ("S3, writes: results and documents", 5e-6),
    ("S3, reads", 0.4e-6),
    ("logs", 0.50e-9),
    ("traces", 5e-6),
];
/// The price for which the table also gives the number of units.
const TABLE_WRITES: &str = "DynamoDB, writes";
const TABLE_READS: &str = "DynamoDB, reads";

/// Units consumed, by the name of their price.
type Units = BTreeMap<&'static str, f64>;

/// Counts requests. The engine counts the units of the table.
#[derive(Default)]
struct Meter {
    units: Mutex<Units>,
}

impl Meter {
    fn add(&self, unit: &'static str, count: f64) {
        *self.units.lock().unwrap().entry(unit).or_default() += count;
    }
}

impl Interceptor for Meter {
    fn before(&self, call: &Call) -> Action {
        if call.scope.is_empty() {
            return Action::Pass;
        }
        match (call.service, &*call.operation) {
            (Service::S3, "PutObject" | "ListObjectsV2") => {
                let is_backup = call.resource.contains("-backup-");
                let unit = if is_backup { "S3, writes: the backup" } else { "S3, writes: results and documents" };
                self.add(unit, 1.0);
            }
            (Service::S3, _) => self.add("S3, reads", 1.0),
            (Service::Sqs, _) => self.add("SQS, receives and deletes included", 1.0),
            (Service::DynamoDb | Service::Lambda | Service::Sns, _) => {}
        }
        Action::Pass
    }
}

/// The orders to measure.
struct Workload {
    service: ServiceCode,
    documents: u32,
    failing: u32,
    files: Vec<File>,
}

/// A file's name and content.
type File = (String, Vec<u8>);

/// `DOCKET_UPDATE=1 cargo test -p tests cost` rewrites the table.
#[test]
fn the_deployment_page_states_the_current_cost_of_orders() {
    in_virtual_time(compare_with_the_page());
}

async fn compare_with_the_page() {
    let canary = |documents, failing| Workload { service: ServiceCode::Canary, documents, failing, files: Vec::new() };
    let cma = Workload { service: ServiceCode::Cma, documents: 0, failing: 0, files: sample() };
    let measured = [measure(&canary(0, 0)).await, measure(&canary(8, 1)).await, measure(&cma).await];

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/DEPLOY.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let counted = between(&text, "costs", &table(&measured));
    if std::env::var_os("DOCKET_UPDATE").is_some() {
        return std::fs::write(&page, &counted).unwrap();
    }
    assert!(text == counted, "the costs in docs/guide/DEPLOY.md are out of date; rewrite them with DOCKET_UPDATE=1");
}

fn table(measured: &[Units]) -> String {
    let orders = f64::from(ORDERS);
    let mut text =
        String::from("| | canary | eight documents, one fails | CMA of two workbooks |\n|---|---|---|---|\n");
    let mut totals = vec![0.0; measured.len()];
    for (name, price) in PRICES {
        let units: Vec<f64> =
            measured.iter().map(|units| units.get(name).copied().unwrap_or_default() / orders).collect();
        let note = if name == TABLE_WRITES { format!(" ({} units per order)", joined(&units)) } else { String::new() };
        text.push_str(&format!("| {name}{note} |"));
        for (count, total) in units.iter().zip(&mut totals) {
            let dollars = count * price * 1e6;
            *total += dollars;
            text.push_str(&if dollars > 0.0 { format!(" {dollars:.2} |") } else { " |".to_owned() });
        }
        text.push('\n');
    }
    let totals: Vec<String> = totals.iter().map(|total| format!(" **{total:.2}** |")).collect();
    format!("{text}| **altogether** |{}\n", totals.concat())
}

fn joined(units: &[f64]) -> String {
    units.iter().map(|count| format!("{count:.0}")).collect::<Vec<_>>().join(", ")
}

/// The units that the orders of a workload consume, their reconciliation included. What reconciliation passes consume
/// without any order is subtracted.
async fn measure(workload: &Workload) -> Units {
    let mut units = drive(workload, ORDERS).await;
    for (name, count) in drive(workload, 0).await {
        *units.entry(name).or_default() -= count;
    }
    units
}

async fn drive(workload: &Workload, orders: u32) -> Units {
    let Pipeline { mut local, client } = Pipeline::one_at_a_time().wait_for_threads();
    let meter = Arc::new(Meter::default());
    local.aws.intercept(Some(meter.clone()));
    local.aws.start_meter();
    let counter = Arc::clone(&meter);
    let memory: HashMap<String, u32> =
        local.stack.functions.iter().map(|(id, function)| (id.clone(), function.memory_mib)).collect();
    local.driver.observe(move |ended| {
        let gib = f64::from(memory.get(&ended.function).copied().unwrap_or_default()) / 1_024.0;
        counter.add("Lambda, requests", 1.0);
        counter.add("Lambda, GB-seconds on arm64", gib * INVOCATION_MS / 1_000.0);
        counter.add("logs", LOG_BYTES);
        counter.add("traces", TRACED);
        // The event source mapping receives the batch and deletes it.
        counter.add("SQS, receives and deletes included", 2.0);
    });
    for number in 0..ORDERS {
        if number >= orders {
            local.driver.run_while(tokio::time::sleep(ORDER_TIME)).await;
            continue;
        }
        let id = OrderId::from_parts(1_767_603_600_000, u128::from(number));
        submit(&client, workload, id).await;
        local.driver.run_while(tokio::time::sleep(ORDER_TIME)).await;
        assert!(client.order(id).await.unwrap().is_some_and(|order| !order.is_active()), "{id} did not finish");
    }
    local.driver.run_while(tokio::time::sleep(RECONCILED_WITHIN)).await;
    let consumed = consumed::by_functions(&local.aws.stop_meter());
    meter.add(TABLE_WRITES, consumed.write_units);
    meter.add(TABLE_READS, consumed.read_units);
    meter.units.lock().unwrap().clone()
}

async fn submit(client: &Client, workload: &Workload, id: OrderId) {
    let canary_failures = DocumentNumber::all(workload.failing).collect();
    let options = Options { canary_failures, skip_review: !workload.files.is_empty(), ..Options::default() };
    if workload.files.is_empty() {
        return client.submit_uploaded(id, workload.service, workload.documents, options).await.unwrap();
    }
    let upload = |(name, bytes): &File| Upload { name: name.clone(), bytes: bytes.clone() };
    client.submit(id, workload.service, workload.files.iter().map(upload).collect(), options).await.unwrap();
}

/// The sample borrower's statements.
fn sample() -> Vec<File> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(sample_folder()).unwrap() {
        let path = entry.unwrap().path();
        files.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()));
    }
    files.sort();
    files
}
