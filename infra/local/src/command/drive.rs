//! Driving the pipeline until an order has ended or waits for a person.

use std::time::Duration;

use client::Client;
use domain::id::OrderId;
use domain::order::Order;
use engine::Clock;
use pipeline::{LocalPipeline, SetUpError};

use super::Problem;
use crate::cli::State;
use crate::progress::Progress;

/// How often the order is looked at while it moves.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// How long a command goes on after its order has settled.
const WIND_UP: Duration = Duration::from_secs(3);

/// The pipeline over a command's data folder.
pub(super) fn open(state: &State) -> Result<(LocalPipeline, Client), Problem> {
    let local = LocalPipeline::open(&state.data, Clock::system()).map_err(|error| match error {
        SetUpError::Locked => Problem::Usage(error.to_string()),
        other => Problem::Failed(format!("{}: {other}", state.data.display())),
    })?;
    let client = local.client().map_err(Problem::failed)?;
    Ok((local, client))
}

/// Drives until the order has ended or waits for a reviewer, as `expect` wants it.
///
/// # Errors
/// [`Problem`] when every queue is empty and the order is not so: then nothing will ever change it.
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
    let messages = move || queues.iter().filter_map(|queue| aws.queue_depth(queue)).map(|depth| depth.total()).sum();
    let watching = async {
        loop {
            // Counted first: what empties a queue is written before.
            let left: u64 = messages();
            let found = client.order(order).await.map_err(Problem::failed)?;
            if let Some(found) = &found {
                progress.show(found);
                if !found.is_active() && expect(found) {
                    return Ok::<Order, Problem>(found.clone());
                }
            }
            if left == 0 {
                return Err(Problem::Failed(format!(
                    "nothing is left that would move order {order}; look at it with: docket show {order}"
                )));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    let found = local.driver.run_while(watching).await;
    progress.finish();
    found
}

/// Drives on for a moment after an order has settled: acknowledgements, and the alerts of what has just failed. What waits
/// for longer (a message that was sent twice, say) is the next process's, and changes nothing.
pub(super) async fn wind_up(local: &mut LocalPipeline) {
    local.driver.run_until_idle(WIND_UP).await;
}
