//! An execution: one processor's work on one subject in one run. It is stored beside its order, so that executions of one
//! order never wait for each other.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ending;
use crate::claim::Claim;
use crate::failure::{Category, Failure, FailureRecord};
use crate::id::{DocumentNumber, FirmId, OrderId, RunNumber, Subject};
use crate::order::{Lease, Order};
use crate::phase::Phase;

/// The schema number that executions are written with. Readers take this one and the one before.
pub const EXECUTION_SCHEMA: u32 = 1;

/// One processor's work on one subject in one run. Only the functions of this module change one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    pub(super) schema: u32,
    pub(super) order_id: OrderId,
    pub(super) firm_id: FirmId,
    pub(super) order_created_at: Timestamp,
    pub(super) run: RunNumber,
    pub(super) processor: String,
    pub(super) subject: Subject,
    pub(super) number: DocumentNumber,
    pub(super) status: ExecutionStatus,
    pub(super) attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lease: Option<Lease>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error_message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<String>,
    pub(super) writer: String,
}

/// Whether an execution has ended, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExecutionStatus {
    /// It was claimed and has not ended.
    Working,
    /// Its result is stored.
    Completed,
    /// It has no result; the failure is recorded.
    Failed,
}

/// How an execution ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionEnd {
    /// Its result is stored under this key of the document bucket; `None` if it made none.
    Completed(Option<String>),
    /// It failed for good.
    Failed(Failure),
}

/// An execution as it is to be written, if the stored one is still what it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a change that is not written is lost"]
pub struct ExecutionChange {
    next: Execution,
    seen: Option<String>,
    record: Option<FailureRecord>,
}

impl ExecutionChange {
    /// The execution as it is to be written.
    #[must_use]
    pub fn next(&self) -> &Execution {
        &self.next
    }

    /// The writer of the stored execution that this change was made from; `None` if there must be none.
    #[must_use]
    pub fn seen(&self) -> Option<&str> {
        self.seen.as_deref()
    }

    /// The failure to record in the same write, with its alert pending.
    #[must_use]
    pub fn record(&self) -> Option<&FailureRecord> {
        self.record.as_ref()
    }
}

/// Judges a claim to the execution `number` of the order's current run, which is stored as `stored` if it was claimed before.
/// `Ok` is the claim to write.
///
/// # Errors
/// What to do instead: it has ended, or another invocation works on it.
pub fn claim(
    order: &Order,
    number: DocumentNumber,
    stored: Option<&Execution>,
    lease: &Lease,
    at: Timestamp,
    writer: &str,
) -> Result<ExecutionChange, Claim> {
    let seen = stored.map(|stored| stored.writer.clone());
    let Some(stored) = stored.filter(|stored| stored.is_of(order)) else {
        let mut next = fresh(order, number);
        take(&mut next, lease, at, writer);
        return Ok(ExecutionChange { next, seen, record: None });
    };
    if stored.has_ended() {
        return Err(Claim::AlreadyDone { resend: true });
    }
    if let Some(held) = &stored.lease
        && held.message != lease.message
        && held.until > at
    {
        return Err(Claim::Busy { until: held.until });
    }
    let mut next = stored.clone();
    take(&mut next, lease, at, writer);
    Ok(ExecutionChange { next, seen, record: None })
}

/// Gives back a claim whose work was not begun: it counts no attempt and leaves no lease.
pub fn release(claimed: &Execution, writer: &str) -> ExecutionChange {
    let mut next = claimed.clone();
    next.lease = None;
    next.attempts = next.attempts.saturating_sub(1);
    writer.clone_into(&mut next.writer);
    ExecutionChange { next, seen: Some(claimed.writer.clone()), record: None }
}

/// Ends the execution `number` of the order's current run. One that was never claimed can only have failed. `None` if it has
/// ended already: its first end stands.
#[must_use]
pub fn end(
    order: &Order,
    number: DocumentNumber,
    stored: Option<&Execution>,
    end: &ExecutionEnd,
    at: Timestamp,
    writer: &str,
) -> Option<ExecutionChange> {
    let seen = stored.map(|stored| stored.writer.clone());
    let stored = stored.filter(|stored| stored.is_of(order));
    if stored.is_some_and(Execution::has_ended) {
        return None;
    }
    let mut next = stored.cloned().unwrap_or_else(|| fresh(order, number));
    next.lease = None;
    next.ended_at = Some(next.started_at.map_or(at, |started| at.max(started)));
    writer.clone_into(&mut next.writer);
    match end {
        ExecutionEnd::Completed(result) => {
            next.status = ExecutionStatus::Completed;
            next.result.clone_from(result);
        }
        ExecutionEnd::Failed(failure) => {
            next.status = ExecutionStatus::Failed;
            next.error_code = Some(failure.code.clone().into_owned());
            next.error_message = Some(failure.message.clone().into_owned());
        }
    }
    let record = match end {
        ExecutionEnd::Failed(failure) => {
            Some(ending::record(order, Phase::Extract, Some(number), &failure.clone().of_one_document(), at))
        }
        ExecutionEnd::Completed(_) => None,
    };
    Some(ExecutionChange { next, seen, record })
}

/// The record of a failed execution's failure; `None` if it did not fail.
#[must_use]
pub fn failure_of(order: &Order, execution: &Execution) -> Option<FailureRecord> {
    if execution.status != ExecutionStatus::Failed {
        return None;
    }
    let failure = Failure {
        category: Category::Partial,
        code: execution.error_code.clone().unwrap_or_default().into(),
        message: execution.error_message.clone().unwrap_or_default().into(),
    };
    let at = execution.ended_at.unwrap_or(order.updated_at());
    let mut record = ending::record(order, Phase::Extract, Some(execution.number), &failure, at);
    record.failure_id = crate::failure::FailureId::of(execution.run, Phase::Extract, Some(execution.number));
    record.run = execution.run;
    Some(record)
}

/// The execution `number` of the order's current run before anybody claimed it.
pub(super) fn fresh(order: &Order, number: DocumentNumber) -> Execution {
    let (processor, subject) = order.service_code.execution(number);
    Execution {
        schema: EXECUTION_SCHEMA,
        order_id: order.order_id,
        firm_id: order.firm_id.clone(),
        order_created_at: order.created_at,
        run: order.run,
        processor: processor.to_owned(),
        subject,
        number,
        status: ExecutionStatus::Working,
        attempts: 0,
        lease: None,
        error_code: None,
        error_message: None,
        started_at: None,
        ended_at: None,
        result: None,
        writer: String::new(),
    }
}

fn take(execution: &mut Execution, lease: &Lease, at: Timestamp, writer: &str) {
    execution.lease = Some(lease.clone());
    execution.attempts = execution.attempts.saturating_add(1);
    execution.started_at = execution.started_at.or(Some(at));
    writer.clone_into(&mut execution.writer);
}

impl Execution {
    /// Layout of this value.
    #[must_use]
    pub fn schema(&self) -> u32 {
        self.schema
    }

    /// The order.
    #[must_use]
    pub fn order_id(&self) -> OrderId {
        self.order_id
    }

    /// The firm that the order belongs to.
    #[must_use]
    pub fn firm_id(&self) -> &FirmId {
        &self.firm_id
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> RunNumber {
        self.run
    }

    /// Name of the processor.
    #[must_use]
    pub fn processor(&self) -> &str {
        &self.processor
    }

    /// What it works on.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Its number among the executions of its order, from 1: what its message names, and what the order's set of ended
    /// executions holds.
    #[must_use]
    pub fn number(&self) -> DocumentNumber {
        self.number
    }

    /// Whether it has ended, and how.
    #[must_use]
    pub fn status(&self) -> ExecutionStatus {
        self.status
    }

    /// How often it was claimed. A claim that never ended is a crash, so this shows whether a dead letter is due to crashes
    /// or to an outage.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Who works on it.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// Stable code of the failure, if it failed.
    #[must_use]
    pub fn error_code(&self) -> Option<&str> {
        self.error_code.as_deref()
    }

    /// Sentence that says what to do about the failure.
    #[must_use]
    pub fn error_message(&self) -> Option<&str> {
        self.error_message.as_deref()
    }

    /// When it was first claimed.
    #[must_use]
    pub fn started_at(&self) -> Option<Timestamp> {
        self.started_at
    }

    /// When it ended.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        self.ended_at
    }

    /// Milliseconds from its first claim to its end.
    #[must_use]
    pub fn duration_ms(&self) -> Option<i64> {
        Some(self.ended_at?.as_millisecond() - self.started_at?.as_millisecond())
    }

    /// The key of its result in the document bucket.
    #[must_use]
    pub fn result(&self) -> Option<&str> {
        self.result.as_deref()
    }

    /// Id of the last write, by which the next one finds out whether anything came between.
    #[must_use]
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// Whether it belongs to this order, and not to an earlier one that was deleted and whose id was used again.
    #[must_use]
    pub fn is_of(&self, order: &Order) -> bool {
        (self.order_id, self.order_created_at) == (order.order_id, order.created_at)
    }

    /// Whether it has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.status != ExecutionStatus::Working
    }
}

/// The executions whose results count, by number, out of all that an order ever had: for each number that completed, the
/// latest one. `None` if one of them is missing.
#[must_use]
pub fn completed<'a>(order: &Order, all: &'a [Execution]) -> Option<Vec<&'a Execution>> {
    let latest = |number: DocumentNumber| {
        let done =
            |one: &&Execution| one.is_of(order) && one.number == number && one.status == ExecutionStatus::Completed;
        all.iter().filter(done).max_by_key(|one| one.run)
    };
    order.terminal().difference(order.failed()).map(|number| latest(*number)).collect()
}

/// The current execution of each number of the order: the latest one that was claimed.
#[must_use]
pub fn current<'a>(order: &Order, all: &'a [Execution]) -> Vec<&'a Execution> {
    let mut latest: BTreeMap<DocumentNumber, &Execution> = BTreeMap::new();
    for one in all.iter().filter(|one| one.is_of(order)) {
        let known = latest.entry(one.number).or_insert(one);
        if known.run < one.run {
            *known = one;
        }
    }
    latest.into_values().collect()
}

/// The numbers of the executions of the order's current run that somebody works on.
#[must_use]
pub fn held_at(order: &Order, all: &[Execution], now: Timestamp) -> BTreeSet<DocumentNumber> {
    let is_held = |one: &&Execution| {
        one.is_of(order) && one.run == order.run && one.lease.as_ref().is_some_and(|lease| lease.until > now)
    };
    all.iter().filter(is_held).map(|one| one.number).collect()
}
