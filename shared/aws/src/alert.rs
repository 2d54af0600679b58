//! Publishes alerts about failures, and notices.

mod digest;
mod place;
mod text;

use std::collections::BTreeMap;

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_types::SdkConfig;
use domain::failure::FailureRecord;
use domain::notice::{Notice, NoticeKind};
use domain::order::Order;
use jiff::Timestamp;

use self::place::Place;
use crate::error::sort;
use crate::{Error, sdk};

/// Characters that SNS accepts in a subject.
const SUBJECT_CHARS_MAX: usize = 100;

/// The topic that failures are published on.
#[derive(Clone, Debug)]
pub struct Alerts {
    client: Client,
    topic: String,
    place: Place,
}

impl Alerts {
    /// Alerts on a topic.
    #[must_use]
    pub fn new(configuration: &SdkConfig, topic: String) -> Self {
        let config = aws_sdk_sns::config::Builder::from(configuration).retry_partition(sdk::partition("sns")).build();
        Self { client: Client::from_conf(config), topic, place: Place::default() }
    }

    /// The same alerts, of a deployed stage: the commands that they name work on it. Without a stage, they work on a folder of
    /// the machine that ran the order.
    #[must_use]
    pub fn of_stage(self, stage: String) -> Self {
        Self { place: Place { stage: Some(stage), ..self.place }, ..self }
    }

    /// The same alerts, with links to the desk at this address.
    #[must_use]
    pub fn with_desk(self, address: &str) -> Self {
        let desk = Some(address.trim_end_matches('/').to_owned());
        Self { place: Place { desk, ..self.place }, ..self }
    }

    /// Publishes a failure, with those of the documents that failed before it, under its id. Only a lost answer makes the SDK
    /// publish it twice. Returns the id of the publication.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; the alert stays owed.
    pub async fn publish(&self, record: &FailureRecord, documents: &[FailureRecord]) -> Result<String, Error> {
        let subject = format!("Docket: {} order failed in {}", record.service_code, record.phase);
        let id = format!("{}/{}", record.order_id, record.failure_id);
        let message = text::of_failure(record, documents, &self.place);
        self.send(subject, message, "failure", id.clone()).await?;
        Ok(id)
    }

    /// Publishes failures of one cause together, `later` in the order in which they occurred. The id is that of the oldest, which
    /// is to be marked as sent last: so a repetition has the same id. `documents` counts the documents that failed before them,
    /// by cause. Only a lost answer makes the SDK publish it twice. Returns the id of the publication.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; the alerts stay owed.
    pub async fn publish_digest(
        &self,
        oldest: &FailureRecord,
        later: &[&FailureRecord],
        documents: &BTreeMap<String, usize>,
    ) -> Result<String, Error> {
        let subject = format!("Docket: {} failures of {}", later.len() + 1, oldest.code);
        let id = format!("digest/{}/{}", oldest.order_id, oldest.failure_id);
        self.send(subject, digest::text(&id, &self.place, oldest, later, documents), "digest", id.clone()).await?;
        Ok(id)
    }

    /// Publishes that documents of an order failed, all of them together, under the notice's id. Only a lost answer makes the
    /// SDK publish it twice. Returns the id of the publication.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; the notice stays owed.
    pub async fn publish_documents(&self, notice: &Notice, documents: &[FailureRecord]) -> Result<String, Error> {
        let subject = format!("Docket: {} of a {} order failed", text::counted(notice.items), notice.service_code);
        let id = format!("{}/{}", notice.order_id, notice.notice_id);
        let message = text::of_documents(notice, documents, &self.place);
        self.send(subject, message, "failure", id.clone()).await?;
        Ok(id)
    }

    /// Publishes an alert that completions are stored nowhere. Fire and forget: their messages are retried, and a metric counts
    /// them too.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn publish_loss(&self, lost: u32, at: Timestamp) -> Result<(), Error> {
        let message = format!(
            "{lost} completions could not be written to the table or to the backup.\n\nThe work is retried until a store is \
             available; nothing is lost yet.\nWhen: {at}\nDo: check that DynamoDB and S3 are available and that the \
             functions may write to both"
        );
        self.send("Docket: completions in neither store".to_owned(), message, "completion_lost", format!("loss/{at}"))
            .await
    }

    /// Notifies the reviewers that an order waits for them, or the operators that it has waited for long, under the notice's id.
    /// Only a lost answer makes the SDK publish it twice. Returns the id of the publication.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; the notice stays owed.
    pub async fn publish_review(&self, notice: &Notice) -> Result<String, Error> {
        let subject = |waits: &str| format!("Docket: {} order {waits}", notice.service_code);
        let message = text::of_review(notice, &self.place);
        let id = format!("{}/{}", notice.order_id, notice.notice_id);
        match notice.kind {
            NoticeKind::ReviewReminder => {
                self.send(subject("still waits for review"), message, "review_reminder", id.clone()).await?;
            }
            NoticeKind::ReviewEscalated => {
                self.send(subject("has waited for review for long"), message, "review_escalated", id.clone()).await?;
            }
            NoticeKind::ReviewNeeded | NoticeKind::DocumentsFailed => {
                self.send(subject("waits for review"), message, "review_needed", id.clone()).await?;
            }
        }
        Ok(id)
    }

    /// Tells that an order is ready, if its client asked for that. Fire and forget: nothing repeats it.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next.
    pub async fn publish_completion(&self, order: &Order) -> Result<(), Error> {
        let subject = format!("Docket: {} order is ready", order.service_code());
        let id = format!("{}/r{}-ready", order.order_id(), order.run());
        self.send(subject, text::of_completion(order, &self.place), "order_ready", id).await
    }

    /// Publishes a notice that is not about an order, under the given `id`. Only a lost answer makes the SDK publish it
    /// twice.
    ///
    /// # Errors
    /// [`Error`] by what the caller does next; the alert stays owed.
    pub async fn publish_notice(&self, kind: &str, id: String, subject: String, message: String) -> Result<(), Error> {
        self.send(subject, message, kind, id).await
    }

    async fn send(&self, subject: String, message: String, kind: &str, id: String) -> Result<(), Error> {
        const OPERATION: &str = "Publish";
        self.client
            .publish()
            .topic_arn(&self.topic)
            .subject(subject.chars().take(SUBJECT_CHARS_MAX).collect::<String>())
            .message(message)
            .message_attributes("kind", attribute(kind)?)
            .message_attributes("id", attribute(&id)?)
            .send()
            .await
            .map(drop)
            .map_err(|error| sort(OPERATION, &error))
    }
}

fn attribute(value: &str) -> Result<MessageAttributeValue, Error> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|_| Error::Refused { operation: "Publish", code: "attribute".to_owned() })
}
