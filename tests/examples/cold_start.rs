//! How large the functions' binaries are, and how long each takes from the start of its process to its first poll of the
//! Lambda Runtime API, on loopback. Prints a table in Markdown.
//!
//! ```text
//! infra/build --x86-64 --unpacked
//! cargo run -p tests --example cold_start [FOLDER [STARTS]]
//! ```
//! `FOLDER` is where `infra/build` left the binaries, by default `target/lambda`; `STARTS` is how often each is started,
//! by default 60. The functions are started in turn, so that a change of the machine's load hits all of them.

#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement stops where it cannot go on, and prints")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use engine::template::stack::Function;
use tests::pipeline::Pipeline;
use tests::sandbox::fleet::{crate_of, environment};
use tests::sandbox::{Sandbox, binary};

/// Nothing is sent before the first event, so nobody needs to listen there.
const ENDPOINT: &str = "http://127.0.0.1:9";
const STARTS: usize = 60;

#[derive(Default)]
struct Figures {
    started: Vec<Duration>,
    cpu: Vec<Duration>,
    peak_kib: u64,
}

/// One start.
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

    let mut figures: BTreeMap<String, Figures> = BTreeMap::new();
    // The first round brings the binaries from the disk and is not counted.
    for round in 0..=starts {
        for (id, function) in &built {
            let name = crate_of(id);
            let start = start(&binaries[&name], function).await;
            let figures = figures.entry(name).or_default();
            if round > 0 {
                figures.started.push(start.time);
                figures.cpu.push(start.cpu);
                figures.peak_kib = figures.peak_kib.max(start.peak_kib);
            }
        }
    }
    println!(
        "| function | stripped MB | ms to the first poll: median | least | 9 of 10 under | CPU ms: median | MiB at most |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, figures) in &mut figures {
        let bytes = binaries[name].metadata().expect("the binary is there").len();
        print(name, bytes, figures);
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

fn print(name: &str, bytes: u64, figures: &mut Figures) {
    figures.started.sort();
    figures.cpu.sort();
    let (megabytes, mebibytes) = (bytes / 1_000, figures.peak_kib / 1_024);
    println!(
        "| {name} | {}.{:02} | {:.1} | {:.1} | {:.1} | {:.1} | {mebibytes} |",
        megabytes / 1_000,
        megabytes % 1_000 / 10,
        at(&figures.started, 50),
        at(&figures.started, 0),
        at(&figures.started, 90),
        at(&figures.cpu, 50)
    );
}

/// Milliseconds at a percentile of sorted times.
fn at(sorted: &[Duration], percent: usize) -> f64 {
    let index = (sorted.len() * percent / 100).min(sorted.len() - 1);
    sorted[index].as_secs_f64() * 1_000.0
}
