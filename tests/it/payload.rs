//! Checks that no content of a document leaves the document bucket: no label, amount, sheet or file name in the table,
//! a queue, an alert, a metric or a log line.

use std::sync::{Arc, Mutex};

use domain::message::Command;
use engine::{Action, Call, Interceptor, Service};
use tests::log::capture;
use tests::pipeline::{OrderRequest, Pipeline};

/// Appears in labels, headings, sheet and file names of this test's documents.
const MARKER: &str = "Zyxomma";
/// Appears in their amounts.
const AMOUNT: &str = "918273";

/// Keeps the body of every request except those to the document bucket, of which it keeps the key.
#[derive(Debug, Default)]
struct CallRecorder(Mutex<Vec<String>>);

impl Interceptor for CallRecorder {
    fn before(&self, call: &Call) -> Action {
        let kept = match call.service {
            Service::S3 if !call.resource.contains("-backup-") => call.resource.clone(),
            Service::S3 | Service::DynamoDb | Service::Lambda | Service::Sns | Service::Sqs => {
                String::from_utf8_lossy(&call.body).into_owned()
            }
        };
        self.0.lock().unwrap().push(format!("{}:{} {kept}", call.service, call.operation));
        Action::Pass
    }
}

fn statement() -> Vec<u8> {
    let mut text = format!("{MARKER} Private Limited\nBalance Sheet as at 31 March 2024\n(Rs. in lakhs)\n");
    text.push_str("Particulars,31.03.2024 Audited,31.03.2023 Audited\nASSETS\nCurrent assets\n");
    for (label, amount) in [("Inventories", 1), ("Trade receivables", 2), ("Cash and bank balances", 3)] {
        text.push_str(&format!("{label},{AMOUNT}{amount}.00,{AMOUNT}{amount}.50\n"));
    }
    text.push_str(&format!("{MARKER} suspense account of the proprietor,{AMOUNT}9.00,{AMOUNT}9.00\n"));
    text.push_str("\nStatement of profit and loss for the year ended 31 March 2024\n");
    text.push_str("Particulars,31.03.2024 Audited,31.03.2023 Audited\n");
    for (label, amount) in [("Revenue from operations", 5), ("Employee benefits expense", 4)] {
        text.push_str(&format!("{label},{AMOUNT}{amount}.00,{AMOUNT}{amount}.50\n"));
    }
    text.into_bytes()
}

#[tokio::test(start_paused = true)]
async fn no_document_content_leaves_the_document_bucket() {
    let log = capture();
    let calls = Arc::new(CallRecorder::default());

    let mut pipeline = Pipeline::new();
    pipeline.intercept(calls.clone());
    let metrics = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&metrics);
    pipeline.local.on_metrics(move |line| kept.lock().unwrap().push(line.to_owned()));
    let good = statement();
    let broken = format!("PK\u{3}\u{4}{MARKER}{AMOUNT}");
    let (good_name, broken_name) = (format!("{MARKER}-2024.csv"), format!("{MARKER}-broken.xlsx"));
    let mut request = OrderRequest::cma(&[(&good_name, &good), (&broken_name, broken.as_bytes())]);
    request.options.skip_review = false;
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert!(order.is_paused(), "the suspense account needs a review, {}", order.orchestration_status());
    pipeline.client.command(id, Command::Resume { run: order.run() }).await.unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.artifact_version(), 1);
    assert_eq!(pipeline.client.failures(id).await.unwrap().len(), 1, "the broken document");

    let calls = calls.0.lock().unwrap();
    let log = log.text();
    let metrics = metrics.lock().unwrap().join("\n");
    assert!(metrics.contains("OrdersPaused"), "the metrics were not captured: {metrics}");
    for service in ["dynamodb:", "sqs:", "sns:", "s3:"] {
        assert!(calls.iter().any(|call| call.starts_with(service)), "no call to {service} was captured");
    }
    assert!(log.contains("failure recorded"), "the log was not captured");
    for secret in [MARKER, AMOUNT] {
        let leak = calls.iter().find(|call| call.contains(secret));
        assert_eq!(leak, None, "{secret} leaked into a call");
        assert!(!log.contains(secret), "{secret} leaked into the log");
        assert!(!metrics.contains(secret), "{secret} leaked into the metrics");
    }
}
