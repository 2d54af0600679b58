//! One run: the real functions over AWS in this process, in virtual time, on one thread.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use futures_util::future::{LocalBoxFuture, join_all};
use jiff::Timestamp;

use crate::world::actor::{self, Accepted};
use crate::judge::audit;
use crate::world::clients::Desk;
use crate::world::log::Log;
use crate::plan::mistake::Mistake;
use crate::plan::fault_plan::{Fired, Plan};
use crate::judge::observed::{Coverage, Point};
use crate::judge::violation::{Kind, Violation};
use crate::world::fault_injector::Weather;
use crate::plan::workload::Workload;
use engine::driver::Work;
use engine::{Clock, Stack};
use pipeline::Local;

/// When every run begins.
const START: &str = "2026-01-05T09:00:00Z";
/// How long faults go on at least, in milliseconds from the start.
const FAULTS_MS_MIN: i64 = 30 * 60 * 1_000;
/// Within this time of virtual time after the last fault, everything must be at rest: every delivery of a message waits out
/// its visibility time-out and its dead letter follows.
pub const REST_WITHIN: Duration = Duration::from_secs(4 * 3_600);
/// How often it is looked whether all is at rest.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// After this time reconciliation has compared both stores up to the last order and looks after none any more.
const RECONCILED_AFTER: Duration = Duration::from_secs(50 * 60);
/// How long before the daily canary such a run begins.
const BEFORE_CANARY: Duration = Duration::from_secs(24 * 3_600 - 8 * 60);

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) violations: Vec<Violation>,
    pub(crate) fired: Vec<Fired>,
    pub(crate) accepted: u64,
    /// Calls of functions and clients.
    pub(crate) calls: u64,
    /// Calls of functions that work on orders.
    pub(crate) working_calls: u64,
    /// Calls of functions, one by one.
    pub(crate) points: Vec<Point>,
    pub(crate) virtual_ms: i64,
    /// From the end of the faults until all was at rest.
    pub(crate) rest_ms: i64,
    pub(crate) digest: [u8; 32],
    /// Every step as a line, where it is kept.
    pub(crate) trace: Vec<String>,
    pub(crate) endings: BTreeMap<String, u64>,
    pub(crate) coverage: Coverage,
    /// Warnings and errors that were logged, by message.
    pub(crate) messages: BTreeMap<String, u64>,
    /// Invocations that ended without an answer.
    pub(crate) ends: BTreeMap<String, u64>,
    /// How many calls waited, each time that one of several was to go on.
    pub(crate) choices: Vec<usize>,
}

/// What every run of a thread shares.
pub(crate) struct Stage {
    stack: Stack,
    log: Log,
    pub(crate) keep_trace: bool,
    /// The mistake that the functions make.
    pub(crate) mistake: Option<Mistake>,
}

impl Stage {
    /// A stage with `stack` on it, whose functions log to `log`.
    pub(crate) fn new(stack: Stack, log: Log) -> Self {
        Self { stack, log, keep_trace: false, mistake: None }
    }

    /// Runs `workload` under `plan`.
    pub(crate) fn run(&self, seed: u64, workload: &Workload, plan: &Plan) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            // Threads that functions start run one after the other.
            .max_blocking_threads(1)
            .build();
        match runtime {
            Ok(runtime) => runtime.block_on(self.play(seed, workload, plan)),
            Err(error) => impossible(&error),
        }
    }

    async fn play(&self, seed: u64, workload: &Workload, plan: &Plan) -> Outcome {
        fastrand::seed(seed);
        drop(self.log.take());
        let start = START.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let local = match Local::memory_of(self.stack.clone(), Clock::starting_at(start)) {
            Ok(local) => local,
            Err(error) => return impossible(&error),
        };
        let mut world = match World::new(local, plan, self).await {
            Ok(world) => world,
            Err(outcome) => return *outcome,
        };
        if workload.wishes.iter().any(|wish| !wish.files.is_empty()) {
            world.local.driver.surround(fenced);
        }
        world.live(workload).await;
        world.outcome(&self.log, workload)
    }
}

/// The pipeline, what it meets, and who uses it.
struct World {
    local: Local,
    weather: Arc<Weather>,
    desk: Desk,
    accepted: Accepted,
    start: Timestamp,
    calm_at: Timestamp,
}

impl World {
    async fn new(mut local: Local, plan: &Plan, stage: &Stage) -> Result<Self, Box<Outcome>> {
        let desk = Desk::new(&local).map_err(|error| Box::new(impossible(&error)))?;
        let start = local.aws.clock().now();
        let weather = Arc::new(Weather::new(&local, plan.clone(), stage.mistake));
        weather.state().trace.lines = stage.keep_trace.then(Vec::new);
        local.aws.intercept(Some(weather.clone()));
        let reader = Arc::clone(&weather);
        local.hear_figures(move |line| reader.figures(line));
        if let Some(turns) = weather.turns() {
            tokio::spawn(turns.give());
        }
        if let Some(mistaken) = weather.mistaken() {
            local.driver.surround(move |work| mistaken.surround(work));
        }
        let observer = Arc::clone(&weather);
        local.driver.observe(move |ended| observer.ended(ended));
        Ok(Self { local, weather, desk, accepted: Rc::new(RefCell::new(BTreeSet::new())), start, calm_at: start })
    }

    /// Everything from the first order until all is at rest, or should be.
    async fn live(&mut self, workload: &Workload) {
        if workload.at_canary {
            tokio::time::sleep(BEFORE_CANARY).await;
        }
        let actors = self.actors(workload);
        self.local.driver.run_while(join_all(actors)).await;
        let faults_ms = self.weather.windows_end_ms().max(FAULTS_MS_MIN);
        let faults_end = self.start.as_millisecond() + faults_ms;
        let left_ms = u64::try_from(faults_end - self.local.aws.clock().now_ms()).unwrap_or(0);
        if left_ms > 0 && self.is_disturbed() {
            self.local.driver.run_while(tokio::time::sleep(Duration::from_millis(left_ms))).await;
        }
        self.weather.calm();
        self.calm_at = self.local.aws.clock().now();
        self.rest().await;
        if workload.until_reconciled {
            self.local.driver.run_while(tokio::time::sleep(RECONCILED_AFTER)).await;
            self.rest().await;
        }
    }

    fn is_disturbed(&self) -> bool {
        !self.weather.is_calm()
    }

    fn actors(&self, workload: &Workload) -> Vec<LocalBoxFuture<'static, ()>> {
        let mut actors: Vec<LocalBoxFuture<'static, ()>> = Vec::new();
        for wish in &workload.wishes {
            actors.push(Box::pin(actor::play(self.desk.clone(), wish.clone(), Rc::clone(&self.accepted))));
        }
        for stray in &workload.strays {
            if let Some(url) = actor::address(&self.local.stack, self.local.aws.place(), stray.queue) {
                actors.push(Box::pin(actor::stray(self.desk.clone(), url, stray.clone())));
            }
        }
        actors
    }

    async fn rest(&mut self) {
        let end = self.calm_at.saturating_add(REST_WITHIN).unwrap_or(Timestamp::MAX);
        loop {
            let left = Duration::try_from(end.duration_since(self.local.aws.clock().now())).unwrap_or_default();
            let idle = self.local.driver.run_until_idle(left).await;
            if left.is_zero() || idle && self.weather.state().model.is_at_rest() {
                return;
            }
            self.local.driver.run_while(tokio::time::sleep(LOOK_EVERY.min(left))).await;
        }
    }

    fn outcome(self, log: &Log, workload: &Workload) -> Outcome {
        let now = self.local.aws.clock().now();
        let ms = |since: Timestamp| now.as_millisecond() - since.as_millisecond();
        let calls = self.local.aws.call_count();
        self.local.aws.intercept(None);
        let mut state = self.weather.state();
        let table = audit::Table::read(&self.local);
        let mut violations = std::mem::take(&mut state.notes.violations);
        violations.extend(audit::audit(&self.local, &table, &state.model, &self.accepted));
        violations.extend(audit::unpublished(&table, &state.notes.published));
        violations.extend(state.notes.repeated(&state.model.removed));
        violations.extend(state.appends.untold());
        if workload.until_reconciled {
            violations.extend(audit::still_watched(&table));
        }
        let lines = log.take();
        let leak = |message: &String| Violation::new(Kind::Leak, "I7", format!("a mark in the log line: {message}"));
        violations.extend(lines.leaks.iter().map(leak));
        let accepted = self.accepted.borrow().len() as u64;
        Outcome {
            violations,
            fired: std::mem::take(&mut state.fired),
            accepted,
            calls,
            working_calls: state.notes.working_calls,
            points: std::mem::take(&mut state.notes.points),
            virtual_ms: ms(self.start),
            rest_ms: ms(self.calm_at),
            digest: state.trace.digest(),
            trace: state.trace.lines.take().unwrap_or_default(),
            endings: table.endings(),
            coverage: std::mem::take(&mut state.notes.coverage),
            messages: lines.messages,
            ends: std::mem::take(&mut state.notes.ends),
            choices: self.weather.turns().map(|turns| turns.choices()).unwrap_or_default(),
        }
    }
}

/// A run that could not even begin.
fn impossible(error: &dyn std::fmt::Display) -> Outcome {
    let violation = Violation::new(Kind::Broken, "set-up", error.to_string());
    Outcome { violations: vec![violation], ..Outcome::default() }
}

/// Waits after every step of an invocation for the threads that it started, so that they end at the same point of every run.
fn fenced(mut work: Work) -> Work {
    Box::pin(poll_fn(move |context| {
        let poll = work.as_mut().poll(context);
        let (done, wait) = mpsc::channel();
        drop(tokio::task::spawn_blocking(move || done.send(())));
        // Fails only when the thread is gone, and then there is nothing to wait for.
        let _ = wait.recv();
        poll
    }))
}
