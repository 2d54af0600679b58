//! Ends executions: writes how they ended, adds them to their order, and sends what follows.

use std::collections::BTreeSet;

use aws::store::ExecutionsWritten;
use domain::claim::judge;
use domain::completion::{Completion, Primary};
use domain::event::EventKind;
use domain::execution::{self, Execution, ExecutionChange, ExecutionEnd, ExecutionStatus};
use domain::failure::Failure;
use domain::id::DocumentNumber;
use domain::lifecycle::{Decision, IllegalTransition, decide};
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::order::{Lease, Order};
use domain::phase::Phase;
use futures_util::future::join_all;

use super::Part;
use crate::answer::Answer;
use crate::commit::{log_audit, log_failure};
use crate::delivery::Delivery;
use crate::job::Job;
use crate::owed::send_owed;
use crate::release::release_executions;

/// An execution that is about to end, or has ended and is about to be added to its order.
pub(crate) struct Ending<'a> {
    part: Part<'a>,
    /// The execution as it is stored; `None` if it was never claimed.
    stored: Option<Execution>,
    end: ExecutionEnd,
}

impl<'a> Ending<'a> {
    /// An execution that this invocation has claimed, with how it ends.
    pub(super) fn new(part: Part<'a>, execution: Execution, end: ExecutionEnd) -> Self {
        Self { part, stored: Some(execution), end }
    }

    /// An execution whose end is stored.
    pub(super) fn stored(part: Part<'a>, execution: Execution) -> Self {
        Self { part, stored: Some(execution), end: ExecutionEnd::Completed(None) }
    }

    pub(super) fn part(&self) -> Part<'a> {
        self.part
    }

    /// The change that ends it; `None` if its end is stored.
    fn change(&self, order: &Order) -> Option<ExecutionChange> {
        let delivery = self.part.delivery;
        let writer = format!("{}/ended", delivery.writer());
        execution::end(order, self.part.document, self.stored.as_ref(), &self.end, delivery.now(), &writer)
    }

    /// The execution as its delivery claimed it, if it did and the end is not stored.
    fn held(&self) -> Option<&Execution> {
        let delivery = self.part.delivery;
        let own = |lease: &Lease| lease.owner == delivery.invocation.request_id && lease.message == delivery.message.id;
        self.stored.as_ref().filter(|stored| stored.lease().is_some_and(own))
    }

    /// Whether it failed. What is stored counts, because its first end stands.
    fn has_failed(&self) -> bool {
        match self.stored.as_ref().filter(|stored| stored.has_ended()) {
            Some(stored) => stored.status() == ExecutionStatus::Failed,
            None => matches!(self.end, ExecutionEnd::Failed(_)),
        }
    }
}

/// Ends the execution of one document as failed: its message died, or its order was in one phase for too long.
pub async fn fail_document(delivery: &Delivery<'_>, job: Job, stored: Option<Execution>, failure: Failure) -> Answer {
    let Some(document) = job.unit.document else { return Answer::Refuse };
    let part = Part { delivery, unit: job.unit, document };
    let ending = Ending { part, stored, end: ExecutionEnd::Failed(failure) };
    let (_, answers) = end_executions(job.order, vec![ending]).await;
    answers.into_iter().next().unwrap_or_else(|| delivery.back_off())
}

/// Ends executions of one order together. Returns the order afterwards, and the answers for their messages, in the same order.
pub(super) async fn end_executions(mut order: Order, mut endings: Vec<Ending<'_>>) -> (Order, Vec<Answer>) {
    let Some(first) = endings.first().map(Ending::part) else { return (order, Vec::new()) };
    let mut together = true;
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        if !accepts(&order, &first) {
            return late(order, &endings).await;
        }
        let changes: Vec<_> = endings.iter().filter_map(|ending| ending.change(&order)).collect();
        let last = end_of_phase(&first, &order, &endings).filter(|_| together);
        match first.delivery.pipeline.store.write_executions(&changes, last.as_ref()).await {
            Ok(ExecutionsWritten::Done) => {
                let ended = written(&mut endings, changes);
                return match last {
                    Some(last) => follow_up(complete(&first, last, ended), endings).await,
                    None => add_to_order(order, endings, ended).await,
                };
            }
            Ok(ExecutionsWritten::Conflict { mut executions, order: now }) => {
                for ending in &mut endings {
                    if let Some(found) = executions.remove(&ending.part.document) {
                        ending.stored = found;
                    }
                }
                order = now.map_or(order, |now| *now);
            }
            // Something else writes the order at this moment, which the executions need not wait for.
            Err(error) if error.is_contention() && last.is_some() => together = false,
            Err(error) => {
                tracing::warn!(error = %error, "commit of a document failed; the message will be retried");
                let ended = changes.into_iter().map(|change| change.next().clone()).collect();
                if let Ok(decision) = added(&first, &order, &endings) {
                    add_completion(&first, decision.order(), ended, None, Primary::Lost);
                }
                // A refusal may be due to what the work made, so that counts.
                if error.is_unavailable() {
                    let held: Vec<Execution> = endings.iter().filter_map(Ending::held).cloned().collect();
                    release_executions(first.delivery, &held).await;
                }
                break;
            }
        }
    }
    let answers = endings.iter().map(|ending| ending.part.delivery.back_off()).collect();
    (order, answers)
}

/// Whether the order still waits for these executions.
pub(super) fn accepts(order: &Order, part: &Part<'_>) -> bool {
    order.is_active() && order.run() == part.unit.run && order.phase() == part.unit.phase
}

/// What the end of these executions makes of the order.
fn added(part: &Part<'_>, order: &Order, endings: &[Ending<'_>]) -> Result<Decision, IllegalTransition> {
    let (completed, failed) = sets(endings);
    decide(order, &part.delivery.event(EventKind::DocumentsEnded { run: part.unit.run, completed, failed }))
}

/// The numbers of the executions that completed, and of those that failed.
fn sets(endings: &[Ending<'_>]) -> (BTreeSet<DocumentNumber>, BTreeSet<DocumentNumber>) {
    let (failed, completed): (Vec<_>, Vec<_>) = endings.iter().partition(|ending| ending.has_failed());
    let numbers = |some: Vec<&Ending<'_>>| some.iter().map(|ending| ending.part.document).collect();
    (numbers(completed), numbers(failed))
}

/// The write that ends the phase too, if these are the last executions of the order, as far as is known.
fn end_of_phase(part: &Part<'_>, order: &Order, endings: &[Ending<'_>]) -> Option<Decision> {
    let ended = added(part, order, endings).ok()?.into_order();
    let kind = EventKind::PhaseCompleted { run: part.unit.run, phase: Phase::Extract, artifacts: Vec::new() };
    Some(decide(&ended, &part.delivery.event(kind)).ok()?.folded_into(order))
}

/// Notes the ends that were written, and returns them.
fn written(endings: &mut [Ending<'_>], changes: Vec<ExecutionChange>) -> Vec<Execution> {
    let mut ended = Vec::with_capacity(changes.len());
    for change in changes {
        if let Some(record) = change.record() {
            log_failure(record);
        }
        if let Some(ending) = endings.iter_mut().find(|ending| ending.part.document == change.next().number()) {
            ending.stored = Some(change.next().clone());
        }
        ended.push(change.next().clone());
    }
    ended
}

/// Notes that the phase ended with these executions, and returns its order.
fn complete(part: &Part<'_>, last: Decision, ended: Vec<Execution>) -> Order {
    if let Some(record) = last.record() {
        log_failure(record);
    }
    log_audit(last.order(), Phase::Extract);
    let code = last.record().map(|record| record.code.as_str());
    add_completion(part, last.order(), ended, code, Primary::Written);
    last.into_order()
}

/// Adds executions whose ends are stored to the set of their order.
async fn add_to_order(order: Order, endings: Vec<Ending<'_>>, ended: Vec<Execution>) -> (Order, Vec<Answer>) {
    let Some(first) = endings.first().map(Ending::part) else { return (order, Vec::new()) };
    let decision = match added(&first, &order, &endings) {
        Ok(decision) => decision,
        // Another delivery has added them.
        Err(_) => return late(order, &endings).await,
    };
    let (completed, failed) = sets(&endings);
    let numbers = completed.union(&failed).copied().collect();
    match first.delivery.pipeline.store.add_ended(&decision, &numbers, &failed).await {
        Ok(after) => {
            add_completion(&first, &after, ended, None, Primary::Written);
            if accepts(&after, &first) { follow_up(after, endings).await } else { late(after, &endings).await }
        }
        Err(error) => {
            tracing::warn!(error = %error, "ended documents not added to their order; the messages will be retried");
            add_completion(&first, decision.order(), ended, None, Primary::Lost);
            let answers = endings.iter().map(|ending| ending.part.delivery.back_off()).collect();
            (order, answers)
        }
    }
}

/// Sends what follows: one message ends the phase if all documents have ended, announces those that failed, and hands off.
async fn follow_up(order: Order, endings: Vec<Ending<'_>>) -> (Order, Vec<Answer>) {
    let answers = endings.iter().enumerate().map(async |(index, ending)| {
        let Part { delivery, .. } = ending.part;
        let job = ending.part.job(&order);
        match index {
            0 => send_owed(delivery, job).await,
            _ => Answer::Acknowledge,
        }
    });
    let answers = join_all(answers).await;
    (order, answers)
}

/// Answers for executions whose order no longer waits for them: another delivery came first, the order was cancelled, or a
/// later run began.
async fn late(order: Order, endings: &[Ending<'_>]) -> (Order, Vec<Answer>) {
    tracing::info!("result came too late; dropped");
    let answers = endings.iter().map(async |ending| {
        let part = ending.part;
        let claim = judge(&order, &part.unit, &part.delivery.message.id, part.delivery.now());
        part.answer_unclaimed(&order, claim).await
    });
    let answers = join_all(answers).await;
    (order, answers)
}

fn add_completion(part: &Part<'_>, order: &Order, ended: Vec<Execution>, code: Option<&str>, primary: Primary) {
    part.delivery.add_completion(Completion::of(order, Phase::Extract, ended, code, primary));
}
