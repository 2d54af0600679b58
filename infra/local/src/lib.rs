//! The `docket` command as a library: [`run`] is the whole of it, and tests and examples use the benchmark and the making of
//! releases too.

pub mod bench;
mod beside;
mod cli;
mod command;
mod output;
mod progress;
pub mod release;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
pub use output::Printed;
use runtime::environment::{Environment, MissingVariable};

/// Runs a command line, its first word being the program's name, and returns its exit code. `account` gives the credentials and
/// the region of the account, if the command works on one.
pub async fn run(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    account: impl Fn() -> Result<Environment, MissingVariable>,
) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            output::refuse(&error);
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    match Box::pin(command::run(cli, &account)).await {
        Ok(code) => code,
        Err(problem) => {
            output::eprint(format!("docket: {problem}\n"));
            problem.exit_code()
        }
    }
}

/// Like [`run`], for a caller that wants to read what is printed.
pub async fn run_collected(
    arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    account: impl Fn() -> Result<Environment, MissingVariable>,
) -> (ExitCode, Printed) {
    output::collected(run(arguments, account)).await
}

/// Prints a message on standard error; what cannot be written is dropped.
pub fn complain(message: impl std::fmt::Display) {
    output::eprint(message);
}
