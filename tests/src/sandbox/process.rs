//! Runs one execution environment: a function's process, its Runtime API and its log.

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

use super::runtime_api::{FunctionReport, RuntimeApi, Task};

/// Longest time from a process's start to its first poll; Lambda's limit.
pub const INIT_MS_MAX: u64 = 10_000;
/// How often to check whether a process has ended.
const CHECK_MS: u64 = 5;

/// How an invocation or a start ended.
#[derive(Debug, PartialEq)]
pub enum Ended {
    /// The function answered.
    Answer(Value),
    /// It reported an error.
    Failed {
        /// `errorType`.
        kind: String,
        /// `errorMessage`.
        message: String,
    },
    /// Its process exited.
    Exited(ExitStatus),
    /// It was killed at its timeout.
    TimedOut,
}

/// What a function is invoked with.
pub struct Invoked<'a> {
    /// Lambda's request id.
    pub request_id: &'a str,
    /// The function's ARN.
    pub function_arn: &'a str,
    /// The event.
    pub event: &'a Value,
    /// How long it may take before it is killed.
    pub limit: Duration,
}

/// A function's process. Dropping it kills it.
pub struct Sandbox {
    child: Child,
    api: RuntimeApi,
    log: NamedTempFile,
}

impl Sandbox {
    /// Starts `binary` with `environment` and the variable of the Runtime API, and none of this process's own.
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
        match self.next_report(Duration::from_millis(INIT_MS_MAX)).await {
            Ok(FunctionReport::Polling) => Ok(()),
            Ok(FunctionReport::InitFailed(error) | FunctionReport::Failed { body: error, .. }) => Err(failed(&error)),
            Ok(FunctionReport::Answer { .. }) => Err(failed(&Value::Null)),
            Err(ended) => Err(ended),
        }
    }

    /// Makes the function, which is polling, handle one event.
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
        let ended = match self.next_report(invoked.limit).await {
            Ok(FunctionReport::Answer { request_id, body }) if request_id == invoked.request_id => {
                serde_json::from_slice(&body).map_or_else(|_| failed(&Value::Null), Ended::Answer)
            }
            Ok(FunctionReport::Failed { request_id, body }) if request_id == invoked.request_id => failed(&body),
            Ok(_) => failed(&Value::Null),
            Err(ended) => ended,
        };
        // It can take the next event only once it polls again.
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

    /// The process's peak memory so far in KiB; `None` if the system does not report it.
    #[must_use]
    pub fn peak_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.split_whitespace().next()?.parse().ok()
    }

    /// CPU time so far of the process's first thread, a function's only one; `None` if the system does not report it.
    #[must_use]
    pub fn cpu(&self) -> Option<Duration> {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id())).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    }

    /// Whether the process is running.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// The function's next report, or how it ended; at `limit` it is killed.
    async fn next_report(&mut self, limit: Duration) -> Result<FunctionReport, Ended> {
        let end = tokio::time::Instant::now() + limit;
        loop {
            if let Some(report) = self.api.next(Duration::from_millis(CHECK_MS)).await {
                return Ok(report);
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
        // Both fail only if the process has already exited.
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
