//! Drives the pipeline until an order has ended or waits for a reviewer.

use std::time::Duration;

use client::Client;
use domain::id::OrderId;
use domain::order::Order;
use engine::Clock;
use pipeline::{LocalPipeline, SetUpError};

use super::Problem;
use crate::cli::State;
use crate::progress::Progress;

/// How often the order is read while it is in progress.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// How long a command keeps running after its order has settled.
const FINISH_WITHIN: Duration = Duration::from_secs(3);

/// Opens the pipeline in the data folder of a command.
pub(super) fn open(state: &State) -> Result<(LocalPipeline, Client), Problem> {
    let local = LocalPipeline::open(&state.data, Clock::system()).map_err(|error| match error {
        SetUpError::Locked => Problem::Usage(error.to_string()),
        other => Problem::Failed(format!("{}: {other}", state.data.display())),
    })?;
    let client = local.client().map_err(Problem::failed)?;
    Ok((local, client))
}

/// Drives the pipeline until the order has ended or waits for a reviewer, and `expect` accepts it.
///
/// # Errors
/// [`Problem`] when every queue is empty before that, because nothing would change the order any more.
pub(super) async fn until_settled(
    local: &mut LocalPipeline,
    client: &Client,
    order: OrderId,
    progress: &mut Progress,
    expect: impl Fn(&Order) -> bool,
) -> Result<Order, Problem> {
    let client = client.clone();
    let aws = local.aws.clone();
    let queues: Vec<String> = local.stack.queues.values().map(|queue| queue.name.clone()).collect();
    let message_count =
        move || queues.iter().filter_map(|queue| aws.queue_depth(queue)).map(|depth| depth.total()).sum();
    let settled = async {
        loop {
            // Counted before the order is read: a function writes the order before its message is deleted.
            let left: u64 = message_count();
            let found = client.order(order).await.map_err(Problem::failed)?;
            if let Some(found) = &found {
                progress.show(found);
                if !found.is_active() && expect(found) {
                    return Ok::<Order, Problem>(found.clone());
                }
            }
            if left == 0 {
                return Err(Problem::Failed(format!(
                    "order {order} is stuck: no messages are left for it; see docket show {order}"
                )));
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
    };
    let found = local.driver.run_while(settled).await;
    progress.finish();
    found
}

/// Drives the pipeline for a moment longer after an order has settled, so that messages are deleted and alerts published.
/// Messages that wait longer, such as one that was sent twice, are left to the next process, where they change nothing.
pub(super) async fn finish(local: &mut LocalPipeline) {
    local.driver.run_until_idle(FINISH_WITHIN).await;
}
