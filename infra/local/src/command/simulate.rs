//! `docket simulate`: runs a simulation and prints its report.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use serde_json::json;
use simulator::{Options, Progress, Report, Sweep};

use super::Problem;
use super::outcome::Lines;
use crate::cli::{Simulate, SimulateMode};
use crate::output;

/// How often progress is printed.
const PROGRESS_EVERY: Duration = Duration::from_secs(30);
/// How many failing runs are printed; the JSON object has all of them.
const CASES_PRINTED_MAX: usize = 5;

pub(super) fn simulate(asked: &Simulate) -> Result<ExitCode, Problem> {
    let progress = Progress::default();
    let reports = with_progress(&progress, || run(asked, &progress))?;
    let unreached = unreached(asked, &reports)?;
    if asked.json {
        let mut value = match &reports[..] {
            [one] => serde_json::to_value(one).map_err(Problem::failed)?,
            all => json!({ "reports": all }),
        };
        if asked.sources.is_some() {
            value["unreached"] = json!(unreached);
        }
        output::json(&value)?;
    } else {
        for report in &reports {
            output::answer(&text(report, asked.coverage))?;
        }
        output::answer(&unreached.iter().map(|message| format!("never logged: {message}\n")).collect::<String>())?;
    }
    let is_clean = reports.iter().all(Report::is_clean) && unreached.is_empty();
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn run(asked: &Simulate, progress: &Progress) -> Result<Vec<Report>, Problem> {
    let single = || simulator::single(&sweep(asked, progress)).map_err(Problem::usage);
    let interleavings = || simulator::interleavings(&sweep(asked, progress)).map_err(Problem::usage);
    let outages = || simulator::outages(usize::from(asked.orders));
    let seeds = || simulator::seeds(&options(asked, progress));
    let desk = || simulator::seeds(&Options { through_desk: true, ..options(asked, progress) });
    Ok(match asked.mode {
        SimulateMode::Seeds => vec![seeds()],
        SimulateMode::Desk => vec![desk()],
        SimulateMode::Single => vec![single()?],
        SimulateMode::Pairs => vec![simulator::pairs(&sweep(asked, progress)).map_err(Problem::usage)?],
        SimulateMode::Interleavings => vec![interleavings()?],
        SimulateMode::Outages => vec![outages()],
        SimulateMode::All => vec![single()?, interleavings()?, outages(), seeds(), desk()],
    })
}

/// Does `work` while printing its progress to standard error.
fn with_progress<T>(progress: &Progress, work: impl FnOnce() -> T) -> T {
    let (done, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            while ended.recv_timeout(PROGRESS_EVERY) == Err(RecvTimeoutError::Timeout) {
                let (done, total) = progress.counts();
                output::eprint(format_args!("{done} of {total} done\n"));
            }
        });
        let result = work();
        drop(done);
        result
    })
}

/// Warnings and errors in the sources that no run logged, if sources are given.
fn unreached(asked: &Simulate, reports: &[Report]) -> Result<Vec<String>, Problem> {
    let Some(sources) = &asked.sources else { return Ok(Vec::new()) };
    let mut logged = BTreeMap::new();
    for (message, count) in reports.iter().flat_map(|report| &report.messages) {
        *logged.entry(message.clone()).or_default() += count;
    }
    simulator::unreached(sources, &logged)
        .map_err(|error| Problem::Usage(format!("{} cannot be read: {error}", sources.display())))
}

fn sweep(asked: &Simulate, progress: &Progress) -> Sweep {
    Sweep {
        share: asked.share,
        scenario: asked.scenario.clone(),
        faults: asked.faults.clone(),
        call_order: asked.turns.clone(),
        progress: progress.clone(),
        ..Sweep::default()
    }
}

fn options(asked: &Simulate, progress: &Progress) -> Options {
    Options {
        seeds: asked.seeds.clone(),
        orders: usize::from(asked.orders),
        fault_rate: asked.fault_rate,
        keep: asked.keep.clone(),
        denied: asked.denied,
        check_replay: asked.check_replay,
        shrink: !asked.no_shrink,
        progress: progress.clone(),
        ..Options::default()
    }
}

fn text(report: &Report, coverage: bool) -> String {
    let mut lines = Lines::default();
    lines
        .add(format_args!("{}: {} runs, {} orders, {} faults", report.mode, report.runs, report.orders, report.faults));
    for (count, word) in [
        (report.lost, "lost"),
        (report.stuck, "stuck"),
        (report.silent, "silent"),
        (report.undeserved, "undeserved failures"),
        (report.duplicate, "duplicate"),
        (report.payload_leaks, "payload leaks"),
        (report.broken, "forbidden steps"),
    ] {
        lines.add(format_args!("  {count:>9} {word}"));
    }
    lines.add(format_args!("  {:>9} calls", report.calls));
    if report.calls_over_fault_free > 0.0 {
        lines.add(format_args!(
            "  {:>9.2} times the calls of the same orders without faults",
            report.calls_over_fault_free
        ));
    }
    lines.add(format_args!(
        "  {:>9} seconds of virtual time, in {:.1} seconds of real time",
        report.virtual_seconds, report.real_seconds
    ));
    let [median, p99, longest] = report.rest_seconds;
    lines.add(format_args!("  settled {median} s after the last fault (median), {p99} s (p99), {longest} s (longest)"));
    if report.replayed > 0 {
        let differ = report.replay_differences.len();
        lines.add(format_args!(
            "  {} seeds run twice, {differ} differ {:?}",
            report.replayed, report.replay_differences
        ));
    }
    for (ending, count) in &report.endings {
        lines.add(format_args!("  {count:>9} {ending}"));
    }
    cases(&mut lines, report);
    if coverage {
        for cell in &report.coverage {
            lines.add(format_args!("{} {} {} {}", cell.function, cell.call, cell.fault, cell.hits));
        }
    }
    for drill in &report.drills {
        lines.add(format_args!(
            "  {} down: {} orders, {} completed, {} failed with a record and an alert, settled {} s later",
            drill.down, drill.orders, drill.completed, drill.failed, drill.rest_seconds
        ));
    }
    for cell in &report.uncovered {
        lines.add(format_args!("not hit: {cell}"));
    }
    lines.0
}

fn cases(lines: &mut Lines, report: &Report) {
    for case in report.failures.iter().take(CASES_PRINTED_MAX) {
        lines.add(format_args!("{}", case.replay));
        for fault in &case.faults {
            lines.add(format_args!("    {fault}"));
        }
        for violation in &case.violations {
            lines.add(format_args!("  {violation}"));
        }
    }
    if report.failures.len() > CASES_PRINTED_MAX {
        lines.add(format_args!("and {} more", report.failures.len() - CASES_PRINTED_MAX));
    }
}
