//! What a million orders cost on AWS, from counted calls and list prices.
//!
//! `cargo run -p docket --example cost`
//!
//! Each order is driven alone, so that nothing is batched: the dearest way. Assumed and not measured are the time of an
//! invocation and its platform's log lines.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use docket::client::{Client, Upload};
use docket::engine::{Call, Clock, Interceptor, Service, Verdict};
use docket::local::Local;
use domain::id::{DocumentNumber, OrderId};
use domain::option::Options;
use domain::service::ServiceCode;
use serde_json::Value;

/// Orders that are driven one after the other.
const ORDERS: u32 = 10;
/// Time that one order is given.
const ORDER_TIME: Duration = Duration::from_secs(20);
/// Time within which reconciliation has seen all orders at rest.
const RECONCILED_WITHIN: Duration = Duration::from_secs(3_600);
/// Billed time of an invocation that is assumed, in milliseconds: some calls of a few milliseconds each, and the work.
const INVOCATION_MS: f64 = 100.0;
/// Bytes of log that an invocation writes, assumed: Lambda's own lines, and some of ours.
const LOG_BYTES: f64 = 1_500.0;
/// Share of invocations that X-Ray traces beyond the first in each second.
const TRACED: f64 = 0.05;

/// List prices of us-east-1 in US dollars per unit; docs/DEPLOY.md has their sources and dates.
const PRICES: [(&str, f64); 9] = [
    ("Lambda requests", 0.20e-6),
    ("Lambda GB-seconds (arm64)", 13.333_4e-6),
    ("DynamoDB write units", 0.625e-6),
    ("DynamoDB read units", 0.125e-6),
    ("SQS requests", 0.40e-6),
    ("S3 writes and lists", 5e-6),
    ("S3 reads", 0.4e-6),
    ("CloudWatch log bytes", 0.50e-9),
    ("X-Ray traces", 5e-6),
];

/// Units by the name of their price.
type Units = BTreeMap<&'static str, f64>;

#[derive(Default)]
struct Meter {
    units: Mutex<Units>,
    /// Sizes of items by their keys, in bytes.
    sizes: Mutex<HashMap<String, usize>>,
    backup_writes: Mutex<f64>,
}

impl Meter {
    fn add(&self, unit: &'static str, count: f64) {
        if let Ok(mut units) = self.units.lock() {
            *units.entry(unit).or_default() += count;
        }
    }

    /// A write of an item costs a unit for each begun KB of it, twice within a transaction.
    fn write(&self, part: &Value, times: f64) {
        let key = |item: &Value| format!("{}{}", item["pk"], item["sk"]);
        let Ok(mut sizes) = self.sizes.lock() else { return };
        let bytes = match part.get("Item") {
            Some(item) => {
                let bytes = size(item);
                // A new item enters the indexes: a firm's orders and what is looked after, or owed alerts.
                if sizes.insert(key(item), bytes).is_none() {
                    let indexes = ["firm_id", "watch"].into_iter().filter(|name| item.get(name).is_some()).count();
                    self.add("DynamoDB write units", indexes as f64);
                }
                bytes
            }
            None => sizes.get(&key(&part["Key"])).copied().unwrap_or(1),
        };
        self.add("DynamoDB write units", times * bytes.div_ceil(1_024) as f64);
        // It leaves the index of what is looked after.
        if part["UpdateExpression"].as_str().is_some_and(|text| text.contains("REMOVE watch")) {
            self.add("DynamoDB write units", 1.0);
        }
    }

    fn read(&self, body: &Value) {
        let known = self.sizes.lock().ok().and_then(|sizes| {
            let key = &body["Key"];
            sizes.get(&format!("{}{}", key["pk"], key["sk"])).copied()
        });
        self.add("DynamoDB read units", known.unwrap_or(1).div_ceil(4_096) as f64);
    }
}

impl Interceptor for Meter {
    fn before(&self, call: &Call) -> Verdict {
        if call.scope.is_empty() {
            return Verdict::Pass;
        }
        let body = || serde_json::from_slice::<Value>(&call.body).unwrap_or_default();
        match (call.service, &*call.operation) {
            (Service::DynamoDb, "TransactWriteItems") => {
                for item in body()["TransactItems"].as_array().into_iter().flatten() {
                    item.as_object().into_iter().flatten().for_each(|(_, part)| self.write(part, 2.0));
                }
            }
            (Service::DynamoDb, "PutItem" | "UpdateItem") => self.write(&body(), 1.0),
            (Service::DynamoDb, _) => self.read(&body()),
            (Service::S3, "PutObject" | "ListObjectsV2") => {
                self.add("S3 writes and lists", 1.0);
                if let (true, Ok(mut writes)) = (call.resource.contains("-backup-"), self.backup_writes.lock()) {
                    *writes += 1.0;
                }
            }
            (Service::S3, _) => self.add("S3 reads", 1.0),
            (Service::Sqs, _) => self.add("SQS requests", 1.0),
            (Service::Lambda | Service::Sns, _) => {}
        }
        Verdict::Pass
    }
}

/// Bytes of an item's attributes as DynamoDB counts them: names, texts and numbers, and a little for each level.
fn size(value: &Value) -> usize {
    match value {
        Value::Object(entries) => entries
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("S", Value::String(text)) => text.len(),
                ("N", Value::String(digits)) => digits.len().div_ceil(2) + 1,
                ("NULL" | "BOOL", _) => 1,
                ("M" | "L", value) => size(value) + 3,
                (name, value) => name.len() + size(value),
            })
            .sum(),
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum(),
        Value::String(text) => text.len(),
        _ => 1,
    }
}

/// What is ordered.
struct Workload {
    name: &'static str,
    service: ServiceCode,
    documents: u32,
    failing: u32,
    files: Vec<File>,
}

/// A file's name and content.
type File = (String, Vec<u8>);

#[tokio::main(flavor = "current_thread", start_paused = true)]
#[expect(clippy::print_stdout, reason = "the tables are the point of it")]
async fn main() -> Result<(), Box<dyn Error>> {
    let canary = |name, documents, failing| Workload {
        name,
        service: ServiceCode::Canary,
        documents,
        failing,
        files: Vec::new(),
    };
    let cma = Workload { service: ServiceCode::Cma, files: sample()?, ..canary("CMA of two workbooks", 0, 0) };
    for workload in [canary("canary (`seq5`)", 0, 0), canary("eight documents, one fails (`fan8`)", 8, 1), cma] {
        let (units, backup_writes) = measure(&workload).await?;
        println!("\n{}, per order:\n", workload.name);
        println!("| | units | US$ per million orders |\n|---|---|---|");
        let mut total = 0.0;
        for (name, price) in PRICES {
            let count = units.get(name).copied().unwrap_or_default() / f64::from(ORDERS);
            total += count * price * 1e6;
            println!("| {name} | {count:.2} | {:.2} |", count * price * 1e6);
        }
        println!("| altogether | | {total:.2} |");
        let backup = backup_writes / f64::from(ORDERS);
        println!("\nof which {backup:.2} writes of the backup: {:.2}", backup * 5.0);
    }
    Ok(())
}

/// What the orders of a workload take, reconciliation of them included: what its turns take without any is left out.
async fn measure(workload: &Workload) -> Result<(Units, f64), Box<dyn Error>> {
    let (mut units, backup_writes) = drive(workload, ORDERS).await?;
    let (idle, idle_backup_writes) = drive(workload, 0).await?;
    for (name, count) in idle {
        *units.entry(name).or_default() -= count;
    }
    Ok((units, backup_writes - idle_backup_writes))
}

async fn drive(workload: &Workload, orders: u32) -> Result<(Units, f64), Box<dyn Error>> {
    let mut local = Local::memory(Clock::starting_at("2026-01-05T09:00:00Z".parse()?))?;
    let client = Client::new(&local)?;
    let meter = Arc::new(Meter::default());
    local.aws.intercept(Some(meter.clone()));
    let counter = Arc::clone(&meter);
    let memory: HashMap<String, u32> =
        local.stack.functions.iter().map(|(id, function)| (id.clone(), function.memory_mib)).collect();
    local.driver.observe(move |ended| {
        let gib = f64::from(memory.get(&ended.function).copied().unwrap_or_default()) / 1_024.0;
        counter.add("Lambda requests", 1.0);
        counter.add("Lambda GB-seconds (arm64)", gib * INVOCATION_MS / 1_000.0);
        counter.add("CloudWatch log bytes", LOG_BYTES);
        counter.add("X-Ray traces", TRACED);
        // The event source mapping receives the batch and deletes it.
        counter.add("SQS requests", 2.0);
    });
    for number in 0..ORDERS {
        if number >= orders {
            local.driver.run_while(tokio::time::sleep(ORDER_TIME)).await;
            continue;
        }
        let id = OrderId::from_parts(1_767_603_600_000, u128::from(number));
        order(&client, workload, id).await?;
        local.driver.run_while(tokio::time::sleep(ORDER_TIME)).await;
        if client.order(id).await?.is_none_or(|order| order.is_active()) {
            return Err(format!("{id} did not end").into());
        }
    }
    local.driver.run_while(tokio::time::sleep(RECONCILED_WITHIN)).await;
    let units = meter.units.lock().map_err(|_| "the meter broke")?.clone();
    let backup_writes = *meter.backup_writes.lock().map_err(|_| "the meter broke")?;
    Ok((units, backup_writes))
}

async fn order(client: &Client, workload: &Workload, id: OrderId) -> Result<(), aws::Error> {
    let canary_failures = DocumentNumber::all(workload.failing).collect();
    let options = Options { canary_failures, skip_review: !workload.files.is_empty(), ..Options::default() };
    if workload.files.is_empty() {
        return client.submit_uploaded(id, workload.service, workload.documents, options).await;
    }
    let upload = |(name, bytes): &File| Upload { name: name.clone(), bytes: bytes.clone() };
    client.submit(id, workload.service, workload.files.iter().map(upload).collect(), options).await
}

/// The statements of the sample borrower.
fn sample() -> Result<Vec<File>, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/shree-ganpati");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.push((name, std::fs::read(path)?));
    }
    files.sort();
    Ok(files)
}
