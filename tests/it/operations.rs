//! Checks that docs/guide/OPERATIONS.md has an entry for everything that Docket reports, and that alarms watch what
//! exists.

mod alarm;
mod code;
mod completion;
mod first_order;
mod restore;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use runtime::metric::Metric;
use serde_json::json;
use tests::outcome;
use tests::pipeline::Pipeline;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/guide/OPERATIONS.md")).unwrap()
}

/// The first cells, in backticks, of the table rows under a heading of the page.
fn rows(page: &str, heading: &str) -> BTreeSet<String> {
    let section = page.split(&format!("\n## {heading}\n")).nth(1).expect("the page has the heading");
    let section = section.split("\n## ").next().unwrap();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    cells.map(str::to_owned).collect()
}

#[test]
fn every_metric_is_documented() {
    let metrics: BTreeSet<String> = Metric::ALL.iter().map(|metric| metric.name().to_owned()).collect();
    assert_eq!(rows(&page(), "Metrics"), metrics, "left: the page, right: the program");
}

#[tokio::test(start_paused = true)]
async fn the_test_alert_takes_the_real_path_and_is_recognisable() {
    let event = std::fs::read_to_string(root().join("events/intake/test-alert.json")).unwrap();
    let mut pipeline = Pipeline::new();
    let event = serde_json::from_str(&event).unwrap();
    let answer = pipeline.local.driver.invoke("IntakeFunction", event).await.unwrap();
    pipeline.settle().await;
    assert_eq!(outcome::publication_count(&pipeline), 1);
    let publication = &pipeline.local.aws.publications(0).unwrap()[0];
    let order = answer["order_id"].as_str().unwrap();
    for mark in ["Firm: operations", "Service: CANARY", "canary.made_to_fail", order] {
        assert!(publication.message.contains(mark), "{mark} is not in {}", publication.message);
    }
    let kinds: Vec<_> = outcome::alerts(&pipeline).into_values().collect();
    assert_eq!(json!(kinds), json!(["failure"]));
}

#[test]
fn every_kind_of_published_message_is_documented() {
    let mut published = BTreeSet::new();
    for source in ["shared/aws/src/alert.rs", "functions/drift-check/src/lib.rs"] {
        published.extend(kinds(&std::fs::read_to_string(root().join(source)).unwrap()));
    }
    assert!(published.contains("failure") && published.contains("drift"), "{published:?}");
    assert_eq!(rows(&page(), "Messages on the alert topic"), published, "left: the page, right: the program");
}

/// The kinds of message that the calls in a source publish.
fn kinds(source: &str) -> BTreeSet<String> {
    let calls = ["self.send(", "alerts.publish_notice("].into_iter().flat_map(|call| source.split(call).skip(1));
    let calls = calls.map(|rest| rest.split(".await").next().unwrap_or_default());
    let texts = calls.flat_map(|call| call.split('"').skip(1).step_by(2));
    texts.filter(|text| text.chars().all(|c| c.is_ascii_lowercase() || c == '_')).map(str::to_owned).collect()
}

/// Text in backticks that consists of several plain words is a log line that the page tells its reader to look for.
#[test]
fn every_log_line_quoted_on_the_page_exists() {
    let page = page();
    let quoted = page.split('`').skip(1).step_by(2);
    let quoted: BTreeSet<&str> =
        quoted.filter(|text| text.contains(' ') && text.chars().all(|c| c.is_ascii_lowercase() || c == ' ')).collect();
    assert!(quoted.len() > 3, "{quoted:?}");
    let mut sources = String::new();
    for folder in ["functions", "shared"] {
        gather(&root().join(folder), &mut sources);
    }
    let unknown: Vec<_> = quoted.into_iter().filter(|text| !sources.contains(text)).collect();
    assert_eq!(unknown, Vec::<&str>::new());
}

/// Appends all Rust sources under a folder.
fn gather(folder: &Path, sources: &mut String) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            gather(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
