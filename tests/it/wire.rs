//! Pins the messages byte for byte: a misspelt key in a response would silently delete messages.

use domain::id::{DocumentNumber, FirmId, OrderId, RunNumber};
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use domain::option::Options;
use domain::phase::Phase;
use domain::service::ServiceCode;
use serde_json::json;
use tests::pipeline::Pipeline;

fn firm() -> FirmId {
    FirmId::try_from("firm-1".to_owned()).unwrap()
}

#[test]
fn the_phase_message_format_is_pinned() {
    let message = PhaseMessage {
        schema: MESSAGE_SCHEMA,
        order_id: OrderId::from_parts(1, 2),
        firm_id: firm(),
        run: RunNumber::FIRST,
        phase: Phase::Extract,
        document: DocumentNumber::try_from(3).ok(),
        correlation_id: "c".to_owned(),
    };
    assert_eq!(
        serde_json::to_string(&message).unwrap(),
        r#"{"schema":1,"order_id":"00000000010000000000000002","firm_id":"firm-1","run":1,"phase":"extract","document":3,"correlation_id":"c"}"#
    );
}

#[test]
fn the_command_format_is_pinned() {
    let command = Command::Submit { service_code: ServiceCode::Cma, documents: 2, options: Options::default() };
    let message = CommandMessage {
        schema: MESSAGE_SCHEMA,
        command_id: "c".to_owned(),
        order_id: OrderId::from_parts(1, 2),
        firm_id: firm(),
        resends: 0,
        command,
    };
    assert_eq!(
        serde_json::to_value(&message).unwrap(),
        json!({
            "schema": 1, "command_id": "c", "order_id": "00000000010000000000000002", "firm_id": "firm-1",
            "command": "submit", "service_code": "CMA", "documents": 2,
            "options": {
                "skip_review": false, "skip_validation": false, "force_reprocess": false,
                "auto_approve_above": 0.7, "notify_on_review": true,
            },
        })
    );
}

fn event(bodies: &[&str]) -> serde_json::Value {
    let record = |(index, body): (usize, &&str)| {
        json!({
            "messageId": format!("m{index}"), "receiptHandle": "r", "body": body,
            "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {},
            "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:0:q", "awsRegion": "us-east-1",
        })
    };
    json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() })
}

#[tokio::test(start_paused = true)]
async fn the_batch_response_lists_exactly_the_failed_messages() {
    let mut pipeline = Pipeline::new();
    let unknown = serde_json::to_string(&PhaseMessage {
        schema: MESSAGE_SCHEMA,
        order_id: OrderId::from_parts(1, 2),
        firm_id: firm(),
        run: RunNumber::FIRST,
        phase: Phase::Classify,
        document: None,
        correlation_id: "c".to_owned(),
    })
    .unwrap();
    // The order of the second message does not exist, which is not a failure.
    let answer = pipeline.local.driver.invoke("ClassifyFunction", event(&["nonsense", &unknown])).await.unwrap();
    assert_eq!(answer.to_string(), r#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#);
    let answer = pipeline.local.driver.invoke("ClassifyFunction", event(&[&unknown])).await.unwrap();
    assert_eq!(answer.to_string(), r#"{"batchItemFailures":[]}"#);
}

#[tokio::test(start_paused = true)]
async fn an_unexpected_event_fails_the_invocation() {
    let mut pipeline = Pipeline::new();
    for function in pipeline::FUNCTIONS {
        let answer = pipeline.local.driver.invoke(function, json!({ "detail": "none of ours" })).await;
        assert!(answer.is_err(), "{function} accepted it");
    }
}
