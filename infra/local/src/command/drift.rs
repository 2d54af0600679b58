//! `docket drift`.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use aws::sdk::Clock;
use deployed::{Functions, Shelf};
use drift_check::{Looked, assess, look};
use jiff::Timestamp;
use manifest::issue::{Issue, issue};
use manifest::{Assessment, History, Manifest, Severity};
use runtime::environment::Environment;
use serde_json::json;

use super::Problem;
use super::outcome::Lines;
use crate::cli::Drift;
use crate::output;

pub(super) async fn drift(asked: Drift) -> Result<ExitCode, Problem> {
    let environment = environment()?;
    let functions = Functions::new(environment.sdk());
    let now = Clock::of(environment.sdk()).now();
    let assessments = match &asked.bucket {
        Some(bucket) => {
            let shelf = Shelf::new(environment.sdk(), bucket.clone());
            match look(&functions, &shelf, &asked.stage, now).await {
                Looked::Compared(assessments) => assessments,
                Looked::NoManifest { code } => return Err(no_manifest(bucket, &asked.stage, &code)),
            }
        }
        None => assess(&functions, history(&asked.manifests)?, None, now).await.map_err(Problem::failed)?,
    };
    let issue = issue(&assessments, asked.issue_is_open);
    if let Some(path) = &asked.issue_file {
        let failed = |error| Problem::Failed(format!("{} cannot be written: {error}", path.display()));
        std::fs::write(path, &issue.body).map_err(failed)?;
    }
    tell(&asked, &assessments, &issue, now)?;
    let worst = assessments.iter().map(|one| one.verdict.severity()).max();
    Ok(if worst == Some(Severity::Critical) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The account and region that the environment points to.
pub(super) fn environment() -> Result<Environment, Problem> {
    runtime::lambda::environment().map_err(|missing| {
        Problem::Usage(format!(
            "the environment variable {} is missing; export the credentials of the account, for example with `aws configure \
             export-credentials --format env`, and AWS_REGION",
            missing.name
        ))
    })
}

fn no_manifest(bucket: &str, stage: &str, code: &str) -> Problem {
    Problem::Failed(format!(
        "no manifest of {stage} could be read from {bucket} ({code}); publish one with `docket manifest --bins target/lambda \
         --publish {bucket}`"
    ))
}

/// The manifests of files, the first of them what should be deployed.
fn history(files: &[PathBuf]) -> Result<History, Problem> {
    let mut manifests = Vec::new();
    for path in files {
        let wrong = |error: &dyn std::fmt::Display| Problem::Usage(format!("{}: {error}", path.display()));
        let text = std::fs::read(path).map_err(|error| wrong(&error))?;
        manifests.push(Manifest::parse(&text).map_err(|error| wrong(&error))?);
    }
    let mut manifests = manifests.into_iter();
    let target = manifests.next().ok_or_else(|| Problem::Usage("give a manifest".to_owned()))?;
    Ok(History { target, earlier: manifests.collect() })
}

fn tell(asked: &Drift, assessments: &[Assessment], issue: &Issue, now: Timestamp) -> Result<(), Problem> {
    if !asked.json {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        return output::answer(&text(assessments, asked.verbose, colours));
    }
    let mut functions = Vec::new();
    for one in assessments {
        let mut value = serde_json::to_value(one).map_err(Problem::failed)?;
        value["severity"] = json!(one.verdict.severity());
        value["text"] = json!(one.verdicts().map(ToString::to_string).collect::<Vec<_>>());
        functions.push(value);
    }
    let drifted = assessments.iter().filter(|one| one.verdict.severity() > Severity::Fine).count();
    let issue = json!({ "action": issue.action, "label": issue.label, "title": issue.title });
    output::json(&json!({ "checked_at": now, "drifted": drifted, "functions": functions, "issue": issue }))
}

fn text(assessments: &[Assessment], verbose: bool, colours: bool) -> String {
    let width = assessments.iter().map(|one| one.function.len()).max().unwrap_or(0);
    let mut lines = Lines::default();
    for one in assessments {
        let revision = one.deployed.as_ref().map_or("", |revision| revision.short());
        for (number, verdict) in one.verdicts().enumerate() {
            let name = if number == 0 { one.function.as_str() } else { "" };
            let revision = if number == 0 { revision } else { "" };
            let (on, off) = if colours { (colour(verdict.severity()), "\x1b[0m") } else { ("", "") };
            lines.add(format_args!("{name:<width$}  {revision:<10}  {on}{verdict}{off}"));
        }
        for commit in one.between.iter().filter(|_| verbose) {
            lines.add(format_args!(
                "{:<width$}    {} {} {}",
                "",
                commit.revision.short(),
                commit.committed_at,
                commit.subject
            ));
        }
    }
    let fine = assessments.iter().filter(|one| one.verdict.severity() == Severity::Fine).count();
    lines.add(format_args!("{fine} of {} in step", output::count(assessments.len(), "function")));
    lines.0
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Fine => "\x1b[32m",
        Severity::Warning => "\x1b[33m",
        Severity::Critical => "\x1b[31m",
    }
}
