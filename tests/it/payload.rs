//! Nothing of a document leaves the document bucket: no label, amount, sheet or file name in the table, a queue, an alert or
//! a log line.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use domain::message::Command;
use engine::{Action, Call, Interceptor, Service};
use tests::log::hear;
use tests::pipeline::{OrderRequest, Pipeline};

/// Stands in labels, headings, sheet and file names of the documents of this test.
const MARKER: &str = "Zyxomma";
/// Stands in their amounts.
const AMOUNT: &str = "918273";

/// Keeps every request that is not one of the document bucket, and every key within it.
#[derive(Debug, Default)]
struct Eavesdropper(Mutex<Vec<String>>);

impl Interceptor for Eavesdropper {
    fn before(&self, call: &Call) -> Action {
        let heard = match call.service {
            Service::S3 if !call.resource.contains("-backup-") => call.resource.clone(),
            Service::S3 | Service::DynamoDb | Service::Lambda | Service::Sns | Service::Sqs => {
                String::from_utf8_lossy(&call.body).into_owned()
            }
        };
        self.0.lock().unwrap().push(format!("{}:{} {heard}", call.service, call.operation));
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
    text.into_bytes()
}

#[tokio::test(start_paused = true)]
async fn no_document_content_leaves_the_document_bucket() {
    let log = hear();
    let heard = Arc::new(Eavesdropper::default());

    let mut pipeline = Pipeline::new();
    pipeline.intercept(heard.clone());
    let figures = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&figures);
    pipeline.local.on_metrics(move |line| kept.borrow_mut().push(line.to_owned()));
    let good = statement();
    let broken = format!("PK\u{3}\u{4}{MARKER}{AMOUNT}");
    let (good_name, broken_name) = (format!("{MARKER}-2024.csv"), format!("{MARKER}-broken.xlsx"));
    let mut request = OrderRequest::cma(&[(&good_name, &good), (&broken_name, broken.as_bytes())]);
    request.options.skip_review = false;
    let id = pipeline.submit(&request).await;
    pipeline.settle().await;
    let order = pipeline.order(id).await;
    assert!(order.is_paused(), "the suspense account waits for a reviewer, {}", order.orchestration_status());
    pipeline.client.command(id, Command::Resume { run: order.run() }).await.unwrap();
    pipeline.settle().await;
    assert_eq!(pipeline.order(id).await.artifact_version(), 1);
    assert_eq!(pipeline.client.failures(id).await.unwrap().len(), 1, "the broken document");

    let heard = heard.0.lock().unwrap();
    let log = log.text();
    let figures = figures.borrow().join("\n");
    assert!(figures.contains("OrdersPaused"), "the figures were not heard: {figures}");
    for service in ["dynamodb:", "sqs:", "sns:", "s3:"] {
        assert!(heard.iter().any(|call| call.starts_with(service)), "no call of {service} was heard");
    }
    assert!(log.contains("failure recorded"), "the log was not heard");
    for secret in [MARKER, AMOUNT] {
        let leak = heard.iter().find(|call| call.contains(secret));
        assert_eq!(leak, None, "{secret} leaked into a call");
        assert!(!log.contains(secret), "{secret} leaked into the log");
        assert!(!figures.contains(secret), "{secret} leaked into the figures");
    }
}
