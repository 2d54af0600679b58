//! Event source mappings and schedules: polls queues, fires schedules and invokes functions.

mod answer;
mod error;
mod event;
mod invocation;
mod mapping;
mod rate;
mod run;
mod schedule;

use std::collections::BTreeMap;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

pub use error::DriverError;
pub use invocation::{Ended, Invocation, InvokeError, Work};
pub use rate::ExpressionError;
pub(crate) use schedule::SCHEMA;

use super::aws::Aws;
use super::clock::later;
use super::sqs::Delivered;
use super::template::stack::{Event, Function, Stack};
use invocation::{Handler, Limits};
use mapping::Mapping;
use schedule::Timers;

/// How many invocations of one function run at a time, unless the template reserves a number.
const CONCURRENCY_DEFAULT: u32 = 10;

/// Polls queues, fires schedules, invokes the registered functions and interprets their answers.
///
/// It runs on one thread, so handlers need not be `Send`. At a function's timeout its future is dropped, which stands for the
/// kill that Lambda sends. Functions without a handler are not invoked, and their queues keep their messages.
pub struct Driver {
    aws: Aws,
    functions: BTreeMap<String, Registered>,
    mappings: Vec<Mapping>,
    timers: Timers,
    running: FuturesUnordered<LocalBoxFuture<'static, Finished>>,
    activity: watch::Receiver<u64>,
    observer: Option<Observer>,
    started: u64,
    crash_delay_s: Option<u32>,
}

/// Called at the end of every invocation.
type Observer = Box<dyn FnMut(&Ended)>;

struct Registered {
    function: Function,
    handler: Option<Handler>,
    running: u32,
    limit: u32,
}

impl Registered {
    fn has_room(&self) -> bool {
        self.handler.is_some() && self.running < self.limit
    }
}

/// An invocation that has ended.
struct Finished {
    function: String,
    number: u64,
    cause: Cause,
    request_id: String,
    started: Timestamp,
    outcome: Result<Value, InvokeError>,
}

/// What started an invocation.
enum Cause {
    Batch { mapping: usize, messages: Vec<Delivered> },
    Timer(schedule::Firing),
}

impl Driver {
    /// A driver for the event sources of `stack`, which must be deployed in `aws`.
    ///
    /// # Errors
    /// When an event source names a queue that does not exist, or a schedule is not a `rate(…)`.
    pub fn new(aws: &Aws, stack: &Stack) -> Result<Self, DriverError> {
        let mut driver = Self {
            aws: aws.clone(),
            functions: BTreeMap::new(),
            mappings: Vec::new(),
            timers: Timers::default(),
            running: FuturesUnordered::new(),
            activity: aws.inner().activity.subscribe(),
            observer: None,
            started: 0,
            crash_delay_s: None,
        };
        for (name, function) in &stack.functions {
            driver.add(name, function)?;
        }
        Ok(driver)
    }

    fn add(&mut self, name: &str, function: &Function) -> Result<(), DriverError> {
        for event in &function.events {
            match event {
                Event::Sqs(mapping) => self.mappings.push(Mapping::new(&self.aws, name, mapping)?),
                Event::Schedule(schedule) => self.timers.add(&self.aws, name, schedule)?,
            }
        }
        let limit = function.reserved_concurrency.unwrap_or(CONCURRENCY_DEFAULT);
        let registered = Registered { function: function.clone(), handler: None, running: 0, limit };
        self.functions.insert(name.to_owned(), registered);
        Ok(())
    }

    /// Registers `handler` for the function with the logical id `function`.
    ///
    /// # Errors
    /// When the template declares no such function.
    pub fn register<H, F>(&mut self, function: &str, handler: H) -> Result<(), DriverError>
    where
        H: Fn(Invocation) -> F + 'static,
        F: Future<Output = Result<Value, InvokeError>> + 'static,
    {
        let registered = self.registered(function)?;
        registered.handler = Some(Rc::new(move |invocation| Box::pin(handler(invocation))));
        Ok(())
    }

    /// Runs at most `limit` invocations of `function` at a time, whatever the template says.
    ///
    /// # Errors
    /// When the template declares no such function.
    pub fn limit(&mut self, function: &str, limit: u32) -> Result<(), DriverError> {
        self.registered(function)?.limit = limit;
        Ok(())
    }

    /// Wraps every registered handler, e.g. to wait for threads that it starts.
    pub fn wrap_handlers(&mut self, wrap: impl Fn(Work) -> Work + 'static) {
        let wrap = Rc::new(wrap);
        for registered in self.functions.values_mut() {
            if let Some(handler) = registered.handler.take() {
                let wrap = Rc::clone(&wrap);
                registered.handler = Some(Rc::new(move |invocation| wrap(handler(invocation))));
            }
        }
    }

    /// Delivers the messages of an invocation that gave no answer again after so many seconds. Otherwise they wait for the
    /// visibility timeout of their queue, as on AWS, where the queue does not know that the function died.
    pub fn retry_crashes_after(&mut self, secs: u32) {
        self.crash_delay_s = Some(secs);
    }

    /// Calls `observer` at the end of every invocation.
    pub fn observe(&mut self, observer: impl FnMut(&Ended) + 'static) {
        self.observer = Some(Box::new(observer));
    }

    /// How many invocations are running.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    /// Invokes `function` once with `event`, independently of its event sources.
    ///
    /// # Errors
    /// [`InvokeError`] says how the function ended without an answer, or that it has no handler.
    pub async fn invoke(&mut self, function: &str, mut event: Value) -> Result<Value, InvokeError> {
        let number = self.started;
        self.started += 1;
        let registered = self.functions.get(function).ok_or(InvokeError::Unregistered)?;
        let handler = registered.handler.clone().ok_or(InvokeError::Unregistered)?;
        let limits = self.limits(registered);
        let skew_ms = self.announce(function, number, &mut event);
        let invocation = invocation::build(&self.aws, &limits, event);
        invocation::run(self.aws.clock().clone(), handler, invocation, function.to_owned(), number, skew_ms).await
    }

    /// Starts everything that is due, then waits until an invocation ends, a message arrives or something becomes due.
    ///
    /// Returns `false` when nothing runs and nothing was due: wait for [`Driver::next_due`] or for a message.
    pub async fn step(&mut self) -> bool {
        self.activity.mark_unchanged();
        let started = self.start_due();
        if started {
            self.commit_receives();
        }
        if self.running.is_empty() {
            return started;
        }
        let wake = self.wake_at().unwrap_or(Timestamp::MAX);
        let clock = self.aws.clock().clone();
        tokio::select! {
            biased;
            Some(finished) = self.running.next() => self.settle(finished),
            _ = self.activity.changed() => {}
            () = clock.sleep_until(wake) => {}
        }
        true
    }

    /// When something next becomes due: a message becomes visible, a batching window closes, or a schedule fires. `None` if
    /// nothing will happen by itself.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.wake_at()
    }

    fn start_due(&mut self) -> bool {
        let mut any = false;
        let now = self.aws.clock().now();
        for firing in self.timers.take_due(&self.aws, now, |function| has_room(&self.functions, function)) {
            any = true;
            let (function, event) = (firing.function.clone(), firing.event.clone());
            self.start(function, event, Cause::Timer(firing));
        }
        for index in 0..self.mappings.len() {
            while let Some((function, event, messages)) = self.next_batch(index, now) {
                any = true;
                self.mappings[index].running += 1;
                self.start(function, event, Cause::Batch { mapping: index, messages });
            }
        }
        any
    }

    fn next_batch(&mut self, index: usize, now: Timestamp) -> Option<(String, Value, Vec<Delivered>)> {
        let mapping = self.mappings.get_mut(index)?;
        if !mapping.has_room() || !has_room(&self.functions, &mapping.function) {
            return None;
        }
        let messages = mapping.gather(&self.aws, now)?;
        let event = event::batch(&self.aws, &mapping.settings.queue, &messages);
        Some((mapping.function.clone(), event, messages))
    }

    fn start(&mut self, function: String, mut event: Value, mut cause: Cause) {
        let number = self.started;
        self.started += 1;
        let Some(registered) = self.functions.get(&function) else { return };
        let Some(handler) = registered.handler.clone() else { return };
        let limits = self.limits(registered);
        let skew_ms = self.announce(&function, number, &mut event);
        let mut invocation = invocation::build(&self.aws, &limits, event);
        if let Cause::Timer(firing) = &mut cause {
            invocation.request_id = firing.request_id.get_or_insert(invocation.request_id).clone();
        }
        let request_id = invocation.request_id.clone();
        let (clock, started) = (self.aws.clock().clone(), self.aws.clock().now());
        if let Some(registered) = self.functions.get_mut(&function) {
            registered.running += 1;
        }
        self.running.push(Box::pin(async move {
            let outcome = invocation::run(clock, handler, invocation, function.clone(), number, skew_ms).await;
            Finished { function, number, cause, request_id, started, outcome }
        }));
    }

    /// Calls the interceptor's hook. Returns how many milliseconds the clock of the invocation's machine is ahead.
    fn announce(&self, function: &str, number: u64, event: &mut Value) -> i64 {
        self.aws.interceptor().map_or(0, |interceptor| interceptor.on_invocation(function, number, event))
    }

    fn limits(&self, registered: &Registered) -> Limits {
        let timeout = Duration::from_secs(registered.function.timeout_s.into());
        Limits { function_arn: registered.function.arn.clone(), deadline: later(self.aws.clock().now(), timeout) }
    }

    fn settle(&mut self, finished: Finished) {
        if let Some(registered) = self.functions.get_mut(&finished.function) {
            registered.running -= 1;
        }
        let (messages, failed) = match finished.cause {
            Cause::Batch { mapping, messages } => {
                let mapping = &mut self.mappings[mapping];
                mapping.running -= 1;
                let failed = answer::failed(mapping.settings.report_batch_item_failures, &finished.outcome, &messages);
                mapping.acknowledge(&self.aws, &messages, &failed);
                if let (Err(_), Some(secs)) = (&finished.outcome, self.crash_delay_s) {
                    mapping.delay(&self.aws, &messages, secs);
                }
                (messages.into_iter().map(|message| message.id).collect(), failed)
            }
            Cause::Timer(firing) => {
                self.timers.settle(firing, &finished.outcome, self.aws.clock().now());
                (Vec::new(), Vec::new())
            }
        };
        if let Some(observer) = &mut self.observer {
            observer(&Ended {
                function: finished.function,
                number: finished.number,
                request_id: finished.request_id,
                started: finished.started,
                ended: self.aws.clock().now(),
                messages,
                failed,
                error: finished.outcome.err(),
            });
        }
    }

    /// Commits the receives before their functions run: a receive counts even if the process dies with the message.
    fn commit_receives(&self) {
        if let Err(error) = self.aws.inner().store.commit_unsynced() {
            tracing::error!(%error, "queues not written; messages may be delivered again");
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        let mappings =
            self.mappings.iter().filter(|mapping| mapping.has_room() && has_room(&self.functions, &mapping.function));
        let timers = self.timers.next_due(|function| has_room(&self.functions, function));
        mappings.filter_map(|mapping| mapping.next_due(&self.aws)).chain(timers).min()
    }

    fn serves(&self, mapping: &Mapping) -> bool {
        self.functions.get(&mapping.function).is_some_and(|registered| registered.handler.is_some())
    }

    fn registered(&mut self, function: &str) -> Result<&mut Registered, DriverError> {
        self.functions.get_mut(function).ok_or_else(|| DriverError::UnknownFunction(function.to_owned()))
    }
}

fn has_room(functions: &BTreeMap<String, Registered>, function: &str) -> bool {
    functions.get(function).is_some_and(Registered::has_room)
}
