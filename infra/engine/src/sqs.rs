//! SQS standard queues.

mod answer;
mod attribute;
mod batch;
mod error;
mod message;
mod queue;
mod receive;
mod request;

pub use queue::Depth;

pub(crate) use answer::{answer, answer_rejecting_first, resource};
pub(crate) use error::{Error, failure};
pub(crate) use message::{
    Delivered, RECEIVE_COUNT_MAX, bodies, change_visibility, delete, next_visible_ms, receive, release_in_flight,
};
pub(crate) use queue::{SCHEMA, StoredQueue, deploy, depth, find, with_defaults};
pub(crate) use receive::system_attributes;
