//! Fires schedules, sends their events, and retries functions that fail.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::OptionalExtension;
use serde_json::Value;

use super::invocation::InvokeError;
use super::rate::Rate;
use super::{DriverError, event};
use crate::aws::Aws;
use crate::clock::{from_ms, later};
use crate::template::stack::Schedule;

/// Lambda retries a failed asynchronous invocation twice, after one and after two minutes.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];

/// When each schedule last fired, or was first deployed.
pub(crate) const SCHEMA: &str =
    "CREATE TABLE IF NOT EXISTS schedule (name TEXT PRIMARY KEY, last_ms INTEGER NOT NULL) WITHOUT ROWID;";

/// All schedules, and the retries of failed invocations.
#[derive(Default)]
pub(super) struct Timers {
    timers: Vec<Timer>,
    retries: Vec<(Timestamp, Firing)>,
}

struct Timer {
    name: String,
    function: String,
    rate: Rate,
    input: Option<Value>,
    last: Timestamp,
    next: Timestamp,
}

/// An invocation started by a schedule.
#[derive(Debug, Clone)]
pub(super) struct Firing {
    pub(super) function: String,
    pub(super) event: Value,
    attempt: usize,
    /// The request id of the first attempt, which retries keep.
    pub(super) request_id: Option<String>,
}

impl Timers {
    /// Adds `schedule`, which continues from when it last fired.
    pub(super) fn add(&mut self, aws: &Aws, function: &str, schedule: &Schedule) -> Result<(), DriverError> {
        let rate = Rate::parse(&schedule.expression)
            .map_err(|source| DriverError::Schedule { name: schedule.name.clone(), source })?;
        if !schedule.enabled {
            return Ok(());
        }
        let last = first_seen(aws, &schedule.name)?;
        self.timers.push(Timer {
            name: schedule.name.clone(),
            function: function.to_owned(),
            next: rate.next(last),
            rate,
            input: schedule.input.clone(),
            last,
        });
        Ok(())
    }

    /// Takes the schedules that fire at `now`: each at most once, however often it was missed.
    pub(super) fn take_due(&mut self, aws: &Aws, now: Timestamp, has_room: impl Fn(&str) -> bool) -> Vec<Firing> {
        let mut due = Vec::new();
        self.retries.retain(|(at, firing)| {
            let fires = *at <= now && has_room(&firing.function);
            if fires {
                due.push(firing.clone());
            }
            !fires
        });
        for timer in &mut self.timers {
            if timer.next > now || !has_room(&timer.function) {
                continue;
            }
            timer.last = timer.rate.latest(timer.next, now);
            timer.next = timer.rate.next(timer.last);
            if let Err(error) = save(aws, timer) {
                tracing::error!(%error, schedule = timer.name, "time of a schedule not stored; it may fire again");
            }
            let event = timer.input.clone().unwrap_or_else(|| event::scheduled(aws, &timer.name, timer.last));
            due.push(Firing { function: timer.function.clone(), event, attempt: 0, request_id: None });
        }
        due
    }

    /// Handles the end of an invocation: a failed one is retried, like every asynchronous invocation.
    pub(super) fn settle(&mut self, firing: Firing, outcome: &Result<Value, InvokeError>, now: Timestamp) {
        let Err(error) = outcome else { return };
        match RETRY_DELAYS.get(firing.attempt) {
            Some(delay) => {
                let retry = Firing { attempt: firing.attempt + 1, ..firing };
                self.retries.push((later(now, *delay), retry));
            }
            None => tracing::warn!(%error, function = firing.function, "scheduled function failed; no retries left"),
        }
    }

    /// When the next of them fires.
    pub(super) fn next_due(&self, has_room: impl Fn(&str) -> bool) -> Option<Timestamp> {
        let timers = self.timers.iter().filter(|timer| has_room(&timer.function)).map(|timer| timer.next);
        let retries = self.retries.iter().filter(|(_, firing)| has_room(&firing.function)).map(|(at, _)| *at);
        timers.chain(retries).min()
    }
}

fn first_seen(aws: &Aws, name: &str) -> rusqlite::Result<Timestamp> {
    let now_ms = aws.clock().now_ms();
    let last_ms = aws.inner().store.write(|store| {
        let known: Option<i64> =
            store.query_row("SELECT last_ms FROM schedule WHERE name = ?", [name], |row| row.get(0)).optional()?;
        if known.is_none() {
            store.execute("INSERT INTO schedule VALUES (?, ?)", (name, now_ms))?;
        }
        Ok::<_, rusqlite::Error>(known.unwrap_or(now_ms))
    })?;
    aws.inner().store.commit_unsynced()?;
    Ok(from_ms(last_ms))
}

fn save(aws: &Aws, timer: &Timer) -> rusqlite::Result<()> {
    aws.inner().store.write(|store| {
        store
            .prepare_cached("UPDATE schedule SET last_ms = ? WHERE name = ?")?
            .execute((timer.last.as_millisecond(), &timer.name))
            .map(drop)
    })
}
