//! How long orders are likely to take still.

use std::sync::Arc;

use domain::history::{Estimate, History, estimate};
use domain::order::Order;
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::Api;

/// How long the history is kept, in seconds: it changes slowly, and whoever watches an order must not cost a read of it.
const KEPT_SECS: i64 = 60;

/// The history as it was last read.
#[derive(Default)]
pub(crate) struct KeptHistory(Mutex<Option<(Timestamp, Arc<History>)>>);

/// How long an order is likely to take still. Without the history it is unknown: nobody's answer fails for lack of it.
pub(crate) async fn of(api: &Api, order: &Order) -> Estimate {
    // Nothing is read for an order that stands still.
    if !order.is_active() {
        return Estimate::Idle;
    }
    estimate(order, &*history(api).await, api.pipeline.clock.now())
}

async fn history(api: &Api) -> Arc<History> {
    let now = api.pipeline.clock.now();
    let mut kept = api.history.0.lock().await;
    if let Some((at, history)) = kept.as_ref()
        && now.duration_since(*at).as_secs().abs() < KEPT_SECS
    {
        return Arc::clone(history);
    }
    let earlier = kept.take().map(|(_, history)| history);
    let history = match api.pipeline.store.history().await {
        Ok(history) => Arc::new(history),
        Err(error) => {
            tracing::warn!(error = %error, "durations of earlier orders not read");
            earlier.unwrap_or_default()
        }
    };
    *kept = Some((now, Arc::clone(&history)));
    history
}
