//! The interceptor of a run: makes things go wrong as planned, and watches every effect.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use crate::world::clients;
use crate::plan::fault::Fault;
use crate::judge::acknowledgement::given_up;
use crate::judge::item;
use crate::plan::mistake::Mistake;
use crate::world::mistaken::MistakenCode;
use crate::judge::model::{Invoked, Model};
use crate::plan::fault_plan::{FIRST_NUMBER, Fired, Plan, Question, Windows};
use crate::judge::observed::{Notes, RECONCILE};
use crate::world::rollout;
use crate::plan::mark;
use crate::world::trace::{self, Trace};
use crate::world::call_order::Turns;
use crate::judge::backup_loss::Appends;
use crate::judge::violation::{Kind, Violation};
use engine::clock::{from_ms, later};
use engine::wire::{Reply, Request};
use engine::{Aws, Call, Ended, Interceptor, Reset, Scope, Service, Verdict};
use pipeline::Local;

/// Longest time that a call travels, in milliseconds.
const LATENCY_MS_MAX: u64 = 60;
/// How far a machine's clock may be off, in milliseconds. AWS's signatures bear as much before the SDK corrects for it.
const SKEW_MS_MAX: u64 = 5 * 60 * 1_000;
/// Longest delay of a message that comes late, in seconds.
const LATE_S_MAX: u64 = 120;
/// How long a queue that is down is left alone.
const CLOSED: Duration = Duration::from_secs(20);

/// What S3 answers to a conditional write of an object that is there.
const PRECONDITION_FAILED: u16 = 412;

/// What a run meets.
pub(crate) struct Weather {
    aws: Aws,
    table: String,
    document_bucket: String,
    queues: Vec<String>,
    start: Timestamp,
    plan: Plan,
    windows: Windows,
    /// Who goes next, where that is planned.
    turns: Option<Arc<Turns>>,
    /// The mistake that the functions make, if they make one.
    mistaken: Option<Arc<MistakenCode>>,
    state: Mutex<State>,
}

/// What changes while it runs.
#[derive(Default)]
pub(crate) struct State {
    /// Number of the next draw.
    next: u64,
    calm: bool,
    pub(crate) fired: Vec<Fired>,
    /// Faults that come after the effect, by number of the call.
    pending: BTreeMap<u64, Fault>,
    /// Faults that meet every repetition of a call by its invocation.
    lasting: Vec<Lasting>,
    invoked: BTreeMap<u64, Invoked>,
    pub(crate) model: Model,
    pub(crate) notes: Notes,
    pub(crate) appends: Appends,
    pub(crate) trace: Trace,
    /// The last answer of each query of an index.
    answers: BTreeMap<String, Bytes>,
}

/// A call that fails however often the SDK repeats it.
struct Lasting {
    scope_order: u64,
    operation: Arc<str>,
    resource: String,
    /// The request's: the SDK may write the parts of an equal one in another order.
    fingerprint: String,
    fault: Fault,
}

impl Lasting {
    fn of(call: &Call, fault: Fault) -> Self {
        let Call { scope_order, operation, resource, .. } = call.clone();
        Self { scope_order, operation, resource, fingerprint: trace::fingerprint(call, json_of(call).as_ref()), fault }
    }

    fn meets(&self, call: &Call) -> bool {
        (self.scope_order, &self.operation, &self.resource) == (call.scope_order, &call.operation, &call.resource)
            && self.fingerprint == trace::fingerprint(call, json_of(call).as_ref())
    }
}

impl Weather {
    pub(crate) fn new(local: &Local, plan: Plan, mistake: Option<Mistake>) -> Self {
        let aws = &local.aws;
        let table = local.stack.tables.values().next().map(|table| table.name.clone()).unwrap_or_default();
        let bucket = local.stack.buckets.get("DocumentBucket");
        let document_bucket = bucket.map(|bucket| bucket.name.clone()).unwrap_or_default();
        let queues = local.stack.queues.values().map(|queue| queue.name.clone()).collect();
        let windows = plan.windows();
        let turns = if let Plan::Turns(chosen) = &plan { Some(Arc::new(Turns::new(chosen.clone()))) } else { None };
        let state = State { next: FIRST_NUMBER, fired: windows.fired.clone(), ..State::default() };
        let start = aws.clock().now();
        let mistaken = mistake.map(|mistake| Arc::new(MistakenCode::new(local, mistake)));
        let (aws, state) = (aws.clone(), Mutex::new(state));
        Self { aws, table, document_bucket, queues, start, plan, windows, turns, mistaken, state }
    }

    /// Who goes next, where that is planned.
    pub(crate) fn turns(&self) -> Option<Arc<Turns>> {
        self.turns.clone()
    }

    /// The functions with the mistake that they make, if they make one.
    pub(crate) fn mistaken(&self) -> Option<Arc<MistakenCode>> {
        self.mistaken.clone()
    }

    /// What was noted.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Nothing goes wrong from here on.
    pub(crate) fn calm(&self) {
        let mut state = self.state();
        state.calm = true;
        if !matches!(self.plan, Plan::Fixed(..)) {
            state.lasting.clear();
        }
    }

    /// When the last outage and rollout is over, in milliseconds from the start.
    pub(crate) fn windows_end_ms(&self) -> i64 {
        let outages = self.windows.outages.iter().map(|outage| outage.until_ms);
        outages.chain(self.windows.rollout.map(|(_, until)| until)).max().unwrap_or(0)
    }

    /// An invocation of the driver ended.
    pub(crate) fn ended(&self, ended: &Ended) {
        let mut state = self.state();
        let now_ms = self.now_ms();
        if let Some(mistaken) = &self.mistaken {
            mistaken.ended(ended.number);
        }
        state.notes.ended(&ended.function, ended.number, ended.error.as_ref());
        state.appends.ended(&ended.function, ended.number, ended.error.is_none());
        state.lasting.retain(|lasting| lasting.scope_order != ended.number);
        let invoked = state.invoked.remove(&ended.number);
        if let Some(invoked) = &invoked {
            let found = given_up(&self.aws, &self.queues, &state.model, invoked, ended);
            state.notes.violations.extend(found);
        }
        let failed = ended.failed.len();
        state
            .trace
            .add(now_ms, &format!("{}.{} ended, {failed} come again, {:?}", ended.function, ended.number, ended.error));
    }

    /// A function wrote figures: they may name no order and hold nothing of a document.
    pub(crate) fn figures(&self, line: &str) {
        let mut state = self.state();
        let figures = serde_json::from_str::<Value>(line);
        if let (Some(scope), Ok(figures)) = (Scope::current(), &figures) {
            state.appends.figures(&scope.name(), figures);
        }
        let named = state.model.orders.values().any(|order| line.contains(&order.order_id.to_string()));
        if let Some(mark) = mark::find(line.as_bytes()) {
            state.notes.violations.push(Violation::new(Kind::Leak, "I7", format!("{mark} in figures")));
        }
        if named || figures.is_err() {
            state.notes.violations.push(Violation::new(
                Kind::Broken,
                "metrics",
                "figures that name an order, or are no JSON",
            ));
        }
    }

    fn now_ms(&self) -> i64 {
        self.aws.clock().now_ms() - self.start.as_millisecond()
    }

    /// Asks the plan whether something goes wrong here.
    fn hit(&self, state: &mut State, question: Question, whom: impl FnOnce() -> String) -> Option<u64> {
        let number = state.next;
        state.next += 1;
        if state.calm {
            return None;
        }
        let drawn = self.plan.hit(question, number)?;
        state.fired.push(Fired { number, what: whom() });
        Some(drawn)
    }

    /// The fault that meets a call: one that lasts, or the one that the plan has for it.
    fn fault(&self, state: &mut State, call: &Call) -> Option<Fault> {
        if let Some(lasting) = state.lasting.iter().find(|lasting| lasting.meets(call)) {
            return Some(lasting.fault);
        }
        let fault = self.planned(state, call)?;
        if fault.is_lasting() {
            state.lasting.push(Lasting::of(call, fault));
        }
        Some(fault)
    }

    /// The fault that the plan has for a call.
    fn planned(&self, state: &mut State, call: &Call) -> Option<Fault> {
        let by_function = call.scope.ends_with("Function");
        if let Plan::Fixed(faults, _) = &self.plan {
            let fault = *faults.get(&call.number)?;
            state.fired.push(Fired { number: call.number, what: format!("{fault} of {call:?}") });
            return Some(fault);
        }
        let number = state.next;
        let drawn = self.hit(state, Question::Call, String::new)?;
        let fault = self.plan.choose(drawn, &call.operation, by_function)?;
        if let Some(fired) = state.fired.last_mut().filter(|fired| fired.number == number) {
            fired.what = format!("{fault} of {call:?}");
        }
        Some(fault)
    }

    /// Whether what the call goes to is down.
    fn outage(&self, state: &State, call: &Call) -> Option<Verdict> {
        let now_ms = self.now_ms();
        let down = |outage: &&crate::plan::outage::Outage| {
            outage.holds(now_ms) && outage.dependency.is_met_by(call, &self.document_bucket)
        };
        if state.calm {
            return None;
        }
        self.windows.outages.iter().find(down)?;
        let drawn = self.plan.draw(Question::Kind, call.number);
        Some(match drawn % 8 {
            0 => Verdict::Hang,
            1..=3 => Verdict::Reset,
            _ => Verdict::Fail { status: 503, code: "ServiceUnavailable".to_owned() },
        })
    }

    /// Whether the invocation with `number` of `function` runs the version before this one.
    fn is_old(&self, function: &str, number: u64) -> bool {
        let Some((from, until)) = self.windows.rollout else { return false };
        let drawn = self.plan.draw(Question::Version, number);
        function.ends_with("Function") && drawn.is_multiple_of(2) && (from..until).contains(&self.now_ms())
    }

    /// Whether a call to S3 goes to the document bucket.
    fn is_of_documents(&self, call: &Call) -> bool {
        call.resource.split('/').next() == Some(&self.document_bucket)
    }

    /// Notes whether an attempt of a function to append to the backup was taken. Reconciliation tells of its own another way.
    fn append(&self, state: &mut State, call: &Call, taken: bool) {
        let appends = call.service == Service::S3 && &*call.operation == "PutObject" && !self.is_of_documents(call);
        if appends && call.scope.ends_with("Function") && &*call.scope != RECONCILE {
            state.appends.answered(call, taken);
        }
    }

    /// What may not leave the document bucket, and whose order may be touched.
    fn search(&self, state: &mut State, call: &Call, json: Option<&Value>) {
        if &*call.scope == clients::FOREIGN {
            return;
        }
        let of_documents = call.service == Service::S3 && self.is_of_documents(call);
        let mark = mark::find(call.resource.as_bytes());
        let mark = mark.or_else(|| if of_documents { None } else { mark::find(&call.body) });
        if let Some(mark) = mark {
            state.notes.violations.push(Violation::new(Kind::Leak, "I7", format!("{mark} in {call:?}")));
        }
        let foreign = foreign_order(state.invoked.get(&call.scope_order), call, json);
        if let Some(pk) = foreign.filter(|_| call.scope.ends_with("Function")) {
            state.notes.violations.push(Violation::new(Kind::Broken, "I8", format!("{call:?} touches {pk}")));
        }
    }
}

/// The order that a call touches and that no message of its invocation names.
fn foreign_order(invoked: Option<&Invoked>, call: &Call, json: Option<&Value>) -> Option<String> {
    let allowed = invoked?.orders.as_ref()?;
    let touched: Vec<String> = match (call.service, json) {
        (Service::DynamoDb, Some(json)) => {
            item::keys(&call.operation, json).into_iter().map(|(key, _)| key.pk).collect()
        }
        (Service::S3, _) => object_owner(&call.resource).into_iter().collect(),
        _ => Vec::new(),
    };
    touched.into_iter().find(|pk| pk.contains("#ORDER#") && !allowed.contains(pk))
}

/// The partition of the order that an object's key names.
fn object_owner(resource: &str) -> Option<String> {
    let mut parts = resource.split('/').skip_while(|part| *part != "firms").skip(1);
    let firm = parts.next()?;
    let order = parts.nth(1)?;
    Some(format!("FIRM#{firm}#ORDER#{order}"))
}

/// What a query of an index asks for, whenever it is asked.
fn query_key(json: &Value) -> String {
    let values = json["ExpressionAttributeValues"].as_object().into_iter().flatten();
    let texts: Vec<&str> = values.filter_map(|(_, value)| value["S"].as_str()).collect();
    format!("{} {texts:?}", json["IndexName"])
}

fn json_of(call: &Call) -> Option<Value> {
    matches!(call.service, Service::DynamoDb | Service::Sqs).then(|| serde_json::from_slice(&call.body).ok()).flatten()
}

impl Interceptor for Weather {
    fn relay(&self, aws: &Aws, request: &Request) -> Option<BoxFuture<'static, Result<Reply, Reset>>> {
        self.mistaken.as_ref()?.relay(aws, request)
    }

    fn turn(&self, call: &Call) -> Option<BoxFuture<'static, ()>> {
        self.turns.as_ref()?.of(call)
    }

    fn latency(&self, call: &Call) -> Duration {
        if self.turns.is_some() {
            return Duration::ZERO;
        }
        Duration::from_millis(1 + self.plan.draw(Question::Latency, call.number) % LATENCY_MS_MAX)
    }

    fn before(&self, call: &Call) -> Verdict {
        let mut state = self.state();
        let json = json_of(call);
        self.search(&mut state, call, json.as_ref());
        if let Some(verdict) = self.outage(&state, call) {
            state.notes.called(call, Some("outage"));
            state.notes.lost(call, json.as_ref(), false);
            self.append(&mut state, call, false);
            return verdict;
        }
        let Some(fault) = self.fault(&mut state, call) else {
            state.notes.called(call, None);
            return Verdict::Pass;
        };
        state.notes.called(call, Some(fault.as_str()));
        state.notes.lost(call, json.as_ref(), fault.is_after());
        let now_ms = self.now_ms();
        state.trace.add(now_ms, fault.as_str());
        if fault.is_after() {
            state.pending.insert(call.number, fault);
            return Verdict::Pass;
        }
        self.append(&mut state, call, false);
        fault.verdict(call.service)
    }

    fn after(&self, call: &Call) -> Verdict {
        let mut state = self.state();
        let fault = state.pending.remove(&call.number);
        if fault.is_some() {
            self.append(&mut state, call, false);
        }
        fault.map_or(Verdict::Pass, |fault| fault.verdict(call.service))
    }

    fn rewrite(&self, call: &Call) -> Option<Bytes> {
        if call.service == Service::Sqs && matches!(&*call.operation, "SendMessage" | "SendMessageBatch") {
            return self.delay(call);
        }
        let is_old = call.service == Service::DynamoDb && self.is_old(&call.scope, call.scope_order);
        if is_old { rollout::written(&call.body) } else { None }
    }

    fn answered(&self, call: &Call, reply: Reply) -> Reply {
        let mut state = self.state();
        let json = json_of(call);
        let now_ms = self.now_ms();
        let line = format!("{call:?} {} {}", trace::fingerprint(call, json.as_ref()), reply.status);
        state.trace.add(now_ms, &line);
        state.notes.done(call, json.as_ref(), reply.status);
        let State { model, notes, invoked, .. } = &mut *state;
        if &*call.scope == clients::ADMINISTRATOR && reply.status < 300 {
            item::keys(&call.operation, json.as_ref().unwrap_or(&Value::Null))
                .iter()
                .for_each(|(key, _)| model.remove(key));
        } else if call.service == Service::DynamoDb && reply.status < 300 {
            for (key, _) in
                item::keys(&call.operation, json.as_ref().unwrap_or(&Value::Null)).iter().filter(|(_, w)| *w)
            {
                let by = invoked.get(&call.scope_order).filter(|by| *by.function == *call.scope);
                notes.violations.extend(model.wrote(&self.aws, &self.table, key, by));
            }
        }
        if call.service == Service::S3 && &*call.operation == "PutObject" && !self.is_of_documents(call) {
            model.backed_up(&call.body);
        }
        self.append(&mut state, call, reply.status < 300 || reply.status == PRECONDITION_FAILED);
        let reply = self.stale(&mut state, call, json.as_ref(), reply);
        let is_old = call.service == Service::DynamoDb && self.is_old(&call.scope, call.scope_order);
        if is_old { rollout::read(reply) } else { reply }
    }

    fn begin(&self, function: &str, number: u64, event: &mut Value) -> i64 {
        let mut state = self.state();
        state.invoked.insert(number, Invoked::with(function, event));
        if self.is_old(function, number) {
            rollout::given(event);
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
        // At once, or while the first consumer is likely to be at work.
        Some(u32::try_from(drawn % 3).unwrap_or(0))
    }

    fn closed_until(&self, queue: &str, now: Timestamp) -> Option<Timestamp> {
        let at_ms = self.now_ms();
        let down = |outage: &&crate::plan::outage::Outage| {
            outage.dependency == crate::plan::outage::Dependency::Sqs && outage.holds(at_ms) && !queue.is_empty()
        };
        let outage = self.windows.outages.iter().find(down).filter(|_| !self.state().calm)?;
        Some(later(now, CLOSED).min(from_ms(self.start.as_millisecond() + outage.until_ms)))
    }

    fn acknowledge(&self, queue: &str, message_id: &str) -> bool {
        let mut state = self.state();
        let at_ms = self.now_ms();
        let is_down =
            |outage: &crate::plan::outage::Outage| outage.dependency == crate::plan::outage::Dependency::Sqs && outage.holds(at_ms);
        let down = !state.calm && self.windows.outages.iter().any(is_down);
        let lost =
            self.hit(&mut state, Question::Acknowledge, || format!("{queue} loses the deletion of {message_id}"));
        !down && lost.is_none()
    }
}

impl Weather {
    /// The request with a delay on each message that is to come late.
    fn delay(&self, call: &Call) -> Option<Bytes> {
        let mut state = self.state();
        let drawn = self.hit(&mut state, Question::Late, || format!("late messages of {call:?}"))?;
        let mut request: Value = serde_json::from_slice(&call.body).ok()?;
        let delay = |index: u64| Value::from((drawn >> (index % 32)) % (LATE_S_MAX + 1));
        match request["Entries"].as_array_mut() {
            Some(entries) => {
                for (index, entry) in (0..).zip(entries) {
                    entry["DelaySeconds"] = delay(index);
                }
            }
            None => request["DelaySeconds"] = delay(0),
        }
        Some(Bytes::from(request.to_string()))
    }

    /// The answer of an index, which may lag behind the table.
    fn stale(&self, state: &mut State, call: &Call, json: Option<&Value>, reply: Reply) -> Reply {
        let Some(json) = json.filter(|json| &*call.operation == "Query" && !json["IndexName"].is_null()) else {
            return reply;
        };
        let before = state.answers.insert(query_key(json), reply.body.clone());
        let lags = self.hit(state, Question::Stale, || format!("an older answer to {call:?}"));
        match (before, lags) {
            (Some(body), Some(_)) => Reply { body, ..reply },
            _ => reply,
        }
    }
}

impl Weather {
    /// Whether nothing is planned to go wrong.
    pub(crate) fn is_calm(&self) -> bool {
        match &self.plan {
            Plan::Calm | Plan::Turns(_) => true,
            Plan::Fixed(_, outages) => outages.is_empty(),
            Plan::Random { .. } | Plan::Drill(_) => false,
        }
    }
}
