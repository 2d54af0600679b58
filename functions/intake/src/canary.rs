//! The scheduled canary: an order that walks all phases, to see that the pipeline is alive.

use std::collections::BTreeSet;

use aws::store::Written;
use domain::event::NewOrder;
use domain::id::{DocumentNumber, FirmId, OrderId};
use domain::lifecycle::submit;
use domain::option::Options;
use domain::service::ServiceCode;
use runtime::invocation::Invocation;
use runtime::lambda::Fault;
use runtime::pipeline::Pipeline;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Scheduled {
    canary: Wish,
}

/// What the schedule's input says.
#[derive(Deserialize)]
pub(crate) struct Wish {
    firm_id: FirmId,
    #[serde(default)]
    documents: u32,
    /// Documents that are made to fail, so that their alerts show whether somebody is told.
    #[serde(default)]
    failures: BTreeSet<DocumentNumber>,
}

/// The wish for a canary in a schedule's event, if it is one.
pub(crate) fn wish(event: &Value) -> Option<Wish> {
    Scheduled::deserialize(event).ok().map(|scheduled| scheduled.canary)
}

/// Starts the canary of this invocation. Lambda repeats a failed scheduled invocation under the same request id, from
/// which the order's id is made, so a repeat meets the same order.
pub(crate) async fn start(pipeline: &Pipeline, invocation: &Invocation, wish: Wish) -> Result<Value, Fault> {
    let at = pipeline.clock.now();
    let order_id = order_id(&invocation.request_id);
    let new = NewOrder {
        order_id,
        firm_id: wish.firm_id,
        service_code: ServiceCode::Canary,
        documents: wish.documents,
        options: Options { canary_failures: wish.failures, ..Options::default() },
        correlation_id: order_id.to_string(),
    };
    let decision = submit(new, at, &invocation.request_id).map_err(|_| Fault::UnknownEvent)?;
    let order = match pipeline.store.create(&decision).await {
        Ok(Written::Done) => decision.into_order(),
        Ok(Written::Conflict(Some(order))) => *order,
        Ok(Written::Conflict(None)) | Err(_) => return Err(Fault::NotNow),
    };
    let sent = pipeline.queues.send(&order.owed_messages()).await;
    if sent.iter().any(Result::is_err) {
        return Err(Fault::NotNow);
    }
    Ok(json!({ "order_id": order_id }))
}

fn order_id(request_id: &str) -> OrderId {
    let digest: [u8; 32] = Sha256::digest(request_id).into();
    let mut random = [0; 16];
    random.copy_from_slice(&digest[..16]);
    // Not the time of the invocation: a repeat comes later and must make the same id.
    OrderId::from_parts(0, u128::from_be_bytes(random))
}
