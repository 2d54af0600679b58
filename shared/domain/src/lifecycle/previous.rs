//! The previous layout of orders, in which an order's item held the executions of its documents. Orders that were under way
//! when this layout was deployed are taken over from it.

use jiff::Timestamp;
use serde::Deserialize;

use super::Decision;
use super::execution::{Execution, ExecutionStatus, fresh};
use crate::id::{DocumentNumber, RunNumber};
use crate::order::{ORDER_SCHEMA, Order};

/// How the previous layout kept an execution that had ended, in its order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct PreviousExecution {
    processor: String,
    run: RunNumber,
    status: PreviousStatus,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    error_message: Option<String>,
    ended_at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PreviousStatus {
    Completed,
    Failed,
}

/// The key under which the previous layout kept the lease and the attempts of a phase that is one unit of work.
const PHASE: &str = "phase";

/// Takes an order of an earlier layout over into the current one: the order as it is to be written, and the executions that
/// it held. `result` names the key of a document's result in the document bucket. Write the executions first: the order no
/// longer holds them.
pub fn renew(
    order: &Order,
    writer: &str,
    result: impl Fn(&Order, RunNumber, DocumentNumber) -> String,
) -> (Decision, Vec<Execution>) {
    let executions = executions_of(order, writer, result);
    let decision = Decision {
        order: renewed(order, writer),
        record: None,
        notice: None,
        versions: Vec::new(),
        ended_run: None,
        seen: order.revision,
    };
    (decision, executions)
}

/// The order of an earlier layout in the current one.
pub(super) fn renewed(order: &Order, writer: &str) -> Order {
    let mut next = order.clone();
    let executions = std::mem::take(&mut next.previous_executions);
    let leases = std::mem::take(&mut next.previous_leases);
    let attempts = std::mem::take(&mut next.previous_attempts);
    let failed = |(number, one): (&DocumentNumber, &PreviousExecution)| {
        (one.status == PreviousStatus::Failed && next.terminal.contains(number)).then_some(*number)
    };
    next.failed = executions.iter().filter_map(failed).collect();
    next.lease = leases.get(PHASE).cloned();
    next.phase_attempts = attempts.get(PHASE).copied().unwrap_or(0);
    next.schema = ORDER_SCHEMA;
    next.revision = order.revision.saturating_add(1);
    writer.clone_into(&mut next.writer);
    next
}

/// The executions that an order of the previous layout holds, ended and begun ones.
pub fn executions_of(
    order: &Order,
    writer: &str,
    result: impl Fn(&Order, RunNumber, DocumentNumber) -> String,
) -> Vec<Execution> {
    let ended = order.previous_executions.iter().map(|(number, one)| {
        let completed = one.status == PreviousStatus::Completed;
        Execution {
            run: one.run,
            processor: one.processor.clone(),
            status: if completed { ExecutionStatus::Completed } else { ExecutionStatus::Failed },
            attempts: 1,
            error_code: one.error_code.clone(),
            error_message: one.error_message.clone(),
            ended_at: Some(one.ended_at),
            result: completed.then(|| result(order, one.run, *number)),
            writer: writer.to_owned(),
            ..fresh(order, *number)
        }
    });
    let begun = DocumentNumber::all(order.documents).filter_map(|number| {
        let key = format!("d{number}");
        let attempts = order.previous_attempts.get(&key).copied()?;
        if order.previous_executions.contains_key(&number) {
            return None;
        }
        let lease = order.previous_leases.get(&key).cloned();
        Some(Execution { attempts, lease, writer: writer.to_owned(), ..fresh(order, number) })
    });
    ended.chain(begun).collect()
}
