//! The subcommands.

mod drift;
mod findings;
mod issue;
mod manifest;
mod measure;
mod order;
mod outcome;
mod pipeline;
mod place;
mod show;
mod simulate;
mod upload;

use std::process::ExitCode;

use crate::cli::{Classify, Cli, Command, has_rows};
use domain::service::{self, ServiceCode};

/// Why a command failed, as an error message for the user.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The command was used wrongly.
    #[error("{0}")]
    Usage(String),
    /// The command failed.
    #[error("{0}")]
    Failed(String),
}

impl Problem {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
        }
    }

    /// Wrong use, described by `error`.
    fn usage(error: impl std::fmt::Display) -> Self {
        Self::Usage(error.to_string())
    }

    /// A failure, described by `error`.
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Problem> {
    match cli.command {
        Command::Run(asked) => order::run(asked).await,
        Command::Retry(asked) => order::retry(asked).await,
        Command::Resume(asked) => order::resume(asked).await,
        Command::Cancel(asked) => order::cancel(asked).await,
        Command::Orders(state) => show::list(state).await,
        Command::Show(asked) => show::show(asked).await,
        Command::Classify(asked) => classify(&asked),
        Command::Bench(asked) => measure::bench(asked).await,
        Command::Simulate(asked) => simulate::simulate(&asked),
        Command::Manifest(asked) => manifest::manifest(asked).await,
        Command::Drift(asked) => drift::drift(asked).await,
    }
}

fn classify(asked: &Classify) -> Result<ExitCode, Problem> {
    let Some(classify) = services::presentation(asked.service).classify_labels else {
        let with_rows: Vec<_> = ServiceCode::ALL.iter().copied().filter(|service| has_rows(*service)).collect();
        let (has, codes) = (if with_rows.len() == 1 { "has" } else { "have" }, service::list(&with_rows));
        return Err(Problem::Usage(format!("only {codes} {has} rows to classify labels into; give --service {codes}")));
    };
    let mut file = std::fs::File::open(&asked.file)
        .map_err(|error| Problem::Usage(format!("{} cannot be read: {error}", asked.file.display())))?;
    classify(&mut file, &mut std::io::stdout().lock()).map_err(Problem::usage)?;
    Ok(ExitCode::SUCCESS)
}
