//! Imitates functions with a mistake in their code, from outside: production code knows nothing of mistakes.
//!
//! A function meets the outside in three places, and each is a seam of the engine: the event it is given
//! ([`Interceptor::on_invocation`](engine::Interceptor::on_invocation)), the requests that its SDK sends
//! ([`Interceptor::relay`](engine::Interceptor::relay)) and its answer
//! ([`Driver::wrap_handlers`](engine::Driver::wrap_handlers)). Code with a mistake differs from the deployed code in what
//! it does there: it sends a different request, an additional one or none, misreads a reply, or lists the wrong messages in
//! its answer. [`MistakenCode`] makes that difference.
//!
//! The changed requests reach the engine like any others, so faults hit them as well. Without a mistake, none of this is
//! used.

mod call;
mod circuit;
mod kept;
mod reply;
mod request;
mod sequence;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws::alert::Alerts;
use domain::failure::FailureId;
use domain::message::{Command, CommandMessage, MESSAGE_SCHEMA, PhaseMessage};
use engine::driver::Work;
use engine::wire::{Reply, Request};
use engine::{Aws, Reset, Scope};
use futures_util::future::BoxFuture;
use pipeline::LocalPipeline;
use serde::Deserialize;
use serde_json::{Value, json};

use self::call::Call;
use self::circuit::Circuits;
use self::kept::Kept;
use crate::judge::observed::RECONCILE;
use crate::plan::mistake::Mistake;

/// The function that handles dead letters.
const DEAD_LETTER: &str = "DeadLetterFunction";
/// A function that publishes alerts; all do it the same way.
const ALERTING: &str = "ClassifyFunction";

/// The functions, with one mistake in them.
pub(crate) struct MistakenCode {
    mistake: Mistake,
    alerts: Option<Alerts>,
    /// The state that each running invocation would keep in its variables, by its number.
    invocations: Mutex<BTreeMap<u64, Invocation>>,
    /// What the orders were when they were last written.
    kept: Mutex<Kept>,
    circuits: Mutex<Circuits>,
}

/// What the mistaken code of one invocation remembers.
#[derive(Debug, Default)]
struct Invocation {
    /// The order that each of its messages names, by message id.
    orders: BTreeMap<String, String>,
    /// Failure ids under which its commands are recorded when they cannot be carried out.
    commands: BTreeSet<FailureId>,
    /// Messages whose claim or commit failed, as far as is known now.
    failed: BTreeSet<String>,
    /// Orders whose hand-off was not sent, as far as is known now.
    unsent: BTreeSet<String>,
    /// The documents of each order that had ended when it was read.
    views: BTreeMap<String, BTreeSet<String>>,
    /// Names of files that were read, by their object's path.
    file_names: BTreeMap<String, String>,
    /// What was already done and is not repeated when the SDK repeats a request.
    done: BTreeSet<String>,
    /// How often the backup was tried.
    backup_attempts: u32,
    /// How often each order's phase was claimed, as it was read.
    claims: BTreeMap<String, Value>,
    /// Orders for which a new version was asked without a phase to start at.
    regenerated: BTreeSet<String>,
}

impl MistakenCode {
    /// The functions of `local` with `mistake` in them.
    pub(crate) fn new(local: &LocalPipeline, mistake: Mistake) -> Self {
        let alerts = local.environment(ALERTING).ok().and_then(|environment| environment.alerts().ok());
        Self { mistake, alerts, invocations: Mutex::default(), kept: Mutex::default(), circuits: Mutex::default() }
    }

    /// Starts an invocation with `event`, parts of which the mistaken code may overlook.
    pub(crate) fn begin(&self, function: &str, number: u64, event: &mut Value) {
        let mut invocation = Invocation::default();
        if let Some(records) = event.get_mut("Records").and_then(Value::as_array_mut) {
            if self.mistake == Mistake::DropUnreadable && function == DEAD_LETTER {
                records.retain(|record| is_message(record["body"].as_str().unwrap_or_default()));
            }
            records.iter().for_each(|record| invocation.add(record));
        }
        self.invocations().insert(number, invocation);
    }

    /// An invocation ended.
    pub(crate) fn ended(&self, number: u64) {
        self.invocations().remove(&number);
    }

    /// Sends a request as the mistaken code would.
    pub(crate) fn relay(
        self: &Arc<Self>,
        aws: &Aws,
        request: &Request,
    ) -> Option<BoxFuture<'static, Result<Reply, Reset>>> {
        let scope = Scope::current()?;
        // Clients read and write by the same keys.
        let is_of_keys = matches!(self.mistake, Mistake::KeyWithoutFirm | Mistake::KeyWithoutRun);
        if !scope.name().ends_with("Function") && !is_of_keys {
            return None;
        }
        let (code, aws) = (Arc::clone(self), aws.clone());
        let call = Call::read(scope.name(), scope.order(), request.clone());
        Some(Box::pin(async move { code.send(&aws, call).await }))
    }

    /// Changes the answer of `work` to that of the mistaken code.
    pub(crate) fn surround(self: &Arc<Self>, work: Work) -> Work {
        let code = Arc::clone(self);
        Box::pin(async move {
            let answer = work.await?;
            Ok(match Scope::current() {
                Some(scope) => code.answer(scope.order(), answer),
                None => answer,
            })
        })
    }

    fn answer(&self, number: u64, mut answer: Value) -> Value {
        if self.mistake == Mistake::MisspeltAnswer {
            return json!({ "batchItemsFailures": answer["batchItemFailures"] });
        }
        if let Some(failures) = answer.get_mut("batchItemFailures").and_then(Value::as_array_mut) {
            self.with(number, |invocation| {
                failures.retain(|failure| !invocation.gave_up(failure["itemIdentifier"].as_str().unwrap_or_default()));
            });
        }
        answer
    }

    /// Sends what the mistaken code sends instead of `call`, and returns the reply as it reads it.
    async fn send(&self, aws: &Aws, mut call: Call) -> Result<Reply, Reset> {
        match self.mistake {
            // Made in the event and in the answer.
            Mistake::DropUnreadable | Mistake::MisspeltAnswer => call.send(aws).await,

            // Failures that the answer leaves out: they are remembered until then.
            Mistake::AcknowledgeFailedClaim => {
                let messages = call.claimed_messages();
                self.remember_failed(aws, call, messages).await
            }
            Mistake::AcknowledgeFailedCommit => {
                let messages = call.committed_messages();
                self.remember_failed(aws, call, messages).await
            }
            Mistake::AcknowledgeFailedSend => self.remember_unsent(aws, call).await,

            // Requests that are made differently.
            Mistake::ClaimAnyRun if call.is_claim() => {
                request::loosen(&mut call, "#run = :run", "#run >= :run");
                call.send(aws).await
            }
            Mistake::ClaimAnyPhase if call.is_claim() => {
                request::drop_comparison(&mut call, " AND #phase = :phase", "#phase", ":phase");
                call.send(aws).await
            }
            Mistake::PublishUnclaimed if call.claimed_alert().is_some() && !call.is_by(RECONCILE) => {
                request::publish_unclaimed(&mut call);
                call.send(aws).await
            }
            Mistake::WriteBlindly if call.is_replaced_order() => {
                request::drop_condition(&mut call);
                call.send(aws).await
            }
            Mistake::CreateBlindly if call.is_new_order() => {
                request::drop_condition(&mut call);
                call.send(aws).await
            }
            Mistake::OverwriteResult if call.puts_object("/runs/") => {
                call.remove_header("if-none-match");
                call.send(aws).await
            }
            Mistake::KeyWithoutFirm => {
                request::forget_firm(&mut call);
                call.send(aws).await
            }
            Mistake::KeyWithoutRun => {
                call.forget_run();
                call.send(aws).await
            }
            Mistake::NameInRecord => self.name_in_record(aws, call).await,

            // Requests that are not made: the code continues as if there were nothing to do.
            Mistake::ForgetAlert if call.claimed_alert().is_some_and(|id| !id.starts_with("message-")) => {
                if call.is_by(RECONCILE) { call.send(aws).await } else { Ok(reply::refused()) }
            }
            Mistake::ForgetDocumentAlert if call.claimed_alert().is_some_and(|id| id.ends_with("-documents")) => {
                if call.is_by(RECONCILE) { call.send(aws).await } else { Ok(reply::refused()) }
            }
            Mistake::ForgetMark if call.is_mark() => Ok(reply::done()),
            Mistake::DropDeadCommand if self.is_dead_command(&call) => {
                Ok(if call.claimed_alert().is_some() { reply::refused() } else { reply::done() })
            }

            // Replies that are misread.
            Mistake::TrustBatch if call.is_batch() => Ok(reply::all_sent(&call, call.send(aws).await?)),
            Mistake::ForgetResend if call.is_claim() => Ok(reply::without_hand_off(call.send(aws).await?)),
            Mistake::ForgetRepeatedSubmission if call.is_new_order() => {
                Ok(reply::without_hand_off(call.send(aws).await?))
            }
            Mistake::ConflictIsSomebodyElse if !call.committed_messages().is_empty() => {
                Ok(reply::without_conflict(&call, call.send(aws).await?))
            }
            Mistake::FanInFromOwnView => self.own_view(aws, call).await,
            Mistake::NameInLog => {
                let reply = call.send(aws).await?;
                if let Some(name) = reply::file_name(&call, &reply) {
                    tracing::info!(target: "services", name, "reading the file");
                }
                Ok(reply)
            }
            Mistake::IgnoreBackupLoss if call.puts_object("/completions/") && !call.is_by(RECONCILE) => {
                self.ignore_backup_loss(aws, call).await
            }

            Mistake::IgnoreDecisions if call.reads_object("/decisions.json") => {
                Ok(reply::without_decisions(call.send(aws).await?))
            }
            Mistake::FailAfterOneClaim if call.is_by(DEAD_LETTER) => self.fail_early(aws, call).await,

            // Orders that are written with something of what they were.
            Mistake::KeepFailureReason | Mistake::KeepProgress | Mistake::SkipUndonePhases => {
                self.keep(&mut call);
                call.send(aws).await
            }
            Mistake::NeverCloseCircuit if !call.is_by(RECONCILE) && call.is_of_table() => {
                self.through_circuit(aws, call).await
            }

            // Requests in another order.
            Mistake::AlertBeforeRecord => self.alert_first(aws, call).await,
            Mistake::RecordLater => self.record_later(aws, call).await,

            // All other calls are made unchanged.
            Mistake::ClaimAnyRun
            | Mistake::ClaimAnyPhase
            | Mistake::PublishUnclaimed
            | Mistake::WriteBlindly
            | Mistake::CreateBlindly
            | Mistake::OverwriteResult
            | Mistake::ForgetAlert
            | Mistake::ForgetDocumentAlert
            | Mistake::ForgetMark
            | Mistake::DropDeadCommand
            | Mistake::TrustBatch
            | Mistake::ForgetResend
            | Mistake::ForgetRepeatedSubmission
            | Mistake::ConflictIsSomebodyElse
            | Mistake::IgnoreBackupLoss
            | Mistake::IgnoreDecisions
            | Mistake::FailAfterOneClaim
            | Mistake::NeverCloseCircuit => call.send(aws).await,
        }
    }

    fn is_dead_command(&self, call: &Call) -> bool {
        let Some(id) = call.claimed_alert().or_else(|| call.recorded_failure()) else { return false };
        let is_command = |invocation: &mut Invocation| invocation.commands.contains(&FailureId::stored(&id));
        call.is_by(DEAD_LETTER) && self.with(call.invocation, is_command)
    }

    fn with<T>(&self, number: u64, act: impl FnOnce(&mut Invocation) -> T) -> T {
        act(self.invocations().entry(number).or_default())
    }

    fn invocations(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Invocation>> {
        self.invocations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Invocation {
    fn add(&mut self, record: &Value) {
        let id = record["messageId"].as_str().unwrap_or_default().to_owned();
        let body = record["body"].as_str().unwrap_or_default();
        if let Ok(message) = serde_json::from_str::<PhaseMessage>(body) {
            self.orders.insert(id, message.order_id.to_string());
        } else if let Ok(message) = serde_json::from_str::<CommandMessage>(body) {
            self.commands.insert(FailureId::of_message(&id));
            if matches!(message.command, Command::Regenerate { start_from: None, .. }) {
                self.regenerated.insert(message.order_id.to_string());
            }
            self.orders.insert(id, message.order_id.to_string());
        }
    }

    /// Whether a message would be delivered again, were it not for the mistake.
    fn gave_up(&self, message: &str) -> bool {
        self.failed.contains(message) || self.orders.get(message).is_some_and(|order| self.unsent.contains(order))
    }
}

/// Whether a text is a message of the pipeline, of this version or a later one.
fn is_message(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Layout {
        schema: u32,
    }
    let is_newer = |layout: Layout| layout.schema > MESSAGE_SCHEMA;
    serde_json::from_str::<PhaseMessage>(body).is_ok()
        || serde_json::from_str::<CommandMessage>(body).is_ok()
        || serde_json::from_str::<Layout>(body).is_ok_and(is_newer)
}
