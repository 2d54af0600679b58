//! The `docket` command: runs the whole pipeline on this machine.

use std::process::ExitCode;
use std::time::Duration;

/// The SDK and the tables allocate so much that the system allocator would take a fifth of an order's CPU time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the command waits at its end for threads that still write or compute. Work that was given up at its deadline may
/// compute for ever.
const THREADS_END_WITHIN: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            docket::complain(format!("docket: cannot start: {error}\n"));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run());
    runtime.shutdown_timeout(THREADS_END_WITHIN);
    code
}

async fn run() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("DOCKET_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    docket::run(std::env::args_os(), runtime::lambda::environment).await
}
