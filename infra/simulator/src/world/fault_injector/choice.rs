//! Chooses the fault that hits a call, and the version that an invocation runs.

use std::sync::Arc;

use engine::{Action, Call};

use super::{FaultInjector, State, json_of};
use crate::plan::fault::Fault;
use crate::plan::fault_plan::{FaultPlan, InjectedFault, Question};
use crate::plan::outage::Outage;
use crate::world::desk::API;
use crate::world::trace;

/// A call that fails however often the SDK retries it.
pub(super) struct Lasting {
    pub(super) scope_order: u64,
    operation: Arc<str>,
    resource: String,
    /// Digest of the request: the SDK may write the parts of an equal request in another order.
    fingerprint: String,
    fault: Fault,
}

impl Lasting {
    fn of(call: &Call, fault: Fault) -> Self {
        let Call { scope_order, operation, resource, .. } = call.clone();
        Self { scope_order, operation, resource, fingerprint: trace::fingerprint(call, json_of(call).as_ref()), fault }
    }

    fn hits(&self, call: &Call) -> bool {
        (self.scope_order, &self.operation, &self.resource) == (call.scope_order, &call.operation, &call.resource)
            && self.fingerprint == trace::fingerprint(call, json_of(call).as_ref())
    }
}

impl FaultInjector {
    /// Asks the plan whether to inject a fault here; `what` describes it.
    pub(super) fn hit(&self, state: &mut State, question: Question, what: impl FnOnce() -> String) -> Option<u64> {
        let number = state.next;
        state.next += 1;
        if state.calm {
            return None;
        }
        let drawn = self.plan.hit(question, number)?;
        state.injected.push(InjectedFault { number, what: what() });
        Some(drawn)
    }

    /// The fault that hits a call: a lasting one, or the one that the plan has for it.
    pub(super) fn fault(&self, state: &mut State, call: &Call) -> Option<Fault> {
        if let Some(lasting) = state.lasting.iter().find(|lasting| lasting.hits(call)) {
            return Some(lasting.fault);
        }
        let fault = self.planned(state, call)?;
        if fault.is_lasting() {
            state.lasting.push(Lasting::of(call, fault));
        }
        Some(fault)
    }

    /// The fault that the plan has for a call.
    pub(super) fn planned(&self, state: &mut State, call: &Call) -> Option<Fault> {
        let by_function = call.scope.ends_with("Function");
        if let FaultPlan::Fixed(faults, _) = &self.plan {
            let fault = *faults.get(&call.number)?;
            state.injected.push(InjectedFault { number: call.number, what: format!("{fault} of {call:?}") });
            return Some(fault);
        }
        let number = state.next;
        let drawn = self.hit(state, Question::Call, String::new)?;
        let fault = self.plan.choose(drawn, &call.operation, by_function)?;
        if let Some(injected) = state.injected.last_mut().filter(|injected| injected.number == number) {
            injected.what = format!("{fault} of {call:?}");
        }
        Some(fault)
    }

    /// What an outage does to a call, if its dependency is down or its answers are lost.
    pub(super) fn outage(&self, state: &State, call: &Call, answers_only: bool) -> Option<Action> {
        let now_ms = self.now_ms();
        let down = |outage: &&Outage| {
            outage.answers_only == answers_only
                && outage.is_active(now_ms)
                && outage.dependency.serves(call, &self.document_bucket)
        };
        if state.calm {
            return None;
        }
        self.windows.outages.iter().find(down)?;
        let drawn = self.plan.draw(Question::Kind, call.number);
        Some(match drawn % 8 {
            0 => Action::Hang,
            1..=3 => Action::Reset,
            _ => Action::Fail { status: 503, code: "ServiceUnavailable".to_owned() },
        })
    }

    /// Whether invocation `number` of `function` runs the previous version.
    pub(super) fn is_old(&self, function: &str, number: u64) -> bool {
        let now_ms = self.now_ms();
        let lasts = |window: Option<(i64, i64)>| window.is_some_and(|(from, until)| (from..until).contains(&now_ms));
        let is_drawn = || self.plan.draw(Question::Version, number).is_multiple_of(2);
        // The API has no earlier version yet.
        let has_earlier = function.ends_with("Function") && function != API;
        has_earlier && (lasts(self.windows.rollback) || lasts(self.windows.rollout) && is_drawn())
    }
}
