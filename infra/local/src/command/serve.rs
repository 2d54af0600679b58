//! Serves the desk and its API on this machine: on the loopback interface only, beside the queues and the schedules.

use std::future::IntoFuture as _;
use std::path::Path;
use std::process::ExitCode;

use api::Uploads;
use api::access::Access;
use api::access::local::Desk;
use domain::id::FirmId;
use engine::Clock;
use pipeline::{LOCAL_FIRM, LocalPipeline, SetUpError};
use tokio::net::TcpListener;

use super::Problem;
use super::pipeline::CRASH_DELAY_SECS;
use super::place::folder;
use crate::beside::{Card, listen};
use crate::cli::Serve;
use crate::output::answer;

/// Bytes of a secret. As hexadecimal digits it has twice as many characters.
const SECRET_BYTES: usize = 32;
/// Bytes of the id of a request.
const CORRELATION_BYTES: usize = 12;

pub(super) async fn serve(asked: Serve) -> Result<ExitCode, Problem> {
    let data = folder(asked.data.as_deref());
    let mut local = open(&data)?;
    let listener = TcpListener::bind(("127.0.0.1", asked.port)).await.map_err(|error| {
        Problem::Failed(format!("port {} cannot be used: {error}; give another with --port", asked.port))
    })?;
    let port = listener.local_addr().map_err(Problem::failed)?.port();
    let firm: FirmId = LOCAL_FIRM.parse().map_err(Problem::failed)?;
    let desk = Desk::new(firm, port, || random_hex(SECRET_BYTES));
    let address = format!("http://127.0.0.1:{port}/");
    let mut socket = listen(&random_hex(CORRELATION_BYTES)).map_err(|error| {
        Problem::Failed(format!(
            "the socket for commands cannot be opened in {}: {error}",
            std::env::temp_dir().display()
        ))
    })?;
    let card = Card { address: address.clone(), token: desk.program_token().to_owned(), socket: socket.path.clone() };
    let _card = card.put(&data).map_err(|error| Problem::Failed(format!("{}: {error}", data.display())))?;
    let enter = desk.ticket().map(|ticket| format!("{address}enter?ticket={ticket}")).unwrap_or_default();
    let api = local
        .api(Access::Local(desk), Uploads::ThroughApi, || random_hex(CORRELATION_BYTES))
        .map_err(Problem::failed)?;
    answer(&format!(
        "The desk of this machine is open. State: {}\n\n  {enter}\n\nThe address opens it once; then use {address}. Ctrl-C \
         ends it, and nothing is lost. Commands such as `docket orders` work beside it.\n",
        data.display()
    ))?;
    let server = axum::serve(listener, api::router(api)).with_graceful_shutdown(interrupted());
    let commands = socket.serve(local.aws.clone());
    let both = async {
        tokio::select! {
            ended = server.into_future() => ended,
            broken = commands => broken,
        }
    };
    local.driver.run_while(both).await.map_err(Problem::failed)?;
    Ok(ExitCode::SUCCESS)
}

fn open(data: &Path) -> Result<LocalPipeline, Problem> {
    let mut local = LocalPipeline::open(data, Clock::system()).map_err(|error| match error {
        SetUpError::Locked => Problem::Usage(error.to_string()),
        other => Problem::Failed(format!("{}: {other}", data.display())),
    })?;
    local.driver.retry_crashes_after(CRASH_DELAY_SECS);
    Ok(local)
}

/// Ends when the user interrupts the command.
async fn interrupted() {
    // Without the signal's handler, an interruption ends the process at once; nothing is lost by that either.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A random text of `bytes` bytes from the operating system, as hexadecimal digits.
fn random_hex(bytes: usize) -> String {
    use std::fmt::Write as _;
    let mut random = vec![0; bytes];
    // Without randomness nobody may get in: a text of zeros would be no secret.
    if getrandom::fill(&mut random).is_err() {
        std::process::abort();
    }
    random.iter().fold(String::with_capacity(bytes * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
