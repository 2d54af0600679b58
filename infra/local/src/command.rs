//! The subcommands.

mod drift;
mod extend;
mod failures;
mod findings;
mod issue;
mod manifest;
mod measure;
mod order;
mod outcome;
mod pipeline;
mod place;
mod refusal;
mod retry;
mod serve;
mod show;
mod simulate;
mod upload;

use std::process::ExitCode;

use domain::service::{self, ServiceCode};
use runtime::environment::{Environment, MissingVariable};

use self::pipeline::Target;
use crate::cli::{Classify, Cli, Command, has_rows};

/// What to do when an option does not fit a command.
const LEAVE_OUT: &str =
    "leave out --stage and --firm; orders, failures, show, retry, resume, cancel and extend take them";

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

/// Gives the credentials and the region of the account that a command works on.
pub(crate) type Account<'a> = &'a dyn Fn() -> Result<Environment, MissingVariable>;

/// The credentials and the region of the account, or what to do about a missing one.
fn environment(account: Account<'_>) -> Result<Environment, Problem> {
    account().map_err(|missing| {
        Problem::Usage(format!("the environment variable {} is missing; {}", missing.name, refusal::EXPORT))
    })
}

pub(crate) async fn run(cli: Cli, account: Account<'_>) -> Result<ExitCode, Problem> {
    // `drift` has an option `--stage` of its own.
    let stage = cli.stage.as_deref().filter(|_| !matches!(cli.command, Command::Drift(_)));
    if let Some(name) = cli.command.without_stage().filter(|_| stage.is_some() || cli.firm.is_some()) {
        return Err(Problem::Usage(format!("docket {name} does not work on the orders of a stage; {LEAVE_OUT}")));
    }
    let target = &Target::new(stage, cli.firm, account)?;
    // Boxed, because the futures of some commands are larger than what others may put on the stack.
    match cli.command {
        Command::Run(asked) => Box::pin(order::run(asked, target)).await,
        Command::Serve(asked) => Box::pin(serve::serve(asked)).await,
        Command::Retry(asked) => Box::pin(retry::retry(asked, target)).await,
        Command::Resume(asked) => Box::pin(order::resume(asked, target)).await,
        Command::Cancel(asked) => Box::pin(order::cancel(asked, target)).await,
        Command::Extend(asked) => Box::pin(extend::extend(asked, target)).await,
        Command::Orders(asked) => Box::pin(show::list(asked, target)).await,
        Command::Show(asked) => Box::pin(show::show(asked, target)).await,
        Command::Failures(asked) => Box::pin(failures::list(asked, target)).await,
        Command::Classify(asked) => classify(&asked),
        Command::Bench(asked) => Box::pin(measure::bench(asked)).await,
        Command::Simulate(asked) => simulate::simulate(&asked),
        Command::Manifest(asked) => Box::pin(manifest::manifest(asked, account)).await,
        Command::Drift(asked) => Box::pin(drift::drift(asked, account)).await,
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
