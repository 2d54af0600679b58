//! Runs `docket --stage` over the pipeline in this process, as an operator does over a deployed stage.

use std::process::ExitCode;

use docket::Printed;
use engine::{Scope, scoped};
use runtime::environment::Environment;

use crate::pipeline::Pipeline;

/// The scope of the calls that the commands make.
pub const OPERATOR: &str = "Operator";

/// The options that find the orders of the tests' firm.
pub const STAGE: &str = "--stage dev --firm local";

/// What a command did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code.
    pub code: u8,
    /// What it printed as its result.
    pub out: String,
    /// What it said beside that.
    pub err: String,
}

/// Runs `docket` with the words of `line`, while the functions run.
///
/// # Panics
/// When the template declares no intake.
pub async fn docket(pipeline: &mut Pipeline, line: &str) -> Ran {
    let words: Vec<String> = std::iter::once("docket").chain(line.split_whitespace()).map(str::to_owned).collect();
    let sdk = pipeline.local.environment("IntakeFunction").expect("the template has intake").sdk().clone();
    let account = move || Ok(Environment::new(|_| None, sdk.clone()));
    let command = scoped(Scope::new(OPERATOR, 0), docket::run_collected(words, account));
    let (code, Printed { out, err }) = pipeline.local.driver.run_while(command).await;
    let code = (0..=u8::MAX).find(|number| ExitCode::from(*number) == code).expect("an exit code");
    Ran { code, out, err }
}
