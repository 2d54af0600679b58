//! An issue about drift on the repository's host: its text, and what to do with it. Posting it is the workflow's business.

use std::fmt::Write as _;

use serde::Serialize;

use crate::assessment::Assessment;
use crate::verdict::{Severity, Verdict};

/// The label by which the issue is found again.
pub const LABEL: &str = "function-drift";

/// What to do with the issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// There is none, and none is needed.
    None,
    /// Open one.
    Open,
    /// Replace the text of the open one.
    Update,
    /// Close the open one.
    Close,
}

impl Action {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "open",
            Self::Update => "update",
            Self::Close => "close",
        }
    }
}

/// An issue to be posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Issue {
    /// What to do.
    pub action: Action,
    /// Its label.
    pub label: &'static str,
    /// Its title.
    pub title: String,
    /// Its text in Markdown.
    pub body: String,
}

/// The issue about `assessments`; `is_open` says whether one is open already.
#[must_use]
pub fn issue(assessments: &[Assessment], is_open: bool) -> Issue {
    let drifted: Vec<_> = assessments.iter().filter(|one| one.verdict.severity() > Severity::Fine).collect();
    let action = match (drifted.is_empty(), is_open) {
        (true, false) => Action::None,
        (true, true) => Action::Close,
        (false, false) => Action::Open,
        (false, true) => Action::Update,
    };
    let title = format!("{} of {} functions are not what the source says", drifted.len(), assessments.len());
    Issue { action, label: LABEL, title, body: body(action, &drifted) }
}

/// The first line tells the action, so that a shell can read it: `head -1 FILE`.
fn body(action: Action, drifted: &[&Assessment]) -> String {
    let mut text = format!("<!-- {LABEL}: {} -->\n", action.as_str());
    if drifted.is_empty() {
        text.push_str("Every function is in step with the source.\n");
        return text;
    }
    text.push_str("What is deployed is not what the source says:\n\n");
    for one in drifted {
        // Writing to a string cannot fail.
        let verdicts: Vec<_> = one.verdicts().map(ToString::to_string).collect();
        let _ = writeln!(text, "- [ ] `{}`: {}", one.function, plain(&verdicts.join("; ")));
        for commit in &one.between {
            let _ = writeln!(text, "  - `{}` {}", commit.revision.short(), plain(&commit.subject));
        }
    }
    text.push_str(DEPLOY);
    if drifted.iter().any(|one| one.verdicts().any(|verdict| matches!(verdict, Verdict::Tampered { .. }))) {
        text.push_str(TAMPERED);
    }
    text
}

const DEPLOY: &str = "\nTo bring them in step, from an up-to-date checkout:\n\n```sh\ninfra/build\n\
                      infra/deploy \"$STAGE\"\ndocket drift --bucket \"$MANIFEST_BUCKET\" --stage \"docket-$STAGE\"\n```\n";
const TAMPERED: &str = "\nBefore a function with foreign code is deployed over, keep that code and find out who put it there: \
                        CloudTrail's `UpdateFunctionCode` names them.\n";

/// Text without what Markdown or HTML would act on, e.g. a mention in a commit's subject.
fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut plain, c| {
        match c {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '@' => plain.push_str("&#64;"),
            '#' => plain.push_str("&#35;"),
            '`' | '*' | '[' | ']' | '\\' | '|' => plain.extend(['\\', c]),
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
        plain
    })
}
