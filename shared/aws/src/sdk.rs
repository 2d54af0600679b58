//! The configuration that all clients share. Timeouts and retries are set here and nowhere else.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_types::SdkConfig;
use jiff::Timestamp;

/// Longest wait before the first retry of a call, in seconds. It doubles with each further retry; the SDK multiplies it by
/// a random factor below 1.
pub const BACKOFF_SECS_BASE: u64 = 1;
/// Longest wait before any retry of a call, in seconds, even if the service asks for a longer one.
pub const BACKOFF_SECS_MAX: u64 = 10;
/// Attempts per call, including the first.
pub const ATTEMPT_COUNT_MAX: u32 = 3;
/// Time limit for opening a connection.
pub const CONNECT_TIMEOUT_MS: u64 = 1_000;
/// Time limit of one attempt.
pub const ATTEMPT_TIMEOUT_MS: u64 = 3_000;
/// Time limit of one call, with all its attempts and the waits between them. Even if every earlier attempt times out after
/// the longest waits, the last one still has time to connect, though its own timeout may be cut short.
pub const OPERATION_TIMEOUT_MS: u64 = 10_000;
/// The slowest connection that an upload still succeeds over, in bytes per second.
pub const UPLOAD_BYTES_PER_SECOND_MIN: u64 = 256 * 1024;

const _: () = assert!(CONNECT_TIMEOUT_MS < ATTEMPT_TIMEOUT_MS);
const _: () = assert!(
    ATTEMPT_TIMEOUT_MS * (ATTEMPT_COUNT_MAX as u64 - 1) + waits_ms_max(ATTEMPT_COUNT_MAX - 1) + CONNECT_TIMEOUT_MS
        <= OPERATION_TIMEOUT_MS
);

/// Sum of the longest waits before the first `retries` retries of a call, in milliseconds.
const fn waits_ms_max(retries: u32) -> u64 {
    let (mut sum, mut wait, mut retry) = (0, BACKOFF_SECS_BASE, 0);
    while retry < retries {
        sum += if wait < BACKOFF_SECS_MAX { wait } else { BACKOFF_SECS_MAX };
        wait *= 2;
        retry += 1;
    }
    sum * 1_000
}

/// A shared configuration over an HTTP client and a clock.
#[must_use]
pub fn configuration(
    region: String,
    credentials: Credentials,
    http_client: impl HttpClient + 'static,
    time_source: impl TimeSource + 'static,
) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client)
        .time_source(SharedTimeSource::new(time_source))
        .sleep_impl(aws_smithy_async::rt::sleep::SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(ATTEMPT_COUNT_MAX)
                .with_initial_backoff(Duration::from_secs(BACKOFF_SECS_BASE))
                .with_max_backoff(Duration::from_secs(BACKOFF_SECS_MAX)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS))
                .operation_attempt_timeout(Duration::from_millis(ATTEMPT_TIMEOUT_MS))
                .operation_timeout(Duration::from_millis(OPERATION_TIMEOUT_MS))
                .build(),
        )
        .build()
}

/// The time limits of an upload of so many bytes. The client sends the body within the attempt, so a large file on a slow
/// connection needs longer than any other call.
pub(crate) fn timeouts_of_upload(bytes: u64) -> TimeoutConfig {
    let sending = Duration::from_secs(bytes.div_ceil(UPLOAD_BYTES_PER_SECOND_MIN));
    let attempts = sending.saturating_mul(ATTEMPT_COUNT_MAX);
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(CONNECT_TIMEOUT_MS))
        .operation_attempt_timeout(Duration::from_millis(ATTEMPT_TIMEOUT_MS).saturating_add(sending))
        .operation_timeout(Duration::from_millis(OPERATION_TIMEOUT_MS).saturating_add(attempts))
        .build()
}

/// A retry quota for a single client. With the SDK's process-wide quota, a failing service would use up the retries of
/// others.
#[must_use]
pub fn partition(service: &'static str) -> RetryPartition {
    RetryPartition::custom(service).build()
}

/// The time, from the same source that the SDK signs with.
#[derive(Clone, Debug)]
pub struct Clock(SharedTimeSource);

impl Clock {
    /// The clock of a shared configuration; the system clock if it names none.
    #[must_use]
    pub fn of(configuration: &SdkConfig) -> Self {
        Self(configuration.time_source().unwrap_or_default())
    }

    /// The time now, in UTC, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let since = self.0.now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let milliseconds = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_has_the_time_that_its_size_needs() {
        let seconds = |bytes| {
            let timeouts = timeouts_of_upload(bytes);
            (timeouts.operation_attempt_timeout().unwrap().as_secs(), timeouts.operation_timeout().unwrap().as_secs())
        };
        assert_eq!(seconds(0), (3, 10), "as any other call");
        assert_eq!(seconds(1), (4, 13));
        // 25 MiB at 256 KiB per second.
        assert_eq!(seconds(25 * 1024 * 1024), (103, 310));
    }
}
