//! `docket drift`: compares what is deployed with the manifest.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use aws::sdk::Clock;
use drift::{
    Assessment, CheckOutcome, Functions, History, Manifest, ManifestStore, Severity, check_deployment, check_stage,
};
use jiff::Timestamp;
use serde_json::json;

use super::issue::{Issue, issue};
use super::outcome::Lines;
use super::{Account, Problem, environment};
use crate::cli::Drift;
use crate::output;

pub(super) async fn drift(asked: Drift, account: Account<'_>) -> Result<ExitCode, Problem> {
    let environment = environment(account)?;
    let stage = prefix(&asked.stage);
    let functions = Functions::new(environment.sdk());
    let now = Clock::of(environment.sdk()).now();
    let assessments = match &asked.bucket {
        Some(bucket) => {
            let manifests = ManifestStore::new(environment.sdk(), bucket.clone());
            match check_stage(&functions, &manifests, &stage, now).await {
                CheckOutcome::Compared(assessments) => assessments,
                CheckOutcome::NoManifest { code } => return Err(no_manifest(bucket, &stage, &code)),
            }
        }
        None => check_deployment(&functions, history(&asked.manifests)?, None, now).await.map_err(Problem::failed)?,
    };
    let issue = issue(&assessments, asked.issue_is_open);
    if let Some(path) = &asked.issue_file {
        let failed = |error| Problem::Failed(format!("{} cannot be written: {error}", path.display()));
        std::fs::write(path, &issue.body).map_err(failed)?;
    }
    print(&asked, &assessments, &issue, now)?;
    let worst = assessments.iter().map(|assessment| assessment.verdict.severity()).max();
    Ok(if worst == Some(Severity::Critical) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The prefix of a stage's function names, from the stage's name or from the prefix itself.
fn prefix(stage: &str) -> String {
    const NAMES: &str = "docket-";
    if stage.starts_with(NAMES) { stage.to_owned() } else { format!("{NAMES}{stage}") }
}

fn no_manifest(bucket: &str, stage: &str, code: &str) -> Problem {
    Problem::Failed(format!(
        "no manifest of {stage} could be read from {bucket} ({code}); publish one with `docket manifest --bins target/lambda \
         --publish {bucket}`"
    ))
}

/// The manifests in `files`; the first says what should be deployed.
fn history(files: &[PathBuf]) -> Result<History, Problem> {
    let mut manifests = Vec::new();
    for path in files {
        let wrong = |error: &dyn std::fmt::Display| Problem::Usage(format!("{}: {error}", path.display()));
        let text = std::fs::read(path).map_err(|error| wrong(&error))?;
        manifests.push(Manifest::parse(&text).map_err(|error| wrong(&error))?);
    }
    let mut manifests = manifests.into_iter();
    let target = manifests.next().ok_or_else(|| Problem::Usage("give a manifest with --manifest".to_owned()))?;
    Ok(History { target, earlier: manifests.collect() })
}

fn print(asked: &Drift, assessments: &[Assessment], issue: &Issue, now: Timestamp) -> Result<(), Problem> {
    if !asked.json {
        let colours = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        return output::answer(&text(assessments, asked.verbose, colours));
    }
    let mut functions = Vec::new();
    for assessment in assessments {
        let mut value = serde_json::to_value(assessment).map_err(Problem::failed)?;
        value["severity"] = json!(assessment.verdict.severity());
        value["text"] = json!(assessment.verdicts().map(ToString::to_string).collect::<Vec<_>>());
        functions.push(value);
    }
    let drifted = assessments.iter().filter(|assessment| assessment.verdict.severity() > Severity::Fine).count();
    let issue = json!({ "action": issue.action, "label": issue.label, "title": issue.title });
    output::json(&json!({ "checked_at": now, "drifted": drifted, "functions": functions, "issue": issue }))
}

fn text(assessments: &[Assessment], verbose: bool, colours: bool) -> String {
    let width = assessments.iter().map(|assessment| assessment.function.len()).max().unwrap_or(0);
    let mut lines = Lines::default();
    for assessment in assessments {
        let revision = assessment.deployed.as_ref().map_or("", |revision| revision.short());
        for (number, verdict) in assessment.verdicts().enumerate() {
            let name = if number == 0 { assessment.function.as_str() } else { "" };
            let revision = if number == 0 { revision } else { "" };
            let (on, off) = if colours { (colour(verdict.severity()), "\x1b[0m") } else { ("", "") };
            lines.add(format_args!("{name:<width$}  {revision:<10}  {on}{verdict}{off}"));
        }
        for commit in assessment.between.iter().filter(|_| verbose) {
            lines.add(format_args!(
                "{:<width$}    {} {} {}",
                "",
                commit.revision.short(),
                commit.committed_at,
                commit.subject
            ));
        }
    }
    let fine = assessments.iter().filter(|assessment| assessment.verdict.severity() == Severity::Fine).count();
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
