//! A client of the pipeline: it uploads documents, sends commands and reads orders, through the same adapters and SDK as
//! the functions.

pub mod report;
pub mod stage;

use aws::bucket::Bucket;
use aws::key;
use aws::queue::Commands;
use aws::sdk::Clock;
use aws::store::{Store, StoredFailure, Written};
use domain::audit::{AuditAction, AuditEntry};
use domain::event::{Event, EventKind};
use domain::execution::Execution;
use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::lifecycle::{IllegalTransition, decide};
use domain::limit::REASON_CHARS_MAX;
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA};
use domain::option::Options;
use domain::order::Order;
use domain::phase::Phase;
use domain::service::ServiceCode;
use domain::version::Version;
use futures_util::future::try_join_all;
use runtime::service::{Decisions, InvalidDecisions};
use serde_json::Value;

/// A file to be uploaded.
pub struct Upload {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Orders that are read side by side.
const READS_AT_ONCE: usize = 16;

/// The newest orders of a firm.
#[derive(Clone, Debug)]
pub struct Newest {
    /// The orders, newest first.
    pub orders: Vec<Order>,
    /// Whether the firm has no older ones.
    pub are_all: bool,
}

/// Why a reviewer's decisions were not stored.
#[derive(Debug, thiserror::Error)]
pub enum NotDecided {
    /// Others are stored for this review.
    #[error("different decisions are already stored for this review")]
    Decided,
    /// They do not fit the order, or its classification cannot be read.
    #[error(transparent)]
    Invalid(#[from] InvalidDecisions),
    /// Something could not be read or stored.
    #[error(transparent)]
    Aws(#[from] aws::Error),
}

/// Why an order may not wait for longer.
#[derive(Debug, thiserror::Error)]
pub enum NotExtended {
    /// The reason is missing or too long.
    #[error("give a reason of 1 to {REASON_CHARS_MAX} characters")]
    Reason,
    /// It does not wait for a reviewer.
    #[error(transparent)]
    Refused(#[from] IllegalTransition),
    /// It changed at the same moment.
    #[error("the order changed at the same moment; look at it and try again")]
    Changed,
    /// Something could not be read or stored.
    #[error(transparent)]
    Aws(#[from] aws::Error),
}

/// A client of one firm.
#[derive(Clone)]
pub struct Client {
    firm: FirmId,
    store: Store,
    bucket: Bucket,
    commands: Commands,
    clock: Clock,
}

impl Client {
    /// A client of `firm` over the table of orders, the document bucket and the command queue.
    #[must_use]
    pub fn new(firm: FirmId, store: Store, bucket: Bucket, commands: Commands, clock: Clock) -> Self {
        Self { firm, store, bucket, commands, clock }
    }

    /// A new order id, made from the current time.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        let milliseconds = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        OrderId::from_parts(milliseconds, fastrand::u128(..))
    }

    /// Uploads an order's documents, then submits it.
    ///
    /// # Errors
    /// [`aws::Error`] when something could not be stored or sent.
    pub async fn submit(
        &self,
        order: OrderId,
        service_code: ServiceCode,
        uploads: Vec<Upload>,
        options: Options,
    ) -> Result<(), aws::Error> {
        let documents = u32::try_from(uploads.len()).unwrap_or(u32::MAX);
        for (number, upload) in DocumentNumber::all(documents).zip(uploads) {
            let target = key::document(&self.firm, order, number);
            self.bucket.put_document(&target, upload.bytes, &upload.name).await?;
        }
        self.submit_uploaded(order, service_code, documents, options).await
    }

    /// Submits an order whose documents are already uploaded, or made up for a canary.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be sent.
    pub async fn submit_uploaded(
        &self,
        order: OrderId,
        service_code: ServiceCode,
        documents: u32,
        options: Options,
    ) -> Result<(), aws::Error> {
        self.command(order, Command::Submit { service_code, documents, options }).await
    }

    /// Sends a command about an order.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be sent.
    pub async fn command(&self, order: OrderId, command: Command) -> Result<(), aws::Error> {
        let message = CommandMessage {
            schema: MESSAGE_SCHEMA,
            command_id: self.order_id().to_string(),
            order_id: order,
            firm_id: self.firm.clone(),
            resends: 0,
            command,
        };
        self.commands.send(&message).await
    }

    /// The current state of an order. Only read, whatever layout it is stored in.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be read.
    pub async fn order(&self, order: OrderId) -> Result<Option<Order>, aws::Error> {
        Ok(self.store.view(&self.firm, order).await?.map(|(order, _)| order))
    }

    /// The newest `count` orders of the firm, newest first.
    ///
    /// # Errors
    /// [`aws::Error`] when they could not be read.
    pub async fn newest(&self, count: usize) -> Result<Newest, aws::Error> {
        // One more, to know whether there are older ones.
        let mut ids = self.store.order_ids(&self.firm, count.saturating_add(1)).await?;
        let are_all = ids.len() <= count;
        ids.truncate(count);
        let mut orders = Vec::new();
        for some in ids.chunks(READS_AT_ONCE) {
            let found = try_join_all(some.iter().map(|id| self.order(*id))).await?;
            orders.extend(found.into_iter().flatten());
        }
        Ok(Newest { orders, are_all })
    }

    /// The executions of an order, of all runs.
    ///
    /// # Errors
    /// [`aws::Error`] when they could not be read.
    pub async fn executions(&self, order: &Order) -> Result<Vec<Execution>, aws::Error> {
        let stored = self.store.executions(&self.firm, order.order_id()).await?;
        if !stored.is_empty() || order.documents() == 0 {
            return Ok(stored);
        }
        // An order of an earlier layout holds its executions itself.
        Ok(self.store.view(&self.firm, order.order_id()).await?.map(|(_, held)| held).unwrap_or_default())
    }

    /// The failure records of an order.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be read.
    pub async fn failures(&self, order: OrderId) -> Result<Vec<StoredFailure>, aws::Error> {
        self.store.failures(&self.firm, order).await
    }

    /// All versions of an order's final documents, by number.
    ///
    /// # Errors
    /// [`aws::Error`] when they could not be read.
    pub async fn versions(&self, order: &Order) -> Result<Vec<Version>, aws::Error> {
        self.store.versions(order).await
    }

    /// Lets an order wait for a reviewer for as long as if it had just begun to wait. `reason`, in the words of `who`, stands in
    /// the order's audit entry.
    ///
    /// # Errors
    /// [`NotExtended`] says why it was not.
    pub async fn extend_review(&self, order: &Order, who: &str, reason: &str) -> Result<Order, NotExtended> {
        if !(1..=REASON_CHARS_MAX).contains(&reason.trim().chars().count()) {
            return Err(NotExtended::Reason);
        }
        let at = self.clock.now();
        let kind = EventKind::ReviewExtended { run: order.run() };
        let event = Event::new(at, format!("{}/{}", self.order_id(), kind.name()), kind);
        let decision = decide(order, &event)?;
        let entry = AuditEntry {
            reason: Some(reason.trim().to_owned()),
            ..AuditEntry::about(order, AuditAction::ReviewExtended, at, who)
        };
        match self.store.write_audited(&decision, &entry).await? {
            Written::Done => Ok(decision.into_order()),
            Written::Conflict(_) => Err(NotExtended::Changed),
        }
    }

    /// What was done to an order by the pipeline itself, and by people for a reason, oldest first.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be read.
    pub async fn audit(&self, order: OrderId) -> Result<Vec<AuditEntry>, aws::Error> {
        self.store.audit(&self.firm, order).await
    }

    /// The result of a phase, if there is one.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be read.
    pub async fn result(&self, order: &Order, phase: Phase) -> Result<Option<Value>, aws::Error> {
        let Some(record) = order.phases().get(&phase) else { return Ok(None) };
        self.json(&key::result(order, record.run, phase)).await
    }

    /// The content of one of the current final documents.
    ///
    /// # Errors
    /// [`aws::Error`] when it could not be read.
    pub async fn artifact(&self, order: &Order, name: &str) -> Result<Option<Vec<u8>>, aws::Error> {
        let current = order.artifacts().iter().find(|a| a.version == order.artifact_version() && a.name == name);
        let Some(artifact) = current else { return Ok(None) };
        let target = key::artifact(order, artifact.run, name);
        Ok(self.bucket.find(&target, aws::bucket::OBJECT_BYTES_MAX).await?.map(|object| object.bytes))
    }

    /// Checks a reviewer's decisions against what the order's current run classified. An empty list accepts every proposal.
    ///
    /// # Errors
    /// [`NotDecided`] when they do not fit, or the classification cannot be read.
    pub async fn check_decisions(&self, order: &Order, decisions: &Value, taken: Decisions) -> Result<(), NotDecided> {
        let classified = self.result(order, Phase::Classify).await?.unwrap_or_default();
        Ok((taken.check)(decisions, classified)?)
    }

    /// Stores a reviewer's decisions if they fit the order, so that a mistake does not fail the order in a later phase.
    /// Storing the same ones again changes nothing.
    ///
    /// # Errors
    /// [`NotDecided`] says why they are not stored.
    pub async fn decide(&self, order: &Order, decisions: &Value, taken: Decisions) -> Result<(), NotDecided> {
        self.check_decisions(order, decisions, taken).await?;
        let bytes = decisions.to_string().into_bytes();
        let ours = aws::bucket::digest(&bytes);
        let target = key::decisions(order, order.run());
        let stored = self.bucket.put_once(&target, bytes, "application/json").await?;
        if stored.sha256 == ours { Ok(()) } else { Err(NotDecided::Decided) }
    }

    async fn json(&self, key: &str) -> Result<Option<Value>, aws::Error> {
        let object = self.bucket.find(key, aws::bucket::OBJECT_BYTES_MAX).await?;
        let parse =
            |bytes: Vec<u8>| serde_json::from_slice(&bytes).map_err(|_| aws::Error::Damaged { operation: "GetObject" });
        object.map(|object| parse(object.bytes)).transpose()
    }
}
