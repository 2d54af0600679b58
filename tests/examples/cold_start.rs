//! Measures the size of the functions' binaries, and the time each takes from process start to its first poll of the
//! Lambda Runtime API on loopback. Prints a Markdown table.
//!
//! ```text
//! infra/build --x86-64 --unpacked
//! cargo run -p tests --example cold_start [FOLDER [STARTS]]
//! ```
//! `FOLDER` is where `infra/build` left the binaries, by default `target/lambda`; `STARTS` is how often each is started,
//! by default 60. The functions are started in rotation, so that changes in machine load affect all of them.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement prints, and panics when it cannot continue"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::template::stack::Function;
use tests::pipeline::Pipeline;
use tests::sandbox::fleet::{crate_of, environment};
use tests::sandbox::{Sandbox, binary};

/// Nothing is sent before the first event, so nothing has to listen here.
const ENDPOINT: &str = "http://127.0.0.1:9";
const STARTS: usize = 60;

#[derive(Default)]
struct Measurements {
    started: Vec<Duration>,
    cpu: Vec<Duration>,
    peak_kib: u64,
}

/// Measurements of one start.
struct Start {
    time: Duration,
    cpu: Duration,
    peak_kib: u64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(|| PathBuf::from("target/lambda"), PathBuf::from);
    let starts = arguments.next().map_or(STARTS, |count| count.parse().expect("the number of starts"));
    let binaries = binary::in_folder(&folder);
    let functions = Pipeline::new().local.stack.functions;
    let (built, missing): (Vec<_>, Vec<_>) = functions.iter().partition(|(id, _)| binaries.contains_key(&crate_of(id)));

    let mut measurements: BTreeMap<String, Measurements> = BTreeMap::new();
    // The first round loads the binaries from disk and is not counted.
    for round in 0..=starts {
        for (id, function) in &built {
            let name = crate_of(id);
            let start = start(&binaries[&name], function).await;
            let measurements = measurements.entry(name).or_default();
            if round > 0 {
                measurements.started.push(start.time);
                measurements.cpu.push(start.cpu);
                measurements.peak_kib = measurements.peak_kib.max(start.peak_kib);
            }
        }
    }
    println!(
        "| function | stripped MB | ms to the first poll: median | least | 9 of 10 under | CPU ms: median | MiB at most |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, measurements) in &mut measurements {
        let bytes = binaries[name].metadata().expect("the binary is there").len();
        print(name, bytes, measurements);
    }
    for (id, _) in missing {
        println!("| {} | not built in {} | | | | | |", crate_of(id), folder.display());
    }
}

async fn start(binary: &Path, function: &Function) -> Start {
    let environment = environment(function, ENDPOINT);
    let began = Instant::now();
    let mut sandbox = Sandbox::start(binary, &environment).await.expect("the binary can be executed");
    sandbox.ready().await.expect("it polls");
    let time = began.elapsed();
    Start { time, cpu: sandbox.cpu().unwrap_or_default(), peak_kib: sandbox.peak_kib().unwrap_or_default() }
}

fn print(name: &str, bytes: u64, measurements: &mut Measurements) {
    measurements.started.sort();
    measurements.cpu.sort();
    let (megabytes, mebibytes) = (bytes / 1_000, measurements.peak_kib / 1_024);
    println!(
        "| {name} | {}.{:02} | {:.1} | {:.1} | {:.1} | {:.1} | {mebibytes} |",
        megabytes / 1_000,
        megabytes % 1_000 / 10,
        at(&measurements.started, 50),
        at(&measurements.started, 0),
        at(&measurements.started, 90),
        at(&measurements.cpu, 50)
    );
}

/// Milliseconds at a percentile of sorted times.
fn at(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len() - 1);
    sorted[index].as_secs_f64() * 1_000.0
}
