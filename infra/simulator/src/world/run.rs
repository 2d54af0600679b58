//! Runs a workload under a fault plan: the real functions over AWS in this process, in virtual time, on one thread.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use domain::id::{FirmId, OrderId};
use domain::message::Command;
use domain::option::Options;
use domain::service::ServiceCode;
use domain::status::Status;
use futures_util::future::{LocalBoxFuture, join_all};
use jiff::Timestamp;

use crate::judge::audit::{self, Accepted};
use crate::judge::observed::{Coverage, Point};
use crate::judge::undeserved::undeserved;
use crate::judge::violation::{Kind, Violation};
use crate::plan::fault_plan::{FaultPlan, InjectedFault};
use crate::plan::mistake::Mistake;
use crate::plan::workload::Workload;
use crate::world::actor;
use crate::world::clients::Clients;
use crate::world::desk::Desk;
use crate::world::fault_injector::FaultInjector;
use crate::world::log::Log;
use crate::world::people;
use engine::clock::from_ms;
use engine::driver::Work;
use engine::template::stack::Event;
use engine::{Clock, Stack};
use pipeline::LocalPipeline;

/// The time at which every run starts.
const START: &str = "2026-01-05T09:00:00Z";
/// Minimum time during which faults are injected, in milliseconds from the start.
const FAULTS_MS_MIN: i64 = 30 * 60 * 1_000;
/// Virtual time after the last fault within which everything must have settled: each delivery of a message may wait for its
/// visibility time-out, and the dead letter follows.
pub const SETTLED_WITHIN: Duration = Duration::from_secs(4 * 3_600);
/// How often it is checked whether everything has settled.
const CHECK_EVERY: Duration = Duration::from_secs(60);
/// Time after which reconciliation has compared both stores up to the last order and no longer watches any.
const RECONCILED_AFTER: Duration = Duration::from_secs(50 * 60);
/// How long it waits, so that open circuits may be probed.
const BEFORE_PROBE: Duration = Duration::from_secs(60);
/// Time within which it must be complete.
const PROBE_WITHIN: Duration = Duration::from_secs(30);
/// Its completions: its submission and five phases.
const PROBE_COMPLETIONS: usize = 6;
/// How long a run waits so that its orders arrive shortly before the daily canary.
const BEFORE_CANARY: Duration = Duration::from_secs(24 * 3_600 - 8 * 60);

/// The variables that say after how many hours reviewers are reminded, operators are told and reviews expire.
const REVIEW_HOURS: [&str; 3] = ["REVIEW_REMINDER_HOURS", "REVIEW_ESCALATION_HOURS", "REVIEW_EXPIRY_HOURS"];

/// The outcome of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) violations: Vec<Violation>,
    pub(crate) injected: Vec<InjectedFault>,
    pub(crate) accepted: u64,
    /// Calls of functions and clients.
    pub(crate) calls: u64,
    /// Calls of functions that work on orders.
    pub(crate) working_calls: u64,
    /// Calls of functions, one by one.
    pub(crate) points: Vec<Point>,
    pub(crate) virtual_ms: i64,
    /// Time from the end of the faults until everything had settled.
    pub(crate) rest_ms: i64,
    pub(crate) digest: [u8; 32],
    /// Every step as a line, if lines are kept.
    pub(crate) trace: Vec<String>,
    pub(crate) endings: BTreeMap<String, u64>,
    /// How each order ended.
    pub(crate) ended: BTreeMap<OrderId, Status>,
    pub(crate) coverage: Coverage,
    /// Warnings and errors that were logged, by message.
    pub(crate) messages: BTreeMap<String, u64>,
    /// Invocations that ended without an answer.
    pub(crate) ends: BTreeMap<String, u64>,
    /// How many calls waited, each time the next one was chosen.
    pub(crate) choices: Vec<usize>,
}

/// What all runs of a thread share.
pub(crate) struct Runner {
    stack: Stack,
    log: Log,
    pub(crate) keep_trace: bool,
    /// The mistake in the functions, if any.
    pub(crate) mistake: Option<Mistake>,
}

impl Runner {
    /// A runner for the resources of `stack`, whose functions log to `log`.
    pub(crate) fn new(stack: Stack, log: Log) -> Self {
        Self { stack, log, keep_trace: false, mistake: None }
    }

    /// Runs `workload` under `plan`.
    pub(crate) fn run(&self, seed: u64, workload: &Workload, plan: &FaultPlan) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            // Threads that functions start are run one after another.
            .max_blocking_threads(1)
            .build();
        match runtime {
            Ok(runtime) => runtime.block_on(self.play(seed, workload, plan)),
            Err(error) => impossible(&error),
        }
    }

    async fn play(&self, seed: u64, workload: &Workload, plan: &FaultPlan) -> Outcome {
        fastrand::seed(seed);
        drop(self.log.take());
        let start = START.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let mut stack = self.stack.clone();
        if let (Some(count), Some(extract)) = (workload.documents_at_once, stack.functions.get_mut("ExtractFunction")) {
            for event in &mut extract.events {
                if let Event::Sqs(mapping) = event {
                    mapping.batch_size = count;
                }
            }
        }
        if let (Some(hours), Some(reconcile)) = (workload.review_hours, stack.functions.get_mut("ReconcileFunction")) {
            for (name, hours) in REVIEW_HOURS.into_iter().zip(hours) {
                reconcile.environment.insert(name.to_owned(), hours.to_string());
            }
        }
        let local = match LocalPipeline::in_memory_with(stack, Clock::starting_at(start)) {
            Ok(local) => local,
            Err(error) => return impossible(&error),
        };
        let mut world = match World::new(local, workload, plan, self).await {
            Ok(world) => world,
            Err(outcome) => return *outcome,
        };
        if workload.orders.iter().any(|plan| !plan.files.is_empty()) {
            world.local.driver.wrap_handlers(wait_for_threads);
        }
        world.run(workload, plan).await;
        world.outcome(&self.log, workload, plan)
    }
}

/// The pipeline, its faults and its clients.
struct World {
    local: LocalPipeline,
    faults: Arc<FaultInjector>,
    clients: Clients,
    /// The API, if people use it.
    desk: Option<Desk>,
    accepted: Accepted,
    start: Timestamp,
    calm_at: Timestamp,
    /// When everything had settled.
    rested_at: Option<Timestamp>,
    /// How many calls worked on orders until everything had settled.
    settled_calls: Option<u64>,
}

impl World {
    async fn new(
        mut local: LocalPipeline,
        workload: &Workload,
        plan: &FaultPlan,
        runner: &Runner,
    ) -> Result<Self, Box<Outcome>> {
        let clients = Clients::new(&local).map_err(|error| Box::new(impossible(&error)))?;
        let start = local.aws.clock().now();
        let killers = workload.orders.iter().filter_map(|plan| Some((actor::partition(plan), plan.kills?))).collect();
        let faults = Arc::new(FaultInjector::new(&local, plan.clone(), killers, runner.mistake));
        faults.state().trace.lines = runner.keep_trace.then(Vec::new);
        local.aws.intercept(Some(faults.clone()));
        let reader = Arc::clone(&faults);
        local.on_metrics(move |line| reader.check_metrics(line));
        if let Some(order) = faults.call_order() {
            tokio::spawn(order.run());
        }
        if let Some(mistaken) = faults.mistaken() {
            local.driver.wrap_handlers(move |work| mistaken.surround(work));
        }
        let has_desk = workload.orders.iter().any(|plan| plan.desk.is_some());
        let desk = has_desk.then(|| Desk::new(&local, &faults)).transpose();
        let desk = desk.map_err(|error| Box::new(impossible(&error)))?;
        let observer = Arc::clone(&faults);
        local.driver.observe(move |ended| observer.ended(ended));
        Ok(Self {
            local,
            faults,
            clients,
            desk,
            accepted: Rc::new(RefCell::new(BTreeSet::new())),
            start,
            calm_at: start,
            rested_at: None,
            settled_calls: None,
        })
    }

    /// Runs from the first order until everything has settled, or should have.
    async fn run(&mut self, workload: &Workload, plan: &FaultPlan) {
        if workload.at_canary {
            tokio::time::sleep(BEFORE_CANARY).await;
        }
        let actors = self.actors(workload);
        self.local.driver.run_while(join_all(actors)).await;
        let faults_ms = self.faults.windows_end_ms().max(FAULTS_MS_MIN);
        let faults_end = self.start.as_millisecond() + faults_ms;
        let left_ms = u64::try_from(faults_end - self.local.aws.clock().now_ms()).unwrap_or(0);
        if left_ms > 0 && self.is_disturbed() {
            self.local.driver.run_while(tokio::time::sleep(Duration::from_millis(left_ms))).await;
        }
        self.faults.calm();
        self.calm_at = self.local.aws.clock().now();
        self.settle().await;
        if self.is_disturbed() && !matches!(plan, FaultPlan::Fixed(..)) {
            self.probe().await;
        }
        if workload.until_reconciled {
            self.local.driver.run_while(tokio::time::sleep(RECONCILED_AFTER)).await;
            self.settle().await;
        }
    }

    /// Sends one more order after everything has settled. It must complete as fast as if nothing had ever failed, with a copy
    /// of every completion in the backup: a circuit that stays open, or a lease that nobody ends, is in its way.
    async fn probe(&mut self) {
        self.settled_calls = Some(self.faults.state().observed.working_calls);
        self.rested_at = Some(self.local.aws.clock().now());
        self.local.driver.run_while(tokio::time::sleep(BEFORE_PROBE)).await;
        let Ok(firm) = FirmId::try_from("alpha".to_owned()) else { return };
        let began = self.local.aws.clock().now();
        let submit = Command::Submit { service_code: ServiceCode::Canary, documents: 0, options: Options::default() };
        self.local.driver.run_while(self.clients.command(&firm, probe(), "probe".to_owned(), submit)).await;
        self.local.driver.run_until_idle(PROBE_WITHIN).await;
        self.judge_probe(&firm, began);
        self.settle().await;
    }

    /// Judges the order that was sent at `began`.
    fn judge_probe(&self, firm: &FirmId, began: Timestamp) {
        let took = self.local.aws.clock().now().duration_since(began);
        let pk = format!("FIRM#{firm}#ORDER#{}", probe());
        let mut state = self.faults.state();
        let is_complete = state.model.orders.get(&pk).is_some_and(|order| order.status() == Status::Completed);
        let kept = state.model.backup.get(&pk).map_or(0, Vec::len);
        if !is_complete || kept < PROBE_COMPLETIONS {
            let text = format!(
                "an order after the last fault is complete: {is_complete} after {} s, with {kept} completions in the backup",
                took.as_secs()
            );
            state.observed.violations.push(Violation::new(Kind::Stuck, "recovery", text));
        }
    }

    fn is_disturbed(&self) -> bool {
        !self.faults.is_calm()
    }

    fn actors(&self, workload: &Workload) -> Vec<LocalBoxFuture<'static, ()>> {
        let mut actors: Vec<LocalBoxFuture<'static, ()>> = Vec::new();
        for (index, plan) in workload.orders.iter().enumerate() {
            let (clients, plan, accepted) = (self.clients.clone(), plan.clone(), Rc::clone(&self.accepted));
            actors.push(match &self.desk {
                Some(desk) if plan.desk.is_some() => {
                    Box::pin(people::play(clients, desk.clone(), plan, index, accepted))
                }
                _ => Box::pin(actor::play(clients, plan, accepted)),
            });
        }
        for stray in &workload.strays {
            if let Some(url) = actor::queue_url(&self.local.stack, self.local.aws.account(), stray.queue) {
                actors.push(Box::pin(actor::stray(self.clients.clone(), url, stray.clone())));
            }
        }
        actors
    }

    async fn settle(&mut self) {
        let end = self.calm_at.saturating_add(SETTLED_WITHIN).unwrap_or(Timestamp::MAX);
        loop {
            let left = Duration::try_from(end.duration_since(self.local.aws.clock().now())).unwrap_or_default();
            let idle = self.local.driver.run_until_idle(left).await;
            if left.is_zero() || idle && self.faults.state().model.is_settled() {
                return;
            }
            self.local.driver.run_while(tokio::time::sleep(CHECK_EVERY.min(left))).await;
        }
    }

    /// When the last fault was over. In a drill that is the end of the outage; clients may have waited for it for longer.
    fn faults_ended(&self, plan: &FaultPlan) -> Timestamp {
        match plan {
            FaultPlan::Drill(outages) if !outages.is_empty() => {
                from_ms(self.start.as_millisecond() + self.faults.windows_end_ms())
            }
            _ => self.calm_at,
        }
    }

    fn outcome(self, log: &Log, workload: &Workload, plan: &FaultPlan) -> Outcome {
        let now = self.local.aws.clock().now();
        let ms = |since: Timestamp| now.as_millisecond() - since.as_millisecond();
        let calls = self.local.aws.call_count();
        self.local.aws.intercept(None);
        let mut state = self.faults.state();
        let table = audit::Table::read(&self.local);
        let mut violations = std::mem::take(&mut state.observed.violations);
        violations.extend(audit::audit(&self.local, &table, &state.model, &self.accepted));
        violations.extend(audit::unpublished(&table, &state.observed.published));
        violations.extend(state.observed.repeated(&state.model.removed));
        violations.extend(state.backup_losses.uncounted());
        violations.extend(undeserved(&table, workload, plan, &state.observed.ends));
        if workload.until_reconciled {
            violations.extend(audit::still_watched(&table));
        }
        let lines = log.take();
        let leak = |message: &String| Violation::new(Kind::Leak, "I7", format!("a mark in the log line: {message}"));
        violations.extend(lines.leaks.iter().map(leak));
        let accepted = self.accepted.borrow().len() as u64;
        Outcome {
            violations,
            injected: std::mem::take(&mut state.injected),
            accepted,
            calls,
            working_calls: self.settled_calls.unwrap_or(state.observed.working_calls),
            points: std::mem::take(&mut state.observed.points),
            virtual_ms: ms(self.start),
            rest_ms: self.rested_at.unwrap_or(now).as_millisecond() - self.faults_ended(plan).as_millisecond(),
            digest: state.trace.digest(),
            trace: state.trace.lines.take().unwrap_or_default(),
            endings: table.endings(probe()),
            ended: table.ended(),
            coverage: std::mem::take(&mut state.observed.coverage),
            messages: lines.messages,
            ends: std::mem::take(&mut state.observed.ends),
            choices: self.faults.call_order().map(|order| order.choices()).unwrap_or_default(),
        }
    }
}

/// The order that shows, at the end, whether the pipeline works as before.
fn probe() -> OrderId {
    OrderId::from_parts(1_767_603_600_000, 1 << 70)
}

/// The outcome of a run that could not start.
fn impossible(error: &dyn std::fmt::Display) -> Outcome {
    let violation = Violation::new(Kind::Broken, "set-up", error.to_string());
    Outcome { violations: vec![violation], ..Outcome::default() }
}

/// Waits after every step of an invocation for the threads that it started, so that they end at the same point in every run.
/// The runtime must have one thread for them.
pub fn wait_for_threads(mut work: Work) -> Work {
    Box::pin(poll_fn(move |context| {
        let poll = work.as_mut().poll(context);
        let (done, wait) = mpsc::channel();
        drop(tokio::task::spawn_blocking(move || done.send(())));
        // Fails only when the thread is gone, and then there is nothing to wait for.
        let _ = wait.recv();
        poll
    }))
}
