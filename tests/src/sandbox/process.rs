//! One execution environment: a function's process, its Runtime API and its log.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Error;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;
use tempfile::NamedTempFile;

use super::runtime_api::{RuntimeApi, Task, Told};

/// Longest time from a process's start to its first poll, as Lambda has it.
pub const INIT_MS_MAX: u64 = 10_000;
/// How often it is looked whether a process has ended.
const LOOK_MS: u64 = 5;

/// How an invocation, or a start, ended.
#[derive(Debug, PartialEq)]
pub enum Ended {
    /// The function answered.
    Answer(Value),
    /// It told of an error.
    Failed {
        /// `errorType`.
        kind: String,
        /// `errorMessage`.
        message: String,
    },
    /// Its process ended.
    Exited(ExitStatus),
    /// It was killed at its time-out.
    TimedOut,
}

/// What a function is given.
pub struct Invoked<'a> {
    /// Lambda's request id.
    pub request_id: &'a str,
    /// The function's ARN.
    pub function_arn: &'a str,
    /// The event.
    pub event: &'a Value,
    /// When it is killed.
    pub limit: Duration,
}

/// A function's process. It is killed when this is dropped.
pub struct Sandbox {
    child: Child,
    api: RuntimeApi,
    log: NamedTempFile,
}

impl Sandbox {
    /// Starts `binary` with `environment` and what Lambda adds to it, and nothing of this process's own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(binary: &Path, environment: &BTreeMap<String, String>) -> Result<Self, Error> {
        let api = RuntimeApi::listen().await?;
        let log = NamedTempFile::new()?;
        let append = OpenOptions::new().append(true).open(log.path())?;
        let child = Command::new(binary)
            .env_clear()
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(append.try_clone()?)
            .stderr(append)
            .spawn()?;
        Ok(Self { child, api, log })
    }

    /// Waits for the first poll.
    ///
    /// # Errors
    /// How it ended instead.
    pub async fn ready(&mut self) -> Result<(), Ended> {
        match self.listen(Duration::from_millis(INIT_MS_MAX)).await {
            Ok(Told::Polls) => Ok(()),
            Ok(Told::InitFailed(error) | Told::Failed { body: error, .. }) => Err(failed(&error)),
            Ok(Told::Answer { .. }) => Err(failed(&Value::Null)),
            Err(ended) => Err(ended),
        }
    }

    /// Has the function, which polls, handle one event.
    ///
    /// After [`Ended::Exited`] and [`Ended::TimedOut`] the process is gone.
    pub async fn invoke(&mut self, invoked: &Invoked<'_>) -> Ended {
        let limit_ms = i64::try_from(invoked.limit.as_millis()).unwrap_or(i64::MAX);
        let task = Task {
            request_id: invoked.request_id.to_owned(),
            function_arn: invoked.function_arn.to_owned(),
            deadline_ms: Timestamp::now().as_millisecond().saturating_add(limit_ms),
            event: Bytes::from(invoked.event.to_string()),
        };
        if self.api.tasks.send(task).is_err() {
            return Ended::TimedOut;
        }
        let ended = match self.listen(invoked.limit).await {
            Ok(Told::Answer { request_id, body }) if request_id == invoked.request_id => {
                serde_json::from_slice(&body).map_or_else(|_| failed(&Value::Null), Ended::Answer)
            }
            Ok(Told::Failed { request_id, body }) if request_id == invoked.request_id => failed(&body),
            Ok(_) => failed(&Value::Null),
            Err(ended) => ended,
        };
        // It is free again when it polls again.
        if matches!(ended, Ended::Answer(_) | Ended::Failed { .. }) {
            let _ = self.ready().await;
        }
        ended
    }

    /// Everything that the function logged so far.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn log(&self) -> Result<String, Error> {
        std::fs::read(self.log.path()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The most memory that the process held so far, in KiB; `None` where the system does not tell.
    #[must_use]
    pub fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// CPU time of the process's first thread so far, the only one of a function; `None` where the system does not tell.
    #[must_use]
    pub fn cpu(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id())).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    }

    /// Whether the process is there.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// What the function tells next, or how it ended; at `limit` it is killed.
    async fn listen(&mut self, limit: Duration) -> Result<Told, Ended> {
        let end = tokio::time::Instant::now() + limit;
        loop {
            if let Some(told) = self.api.next(Duration::from_millis(LOOK_MS)).await {
                return Ok(told);
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(Ended::Exited(status));
            }
            if tokio::time::Instant::now() >= end {
                self.kill();
                return Err(Ended::TimedOut);
            }
        }
    }

    fn kill(&mut self) {
        // Both fail only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}

fn failed(error: &Value) -> Ended {
    let text = |name: &str| error[name].as_str().unwrap_or("(none)").to_owned();
    Ended::Failed { kind: text("errorType"), message: text("errorMessage") }
}
