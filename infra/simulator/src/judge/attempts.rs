//! Counts how often each phase of an order was claimed, from its leases and not from the count that the order keeps itself.
//! A message that dies fails its order only after six claims that never ended; otherwise it is sent again.

use std::collections::BTreeMap;

use domain::id::RunNumber;
use domain::order::Order;
use domain::phase::Phase;
use domain::status::OrchestrationStatus;

use crate::judge::model::Invoked;

/// Claims after which a dead letter fails its order.
pub(crate) const CLAIM_COUNT: u32 = 6;
/// How many of them at least were not cut short by another order of the same batch that kills the function. After the first
/// such end, work is done alone, so two of six may be.
const OWN_COUNT: u32 = CLAIM_COUNT - 2;
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
        // An order that is cancelled still shows what an earlier run failed of.
        let fails_now =
            before.is_some_and(Order::is_active) && next.orchestration_status() == OrchestrationStatus::Failed;
        let is_early = claims.count < CLAIM_COUNT || claims.count.saturating_sub(claims.struck) < OWN_COUNT;
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

#[cfg(test)]
mod tests {
    use domain::event::{Event, EventKind, NewOrder, Unit};
    use domain::failure::Failure;
    use domain::id::{FirmId, OrderId};
    use domain::lifecycle::{decide, submit};
    use domain::option::Options;
    use domain::order::Lease;
    use domain::service::ServiceCode;
    use jiff::Timestamp;

    use super::*;

    const PK: &str = "order";

    fn apply(order: &Order, kind: EventKind) -> Order {
        let event = Event::new(Timestamp::UNIX_EPOCH, "w".to_owned(), kind);
        let Ok(decision) = decide(order, &event) else { unreachable!("it fits the order") };
        decision.into_order()
    }

    fn accepted() -> Order {
        let new = NewOrder {
            order_id: OrderId::from_parts(1, 1),
            firm_id: FirmId::unknown(),
            service_code: ServiceCode::Canary,
            documents: 0,
            options: Options::default(),
            correlation_id: "c".to_owned(),
        };
        let Ok(decision) = submit(new, Timestamp::UNIX_EPOCH, "w") else { unreachable!("an acceptable order") };
        decision.into_order()
    }

    /// An order whose phase is claimed so often, each time by a delivery that does not come back, and the judge's count.
    fn claimed(mut order: Order, times: u32, attempts: &mut Attempts) -> Order {
        for number in 0..times {
            let unit = Unit { run: order.run(), phase: order.phase(), document: None };
            let lease = Lease { owner: format!("o{number}"), message: "m".to_owned(), until: Timestamp::UNIX_EPOCH };
            let next = apply(&order, EventKind::Claimed { unit, lease });
            assert_eq!(attempts.changed(PK, Some(&order), &next), None);
            order = next;
        }
        order
    }

    fn die(order: &Order, attempts: &mut Attempts) -> (Order, Option<String>) {
        let failure = Failure::permanent(DEAD_LETTERED, "m");
        let next = apply(order, EventKind::PhaseFailed { run: order.run(), phase: order.phase(), failure });
        let told = attempts.changed(PK, Some(order), &next);
        (next, told)
    }

    #[test]
    fn a_dead_letter_fails_its_order_after_six_claims_of_which_four_are_its_own() {
        for (claims, struck, is_early) in [(5, 0, true), (6, 0, false), (6, 2, false), (6, 3, true), (10, 3, false)] {
            let mut attempts = Attempts::default();
            let order = claimed(accepted(), claims, &mut attempts);
            attempts.0.get_mut(PK).map_or_else(|| unreachable!("claimed"), |claims| claims.struck = struck);
            assert_eq!(die(&order, &mut attempts).1.is_some(), is_early, "{claims} claims, {struck} by others");
        }
    }

    #[test]
    fn a_cancellation_is_no_dead_letter_although_an_earlier_run_died() {
        let mut attempts = Attempts::default();
        let (failed, told) = die(&claimed(accepted(), 6, &mut attempts), &mut attempts);
        assert_eq!(told, None);
        let retried = apply(&failed, EventKind::Retried { run: failed.run(), start_from: None });
        assert_eq!(attempts.changed(PK, Some(&failed), &retried), None);
        let order = claimed(retried, 1, &mut attempts);
        let cancelled = apply(&order, EventKind::Cancelled);
        assert_eq!(attempts.changed(PK, Some(&order), &cancelled), None);
    }
}
