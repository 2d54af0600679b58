//! Faults of deliveries: late and lost messages, held functions, orders that kill their function, indexes that lag.

use bytes::Bytes;
use domain::message::PhaseMessage;
use domain::phase::Phase;
use engine::wire::Reply;
use engine::{Call, Service};
use serde_json::Value;

use super::{FaultInjector, State};
use crate::judge::item;
use crate::plan::fault_plan::{FIRST_VANISH_NUMBER, InjectedFault, Question};

/// Longest delay of a late message, in seconds.
const LATE_S_MAX: u64 = 120;
impl FaultInjector {
    /// The request with a delay on each message, if these are to be late.
    pub(super) fn delay(&self, call: &Call) -> Option<Bytes> {
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

    /// Until when the function that `queue` feeds is held, in milliseconds from the start.
    pub(super) fn held_until_ms(&self, queue: &str, at_ms: i64) -> Option<i64> {
        let (phase, from, until) = self.windows.held?;
        let is_its_own = self.phase_queues.get(queue) == Some(&phase);
        (is_its_own && (from..until).contains(&at_ms)).then_some(until)
    }

    /// Loses the first phase message of a batch, if the plan says so: its function never sees it, and the queue has deleted it.
    pub(super) fn lose_message(&self, state: &mut State, function: &str, number: u64, event: &mut Value) {
        let is_of_phase = Phase::ALL.iter().any(|phase| function == function_of(*phase));
        let draw = FIRST_VANISH_NUMBER + number;
        if state.calm || !is_of_phase || self.plan.hit(Question::Vanish, draw).is_none() {
            return;
        }
        let Some(records) = event["Records"].as_array_mut() else { return };
        let named = |record: &Value| {
            let message = serde_json::from_str::<PhaseMessage>(record["body"].as_str()?).ok()?;
            Some(format!("FIRM#{}#ORDER#{}", message.firm_id, message.order_id))
        };
        let Some((index, pk)) = records.iter().enumerate().find_map(|(index, record)| Some((index, named(record)?)))
        else {
            return;
        };
        records.remove(index);
        state.injected.push(InjectedFault { number: draw, what: format!("a message of {pk} to {function} vanishes") });
        state.model.bereft.insert(pk);
    }

    /// Whether a call is the one at which an order kills the function of a phase: the write that ends its work. Returns the
    /// order's partition.
    pub(super) fn killer(&self, call: &Call, json: Option<&Value>) -> Option<String> {
        let json = json.filter(|_| call.service == Service::DynamoDb && !self.killers.is_empty())?;
        let is_worked_on = |pk: &String| {
            self.killers.get(pk).is_some_and(|phase| {
                *call.scope == *function_of(*phase) && item::ends_phase(&call.operation, json, pk, *phase)
            })
        };
        item::keys(&call.operation, json).into_iter().map(|(key, _)| key.pk).find(is_worked_on)
    }

    /// The answer of an index, which may be an older one.
    pub(super) fn maybe_stale(&self, state: &mut State, call: &Call, json: Option<&Value>, reply: Reply) -> Reply {
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

/// Logical id of the function of a phase.
fn function_of(phase: Phase) -> String {
    format!("{}Function", capital(phase))
}

/// Logical id of the queue that feeds the function of a phase.
pub(super) fn queue_of(phase: Phase) -> String {
    format!("{}Queue", capital(phase))
}

fn capital(phase: Phase) -> String {
    let (first, rest) = phase.as_str().split_at(1);
    format!("{}{rest}", first.to_uppercase())
}

/// Identifies a query of an index, regardless of its time.
fn query_key(json: &Value) -> String {
    let values = json["ExpressionAttributeValues"].as_object().into_iter().flatten();
    let texts: Vec<&str> = values.filter_map(|(_, value)| value["S"].as_str()).collect();
    format!("{} {texts:?}", json["IndexName"])
}
