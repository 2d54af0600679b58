//! One delivery of one message to one invocation.

use std::cell::RefCell;

use domain::completion::Completion;
use domain::event::{Event, EventKind};
use jiff::Timestamp;

use crate::answer::Answer;
use crate::invocation::Invocation;
use crate::message::Message;
use crate::pipeline::Pipeline;

/// The context in which a message is handled: the clients, the invocation, the message, and the id of its writes.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// The function's clients.
    pub pipeline: &'a Pipeline,
    /// The invocation that the message was delivered to.
    pub invocation: &'a Invocation,
    /// The message.
    pub message: Message,
    writer: String,
    began: Timestamp,
    completions: RefCell<Vec<Completion>>,
}

impl<'a> Delivery<'a> {
    /// The delivery of `message` to `invocation`.
    #[must_use]
    pub fn new(pipeline: &'a Pipeline, invocation: &'a Invocation, message: Message) -> Self {
        // One batch may hold two messages for the same unit, so the invocation's id alone would not distinguish their
        // writes.
        let writer = format!("{}/{}", invocation.request_id, message.id);
        let began = pipeline.clock.now();
        Self { pipeline, invocation, message, writer, began, completions: RefCell::default() }
    }

    /// Id of the writes made for this delivery.
    #[must_use]
    pub fn writer(&self) -> &str {
        &self.writer
    }

    /// When the invocation took it up.
    #[must_use]
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.pipeline.clock.now()
    }

    /// Whether there is time to begin work: half of what the invocation had when its messages arrived.
    #[must_use]
    pub fn has_time(&self) -> bool {
        let whole = self.invocation.deadline.duration_since(self.began);
        self.invocation.deadline.duration_since(self.now()) * 2 >= whole
    }

    /// An event that happens now, caused by this delivery.
    pub(crate) fn event(&self, kind: EventKind) -> Event {
        Event::new(self.now(), format!("{}/{}", self.writer, kind.name()), kind)
    }

    /// Retries the message, with a longer delay each time.
    pub fn back_off(&self) -> Answer {
        Answer::back_off(self.message.receive_count)
    }

    /// Adds what this delivery completed to what the invocation writes to the backup.
    pub fn add_completion(&self, completion: Completion) {
        self.completions.borrow_mut().push(completion);
    }

    pub(crate) fn take_completions(&self) -> Vec<Completion> {
        self.completions.take()
    }
}
