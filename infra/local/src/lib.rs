//! The `docket` command as a library: [`run`] is the whole of it, and tests and examples use the benchmark and the making of
//! releases too.

pub mod bench;
mod cli;
mod command;
mod output;
mod progress;
pub mod release;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

/// Runs a command line, its first word being the program's name, and returns its exit code.
pub async fn run(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> ExitCode {
    let cli = match cli::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // As `clap::Error::exit` does; there is nowhere to say that it could not be printed.
            let _ = error.print();
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
    };
    match command::run(cli).await {
        Ok(code) => code,
        Err(problem) => {
            output::eprint(format!("docket: {problem}\n"));
            problem.exit_code()
        }
    }
}

/// Prints a message on standard error; what cannot be written is dropped.
pub fn complain(message: impl std::fmt::Display) {
    output::eprint(message);
}
