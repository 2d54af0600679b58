//! The queues that start phases and carry commands.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, QueueAttributeName, SendMessageBatchRequestEntry};
use aws_types::SdkConfig;
use domain::limit::{MESSAGE_BYTES_MAX, SQS_BATCH_ENTRIES_MAX};
use domain::message::{CommandMessage, PhaseMessage};
use domain::phase::Phase;
use futures_util::future::join_all;

use crate::error::sort;
use crate::{Error, sdk};

/// Batches of hand-offs that are sent side by side: an order of a thousand documents needs a hundred.
const BATCHES_AT_ONCE: usize = 8;

/// The queues a function may send to, by phase.
#[derive(Clone, Debug)]
pub struct Queues {
    client: Client,
    urls: BTreeMap<Phase, String>,
}

impl Queues {
    /// Queues by the phase that each starts.
    #[must_use]
    pub fn new(configuration: &SdkConfig, urls: BTreeMap<Phase, String>) -> Self {
        Self { client: client(configuration), urls }
    }

    /// Sends hand-offs in batches by queue, and returns for each, in the given order, whether the queue accepted it. One
    /// that is refused, or whose answer is lost, does not stop the others.
    pub async fn send(&self, messages: &[PhaseMessage]) -> Vec<Result<(), Error>> {
        let mut results: Vec<Result<(), Error>> = messages.iter().map(|_| Err(not_sent())).collect();
        let mut by_phase: BTreeMap<Phase, Vec<usize>> = BTreeMap::new();
        for (index, message) in messages.iter().enumerate() {
            by_phase.entry(message.phase).or_default().push(index);
        }
        for (phase, indexes) in by_phase {
            let chunks: Vec<&[usize]> = indexes.chunks(SQS_BATCH_ENTRIES_MAX).collect();
            for some in chunks.chunks(BATCHES_AT_ONCE) {
                let sent = join_all(some.iter().map(|chunk| self.send_chunk(phase, messages, chunk))).await;
                for accepted in sent {
                    let accepted = accepted.unwrap_or_else(|error| {
                        tracing::warn!(phase = %phase, error = %error, "hand-offs not sent; will retry");
                        BTreeSet::new()
                    });
                    for index in accepted {
                        if let Some(result) = results.get_mut(index) {
                            *result = Ok(());
                        }
                    }
                }
            }
        }
        results
    }

    /// About how many messages the queue of a phase holds: those that can be received, are being handled, or are delayed.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn message_count(&self, phase: Phase) -> Result<u64, Error> {
        const OPERATION: &str = "GetQueueAttributes";
        let counts = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let request = self.client.get_queue_attributes().queue_url(self.url(phase, OPERATION)?);
        let request = request.set_attribute_names(Some(counts.to_vec()));
        let answer = request.send().await.map_err(|error| sort(OPERATION, &error))?;
        let attributes = answer.attributes.unwrap_or_default();
        let count = |name| attributes.get(name).and_then(|count: &String| count.parse::<u64>().ok());
        counts.iter().map(count).sum::<Option<u64>>().ok_or(Error::Damaged { operation: OPERATION })
    }

    /// Whether the queues answer.
    ///
    /// # Errors
    /// [`Error`] when the first of them does not.
    pub async fn ping(&self) -> Result<(), Error> {
        match self.urls.keys().next() {
            Some(phase) => self.message_count(*phase).await.map(drop),
            None => Ok(()),
        }
    }

    fn url(&self, phase: Phase, operation: &'static str) -> Result<&String, Error> {
        self.urls
            .get(&phase)
            .ok_or_else(|| Error::Refused { operation, code: format!("no queue is configured for {phase}") })
    }

    async fn send_chunk(
        &self,
        phase: Phase,
        messages: &[PhaseMessage],
        indexes: &[usize],
    ) -> Result<BTreeSet<usize>, Error> {
        const OPERATION: &str = "SendMessageBatch";
        let url = self.url(phase, OPERATION)?;
        let mut request = self.client.send_message_batch().queue_url(url);
        for index in indexes {
            let Some(message) = messages.get(*index) else { continue };
            let entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(body(message)?);
            request = request.entries(entry.build().map_err(|_| not_sent())?);
        }
        let answer = request.send().await.map_err(|error| sort(OPERATION, &error))?;
        for failed in &answer.failed {
            tracing::warn!(phase = %phase, code = %failed.code, "hand-off refused by the queue; will retry");
        }
        Ok(answer.successful.iter().filter_map(|accepted| accepted.id.parse().ok()).collect())
    }
}

/// The queue that a function is fed from. It sets when messages are delivered again.
#[derive(Clone, Debug)]
pub struct SourceQueue {
    client: Client,
    url: String,
}

/// A message to deliver again after a delay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delay {
    /// Receipt of the delivery.
    pub receipt_handle: String,
    /// Seconds until the next delivery.
    pub secs: u32,
}

impl SourceQueue {
    /// The queue at `url`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, url: String) -> Self {
        Self { client: client(configuration), url }
    }

    /// Sets when messages are delivered again. Best effort: when it fails, the queue's own, longer visibility timeout
    /// applies.
    pub async fn delay(&self, delays: &[Delay]) {
        const OPERATION: &str = "ChangeMessageVisibilityBatch";
        for chunk in delays.chunks(SQS_BATCH_ENTRIES_MAX) {
            let mut request = self.client.change_message_visibility_batch().queue_url(&self.url);
            for (index, delay) in chunk.iter().enumerate() {
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(&delay.receipt_handle)
                    .visibility_timeout(i32::try_from(delay.secs).unwrap_or(i32::MAX));
                let Ok(entry) = entry.build() else { continue };
                request = request.entries(entry);
            }
            if let Err(error) = request.send().await {
                let error = sort(OPERATION, &error);
                tracing::warn!(error = %error, "retry delay not set; the queue's own timeout applies");
            }
        }
    }
}

/// The command queue, which feeds intake; used to send commands.
#[derive(Clone, Debug)]
pub struct Commands {
    client: Client,
    url: String,
}

impl Commands {
    /// The command queue at `url`.
    #[must_use]
    pub fn new(configuration: &SdkConfig, url: String) -> Self {
        Self { client: client(configuration), url }
    }

    /// Looks up the command queue called `name`, for a caller that knows no URL. Returns the account that it is in, too.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such queue in the region, or the caller may not look it up.
    pub async fn find(configuration: &SdkConfig, name: &str) -> Result<(Self, String), Error> {
        const OPERATION: &str = "GetQueueUrl";
        let client = client(configuration);
        let found = client.get_queue_url().queue_name(name).send().await.map_err(|error| sort(OPERATION, &error))?;
        let damaged = || Error::Damaged { operation: OPERATION };
        let url = found.queue_url.ok_or_else(damaged)?;
        // A queue's URL ends with its account and its name.
        let account = url.rsplit('/').nth(1).ok_or_else(damaged)?.to_owned();
        Ok((Self { client, url }, account))
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next. After [`Error::Unavailable`] the command may have arrived nevertheless;
    /// sending it again under the same id is harmless.
    pub async fn send(&self, command: &CommandMessage) -> Result<(), Error> {
        self.send_later(command, 0).await
    }

    /// Sends a command that is delivered after a delay in seconds, at most 900.
    ///
    /// # Errors
    /// As [`Commands::send`].
    pub async fn send_later(&self, command: &CommandMessage, delay_secs: u32) -> Result<(), Error> {
        const OPERATION: &str = "SendMessage";
        let request = self.client.send_message().queue_url(&self.url).message_body(body(command)?);
        let delay = i32::try_from(delay_secs).ok().filter(|delay| *delay > 0);
        let request = request.set_delay_seconds(delay);
        request.send().await.map(drop).map_err(|error| sort(OPERATION, &error))
    }
}

fn client(configuration: &SdkConfig) -> Client {
    let config = aws_sdk_sqs::config::Builder::from(configuration).retry_partition(sdk::partition("sqs")).build();
    Client::from_conf(config)
}

/// A message as text. The size limit also keeps a document's content out.
fn body(message: &impl serde::Serialize) -> Result<String, Error> {
    let text = serde_json::to_string(message).map_err(|_| not_sent())?;
    if text.len() > MESSAGE_BYTES_MAX {
        return Err(Error::Refused { operation: "SendMessage", code: "message over its size limit".to_owned() });
    }
    Ok(text)
}

fn not_sent() -> Error {
    Error::Unavailable { operation: "SendMessageBatch", code: "not sent".to_owned() }
}
