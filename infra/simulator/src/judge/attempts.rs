//! Counts how often each phase of an order was claimed, from its leases and not from the count that the order keeps itself.
//! A message that dies fails its order only after six claims that never ended; otherwise it is sent again.

use std::collections::BTreeMap;

use domain::id::RunNumber;
use domain::order::Order;
use domain::phase::Phase;

use crate::judge::model::Invoked;

/// Claims after which a dead letter fails its order.
pub(crate) const CLAIM_COUNT: u32 = 6;
/// How many of them may have been cut short by another order of the same batch that kills the function. After the first,
/// work is done alone.
const STRUCK_COUNT_MAX: u32 = 2;
/// The code of a failure by a dead letter.
pub(crate) const DEAD_LETTERED: &str = "message.dead_lettered";

/// The claims of every order's current phase, by partition.
#[derive(Debug, Default)]
pub(crate) struct Attempts(BTreeMap<String, Claims>);

#[derive(Debug)]
struct Claims {
    run: RunNumber,
    phase: Phase,
    count: u32,
    /// How many ended because another order of the batch killed the function.
    struck: u32,
}

impl Attempts {
    /// Records a write of an order. Returns what is wrong if it failed by a dead letter too early.
    pub(crate) fn changed(&mut self, pk: &str, before: Option<&Order>, next: &Order) -> Option<String> {
        let (run, phase) = (next.run(), next.phase());
        let claims = self.0.entry(pk.to_owned()).or_insert(Claims { run, phase, count: 0, struck: 0 });
        if (claims.run, claims.phase) != (run, phase) {
            *claims = Claims { run, phase, count: 0, struck: 0 };
        }
        let same_phase = |before: &&Order| (before.run(), before.phase()) == (run, phase);
        let held = before.filter(same_phase).and_then(Order::lease);
        match (held, next.lease()) {
            (_, None) if !next.is_active() => {}
            (Some(_), None) => claims.count = claims.count.saturating_sub(1),
            (Some(was), Some(is)) if (&was.owner, &was.message) == (&is.owner, &is.message) => {}
            (_, Some(_)) => claims.count += 1,
            (None, None) => {}
        }
        let error = next.last_orchestration_error().filter(|error| error.code == DEAD_LETTERED)?;
        let fails_now = before.is_some_and(Order::is_active) && !next.is_active();
        let is_early = claims.count < CLAIM_COUNT || claims.struck > STRUCK_COUNT_MAX;
        (fails_now && is_early).then(|| {
            let Claims { count, struck, .. } = claims;
            format!(
                "a dead letter failed {} after {count} claims, {struck} of them ended by another order",
                error.phase
            )
        })
    }

    /// Records that the order `killer` killed an invocation with other orders in it.
    pub(crate) fn struck(&mut self, killer: &str, by: &Invoked, orders: &BTreeMap<String, Order>) {
        for (id, (pk, message)) in by.ids.iter().zip(&by.units).filter(|(_, (pk, _))| pk != killer) {
            let is_held = orders.get(pk).and_then(Order::lease).is_some_and(|lease| lease.message == *id);
            if let Some(claims) = self.0.get_mut(pk)
                && is_held
                && (claims.run, claims.phase) == (message.run, message.phase)
            {
                claims.struck += 1;
            }
        }
    }

    /// Forgets an order that was removed.
    pub(crate) fn forget(&mut self, pk: &str) {
        self.0.remove(pk);
    }
}
