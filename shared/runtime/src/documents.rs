//! Handles the messages of one invocation that are about documents of the same order: their executions are claimed together,
//! and those that end at the same time are ended together.
//!
//! An execution's end is stored with the execution, and then added to the order's set of ended ones. A crash in between
//! loses nothing: the next delivery finds the execution ended and only adds it.

mod end;

use aws::store::ExecutionsWritten;
use domain::claim::{Claim, judge};
use domain::event::{EventKind, Unit};
use domain::execution::{self, Execution, ExecutionChange, ExecutionEnd};
use domain::failure::Failure;
use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::lifecycle::{Decision, decide};
use domain::limit::CONFLICT_RETRY_COUNT_MAX;
use domain::order::{Lease, Order};
use futures_util::FutureExt as _;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use tracing::Instrument as _;

use self::end::{Ending, accepts, end_executions};
use crate::answer::Answer;
use crate::delivery::Delivery;
use crate::job::{Job, Outcome};
use crate::release::release_executions;
use crate::settle::answer_unclaimed;
use crate::work::{note_unavailable, span_of, work_within_deadline};

pub use self::end::fail_document;

/// Documents of one order that an invocation works on at a time. Reading one takes at most a quarter of a function's memory.
const WORK_COUNT: usize = 2;

/// The part of one message: a document to execute, and the delivery that asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) delivery: &'a Delivery<'a>,
    pub(crate) unit: Unit,
    pub(crate) document: DocumentNumber,
}

impl Part<'_> {
    fn lease(&self) -> Lease {
        Lease {
            owner: self.delivery.invocation.request_id.clone(),
            message: self.delivery.message.id.clone(),
            until: self.delivery.invocation.deadline,
        }
    }

    fn job(&self, order: &Order) -> Job {
        Job::new(self.delivery, order.clone(), self.unit)
    }

    /// Answers for a document that has no work, judging by the order.
    async fn answer_unclaimed(&self, order: &Order, claim: Claim) -> Answer {
        answer_unclaimed(self.delivery, self.job(order), claim).instrument(span_of(order, &self.unit)).await
    }
}

/// Handles messages about documents of one order and run, and returns an answer for each, in the same order.
pub(crate) async fn handle(
    firm: &FirmId,
    order: OrderId,
    parts: &[Part<'_>],
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
) -> Vec<Answer> {
    let Some(first) = parts.first() else { return Vec::new() };
    let order = match first.delivery.pipeline.store.order_to_claim(firm, order).await {
        Ok(Some(order)) => order,
        Ok(None) => {
            tracing::warn!("order not found; its message is dropped");
            return parts.iter().map(|_| Answer::Acknowledge).collect();
        }
        Err(error) => {
            tracing::warn!(error = %error, "claim failed; the message will be retried");
            return parts.iter().map(|part| part.delivery.back_off()).collect();
        }
    };
    let mut answers = Answers::of(parts);
    let mut open: Vec<Part<'_>> = Vec::new();
    for part in parts {
        match judge(&order, &part.unit, &part.delivery.message.id, part.delivery.now()) {
            // Of several messages for one document, as after a resend, one is worked on. The others find it done later.
            Claim::Work if open.iter().any(|other| other.document == part.document) => {
                answers.set(part, part.delivery.back_off());
            }
            Claim::Work => open.push(*part),
            claim => answers.set(part, part.answer_unclaimed(&order, claim).await),
        }
    }
    let (order, claims) = claim(order, &open).await;
    let (mut claimed, mut ended) = (Vec::new(), Vec::new());
    for (part, claim) in open.into_iter().zip(claims) {
        match claim {
            Ok(execution) if execution.has_ended() => ended.push(Ending::stored(part, execution)),
            Ok(execution) => claimed.push((part, execution)),
            Err(answer) => answers.set(&part, answer),
        }
    }
    let order = answers.end(order, ended).await;
    work_and_end(order, claimed, work, &mut answers).await;
    answers.into_list()
}

/// Works on the executions, a few at a time, and ends those together that have finished by the time something can be written.
async fn work_and_end<'a>(
    mut order: Order,
    claimed: Vec<(Part<'a>, Execution)>,
    work: &impl AsyncFn(&mut Job) -> Result<Outcome, Failure>,
    answers: &mut Answers<'a>,
) {
    let seen = order.clone();
    let begin = |(part, execution): (Part<'a>, Execution)| {
        let (seen, span) = (&seen, span_of(&seen, &part.unit));
        let working = async move {
            let mut job = part.job(seen);
            let result = work_within_deadline(part.delivery, &mut job, execution.attempts(), work).await;
            (part, execution, result)
        };
        Box::pin(working.instrument(span))
    };
    let mut waiting = claimed.into_iter();
    let mut working: FuturesUnordered<_> = waiting.by_ref().take(WORK_COUNT).map(begin).collect();
    let (mut late, mut waiting_for_dependency) = (Vec::new(), Vec::new());
    while let Some(first) = working.next().await {
        let mut done = vec![first];
        loop {
            while working.len() < WORK_COUNT
                && let Some(next) = waiting.next()
            {
                if next.0.delivery.has_time() {
                    working.push(begin(next));
                } else {
                    late.push(next);
                }
            }
            match working.next().now_or_never() {
                Some(Some(another)) => done.push(another),
                _ => break,
            }
        }
        let mut ended = Vec::new();
        for (part, execution, result) in done {
            match result {
                Err(failure) if failure.is_waited_out(execution.started_at(), part.delivery.now()) => {
                    note_unavailable(part.delivery, &failure);
                    waiting_for_dependency.push((part, execution));
                }
                _ => match end_of(&execution, result) {
                    Some(end) => ended.push(Ending::new(part, execution, end)),
                    None => answers.set(&part, part.delivery.back_off()),
                },
            }
        }
        order = answers.end(order, ended).await;
    }
    give_back(&waiting_for_dependency, answers, |execution, now| Answer::wait_longer(execution.started_at(), now))
        .await;
    give_back(&late, answers, |_, _| Answer::Retry { secs: 0 }).await;
}

/// Gives back executions that were claimed and not begun, or that wait for a dependency.
async fn give_back(
    late: &[(Part<'_>, Execution)],
    answers: &mut Answers<'_>,
    answer: impl Fn(&Execution, Timestamp) -> Answer,
) {
    let Some((first, _)) = late.first() else { return };
    let claimed: Vec<Execution> = late.iter().map(|(_, execution)| execution.clone()).collect();
    release_executions(first.delivery, &claimed).await;
    for (part, execution) in late {
        answers.set(part, answer(execution, part.delivery.now()));
    }
}

/// How an execution ends, judging by the result of its work; `None` if it is to be tried again.
fn end_of(execution: &Execution, result: Result<Outcome, Failure>) -> Option<ExecutionEnd> {
    match result {
        Ok(Outcome::Result(key)) => Some(ExecutionEnd::Completed(Some(key))),
        Ok(_) => Some(ExecutionEnd::Completed(None)),
        Err(failure) if execution.attempts() <= failure.retry_count_max() => {
            tracing::warn!(code = %failure.code, attempt = execution.attempts(), "work failed; will retry");
            None
        }
        Err(failure) => Some(ExecutionEnd::Failed(failure.recorded())),
    }
}

/// Claims executions in one write, together with the start of the phase if the order does not show it yet. Returns the
/// order, and for each the execution: claimed now, or ended before. An answer stands for one that cannot be had now.
async fn claim(mut order: Order, parts: &[Part<'_>]) -> (Order, Vec<Result<Execution, Answer>>) {
    let retried = |order: Order| (order, parts.iter().map(|part| Err(part.delivery.back_off())).collect());
    let Some(first) = parts.first() else { return (order, Vec::new()) };
    // Most are claimed for the first time, so an execution is only read when its claim finds it.
    let mut stored: Vec<Option<Execution>> = vec![None; parts.len()];
    let mut start = start_of(first, &order);
    for _ in 0..CONFLICT_RETRY_COUNT_MAX {
        let judged: Vec<_> = parts.iter().zip(&stored).map(|(part, stored)| change(&order, part, stored)).collect();
        let changes: Vec<ExecutionChange> = judged.iter().flatten().cloned().collect();
        let with = start.as_ref().filter(|_| !changes.is_empty());
        match first.delivery.pipeline.store.write_executions(&changes, with).await {
            Ok(ExecutionsWritten::Done) => {
                let order = with.map_or(order, |start| start.order().clone());
                let claims = parts.iter().zip(judged).zip(stored).map(|((part, judged), stored)| match judged {
                    Ok(change) => Ok(change.next().clone()),
                    Err(Claim::Busy { until }) => Err(Answer::retry_after(until, part.delivery.now())),
                    Err(_) => stored.ok_or_else(|| part.delivery.back_off()),
                });
                return (order, claims.collect());
            }
            Ok(ExecutionsWritten::Conflict { mut executions, order: now }) => {
                for (part, stored) in parts.iter().zip(&mut stored) {
                    if let Some(found) = executions.remove(&part.document) {
                        *stored = found;
                    }
                }
                if let Some(now) = now {
                    if !accepts(&now, first) {
                        return retried(*now);
                    }
                    start = start_of(first, &now);
                    order = *now;
                }
            }
            // Several invocations may start the same order at once. That is not worth a retry of the whole message.
            Err(error) if error.is_contention() && start.is_some() => start = None,
            Err(error) => {
                tracing::warn!(error = %error, "claim failed; the message will be retried");
                if error.may_have_applied() {
                    let claimed: Vec<Execution> = changes.iter().map(|change| change.next().clone()).collect();
                    release_executions(first.delivery, &claimed).await;
                }
                return retried(order);
            }
        }
    }
    retried(order)
}

fn change(order: &Order, part: &Part<'_>, stored: &Option<Execution>) -> Result<ExecutionChange, Claim> {
    let writer = format!("{}/claimed", part.delivery.writer());
    execution::claim(order, part.document, stored.as_ref(), &part.lease(), part.delivery.now(), &writer)
}

/// The write that shows that the phase has begun; `None` if the order shows it.
fn start_of(part: &Part<'_>, order: &Order) -> Option<Decision> {
    if order.orchestration_status() == order.phase().working() {
        return None;
    }
    decide(order, &part.delivery.event(EventKind::Claimed { unit: part.unit, lease: part.lease() })).ok()
}

/// The answers for the messages of a group, by document.
struct Answers<'a>(Vec<(Part<'a>, Option<Answer>)>);

impl<'a> Answers<'a> {
    fn of(parts: &[Part<'a>]) -> Self {
        Self(parts.iter().map(|part| (*part, None)).collect())
    }

    fn set(&mut self, part: &Part<'_>, answer: Answer) {
        let id = &part.delivery.message.id;
        if let Some((_, place)) = self.0.iter_mut().find(|(part, _)| part.delivery.message.id == *id) {
            *place = Some(answer);
        }
    }

    /// Ends executions and sets the answers of their messages. Returns the order afterwards.
    async fn end(&mut self, order: Order, endings: Vec<Ending<'a>>) -> Order {
        let parts: Vec<_> = endings.iter().map(Ending::part).collect();
        let (order, answers) = end_executions(order, endings).await;
        for (part, answer) in parts.iter().zip(answers) {
            self.set(part, answer);
        }
        order
    }

    fn into_list(self) -> Vec<Answer> {
        // A message that nothing was decided about is delivered again.
        self.0.into_iter().map(|(part, answer)| answer.unwrap_or_else(|| part.delivery.back_off())).collect()
    }
}
