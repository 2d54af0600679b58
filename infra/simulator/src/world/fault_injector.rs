//! The interceptor of a run: injects the planned faults, and has the judge check every effect.

mod checks;
mod choice;
mod delivery;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use domain::phase::Phase;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use self::choice::Lasting;
use self::delivery::queue_of;
use crate::judge::acknowledgement::abandoned_work;
use crate::judge::backup_loss::BackupLosses;
use crate::judge::item;
use crate::judge::model::{Invoked, Model};
use crate::judge::observed::Observations;
use crate::plan::fault::Fault;
use crate::plan::fault_plan::{FIRST_NUMBER, FaultPlan, InjectedFault, Question, Windows};
use crate::plan::mistake::Mistake;
use crate::plan::outage::Outage;
use crate::world::call_order::CallOrder;
use crate::world::clients;
use crate::world::mistaken::MistakenCode;
use crate::world::rollout;
use crate::world::trace::{self, Trace};
use engine::clock::{from_ms, later};
use engine::wire::{Reply, Request};
use engine::{Action, Aws, Call, Ended, Interceptor, Reset, Service};
use pipeline::LocalPipeline;

/// Longest latency of a call, in milliseconds.
const LATENCY_MS_MAX: u64 = 60;
/// How far a clock may be off, in milliseconds. AWS accepts signatures up to this skew; beyond it the SDK corrects the clock.
const SKEW_MS_MAX: u64 = 5 * 60 * 1_000;
/// How long polling pauses while a queue is down.
const CLOSED: Duration = Duration::from_secs(20);

/// What S3 answers to a conditional write of an object that exists.
const PRECONDITION_FAILED: u16 = 412;

/// Injects the faults of a run and watches its calls.
pub(crate) struct FaultInjector {
    aws: Aws,
    table: String,
    document_bucket: String,
    queues: Vec<String>,
    /// The phase that each queue feeds, by the queue's name.
    phase_queues: BTreeMap<String, Phase>,
    /// The orders that kill a function, with its phase, by partition.
    killers: BTreeMap<String, Phase>,
    start: Timestamp,
    plan: FaultPlan,
    windows: Windows,
    /// The order of calls, if it is planned.
    call_order: Option<Arc<CallOrder>>,
    /// The functions with a mistake in them, if they have one.
    mistaken: Option<Arc<MistakenCode>>,
    state: Mutex<State>,
}

/// What changes during the run.
#[derive(Default)]
pub(crate) struct State {
    /// Number of the next draw.
    next: u64,
    calm: bool,
    pub(crate) injected: Vec<InjectedFault>,
    /// Faults to inject after the effect, by number of the call.
    pending: BTreeMap<u64, Fault>,
    /// What happens instead of answers that an outage loses, by number of the call.
    unanswered: BTreeMap<u64, Action>,
    /// Faults that hit every retry of a call by its invocation.
    lasting: Vec<Lasting>,
    invoked: BTreeMap<u64, Invoked>,
    pub(crate) model: Model,
    pub(crate) observed: Observations,
    pub(crate) backup_losses: BackupLosses,
    pub(crate) trace: Trace,
    /// The last answer to each query of an index.
    answers: BTreeMap<String, Bytes>,
}

impl FaultInjector {
    pub(crate) fn new(
        local: &LocalPipeline,
        plan: FaultPlan,
        killers: BTreeMap<String, Phase>,
        mistake: Option<Mistake>,
    ) -> Self {
        let aws = &local.aws;
        let table = local.stack.tables.values().next().map(|table| table.name.clone()).unwrap_or_default();
        let bucket = local.stack.buckets.get("DocumentBucket");
        let document_bucket = bucket.map(|bucket| bucket.name.clone()).unwrap_or_default();
        let queues = local.stack.queues.values().map(|queue| queue.name.clone()).collect();
        let named = |phase: Phase| Some((local.stack.queues.get(&queue_of(phase))?.name.clone(), phase));
        let phase_queues = Phase::ALL.into_iter().filter_map(named).collect();
        let windows = plan.windows();
        let call_order = match &plan {
            FaultPlan::CallOrder(chosen) => Some(Arc::new(CallOrder::new(chosen.clone()))),
            _ => None,
        };
        let mut state = State { next: FIRST_NUMBER, injected: windows.injected.clone(), ..State::default() };
        state.model.shares_mistake = mistake.is_some_and(Mistake::is_in_rules);
        let start = aws.clock().now();
        let mistaken = mistake.map(|mistake| Arc::new(MistakenCode::new(local, mistake)));
        let (aws, state) = (aws.clone(), Mutex::new(state));
        Self {
            aws,
            table,
            document_bucket,
            queues,
            phase_queues,
            killers,
            start,
            plan,
            windows,
            call_order,
            mistaken,
            state,
        }
    }

    /// The order of calls, if it is planned.
    pub(crate) fn call_order(&self) -> Option<Arc<CallOrder>> {
        self.call_order.clone()
    }

    /// The functions with a mistake in them, if they have one.
    pub(crate) fn mistaken(&self) -> Option<Arc<MistakenCode>> {
        self.mistaken.clone()
    }

    /// What was observed.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops injecting faults.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        state.calm = true;
        if !matches!(self.plan, FaultPlan::Fixed(..)) {
            state.lasting.clear();
        }
    }

    /// When the last outage or rollout ends, in milliseconds from the start.
    pub(crate) fn windows_end_ms(&self) -> i64 {
        let outages = self.windows.outages.iter().map(|outage| outage.until_ms);
        let versions = self.windows.rollout.into_iter().chain(self.windows.rollback).map(|(_, until)| until);
        outages.chain(versions).chain(self.windows.held.map(|(_, _, until)| until)).max().unwrap_or(0)
    }

    /// Records an invocation that no message began.
    pub(crate) fn begin(&self, number: u64, invoked: Invoked) {
        let mut state = self.state();
        let now_ms = self.now_ms();
        state.trace.add(now_ms, &format!("{}.{number} begins", invoked.function));
        state.invoked.insert(number, invoked);
    }

    /// Checks an invocation that ended.
    pub(crate) fn ended(&self, ended: &Ended) {
        let mut state = self.state();
        let now_ms = self.now_ms();
        if let Some(mistaken) = &self.mistaken {
            mistaken.ended(ended.number);
        }
        state.observed.ended(&ended.function, ended.number, ended.error.as_ref());
        state.backup_losses.ended(&ended.function, ended.number, ended.error.is_none());
        state.lasting.retain(|lasting| lasting.scope_order != ended.number);
        let invoked = state.invoked.remove(&ended.number);
        if let Some(invoked) = &invoked {
            let found = abandoned_work(&self.aws, &self.queues, &state.model, invoked, ended);
            state.observed.violations.extend(found);
        }
        let failed = ended.failed.len();
        state.trace.add(
            now_ms,
            &format!("{}.{} ended, {failed} to be delivered again, {:?}", ended.function, ended.number, ended.error),
        );
    }

    fn now_ms(&self) -> i64 {
        self.aws.clock().now_ms() - self.start.as_millisecond()
    }

    /// Whether a call to S3 goes to the document bucket.
    fn is_of_documents(&self, call: &Call) -> bool {
        call.resource.split('/').next() == Some(&self.document_bucket)
    }
}

fn json_of(call: &Call) -> Option<Value> {
    matches!(call.service, Service::DynamoDb | Service::Sqs).then(|| serde_json::from_slice(&call.body).ok()).flatten()
}

impl Interceptor for FaultInjector {
    fn relay(&self, aws: &Aws, request: &Request) -> Option<BoxFuture<'static, Result<Reply, Reset>>> {
        self.mistaken.as_ref()?.relay(aws, request)
    }

    fn hold(&self, call: &Call) -> Option<BoxFuture<'static, ()>> {
        self.call_order.as_ref()?.wait(call)
    }

    fn latency(&self, call: &Call) -> Duration {
        if self.call_order.is_some() {
            return Duration::ZERO;
        }
        Duration::from_millis(1 + self.plan.draw(Question::Latency, call.number) % LATENCY_MS_MAX)
    }

    fn before(&self, call: &Call) -> Action {
        let mut state = self.state();
        let json = json_of(call);
        self.check_call(&mut state, call, json.as_ref());
        if let Some(verdict) = self.outage(&state, call, false) {
            state.observed.called(call, Some("outage"));
            state.observed.lost(call, json.as_ref(), false);
            self.record_append(&mut state, call, false);
            return verdict;
        }
        if let Some(verdict) = self.outage(&state, call, true) {
            state.observed.called(call, Some("outage after"));
            state.observed.lost(call, json.as_ref(), true);
            state.unanswered.insert(call.number, verdict);
            return Action::Pass;
        }
        if let Some(pk) = self.killer(call, json.as_ref()) {
            state.observed.called(call, Some("poison"));
            let State { model, invoked, .. } = &mut *state;
            if let Some(by) = invoked.get(&call.scope_order) {
                model.attempts.struck(&pk, by, &model.orders);
            }
            return Action::Crash;
        }
        let Some(fault) = self.fault(&mut state, call) else {
            state.observed.called(call, None);
            return Action::Pass;
        };
        state.observed.called(call, Some(fault.as_str()));
        state.observed.lost(call, json.as_ref(), fault.is_after());
        let now_ms = self.now_ms();
        state.trace.add(now_ms, fault.as_str());
        if fault.is_after() {
            state.pending.insert(call.number, fault);
            return Action::Pass;
        }
        self.record_append(&mut state, call, false);
        fault.action(call.service)
    }

    fn after(&self, call: &Call) -> Action {
        let mut state = self.state();
        if let Some(verdict) = state.unanswered.remove(&call.number) {
            self.record_append(&mut state, call, false);
            return verdict;
        }
        let fault = state.pending.remove(&call.number);
        if fault.is_some() {
            self.record_append(&mut state, call, false);
        }
        fault.map_or(Action::Pass, |fault| fault.action(call.service))
    }

    fn rewrite_request(&self, call: &Call) -> Option<Bytes> {
        if call.service == Service::Sqs && matches!(&*call.operation, "SendMessage" | "SendMessageBatch") {
            return self.delay(call);
        }
        let is_old = call.service == Service::DynamoDb && self.is_old(&call.scope, call.scope_order);
        if is_old { rollout::rewrite_request(&call.body) } else { None }
    }

    fn rewrite_reply(&self, call: &Call, reply: Reply) -> Reply {
        let mut state = self.state();
        let json = json_of(call);
        let now_ms = self.now_ms();
        let line = format!("{call:?} {} {}", trace::fingerprint(call, json.as_ref()), reply.status);
        state.trace.add(now_ms, &line);
        state.observed.done(call, json.as_ref(), reply.status);
        let State { model, observed, invoked, .. } = &mut *state;
        if call.service == Service::S3
            && &*call.operation == "PutObject"
            && reply.status < 300
            && self.is_of_documents(call)
        {
            model.contents.stored(&call.resource, &call.body);
        }
        if &*call.scope == clients::ADMINISTRATOR && reply.status < 300 {
            item::keys(&call.operation, json.as_ref().unwrap_or(&Value::Null))
                .iter()
                .for_each(|(key, _)| model.remove(key));
        } else if call.service == Service::DynamoDb && reply.status < 300 {
            for (key, _) in
                item::keys(&call.operation, json.as_ref().unwrap_or(&Value::Null)).iter().filter(|(_, w)| *w)
            {
                let by = invoked.get(&call.scope_order).filter(|by| *by.function == *call.scope);
                observed.violations.extend(model.check_write(&self.aws, &self.table, key, by));
            }
        }
        if call.service == Service::S3 && &*call.operation == "PutObject" && !self.is_of_documents(call) {
            model.add_backup(&call.body);
        }
        self.record_append(&mut state, call, reply.status < 300 || reply.status == PRECONDITION_FAILED);
        let reply = self.maybe_stale(&mut state, call, json.as_ref(), reply);
        let is_old = call.service == Service::DynamoDb && self.is_old(&call.scope, call.scope_order);
        if is_old { rollout::rewrite_reply(reply) } else { reply }
    }

    fn on_invocation(&self, function: &str, number: u64, event: &mut Value) -> i64 {
        let mut state = self.state();
        self.lose_message(&mut state, function, number, event);
        state.invoked.insert(number, Invoked::with(function, event));
        if self.is_old(function, number) {
            rollout::change_event(event);
        }
        if let Some(mistaken) = &self.mistaken {
            mistaken.begin(function, number, event);
        }
        let now_ms = self.now_ms();
        state.trace.add(now_ms, &format!("{function}.{number} begins"));
        let drawn = self.hit(&mut state, Question::Skew, || format!("the clock of {function}.{number} is off"));
        drawn.map_or(0, |drawn| {
            let ahead = i64::try_from(drawn % (2 * SKEW_MS_MAX)).unwrap_or(0);
            ahead - i64::try_from(SKEW_MS_MAX).unwrap_or(0)
        })
    }

    fn visibility_s(&self, queue: &str) -> Option<u32> {
        let drawn = self.hit(&mut self.state(), Question::Deliver, || format!("{queue} delivers twice"))?;
        // Delivered again at once, or while the first consumer is probably still working.
        Some(u32::try_from(drawn % 3).unwrap_or(0))
    }

    fn unavailable_until(&self, queue: &str, now: Timestamp) -> Option<Timestamp> {
        let at_ms = self.now_ms();
        let down = |outage: &&Outage| outage.stops_polling() && outage.is_active(at_ms) && !queue.is_empty();
        let outage = self.windows.outages.iter().find(down).map(|outage| outage.until_ms);
        let until_ms = outage.or_else(|| self.held_until_ms(queue, at_ms)).filter(|_| !self.state().calm)?;
        Some(later(now, CLOSED).min(from_ms(self.start.as_millisecond() + until_ms)))
    }

    fn acknowledge(&self, queue: &str, message_id: &str) -> bool {
        let mut state = self.state();
        let at_ms = self.now_ms();
        let is_down = |outage: &Outage| outage.stops_polling() && outage.is_active(at_ms);
        let down = !state.calm && self.windows.outages.iter().any(is_down);
        let lost =
            self.hit(&mut state, Question::Acknowledge, || format!("{queue} loses the deletion of {message_id}"));
        !down && lost.is_none()
    }
}

impl FaultInjector {
    /// Whether the plan injects nothing over time.
    pub(crate) fn is_calm(&self) -> bool {
        match &self.plan {
            FaultPlan::Calm | FaultPlan::CallOrder(_) => true,
            FaultPlan::Fixed(_, outages) => outages.is_empty(),
            FaultPlan::Random { .. } | FaultPlan::Drill(_) => false,
        }
    }
}
