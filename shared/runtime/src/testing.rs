//! What the unit tests of this crate share: an environment without AWS, and orders at the state that a test needs.

use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;
use aws_smithy_async::time::StaticTimeSource;
use domain::event::{Event, EventKind, NewOrder, Unit};
use domain::id::{DocumentNumber, OrderId};
use domain::lifecycle::{decide, submit};
use domain::order::{Lease, Order};
use domain::phase::Phase;
use domain::service::ServiceCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::environment::Environment;

/// The time of an [`environment`], in seconds after the order was accepted.
pub(crate) const NOW: i64 = 10;

/// The lines that a function's metrics were written as.
#[derive(Clone, Default)]
pub(crate) struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// The only line there is.
    pub(crate) fn the_line(&self) -> Value {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(lines.len(), 1, "{lines:?}");
        serde_json::from_str(&lines[0]).unwrap_or_default()
    }
}

/// An environment in which every variable holds its own name, except `missing`, and the time is always [`NOW`].
pub(crate) fn environment(missing: &'static [&'static str]) -> (Environment, Lines) {
    let lines = Lines::default();
    let kept = lines.clone();
    let credentials = Credentials::new("id", "secret", None, None, "test");
    let http = aws_smithy_http_client::Builder::new().build_http();
    let sdk =
        aws::sdk::configuration("ap-south-1".to_owned(), credentials, http, StaticTimeSource::new(at(NOW).into()));
    let lookup = |name: &str| (!missing.contains(&name)).then(|| name.to_owned());
    let environment = Environment::new(lookup, sdk).with_sink(Arc::new(move |line| {
        kept.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }));
    (environment, lines)
}

/// A moment, in seconds after the order was accepted.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap_or_default()
}

/// An order that has just been accepted.
pub(crate) fn accepted(documents: u32) -> Order {
    let needs_none = ServiceCode::ALL.iter().find(|service| !service.needs_documents());
    let Some(service_code) = needs_none.copied() else { unreachable!("the canary needs no documents") };
    let Ok(firm_id) = "firm".parse() else { unreachable!("a valid firm id") };
    let new = NewOrder {
        order_id: OrderId::from_parts(1, 1),
        firm_id,
        service_code,
        documents,
        options: Default::default(),
        correlation_id: "command-1".to_owned(),
    };
    let Ok(accepted) = submit(new, at(0), "w") else { unreachable!("an acceptable order") };
    accepted.into_order()
}

pub(crate) fn apply(order: &Order, second: i64, kind: EventKind) -> Order {
    let event = Event::new(at(second), "w".to_owned(), kind);
    decide(order, &event).map(domain::lifecycle::Decision::into_order).unwrap_or_else(|why| unreachable!("{why}"))
}

/// Claims the order's current phase.
pub(crate) fn claim(order: &Order, second: i64, document: Option<DocumentNumber>) -> Order {
    let unit = Unit { run: order.run(), phase: order.phase(), document };
    let lease = Lease { owner: "o".to_owned(), message: "m".to_owned(), until: at(second) };
    apply(order, second, EventKind::Claimed { unit, lease })
}

/// An order without documents that is at `phase`, claimed.
pub(crate) fn working(phase: Phase) -> Order {
    let mut order = claim(&accepted(0), 1, None);
    while order.phase() < phase {
        order = claim(&complete(&order, 1), 1, None);
    }
    order
}

/// Ends the order's current phase.
pub(crate) fn complete(order: &Order, second: i64) -> Order {
    let (run, phase) = (order.run(), order.phase());
    apply(order, second, EventKind::PhaseCompleted { run, phase, artifacts: Vec::new() })
}
