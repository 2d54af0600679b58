//! An event source mapping: polls a queue for a function.

use std::time::Duration;

use jiff::Timestamp;

use super::DriverError;
use crate::aws::Aws;
use crate::clock::{from_ms, later};
use crate::sqs::{self, Delivered, RECEIVE_COUNT_MAX};
use crate::template::stack::SqsMapping;

/// How long to wait before reading a queue again that could not be read.
const ERROR_PAUSE_MS: i64 = 1_000;

/// An event source mapping, with the messages that it has received for the next batch.
pub(super) struct Mapping {
    pub(super) function: String,
    pub(super) settings: SqsMapping,
    /// How many invocations of it are running.
    pub(super) running: u32,
    queue: sqs::StoredQueue,
    gathered: Vec<Delivered>,
    closes: Option<Timestamp>,
    /// The wake count and the time (ms) until which the queue is known to be empty.
    quiet: Option<(u64, i64)>,
}

impl Mapping {
    pub(super) fn new(aws: &Aws, function: &str, settings: &SqsMapping) -> Result<Self, DriverError> {
        let missing = || DriverError::UnknownQueue { function: function.to_owned(), queue: settings.queue.clone() };
        let queue = aws.inner().store.read(|store| sqs::find(store, &settings.queue));
        Ok(Self {
            function: function.to_owned(),
            settings: settings.clone(),
            running: 0,
            queue: queue.map_err(|_| missing())?,
            gathered: Vec::new(),
            closes: None,
            quiet: None,
        })
    }

    /// Whether another invocation may start.
    pub(super) fn has_room(&self) -> bool {
        self.settings.enabled && self.settings.maximum_concurrency.is_none_or(|limit| self.running < limit)
    }

    /// Receives visible messages. Returns the batch when it is full or its window has closed.
    pub(super) fn gather(&mut self, aws: &Aws, now: Timestamp) -> Option<Vec<Delivered>> {
        let size = self.settings.batch_size as usize;
        while self.gathered.len() < size {
            let wanted = (size - self.gathered.len()).min(RECEIVE_COUNT_MAX);
            let received = self.receive(aws, now, wanted);
            let count = received.len();
            self.gathered.extend(received);
            if count < wanted {
                break;
            }
        }
        if self.gathered.is_empty() {
            return None;
        }
        let window = Duration::from_secs(self.settings.window_s.into());
        let closes = *self.closes.get_or_insert_with(|| later(now, window));
        if self.gathered.len() < size && now < closes {
            return None;
        }
        self.closes = None;
        Some(std::mem::take(&mut self.gathered))
    }

    /// Deletes the messages of a batch, except those in `failed`.
    pub(super) fn acknowledge(&self, aws: &Aws, messages: &[Delivered], failed: &[String]) {
        let interceptor = aws.interceptor();
        let done = messages.iter().filter(|message| !failed.contains(&message.id)).filter(|message| {
            interceptor.as_ref().is_none_or(|interceptor| interceptor.acknowledge(&self.queue.name, &message.id))
        });
        let handles: Vec<&str> = done.map(|message| message.receipt_handle.as_str()).collect();
        if handles.is_empty() {
            return;
        }
        let deleted = aws
            .inner()
            .store
            .write(|store| handles.iter().try_for_each(|handle| sqs::delete(store, &self.queue, handle)));
        if let Err(error) = deleted {
            tracing::warn!(%error, "messages not deleted; they will be delivered again");
        }
    }

    /// Makes messages visible again after so many seconds.
    pub(super) fn delay(&self, aws: &Aws, messages: &[Delivered], secs: u32) {
        let now_ms = aws.clock().now().as_millisecond();
        let delayed = aws.inner().store.write(|store| {
            for message in messages {
                match sqs::change_visibility(store, &self.queue, &message.receipt_handle, secs, now_ms) {
                    // The function may have set it, or the message may be gone.
                    Ok(()) | Err(sqs::Error::MessageNotInflight) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        if let Err(error) = delayed {
            tracing::warn!(%error, "messages of a crash not delayed; they wait for their queue's visibility timeout");
        }
        aws.wake(&self.queue.name);
    }

    /// When the mapping next has something to do.
    pub(super) fn next_due(&self, aws: &Aws) -> Option<Timestamp> {
        if let Some(closes) = self.closes {
            return Some(closes);
        }
        match self.quiet {
            Some((after, until_ms)) if after == aws.wake_count(&self.queue.name) => {
                Some(until_ms).filter(|until_ms| *until_ms < i64::MAX).map(from_ms)
            }
            _ => self.next_visible_ms(aws).map(from_ms),
        }
    }

    /// Whether there is any message in its queue, visible or not.
    pub(super) fn holds_messages(&self, aws: &Aws) -> bool {
        self.next_visible_ms(aws).is_some()
    }

    fn next_visible_ms(&self, aws: &Aws) -> Option<i64> {
        aws.inner().store.read(|store| sqs::next_visible_ms(store, &self.queue)).ok().flatten()
    }

    fn receive(&mut self, aws: &Aws, now: Timestamp, count: usize) -> Vec<Delivered> {
        let now_ms = now.as_millisecond();
        let change = aws.wake_count(&self.queue.name);
        if self.quiet.is_some_and(|(after, until_ms)| after == change && now_ms < until_ms) {
            return Vec::new();
        }
        let interceptor = aws.interceptor();
        if let Some(until) = interceptor.as_ref().and_then(|one| one.unavailable_until(&self.queue.name, now)) {
            self.quiet = Some((change, until.as_millisecond().max(now_ms + 1)));
            return Vec::new();
        }
        let visibility_s = interceptor.as_ref().and_then(|one| one.visibility_s(&self.queue.name));
        let received = aws.inner().store.write(|store| sqs::receive(store, &self.queue, count, visibility_s, now_ms));
        let received = match received {
            Ok(received) => received,
            Err(error) => {
                tracing::error!(%error, queue = self.queue.name, "queue not readable; will retry");
                self.quiet = Some((change, now_ms + ERROR_PAUSE_MS));
                return Vec::new();
            }
        };
        if let Some(target) = &received.moved_to {
            aws.wake(target);
        }
        let short = received.messages.len() < count;
        self.quiet = short.then(|| (change, self.next_visible_ms(aws).unwrap_or(i64::MAX)));
        received.messages
    }
}
