//! Writes an issue about drift, and decides whether to open, update or close it. `infra/drift-issue` posts it.

use std::fmt::Write as _;

use drift::{Assessment, Severity, Verdict};
use serde::Serialize;

/// The label that the issue is found by.
const LABEL: &str = "function-drift";

/// What to do with the repository's issue about drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IssueAction {
    /// Nothing: none is open and none is needed.
    None,
    /// Open one.
    Open,
    /// Replace the text of the open one.
    Update,
    /// Close the open one.
    Close,
}

impl IssueAction {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "open",
            Self::Update => "update",
            Self::Close => "close",
        }
    }
}

/// An issue to post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Issue {
    /// What to do with it.
    pub(super) action: IssueAction,
    /// Its label.
    pub(super) label: &'static str,
    /// Its title.
    pub(super) title: String,
    /// Its text in Markdown.
    pub(super) body: String,
}

/// The issue about `assessments`; `is_open` says whether one is open already.
pub(super) fn issue(assessments: &[Assessment], is_open: bool) -> Issue {
    let drifted: Vec<_> =
        assessments.iter().filter(|assessment| assessment.verdict.severity() > Severity::Fine).collect();
    let action = match (drifted.is_empty(), is_open) {
        (true, false) => IssueAction::None,
        (true, true) => IssueAction::Close,
        (false, false) => IssueAction::Open,
        (false, true) => IssueAction::Update,
    };
    let title = format!("{} of {} functions differ from the source", drifted.len(), assessments.len());
    Issue { action, label: LABEL, title, body: body(action, &drifted) }
}

/// The first line names the action, so that a shell can read it: `head -1 FILE`.
fn body(action: IssueAction, drifted: &[&Assessment]) -> String {
    let mut text = format!("<!-- {LABEL}: {} -->\n", action.as_str());
    if drifted.is_empty() {
        text.push_str("Every function is in step with the source.\n");
        return text;
    }
    text.push_str("The deployed functions differ from the source:\n\n");
    for assessment in drifted {
        let verdicts: Vec<_> = assessment.verdicts().map(ToString::to_string).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "- [ ] `{}`: {}", assessment.function, escape(&verdicts.join("; ")));
        for commit in &assessment.between {
            let _ = writeln!(text, "  - `{}` {}", commit.revision.short(), escape(&commit.subject));
        }
    }
    text.push_str(DEPLOY);
    let is_tampered =
        |assessment: &&Assessment| assessment.verdicts().any(|verdict| matches!(verdict, Verdict::Tampered { .. }));
    if drifted.iter().any(is_tampered) {
        text.push_str(TAMPERED);
    }
    text
}

const DEPLOY: &str = "
To bring them in step, from an up-to-date checkout (`STAGE` is the stage of `samconfig.toml`, e.g. `dev`):

```sh
infra/build
infra/deploy \"$STAGE\"
docket drift --bucket \"$MANIFEST_BUCKET\" --stage \"docket-$STAGE\"
```
";
const TAMPERED: &str = "
Before you deploy over foreign code, keep a copy of it and find out who put it there: CloudTrail's `UpdateFunctionCode` events \
                        name them.
";

/// Escapes everything that Markdown or HTML would act on, such as a mention in a commit's subject.
fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut escaped, c| {
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '`' | '*' | '[' | ']' | '\\' | '|' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    use drift::{CodeDigest, Commit, Revision};
    use jiff::Timestamp;

    use super::*;

    fn commit(subject: &str) -> Commit {
        let revision = Revision::try_from("a".repeat(40)).unwrap();
        Commit { revision, committed_at: Timestamp::UNIX_EPOCH, subject: subject.to_owned() }
    }

    #[test]
    fn a_commits_subject_is_escaped_in_an_issue() {
        let behind = Verdict::Behind { commits: 1, or_more: false, hours: 30 };
        let subject = "Close #1, tell @everybody <img src=x> `sh` [link](http://x)\r- [x] done";
        let assessment = Assessment { between: vec![commit(subject)], ..Assessment::new("docket-dev-extract", behind) };
        let issue = issue(&[assessment, Assessment::new("docket-dev-intake", Verdict::InStep)], false);
        assert_eq!(
            (issue.action, issue.title.as_str()),
            (IssueAction::Open, "1 of 2 functions differ from the source")
        );
        for raw in ["#1", "@everybody", "<img", "`sh`", "[link]", "\r"] {
            assert!(!issue.body.contains(raw), "{raw} is in {}", issue.body);
        }
    }

    #[test]
    fn an_issue_says_to_keep_foreign_code_before_deploying_over_it() {
        let code_sha256 = CodeDigest::of(b"x");
        let tampered = Verdict::Tampered { qualifier: "$LATEST".to_owned(), code_sha256, claims: None };
        let issue = issue(&[Assessment::new("docket-dev-extract", tampered)], true);
        assert_eq!(issue.action, IssueAction::Update);
        assert!(issue.body.contains("UpdateFunctionCode"), "{}", issue.body);
    }
}
