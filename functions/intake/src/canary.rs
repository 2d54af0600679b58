//! Starts the scheduled canary: an order that goes through all phases and shows that the pipeline works.

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
    canary: CanaryRequest,
}

/// The canary order that the schedule's input asks for.
#[derive(Deserialize)]
pub(crate) struct CanaryRequest {
    firm_id: FirmId,
    #[serde(default)]
    documents: u32,
    /// Documents that are made to fail, to check that their alerts reach somebody.
    #[serde(default)]
    failures: BTreeSet<DocumentNumber>,
}

/// The request in a schedule's event, if the event is one.
pub(crate) fn request(event: &Value) -> Option<CanaryRequest> {
    Scheduled::deserialize(event).ok().map(|scheduled| scheduled.canary)
}

/// Starts the canary of this invocation. Lambda repeats a failed scheduled invocation under the same request id, and the
/// order's id is derived from it, so a repeat finds the same order.
pub(crate) async fn start(
    pipeline: &Pipeline,
    invocation: &Invocation,
    request: CanaryRequest,
) -> Result<Value, Fault> {
    let at = pipeline.clock.now();
    let order_id = order_id(&invocation.request_id);
    let new = NewOrder {
        order_id,
        firm_id: request.firm_id,
        service_code: ServiceCode::Canary,
        documents: request.documents,
        options: Options { canary_failures: request.failures, ..Options::default() },
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
    // The id contains no time, because a later repeat must derive the same id.
    OrderId::from_parts(0, u128::from_be_bytes(random))
}
