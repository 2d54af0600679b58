//! The backup of completions: an append-only log in S3 that does not depend on DynamoDB.
//!
//! Each invocation that completed something writes one object with a JSON line per completion. Keys begin with the day and
//! the time, so that listing returns them in order and Athena reads the days as partitions.

use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_types::SdkConfig;
use domain::completion::{COMPLETION_SCHEMA, Completion};
use jiff::Timestamp;

use crate::Error;
use crate::breaker::Breaker;
use crate::bucket::exists_already;
use crate::error::sort;
use crate::sdk::{self, ATTEMPT_COUNT_MAX, BACKOFF_SECS_BASE, Clock};
use crate::store::executions_within;

/// Size limit of an object, in bytes; one invocation writes far less.
pub const BACKUP_OBJECT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Longest wait before another attempt, in seconds.
const BACKOFF_SECS_MAX: u64 = 15;
const PREFIX: &str = "completions/";

/// The backup log.
#[derive(Clone, Debug)]
pub struct BackupLog {
    client: Client,
    bucket: String,
    breaker: Arc<Breaker>,
}

/// The content of one object of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The completions, in the order written.
    pub completions: Vec<Completion>,
    /// Lines that could not be read.
    pub damaged: usize,
}

/// An object of the log, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size.
    pub bytes: u64,
}

impl BackupLog {
    /// The log in `bucket`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, bucket: String) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPT_COUNT_MAX)
            .with_initial_backoff(std::time::Duration::from_secs(BACKOFF_SECS_BASE))
            .with_max_backoff(std::time::Duration::from_secs(BACKOFF_SECS_MAX));
        let config = aws_sdk_s3::config::Builder::from(configuration)
            .retry_partition(sdk::partition("backup"))
            .retry_config(retries)
            .force_path_style(true)
            .build();
        let breaker = Arc::new(Breaker::new("backup", Clock::of(configuration)));
        Self { client: Client::from_conf(config), bucket, breaker }
    }

    /// The circuit breaker that guards appends.
    #[must_use]
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Appends what an invocation completed, as one object. Its key holds the invocation's id, so that a repeated request
    /// finds its own object.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next. The object may have been written nevertheless; duplicate lines are harmless.
    pub async fn append(&self, completions: &[Completion], invocation: &str, at: Timestamp) -> Result<(), Error> {
        const OPERATION: &str = "PutObject";
        let mut lines = Vec::new();
        for completion in completions {
            serde_json::to_writer(&mut lines, completion).map_err(|_| Error::Damaged { operation: "serialization" })?;
            lines.push(b'\n');
        }
        let call = async {
            let request = self.client.put_object().bucket(&self.bucket).key(key(at, invocation)).if_none_match("*");
            match request.content_type("application/x-ndjson").body(ByteStream::from(lines)).send().await {
                Ok(_) => Ok(()),
                Err(error) if exists_already(&error) => Ok(()),
                Err(error) => Err(sort(OPERATION, &error)),
            }
        };
        self.breaker.guard(OPERATION, call).await
    }

    /// The objects of the log after `cursor` and before `until`, ordered by time, at most `limit` of them.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn list(&self, cursor: &str, until: Timestamp, limit: usize) -> Result<Vec<Listed>, Error> {
        const OPERATION: &str = "ListObjectsV2";
        let end = position(until);
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(PREFIX)
            .start_after(if cursor.is_empty() { PREFIX } else { cursor })
            .into_paginator()
            .send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            for object in page.map_err(|error| sort(OPERATION, &error))?.contents.unwrap_or_default() {
                let Some(found) = object.key else { continue };
                if found >= end || listed.len() >= limit {
                    return Ok(listed);
                }
                let bytes = object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
                listed.push(Listed { key: found, bytes });
            }
        }
        Ok(listed)
    }

    /// Reads one object of the log.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn read(&self, key: &str) -> Result<Page, Error> {
        const OPERATION: &str = "GetObject";
        let answer = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let answer = answer.map_err(|error| sort(OPERATION, &error))?;
        let bytes = answer.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0);
        if bytes > BACKUP_OBJECT_BYTES_MAX {
            return Err(Error::TooLarge { bytes, limit_bytes: BACKUP_OBJECT_BYTES_MAX });
        }
        let cut_off = |_| Error::Unavailable { operation: OPERATION, code: "body cut off".to_owned() };
        let body = answer.body.collect().await.map_err(cut_off)?.to_vec();
        let mut page = Page { completions: Vec::new(), damaged: 0 };
        for line in body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line) {
                Ok(completion) => page.completions.push(current(completion)),
                Err(_) => page.damaged += 1,
            }
        }
        Ok(page)
    }
}

/// A line with its executions where the current layout has them. In the previous one the order held them all.
fn current(mut line: Completion) -> Completion {
    if line.schema < COMPLETION_SCHEMA {
        line.executions = executions_within(&line.order);
        line.has_all_executions = true;
    }
    line
}

/// `completions/dt=2026-01-05/090000.123-<invocation>.jsonl`.
fn key(at: Timestamp, invocation: &str) -> String {
    let time = at.strftime("dt=%Y-%m-%d/%H%M%S");
    let milliseconds = at.subsec_millisecond();
    let end = if invocation.is_empty() { String::new() } else { format!("-{invocation}.jsonl") };
    format!("{PREFIX}{time}.{milliseconds:03}{end}")
}

/// The place in the log that all objects written before `at` are before, and all others after.
#[must_use]
pub fn position(at: Timestamp) -> String {
    key(at, "")
}

/// When an object was written, to the second, according to its key; `None` if it is not a key of the log.
#[must_use]
pub fn reached(key: &str) -> Option<Timestamp> {
    let time = key.strip_prefix(PREFIX)?.strip_prefix("dt=")?.split('.').next()?;
    let time = jiff::civil::DateTime::strptime("%Y-%m-%d/%H%M%S", time).ok()?;
    time.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_says_when_its_object_was_written() {
        let at: Timestamp = "2026-01-05T09:00:07.123Z".parse().unwrap_or_default();
        let written = key(at, "invocation");
        assert_eq!(written, "completions/dt=2026-01-05/090007.123-invocation.jsonl");
        assert_eq!(reached(&written), "2026-01-05T09:00:07Z".parse().ok());
        assert_eq!((reached(""), reached("completions/dt=2026-01-05")), (None, None));
    }
}
