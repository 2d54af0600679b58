//! Measures how long rows take to choose: `cargo run --release -p cma --example speed -- [FILE…]`.
//!
//! Without files it reads those of `samples/shree-ganpati`. Of their lines it measures the whole of the classification, the same
//! without the printed sums, and the choice of each row alone.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a failing measurement should fail loudly")]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use cma::classify::{Classifier, classify};
use cma::policy::Policy;
use documents::{Limits, read};
use domain::statement::{Extraction, LineItem};

/// How often everything is measured. The fastest round counts, because the others share the caches with other programs.
const ROUNDS: u32 = 20;

fn main() {
    let start = Instant::now();
    let classifier = Classifier::shared();
    println!("built in {:?}", start.elapsed());
    let policy = Policy::docket_1();
    let captions = classifier.captions();
    let orders: Vec<Extraction> = files().iter().map(extraction).collect();
    let plain: Vec<Extraction> = orders.iter().map(without_sums).collect();
    let choose_captions = || {
        for caption in captions {
            black_box(classifier.choose(&caption.label, &["Balance sheet", "Assets", "Current assets"], &policy));
        }
    };
    let choose_lines = || {
        for line in lines(&orders) {
            let section: Vec<&str> = line.section.iter().map(String::as_str).collect();
            black_box(classifier.choose(&line.label, &section, &policy));
        }
    };
    let count = lines(&orders).count();
    show(&[
        ("known captions, choice alone", captions.len(), &choose_captions),
        ("statements, choice alone", count, &choose_lines),
        ("statements without printed sums", count, &|| each(&plain, &policy)),
        ("statements", count, &|| each(&orders, &policy)),
    ]);
}

/// The files to read: the arguments, or the sample.
fn files() -> Vec<PathBuf> {
    let files: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let sample = || {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../samples/shree-ganpati");
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    if files.is_empty() { sample() } else { files }
}

fn extraction(path: &PathBuf) -> Extraction {
    read(&path.to_string_lossy(), 1, &std::fs::read(path).unwrap(), &Limits::default()).unwrap()
}

fn lines(orders: &[Extraction]) -> impl Iterator<Item = &LineItem> {
    orders.iter().flat_map(|order| &order.statements).flat_map(|statement| &statement.lines)
}

fn without_sums(order: &Extraction) -> Extraction {
    let mut order = order.clone();
    for line in order.statements.iter_mut().flat_map(|statement| &mut statement.lines) {
        line.addends.clear();
    }
    order
}

/// Classifies each file as an order of its own.
fn each(orders: &[Extraction], policy: &Policy) {
    for order in orders {
        black_box(classify(std::slice::from_ref(order), policy));
    }
}

/// Measures all in turn in each round, so that a busy moment hits all of them, and prints the fastest round of each.
fn show(measured: &[(&str, usize, &dyn Fn())]) {
    let begin = Instant::now();
    let time = |work: &dyn Fn()| {
        let start = spent(begin);
        work();
        spent(begin) - start
    };
    let mut fastest = vec![Duration::MAX; measured.len()];
    for _ in 0..ROUNDS {
        for (best, (_, _, work)) in fastest.iter_mut().zip(measured) {
            *best = time(work).min(*best);
        }
    }
    for (best, (what, count, _)) in fastest.iter().zip(measured) {
        let each = best.as_secs_f64() * 1e3 / f64::from(u32::try_from((*count).max(1)).unwrap());
        println!("{what}: {each:.3} ms per label over {count} labels");
    }
}

/// The time this thread was on the processor, so that other programs on the machine do not count; elsewhere than on Linux the time
/// since `begin`.
fn spent(begin: Instant) -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_whitespace().next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| begin.elapsed(), Duration::from_nanos)
}
