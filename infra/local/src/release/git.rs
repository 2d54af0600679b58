//! Reads commits from git.

use std::path::Path;
use std::process::Command;

use drift::{Commit, Revision};
use jiff::Timestamp;

use super::Problem;

/// How many commits a manifest lists for a function. A function further behind is reported as behind "by at least" that
/// many.
const COMMIT_COUNT_MAX: usize = 50;
/// Characters of a subject that are kept.
const SUBJECT_CHARS_MAX: usize = 100;
/// Folders of a crate that its binary is not built from.
const TEST_FOLDERS: [&str; 3] = ["benches", "examples", "tests"];

/// The commit that is checked out.
pub(super) fn head(root: &Path) -> Result<Commit, Problem> {
    log(root, 1, &[])?.into_iter().next().ok_or(Problem::Answer("git log"))
}

/// The last commits that touch `paths`, newest first. A merge counts as one commit, because its changes reached the branch
/// together.
pub(super) fn commits(root: &Path, paths: &[String]) -> Result<Vec<Commit>, Problem> {
    log(root, COMMIT_COUNT_MAX, paths)
}

/// Refuses a shallow checkout: commits may be missing from it.
pub(super) fn refuse_shallow(root: &Path) -> Result<(), Problem> {
    let answer = git(root, &["rev-parse", "--is-shallow-repository"], &[])?;
    // Git also prints the `--` that follows the option.
    if answer.lines().next() == Some("true") { Err(Problem::Shallow) } else { Ok(()) }
}

/// Refuses `paths` that hold uncommitted changes.
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
    // A binary is not built from the tests next to its sources.
    for path in paths.iter().filter(|path| root.join(path).is_dir()) {
        command.args(TEST_FOLDERS.map(|folder| format!(":(exclude){path}/{folder}")));
    }
    let name = format!("git {}", arguments.join(" "));
    let output = command.output().map_err(|error| Problem::command(&name, &error.to_string()))?;
    if !output.status.success() {
        return Err(Problem::command(&name, &String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
