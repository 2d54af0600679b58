//! `docket bench`: measures the pipeline and prints the measurements.

use std::process::ExitCode;

use crate::bench::{self, Measured, Plan, Workload};

use super::Problem;
use super::outcome::Lines;
use crate::cli::Bench;
use crate::output;

pub(super) async fn bench(asked: Bench) -> Result<ExitCode, Problem> {
    let folder = std::env::temp_dir().join(format!("docket-bench-{}", std::process::id()));
    let plan = Plan {
        workload: asked.documents.map_or(asked.workload, Workload::Documents),
        orders: usize::try_from(asked.orders).unwrap_or(usize::MAX),
        in_flight: usize::try_from(asked.in_flight).unwrap_or(usize::MAX),
        data: (!asked.memory).then_some(folder.as_path()),
    };
    let measured = bench::run(&plan).await;
    // The measurements are valid even if the temporary folder cannot be removed.
    let _ = std::fs::remove_dir_all(&folder);
    let measured = measured.map_err(Problem::Failed)?;
    if asked.json {
        output::json(&serde_json::to_value(&measured).map_err(Problem::failed)?)?;
    } else {
        output::answer(&text(&measured))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn text(measured: &Measured) -> String {
    let mut lines = Lines::default();
    lines.add(format_args!("{} × {} orders", measured.workload, measured.orders));
    lines.add(format_args!("  {:>9.1} orders per second", measured.orders_per_s));
    lines.add(format_args!(
        "  {:>9.2} ms from submission to completion (median; p99 {:.2} ms)",
        measured.p50_ms, measured.p99_ms
    ));
    lines.add(format_args!("  {:>9.2} ms of CPU per order", measured.cpu_ms_per_order));
    lines.add(format_args!("  {:>9.2} AWS calls per order", measured.aws_calls_per_order));
    lines.add(format_args!("  {:>9.2} write units of the table per order", measured.write_units_per_order));
    lines.add(format_args!("  {:>9.2} read units of the table per order", measured.read_units_per_order));
    lines.add(format_args!("  {:>9.0} bytes in the backup per order", measured.backup_bytes_per_order));
    if let Some(each) = &measured.per_document {
        lines.add(format_args!(
            "  per document: {:.2} ms of CPU, {:.2} AWS calls, {:.2} write units, {:.0} bytes stored",
            each.cpu_ms, each.aws_calls, each.write_units, each.bytes_stored
        ));
    }
    lines.add(format_args!("  {:>9.1} MiB of memory at most", measured.rss_mib));
    lines.add(format_args!("  durability: {}", measured.durability));
    lines.0
}
