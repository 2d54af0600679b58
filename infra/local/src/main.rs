//! The `docket` command: runs the whole pipeline on this machine.

mod cli;
mod command;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser as _;

/// The SDK and the tables allocate so much that the system allocator would take a fifth of an order's CPU time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("DOCKET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match command::run(cli::Cli::parse()).await {
        Ok(code) => code,
        Err(problem) => {
            output::eprint(format!("docket: {problem}\n"));
            problem.exit_code()
        }
    }
}
