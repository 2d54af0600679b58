//! The clients of a run. They repeat a call until it succeeds; once a submission has succeeded, its order counts as
//! accepted.

use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use aws::bucket::Bucket;
use aws::key;
use aws::queue::Commands;
use aws::store::Store;
use bytes::Bytes;
use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA};
use domain::order::Order;
use serde_json::{Value, json};

use crate::plan::mark;
use crate::plan::workload::OrderPlan;
use engine::wire::Request;
use engine::{Aws, Scope, scoped};
use pipeline::{LocalPipeline, SetUpError};

/// Scope of the calls that clients make.
pub(crate) const SCOPE: &str = "Client";
/// Scope of callers that do not belong to the pipeline and send it stray messages.
pub(crate) const FOREIGN: &str = "Foreign";
/// Scope of the administrator, who deletes orders directly from the table.
pub(crate) const ADMINISTRATOR: &str = "Administrator";
/// How long callers that do not use an SDK wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a client waits before it repeats a call.
const PAUSE: Duration = Duration::from_secs(7);

/// The clients of all firms.
#[derive(Clone)]
pub(crate) struct Clients {
    store: Store,
    bucket: Bucket,
    commands: Commands,
    aws: Aws,
    table: String,
    scopes: Rc<Cell<u64>>,
}

impl Clients {
    /// Clients of the pipeline.
    pub(crate) fn new(local: &LocalPipeline) -> Result<Self, SetUpError> {
        const INTAKE: &str = "IntakeFunction";
        const EXTRACT: &str = "ExtractFunction";
        let missing = |function| move |source| SetUpError::Configuration { function, source };
        let intake = local.environment(INTAKE)?;
        let url = intake.required("SOURCE_QUEUE_URL").map_err(missing(INTAKE))?;
        Ok(Self {
            store: intake.store().map_err(missing(INTAKE))?,
            bucket: local.environment(EXTRACT)?.bucket().map_err(missing(EXTRACT))?,
            commands: Commands::new(intake.sdk(), url),
            aws: local.aws.clone(),
            table: local.stack.tables.values().next().map(|table| table.name.clone()).unwrap_or_default(),
            // Higher than any number of the driver's invocations.
            scopes: Rc::new(Cell::new(1 << 32)),
        })
    }

    /// Uploads an order's files, numbered from 1.
    pub(crate) async fn upload(&self, firm: &FirmId, order: OrderId, files: &[(String, Vec<u8>)]) {
        let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
        for (number, (name, bytes)) in DocumentNumber::all(count).zip(files) {
            let target = key::document(firm, order, number);
            self.until_success(|| self.bucket.put_document(&target, bytes.clone(), name)).await;
        }
    }

    /// Replaces the first file of an order by another revision of it.
    pub(crate) async fn replace(&self, plan: &OrderPlan, revision: u32) {
        if let Some((name, _)) = plan.files.first() {
            let statement = mark::statement(!plan.options.skip_review, revision);
            self.upload(&plan.firm, plan.id, &[(name.clone(), statement)]).await;
        }
    }

    /// Sends a command under `id`.
    pub(crate) async fn command(&self, firm: &FirmId, order: OrderId, id: String, command: Command) {
        let message = CommandMessage {
            schema: MESSAGE_SCHEMA,
            command_id: id,
            order_id: order,
            firm_id: firm.clone(),
            resends: 0,
            command,
        };
        self.until_success(|| self.commands.send(&message)).await;
    }

    /// The current order; `None` also if it cannot be read.
    pub(crate) async fn order(&self, firm: &FirmId, order: OrderId) -> Option<Order> {
        let scope = self.scope(SCOPE);
        scoped(scope, self.store.order(firm, order)).await.ok().flatten()
    }

    /// Stores a reviewer's decisions on the current run.
    pub(crate) async fn decide(&self, order: &Order, bytes: &[u8]) {
        let target = key::decisions(order, order.run());
        self.until_success(|| self.bucket.put_once(&target, bytes.to_vec(), "application/json")).await;
    }

    /// Sends a text that is not a message of the pipeline.
    pub(crate) async fn send_stray(&self, url: &str, body: &str) {
        self.send_once(FOREIGN, "AmazonSQS.SendMessage", &json!({ "QueueUrl": url, "MessageBody": body })).await;
    }

    /// Deletes an order from the table, if it exists.
    pub(crate) async fn remove(&self, firm: &FirmId, order: OrderId) {
        let key = json!({ "pk": { "S": format!("FIRM#{firm}#ORDER#{order}") }, "sk": { "S": "ORDER" } });
        let condition = "attribute_exists(pk)";
        let request = json!({ "TableName": self.table, "Key": key, "ConditionExpression": condition });
        self.send_once(ADMINISTRATOR, "DynamoDB_20120810.DeleteItem", &request).await;
    }

    /// Sends a request once, and ignores whether it arrives or is answered.
    async fn send_once(&self, scope: &'static str, target: &str, body: &Value) {
        let request = Request {
            method: "POST".to_owned(),
            host: "aws".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: vec![("x-amz-target".to_owned(), target.to_owned())],
            body: Bytes::from(body.to_string()),
        };
        let _ = tokio::time::timeout(PATIENCE, scoped(self.scope(scope), self.aws.answer(request))).await;
    }

    async fn until_success<T, E, F: Future<Output = Result<T, E>>>(&self, call: impl Fn() -> F) {
        while scoped(self.scope(SCOPE), call()).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn scope(&self, name: &'static str) -> Scope {
        self.scopes.set(self.scopes.get() + 1);
        Scope::new(name, self.scopes.get())
    }
}
