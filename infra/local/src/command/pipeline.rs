//! The pipeline that a command works on, and how the command waits for an order there.

use std::time::Duration;

use client::Client;
use domain::id::OrderId;
use domain::order::Order;
use engine::{Clock, Ended};
use pipeline::{LocalPipeline, SetUpError, calls};
use serde_json::Value;

use super::Problem;
use super::place::Place;
use crate::cli::State;
use crate::output::eprint;
use crate::progress::Progress;

/// How often the order is read while it is in progress.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// How long after a crash of a function its messages are delivered again, in seconds. The user is waiting, and no other process
/// can be at work on them.
const CRASH_DELAY_SECS: u32 = 5;

/// How long a command keeps running after its order has settled.
const FINISH_WITHIN: Duration = Duration::from_secs(3);

/// The pipeline that a command works on.
pub(super) struct Pipeline {
    /// Reads its orders and sends it commands.
    pub(super) client: Client,
    /// Where it is.
    pub(super) place: Place,
    local: LocalPipeline,
}

impl Pipeline {
    /// Opens the pipeline in the data folder of a command.
    pub(super) fn open(state: &State) -> Result<Self, Problem> {
        let place = Place::folder(state.data.as_deref());
        let Place::Folder(data) = &place;
        let mut local = LocalPipeline::open(data, Clock::system()).map_err(|error| match error {
            SetUpError::Locked => Problem::Usage(error.to_string()),
            other => Problem::Failed(format!("{}: {other}", data.display())),
        })?;
        local.driver.retry_crashes_after(CRASH_DELAY_SECS);
        let client = local.client().map_err(Problem::failed)?;
        Ok(Self { client, place, local })
    }

    /// The order as it is now, if there is one.
    pub(super) async fn order(&self, order: OrderId) -> Result<Option<Order>, Problem> {
        self.client.order(order).await.map_err(|error| self.place.problem(error))
    }

    /// The AWS calls that the functions made, for a report.
    pub(super) fn calls(&self) -> Value {
        calls::by_function(&self.local.aws)
    }

    /// Counts calls from zero again.
    pub(super) fn reset_calls(&self) {
        self.local.aws.reset_calls();
    }

    /// Drives the pipeline until the order has ended or waits for a reviewer, and `expect` accepts it.
    ///
    /// # Errors
    /// [`Problem`] when every queue is empty before that, because nothing would change the order any more.
    pub(super) async fn until_settled(
        &mut self,
        order: OrderId,
        progress: &mut Progress,
        expect: impl Fn(&Order) -> bool,
    ) -> Result<Order, Problem> {
        let found = drive(&mut self.local, &self.client, order, progress, expect).await;
        progress.finish();
        found
    }

    /// Drives the pipeline for a moment longer after an order has settled, so that messages are deleted and alerts published.
    /// Messages that wait longer, such as one that was sent twice, are left to the next process, where they change nothing.
    pub(super) async fn finish(&mut self) {
        self.local.driver.run_until_idle(FINISH_WITHIN).await;
    }
}

async fn drive(
    local: &mut LocalPipeline,
    client: &Client,
    order: OrderId,
    progress: &mut Progress,
    expect: impl Fn(&Order) -> bool,
) -> Result<Order, Problem> {
    let quiet = progress.is_quiet();
    local.driver.observe(move |ended| {
        if let Some(text) = crash(ended).filter(|_| !quiet) {
            eprint(text);
        }
    });
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
    local.driver.run_while(settled).await
}

/// What to say about an invocation that gave no answer.
fn crash(ended: &Ended) -> Option<String> {
    let error = ended.error.as_ref()?;
    let name = ended.function.strip_suffix("Function").unwrap_or(&ended.function).to_lowercase();
    let again = if ended.messages.is_empty() {
        String::new()
    } else {
        format!("; its messages are tried again in {CRASH_DELAY_SECS} s")
    };
    Some(format!("  {name} crashed: {error}{again}\n"))
}

#[cfg(test)]
mod tests {
    use engine::InvokeError;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_crash_is_reported_with_what_happens_next() {
        let ended = |error, messages: &[&str]| Ended {
            function: "ClassifyFunction".to_owned(),
            number: 0,
            request_id: "r".to_owned(),
            started: Timestamp::UNIX_EPOCH,
            ended: Timestamp::UNIX_EPOCH,
            messages: messages.iter().map(|&id| id.to_owned()).collect(),
            failed: Vec::new(),
            error,
        };
        assert_eq!(crash(&ended(None, &["m"])), None);
        let text = crash(&ended(Some(InvokeError::TimedOut), &["m"]));
        let expected =
            "  classify crashed: the function was stopped at its timeout; its messages are tried again in 5 s\n";
        assert_eq!(text.as_deref(), Some(expected));
        let schedule = crash(&ended(Some(InvokeError::Panicked), &[]));
        assert_eq!(schedule.as_deref(), Some("  classify crashed: the function panicked\n"));
    }
}
