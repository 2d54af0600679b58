//! The pipeline that a command works on, and how the command waits for an order there.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use client::Client;
use client::stage::{StageName, connect};
use domain::id::{FirmId, OrderId};
use domain::order::Order;
use engine::{Clock, Ended};
use pipeline::{LocalPipeline, SetUpError, calls};
use serde_json::{Value, json};

use super::place::{Deployed, Place, folder};
use super::{Account, Problem, environment};
use crate::beside::{Card, OverSocket};
use crate::cli::State;
use crate::output::eprint;
use crate::progress::Progress;

/// How often the order is read while it is in progress.
const POLL_EVERY: Duration = Duration::from_millis(5);

/// How often the order is read while a `docket serve` works on it.
const BESIDE_POLL_EVERY: Duration = Duration::from_millis(50);

/// How long after a crash of a function its messages are delivered again, in seconds. The user is waiting, and no other process
/// can be at work on them.
pub(super) const CRASH_DELAY_SECS: u32 = 5;

/// How long an order of a deployed stage is watched after a command was sent, in seconds.
const WATCHED_SECS: u32 = 60;

/// How long a command keeps running after its order has settled.
const FINISH_WITHIN: Duration = Duration::from_secs(3);

/// What a command line says about where its orders are, apart from `--data`.
pub(super) struct Target<'a> {
    /// The deployed stage and its firm; none for a folder.
    stage: Option<(StageName, FirmId)>,
    /// Where the account's credentials and region come from.
    account: Account<'a>,
}

impl<'a> Target<'a> {
    /// The target that the options `--stage` and `--firm` name.
    pub(super) fn new(stage: Option<&str>, firm: Option<FirmId>, account: Account<'a>) -> Result<Self, Problem> {
        let stage = match (stage, firm) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(Problem::Usage("--firm goes with --stage; a local folder has one firm".to_owned()));
            }
            (Some(_), None) => {
                return Err(Problem::Usage(
                    "--stage needs --firm FIRM, the firm that the order belongs to; an alert names it".to_owned(),
                ));
            }
            (Some(stage), Some(firm)) => Some((stage.parse().map_err(Problem::usage)?, firm)),
        };
        Ok(Self { stage, account })
    }
}

/// The pipeline that a command works on.
pub(super) struct Pipeline {
    /// Reads its orders and sends it commands.
    pub(super) client: Client,
    /// Where it is.
    pub(super) place: Place,
    runs: Runs,
}

/// What runs the functions.
enum Runs {
    /// This process.
    Here(Box<LocalPipeline>),
    /// A `docket serve` on the same folder.
    Beside,
    /// Lambda.
    There,
}

impl Pipeline {
    /// Opens the pipeline of a command: the deployed stage of `target`, or the one in the data folder.
    pub(super) async fn open(state: &State, target: &Target<'_>) -> Result<Self, Problem> {
        match (&target.stage, &state.data) {
            (Some(_), Some(_)) => Err(Problem::Usage(
                "--data names a folder of this machine and --stage a deployed stage; give only one of them".to_owned(),
            )),
            (Some((stage, firm)), None) => Self::deployed(stage, firm, target.account).await,
            (None, data) => Self::local(data.as_deref()).await,
        }
    }

    async fn local(data: Option<&Path>) -> Result<Self, Problem> {
        let data = folder(data);
        let mut local = match LocalPipeline::open(&data, Clock::system()) {
            Ok(local) => local,
            Err(error @ SetUpError::Locked) => {
                return Self::beside(data).await.ok_or_else(|| Problem::Usage(error.to_string()))?;
            }
            Err(error) => return Err(Problem::Failed(format!("{}: {error}", data.display()))),
        };
        local.driver.retry_crashes_after(CRASH_DELAY_SECS);
        let client = local.client().map_err(Problem::failed)?;
        Ok(Self { client, place: Place::Folder(data), runs: Runs::Here(Box::new(local)) })
    }

    /// The pipeline that a `docket serve` runs in the folder; `None` if none does.
    async fn beside(data: PathBuf) -> Option<Result<Self, Problem>> {
        let card = Card::read(&data)?;
        let socket = OverSocket { path: card.socket };
        if !socket.is_open().await {
            return None;
        }
        let client = pipeline::client_over(socket).map_err(Problem::failed);
        Some(client.map(|client| Self { client, place: Place::Folder(data), runs: Runs::Beside }))
    }

    async fn deployed(stage: &StageName, firm: &FirmId, account: Account<'_>) -> Result<Self, Problem> {
        let environment = environment(account)?;
        let place = Place::Stage(Deployed::new(stage.clone(), firm.clone(), environment.sdk()));
        let client = connect(environment.sdk(), stage, firm.clone()).await;
        Ok(Self { client: client.map_err(|error| place.problem(error))?, place, runs: Runs::There })
    }

    /// The order as it is now, if there is one.
    pub(super) async fn order(&self, order: OrderId) -> Result<Option<Order>, Problem> {
        self.client.order(order).await.map_err(|error| self.place.problem(error))
    }

    /// The AWS calls that the functions made, for a report; none of a deployed stage.
    pub(super) fn calls(&self) -> Value {
        match &self.runs {
            Runs::Here(local) => calls::by_function(&local.aws),
            Runs::Beside | Runs::There => json!({}),
        }
    }

    /// Whether this process runs the functions, so that orders in progress wait for it.
    pub(super) fn runs_here(&self) -> bool {
        matches!(self.runs, Runs::Here(_))
    }

    /// Counts calls from zero again.
    pub(super) fn reset_calls(&self) {
        if let Runs::Here(local) = &self.runs {
            local.aws.reset_calls();
        }
    }

    /// Waits until the order has ended or waits for a reviewer, and `expect` accepts it. In a folder that means to run the
    /// functions. An order of a deployed stage may still be in progress when the wait is over.
    ///
    /// # Errors
    /// [`Problem`] when nothing would change the order any more, or when `expect` has not accepted it in time.
    pub(super) async fn until_settled(
        &mut self,
        order: OrderId,
        progress: &mut Progress,
        expect: impl Fn(&Order) -> bool,
    ) -> Result<Order, Problem> {
        let found = match &mut self.runs {
            Runs::Here(local) => drive(local, &self.client, order, progress, expect).await,
            Runs::Beside => watch_beside(&self.client, order, progress, expect).await,
            Runs::There => watch(&self.client, &self.place, order, progress, expect).await,
        };
        progress.finish();
        found
    }

    /// Drives the pipeline for a moment longer after an order has settled, so that messages are deleted and alerts published.
    /// Messages that wait longer, such as one that was sent twice, are left to the next process, where they change nothing.
    pub(super) async fn finish(&mut self) {
        if let Runs::Here(local) = &mut self.runs {
            local.driver.run_until_idle(FINISH_WITHIN).await;
        }
    }
}

/// Reads an order until it has settled while a `docket serve` runs the functions, as long as it changes.
async fn watch_beside(
    client: &Client,
    order: OrderId,
    progress: &mut Progress,
    expect: impl Fn(&Order) -> bool,
) -> Result<Order, Problem> {
    let (mut seen, mut unchanged_since) = (None, Instant::now());
    loop {
        let found = client.order(order).await.map_err(|error| {
            Problem::Failed(format!(
                "docket serve does not answer ({error}); nothing is lost, and orders go on with the next command"
            ))
        })?;
        if let Some(found) = &found {
            progress.show(found);
        }
        let revision = found.as_ref().map(Order::revision);
        match found {
            Some(found) if !found.is_active() && expect(&found) => return Ok(found),
            _ if revision != seen => (seen, unchanged_since) = (revision, Instant::now()),
            // It is being worked on, however long that takes.
            Some(found) if found.is_active() => {}
            _ if unchanged_since.elapsed() > Duration::from_secs(WATCHED_SECS.into()) => {
                return Err(Problem::Failed(format!(
                    "order {order}: the command was not carried out within {WATCHED_SECS} s; docket serve has it in its queue, so it need not be sent again; see docket show {order}"
                )));
            }
            _ => {}
        }
        tokio::time::sleep(BESIDE_POLL_EVERY).await;
    }
}

/// Reads an order of a deployed stage until it has settled, or for [`WATCHED_SECS`].
async fn watch(
    client: &Client,
    place: &Place,
    order: OrderId,
    progress: &mut Progress,
    expect: impl Fn(&Order) -> bool,
) -> Result<Order, Problem> {
    for _ in 0..WATCHED_SECS {
        // Further reads follow one that fails.
        let found = client.order(order).await.ok().flatten();
        if let Some(found) = &found {
            progress.show(found);
        }
        if let Some(found) = found.filter(|found| !found.is_active() && expect(found)) {
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let found = client.order(order).await.map_err(|error| place.problem(error))?;
    found.filter(expect).ok_or_else(|| {
        Problem::Failed(format!(
            "the command was sent and not carried out within {WATCHED_SECS} s; it stays in the queue, so it need not be sent \
             again; look again with: {}",
            place.command(&format!("show {order}"))
        ))
    })
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
