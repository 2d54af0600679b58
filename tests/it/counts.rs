//! Counts the calls, units and bytes of orders: the tables in docs/evidence/BENCHMARKS.md.
//!
//! Each order is driven alone, in virtual time, until nothing is left to do. One invocation of a function runs at a time:
//! if documents were extracted at once, the sizes of the order in between would depend on whose turn it is. So the counts
//! are the same in every run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use docket::bench::Workload;
use domain::limit::DOCUMENT_COUNT_MAX;
use domain::option::Options;
use domain::status::Status;
use pipeline::consumed::Consumed;
use pipeline::{calls, consumed};
use tests::pipeline::{OrderRequest, Pipeline, in_virtual_time};

use crate::docs::between;

/// Orders whose counts the page states.
const WORKLOADS: [Workload; 6] = [
    Workload::Seq5,
    Workload::Fan8,
    Workload::Documents(1),
    Workload::Documents(10),
    Workload::Documents(100),
    Workload::Documents(DOCUMENT_COUNT_MAX),
];

/// The functions in the order in which an order meets them. Others follow.
const FUNCTIONS: [&str; 6] = ["intake", "extract", "classify", "review", "validate", "generate"];

/// What one order took.
struct Counted {
    /// Calls by function and operation.
    calls: Calls,
    consumed: Consumed,
}

type Calls = BTreeMap<String, BTreeMap<String, u64>>;

/// `DOCKET_UPDATE=1 cargo test -p tests counts` rewrites the tables.
#[test]
fn the_benchmarks_state_the_current_counts_of_orders() {
    in_virtual_time(compare_with_the_page());
}

async fn compare_with_the_page() {
    let mut counted = Vec::new();
    for workload in WORKLOADS {
        let order =
            OrderRequest { documents: workload.documents(), options: workload.options(), ..OrderRequest::canary() };
        counted.push(count(&order).await);
    }
    let by_size: Vec<_> = WORKLOADS.iter().map(|workload| workload.documents()).zip(&counted).skip(2).collect();
    for pair in by_size.windows(2) {
        assert_no_more_for_each_document(pair[0], pair[1]);
    }
    let sample = count(&OrderRequest { options: Options::default(), ..OrderRequest::sample() }).await;

    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/evidence/BENCHMARKS.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let stated = between(&text, "calls", &calls_table(&counted));
    let stated = between(&stated, "sample-calls", &sample_table(&sample.calls));
    let stated = between(&stated, "units", &units_table(&counted, &sample.consumed));
    if std::env::var_os("DOCKET_UPDATE").is_some() {
        return std::fs::write(&page, &stated).unwrap();
    }
    assert!(
        text == stated,
        "the counts in docs/evidence/BENCHMARKS.md are out of date; rewrite them with DOCKET_UPDATE=1"
    );
}

#[test]
fn the_counts_of_an_order_are_the_same_in_every_run() {
    in_virtual_time(async {
        let canary = OrderRequest { documents: 10, ..OrderRequest::canary() };
        for order in [canary, OrderRequest { options: Options::default(), ..OrderRequest::sample() }] {
            let (first, second) = (count(&order).await, count(&order).await);
            assert_eq!(first.calls, second.calls);
            assert_eq!(first.consumed, second.consumed);
        }
    });
}

async fn count(order: &OrderRequest) -> Counted {
    let mut pipeline = Pipeline::one_at_a_time().wait_for_threads();
    pipeline.local.aws.start_meter();
    let id = pipeline.submit(order).await;
    pipeline.settle().await;
    let consumed = consumed::by_functions(&pipeline.local.aws.stop_meter());
    let calls = calls::by_function(&pipeline.local.aws);
    assert_eq!(pipeline.order(id).await.status(), Status::Completed);
    Counted { calls: serde_json::from_value(calls).unwrap(), consumed }
}

/// A document of a larger order takes no more calls, units and bytes than one of a smaller order.
fn assert_no_more_for_each_document((few, fewer): (u32, &Counted), (many, more): (u32, &Counted)) {
    let each = |total: f64, documents: u32| total / f64::from(documents);
    let figures = |one: &Counted| {
        let Consumed { write_units, read_units, stored_bytes, .. } = one.consumed;
        [total(&one.calls) as f64, write_units, read_units, stored_bytes as f64]
    };
    for (name, (less, greater)) in
        ["calls", "write units", "read units", "bytes"].iter().zip(figures(fewer).into_iter().zip(figures(more)))
    {
        let (less, greater) = (each(less, few), each(greater, many));
        assert!(greater <= less, "{name}: {greater:.2} for each of {many} documents, {less:.2} for each of {few}");
    }
}

/// All functions that made calls, in the order of the page.
fn functions<'a>(all: impl Iterator<Item = &'a Calls>) -> Vec<&'a str> {
    let made: BTreeSet<&str> = all.flat_map(BTreeMap::keys).map(String::as_str).collect();
    let others = made.iter().copied().filter(|name| !FUNCTIONS.contains(name));
    FUNCTIONS.into_iter().filter(|name| made.contains(name)).chain(others).collect()
}

fn calls_table(counted: &[Counted]) -> String {
    let mut rows = Vec::new();
    for function in functions(counted.iter().map(|one| &one.calls)) {
        let of = |one: &Counted| one.calls.get(function).cloned().unwrap_or_default();
        let operations: BTreeSet<String> = counted.iter().flat_map(|one| of(one).into_keys()).collect();
        for operation in operations {
            let counts = counted.iter().map(|one| of(one).get(&operation).copied().unwrap_or_default());
            rows.push(row(&format!("{function}, `{operation}`"), counts));
        }
    }
    rows.push(row("**altogether**", counted.iter().map(|one| total(&one.calls))));
    format!("{}{}", head("calls per order"), rows.concat())
}

/// Rows are phases, columns are the services that they call.
fn sample_table(calls: &Calls) -> String {
    const SERVICES: [&str; 4] = ["dynamodb", "sqs", "s3", "sns"];
    let mut text =
        "| phase | table | queues | bucket: reads | bucket and backup: writes | alerts |\n|---|---|---|---|---|---|\n"
            .to_owned();
    for function in functions(std::iter::once(calls)) {
        let count = |wanted: &dyn Fn(&str, &str) -> bool| -> u64 {
            let of = calls[function].iter().filter(|(name, _)| {
                let (service, operation) = name.split_once(':').unwrap();
                assert!(SERVICES.contains(&service), "{name} has no column");
                wanted(service, operation)
            });
            of.map(|(_, count)| count).sum()
        };
        let writes = |operation: &str| operation == "PutObject";
        let counts = [
            count(&|service, _| service == "dynamodb"),
            count(&|service, _| service == "sqs"),
            count(&|service, operation| service == "s3" && !writes(operation)),
            count(&|service, operation| service == "s3" && writes(operation)),
            count(&|service, _| service == "sns"),
        ];
        text.push_str(&row(function, counts.into_iter()));
    }
    text
}

fn units_table(counted: &[Counted], sample: &Consumed) -> String {
    let mut text = String::from(
        "| | write units | read units | bytes in the backup | per document: calls | write units | bytes stored |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (workload, Counted { calls, consumed }) in WORKLOADS.iter().zip(counted) {
        text.push_str(&format!("| {} | {}", name(*workload), of_order(consumed)));
        let documents = f64::from(workload.documents());
        text.push_str(&if documents > 0.0 {
            let (calls, stored) = (total(calls) as f64, consumed.stored_bytes as f64);
            let (calls, units, stored) = (calls / documents, consumed.write_units / documents, stored / documents);
            format!(" | {calls:.1} | {units:.1} | {stored:.0} |\n")
        } else {
            " | | | |\n".to_owned()
        });
    }
    format!("{text}| the sample borrower | {} | | | |\n", of_order(sample))
}

fn of_order(consumed: &Consumed) -> String {
    format!("{} | {} | {}", consumed.write_units, consumed.read_units, consumed.backup_bytes)
}

fn name(workload: Workload) -> String {
    match workload {
        Workload::Seq5 | Workload::Fan8 => format!("`{}`", workload.name()),
        Workload::Documents(1) => "1 document".to_owned(),
        Workload::Documents(count) => format!("{} documents", grouped(count)),
    }
}

/// A number with a comma after its thousands.
fn grouped(number: u32) -> String {
    if number < 1_000 { number.to_string() } else { format!("{},{:03}", number / 1_000, number % 1_000) }
}

fn head(first: &str) -> String {
    let names = WORKLOADS.map(name).join(" | ");
    format!("| {first} | {names} |\n|---|{}\n", "---|".repeat(WORKLOADS.len()))
}

fn row(first: &str, counts: impl Iterator<Item = u64>) -> String {
    let shown = counts.map(|count| if count > 0 { format!(" {count} |") } else { " |".to_owned() });
    format!("| {first} |{}\n", shown.collect::<String>())
}

fn total(calls: &Calls) -> u64 {
    calls.values().flat_map(BTreeMap::values).sum()
}
