//! Commits, as git tells them.

use std::path::Path;
use std::process::Command;

use drift::{Commit, Revision};
use jiff::Timestamp;

use super::Problem;

/// How many commits of a function a manifest lists at most. A function that is further behind is so "by at least" as many.
const COMMIT_COUNT_MAX: usize = 50;
/// Characters of a subject that are kept.
const SUBJECT_CHARS_MAX: usize = 100;
/// Folders of a crate that do not decide what is built.
const TEST_FOLDERS: [&str; 3] = ["benches", "examples", "tests"];
/// Characters of an error that are shown.
const REASON_CHARS_MAX: usize = 400;

/// The commit that is checked out.
pub(super) fn head(root: &Path) -> Result<Commit, Problem> {
    log(root, 1, &[])?.into_iter().next().ok_or(Problem::Answer("git log"))
}

/// The last commits that touch `paths`, newest first. A merge counts as one: it is what came onto the branch at once.
pub(super) fn commits(root: &Path, paths: &[String]) -> Result<Vec<Commit>, Problem> {
    log(root, COMMIT_COUNT_MAX, paths)
}

/// Refuses a checkout in which commits may be absent.
pub(super) fn refuse_shallow(root: &Path) -> Result<(), Problem> {
    let answer = git(root, &["rev-parse", "--is-shallow-repository"], &[])?;
    // What separates options from paths is answered as well.
    if answer.lines().next() == Some("true") { Err(Problem::Shallow) } else { Ok(()) }
}

/// Refuses `paths` with anything in them that is not committed.
pub(super) fn refuse_dirty(root: &Path, paths: &[String]) -> Result<(), Problem> {
    let answer = git(root, &["status", "--porcelain"], paths)?;
    match answer.lines().next() {
        Some(line) => Err(Problem::Dirty(line.get(3..).unwrap_or(line).to_owned())),
        None => Ok(()),
    }
}

fn log(root: &Path, count: usize, paths: &[String]) -> Result<Vec<Commit>, Problem> {
    let limit = format!("--max-count={count}");
    let answer = git(root, &["log", "--first-parent", "--format=%H %ct %s", &limit], paths)?;
    answer.lines().map(|line| commit(line).ok_or(Problem::Answer("git log"))).collect()
}

fn commit(line: &str) -> Option<Commit> {
    let mut parts = line.splitn(3, ' ');
    let revision = Revision::try_from(parts.next()?.to_owned()).ok()?;
    let committed_at = Timestamp::from_second(parts.next()?.parse().ok()?).ok()?;
    let subject = parts.next().unwrap_or_default().chars().take(SUBJECT_CHARS_MAX).collect();
    Some(Commit { revision, committed_at, subject })
}

fn git(root: &Path, arguments: &[&str], paths: &[String]) -> Result<String, Problem> {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).args(arguments).arg("--").args(paths);
    // Tests beside a crate's sources say nothing about what is built.
    for path in paths.iter().filter(|path| root.join(path).is_dir()) {
        command.args(TEST_FOLDERS.map(|folder| format!(":(exclude){path}/{folder}")));
    }
    run(&mut command, &format!("git {}", arguments.join(" ")))
}

/// Runs a command and gives what it printed.
pub(super) fn run(command: &mut Command, name: &str) -> Result<String, Problem> {
    let failed = |reason: String| {
        let reason = reason.trim().chars().take(REASON_CHARS_MAX).collect();
        Problem::Command { command: name.to_owned(), reason }
    };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
