//! Compares alarms and the dashboard with the page, the metrics and the template.

use std::collections::{BTreeMap, BTreeSet};

use engine::Account;
use engine::template::{Declared, declared};
use runtime::metric::{Metric, NAMESPACE};
use serde_json::Value;
use tests::pipeline::Pipeline;

use super::{page, root};

/// The id of the API, which is known only once it is deployed.
const API_ID: &str = "a1b2c3d4e5";

fn resources() -> BTreeMap<String, Declared> {
    let text = std::fs::read_to_string(root().join("infra/alarms.yaml")).unwrap();
    let parameters =
        [("Stage", "dev"), ("ApiId", API_ID)].map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    declared(&text, &Account::default(), &parameters).unwrap()
}

/// Properties of all alarms, by logical id.
fn alarms() -> BTreeMap<String, Value> {
    let all = resources().into_iter().filter(|(_, declared)| declared.kind == "AWS::CloudWatch::Alarm");
    all.map(|(id, declared)| (id, declared.properties)).collect()
}

/// The entry on the page that an alarm's description names.
fn entry(description: &str) -> Option<&str> {
    description.split_once("docs/guide/OPERATIONS.md, \"")?.1.strip_suffix("\".")
}

/// Alarms without an entry on the page, and entries without an alarm.
fn unmatched(page: &str, descriptions: &BTreeMap<String, String>) -> Vec<String> {
    let section = page.split("\n## Alarms\n").nth(1).unwrap_or_default();
    let section = section.split("\n## ").next().unwrap_or_default();
    let entries: BTreeSet<&str> = section.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let named: BTreeSet<&str> = descriptions.values().filter_map(|description| entry(description)).collect();
    let nameless =
        descriptions.iter().filter(|(_, description)| !entry(description).is_some_and(|e| entries.contains(e)));
    let unused = entries.iter().filter(|entry| !named.contains(*entry));
    nameless.map(|(id, _)| id.clone()).chain(unused.map(|entry| (*entry).to_owned())).collect()
}

#[test]
fn every_alarm_names_its_entry_and_every_entry_has_an_alarm() {
    let alarms = alarms();
    let descriptions: BTreeMap<String, String> = alarms
        .iter()
        .map(|(id, alarm)| (id.clone(), alarm["AlarmDescription"].as_str().unwrap_or_default().to_owned()))
        .collect();
    assert!(descriptions.len() > 40, "{} alarms", descriptions.len());
    assert_eq!(unmatched(&page(), &descriptions), Vec::<String>::new());

    let one = |text: &str| BTreeMap::from([("OneAlarm".to_owned(), text.to_owned())]);
    let small = "\n## Alarms\n### It burns\n";
    assert_eq!(
        unmatched(small, &one("Fire. What to do: docs/guide/OPERATIONS.md, \"It burns\".")),
        Vec::<String>::new()
    );
    assert_eq!(
        unmatched(small, &one("Fire. What to do: docs/guide/OPERATIONS.md, \"It rains\".")),
        ["OneAlarm", "It burns"]
    );
    assert_eq!(unmatched(small, &one("Fire.")), ["OneAlarm", "It burns"]);
}

#[test]
fn every_alarm_notifies_the_alarm_topic_and_watches_an_existing_resource() {
    let stack = Pipeline::new().local.stack;
    let topic = Account::default().arn("sns", "docket-dev-alarms");
    for (id, alarm) in alarms() {
        assert_eq!(alarm["AlarmActions"], serde_json::json!([topic]), "{id}");
        let metric = alarm["MetricName"].as_str().unwrap();
        let dimension = &alarm["Dimensions"][0];
        let value = dimension["Value"].as_str().unwrap();
        let known = match dimension["Name"].as_str().unwrap() {
            "Stage" => value == "dev" && alarm["Namespace"] == NAMESPACE && is_metric(metric),
            "QueueName" => stack.queues.values().any(|queue| queue.name == value),
            "FunctionName" => stack.functions.values().any(|function| function.name == value),
            "TableName" => stack.tables.values().any(|table| table.name == value),
            "ApiId" => value == API_ID && alarm["Namespace"] == "AWS/ApiGateway",
            "TopicName" => stack.topics.values().any(|topic| topic.name == value),
            other => panic!("{id}: {other}"),
        };
        assert!(known, "{id} watches {value}, which does not exist");
    }
}

fn is_metric(name: &str) -> bool {
    Metric::ALL.iter().any(|metric| metric.name() == name)
}

/// Whether an alarm watches `metric` of the resource `name`.
fn is_watched(alarms: &BTreeMap<String, Value>, metric: &str, name: &str) -> bool {
    alarms.values().any(|alarm| alarm["MetricName"] == metric && alarm["Dimensions"][0]["Value"] == name)
}

#[test]
fn every_queue_and_every_function_has_an_alarm() {
    let (alarms, local) = (alarms(), Pipeline::new().local);
    for queue in local.stack.queues.values() {
        assert!(is_watched(&alarms, "ApproximateAgeOfOldestMessage", &queue.name), "{}", queue.name);
    }
    for function in local.stack.functions.values() {
        for metric in ["Errors", "Throttles"] {
            assert!(is_watched(&alarms, metric, &function.name), "{metric} of {}", function.name);
        }
    }
}

#[test]
fn the_dashboard_shows_exactly_the_metrics_that_exist() {
    let resources = resources();
    let body = resources["Dashboard"].properties["DashboardBody"].as_str().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let mut shown = BTreeSet::new();
    for widget in body["widgets"].as_array().unwrap() {
        for metric in widget["properties"]["metrics"].as_array().unwrap() {
            assert!(!metric.to_string().contains("${"), "{metric}");
            if metric[0] == NAMESPACE {
                shown.insert(metric[1].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(shown, Metric::ALL.iter().map(|metric| metric.name().to_owned()).collect());
}

#[test]
fn a_schedule_that_stops_running_raises_an_alarm() {
    let alarms = alarms();
    for id in ["DriftCheckAbsentAlarm", "NothingCompletedAlarm", "ReconcileAbsentAlarm"] {
        assert_eq!(alarms[id]["TreatMissingData"], "breaching", "{id}");
        assert_eq!(alarms[id]["ComparisonOperator"], "LessThanThreshold", "{id}");
    }
}
