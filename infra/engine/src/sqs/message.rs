//! Stores messages: send, receive, delete, change visibility, move to the dead-letter queue.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use rusqlite::{Connection, OptionalExtension, Row};

use super::error::Error;
use super::queue::{self, StoredQueue};
use crate::aws::OpenError;
use crate::sqlite::Store;

/// Maximum number of messages in a receive.
pub(crate) const RECEIVE_COUNT_MAX: usize = 10;

/// A message to be sent.
pub(super) struct Outgoing<'a> {
    pub(super) id: &'a str,
    pub(super) body: &'a str,
    pub(super) md5: &'a str,
    /// The message attributes as JSON, in the shape of the API.
    pub(super) attributes: Option<String>,
    pub(super) delay_s: u32,
}

/// A message as a consumer receives it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delivered {
    pub(crate) id: String,
    pub(crate) receipt_handle: String,
    pub(crate) body: String,
    pub(crate) md5: String,
    /// The message attributes as JSON, in the shape of the API.
    pub(crate) attributes: Option<String>,
    pub(crate) sent_ms: i64,
    pub(crate) first_received_ms: i64,
    pub(crate) receive_count: u32,
    /// The name of the queue that it was moved from as a dead letter.
    pub(crate) source: Option<String>,
}

/// A message that is visible.
struct Due {
    seq: i64,
    receives: u32,
    first_ms: Option<i64>,
    receipt: i64,
    message: Delivered,
}

/// The bodies of all messages in the queue `name`.
pub(crate) fn bodies(store: &Connection, name: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = store.prepare_cached(
        "SELECT body FROM message JOIN queue ON queue.id = message.queue WHERE queue.name = ? ORDER BY seq",
    )?;
    let bodies = statement.query_map([name], |row| row.get(0))?;
    bodies.collect()
}

/// Adds `message` to `queue`.
pub(super) fn send(
    store: &Connection,
    queue: &StoredQueue,
    message: &Outgoing<'_>,
    now_ms: i64,
) -> rusqlite::Result<()> {
    store
        .prepare_cached(
            "INSERT INTO message (queue, id, body, md5, attributes, sent_ms, visible_ms, expires_ms)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            queue.id,
            message.id,
            message.body,
            message.md5,
            &message.attributes,
            now_ms,
            now_ms + ms(message.delay_s),
            now_ms + ms(queue.retention_s),
        ))
        .map(drop)
}

/// The result of a receive.
#[derive(Debug, Default)]
pub(crate) struct Received {
    pub(crate) messages: Vec<Delivered>,
    /// The dead-letter queue that a message was moved to, if any; its consumers must be woken.
    pub(crate) moved_to: Option<String>,
}

/// Receives up to `count` visible messages and hides them for `visibility_s` (`None`: the queue's own timeout). Messages that
/// were received as often as the redrive policy allows are moved to the dead-letter queue instead.
pub(crate) fn receive(
    store: &Connection,
    queue: &StoredQueue,
    count: usize,
    visibility_s: Option<u32>,
    now_ms: i64,
) -> Result<Received, Error> {
    let visible_ms = now_ms + ms(visibility_s.unwrap_or(queue.visibility_s));
    let mut received = Received::default();
    while received.messages.len() < count {
        let wanted = count - received.messages.len();
        let due = due(store, queue, wanted, now_ms)?;
        let last_page = due.len() < wanted;
        for row in due {
            if row.receives >= queue.receives_max && move_to_dead_letters(store, queue, row.seq)? {
                received.moved_to.clone_from(&queue.target);
                continue;
            }
            received.messages.push(deliver(store, queue, row, visible_ms, now_ms)?);
        }
        if last_page {
            break;
        }
    }
    Ok(received)
}

fn due(store: &Connection, queue: &StoredQueue, count: usize, now_ms: i64) -> rusqlite::Result<Vec<Due>> {
    store
        .prepare_cached("DELETE FROM message WHERE queue = ?1 AND visible_ms <= ?2 AND expires_ms <= ?2")?
        .execute((queue.id, now_ms))?;
    store
        .prepare_cached(
            "SELECT seq, receives, first_ms, receipt, id, body, md5, attributes, sent_ms, source FROM message
             WHERE queue = ? AND visible_ms <= ? ORDER BY visible_ms, seq LIMIT ?",
        )?
        .query_map((queue.id, now_ms, i64::try_from(count).unwrap_or(i64::MAX)), read_due)?
        .collect()
}

fn read_due(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        seq: row.get(0)?,
        receives: row.get(1)?,
        first_ms: row.get(2)?,
        receipt: row.get(3)?,
        message: Delivered {
            id: row.get(4)?,
            receipt_handle: String::new(),
            body: row.get(5)?,
            md5: row.get(6)?,
            attributes: row.get(7)?,
            sent_ms: row.get(8)?,
            first_received_ms: 0,
            receive_count: 0,
            source: row.get(9)?,
        },
    })
}

fn deliver(
    store: &Connection,
    queue: &StoredQueue,
    row: Due,
    visible_ms: i64,
    now_ms: i64,
) -> rusqlite::Result<Delivered> {
    let first_ms = row.first_ms.unwrap_or(now_ms);
    let receipt = row.receipt + 1;
    store
        .prepare_cached("UPDATE message SET visible_ms = ?, receives = ?, first_ms = ?, receipt = ? WHERE seq = ?")?
        .execute((visible_ms, row.receives + 1, first_ms, receipt, row.seq))?;
    Ok(Delivered {
        receipt_handle: handle(queue.id, row.seq, receipt),
        first_received_ms: first_ms,
        receive_count: row.receives + 1,
        ..row.message
    })
}

/// Moves a message to the dead-letter queue; returns `false` when that queue does not exist.
///
/// The message keeps its id, its sent time and its receive count. As AWS documents for standard queues, it expires by the
/// time at which it was first sent.
fn move_to_dead_letters(store: &Connection, queue: &StoredQueue, seq: i64) -> Result<bool, Error> {
    let Some(target) = &queue.target else { return Ok(false) };
    let target = match queue::find(store, target) {
        Ok(target) => target,
        Err(Error::QueueDoesNotExist) => return Ok(false),
        Err(other) => return Err(other),
    };
    store
        .prepare_cached(
            "UPDATE message SET queue = ?, expires_ms = sent_ms + ?, first_ms = NULL, receipt = receipt + 1, source = ?
             WHERE seq = ?",
        )?
        .execute((target.id, ms(target.retention_s), &queue.name, seq))?;
    Ok(true)
}

/// Deletes the message of `receipt_handle`. With a handle from an older receive it succeeds and deletes nothing, as on SQS.
pub(crate) fn delete(store: &Connection, queue: &StoredQueue, receipt_handle: &str) -> Result<(), Error> {
    let (seq, receipt) = parse_handle(queue.id, receipt_handle)?;
    store
        .prepare_cached("DELETE FROM message WHERE seq = ? AND queue = ? AND receipt = ?")?
        .execute((seq, queue.id, receipt))?;
    Ok(())
}

/// Hides the message of `receipt_handle` for `visibility_s` from now.
pub(crate) fn change_visibility(
    store: &Connection,
    queue: &StoredQueue,
    receipt_handle: &str,
    visibility_s: u32,
    now_ms: i64,
) -> Result<(), Error> {
    let (seq, receipt) = parse_handle(queue.id, receipt_handle)?;
    let changed = store
        .prepare_cached(
            "UPDATE message SET visible_ms = ? WHERE seq = ? AND queue = ? AND receipt = ? AND visible_ms > ?",
        )?
        .execute((now_ms + ms(visibility_s), seq, queue.id, receipt, now_ms))?;
    if changed == 1 { Ok(()) } else { Err(Error::MessageNotInflight) }
}

/// Deletes every message of `queue`.
pub(super) fn purge(store: &Connection, queue: &StoredQueue) -> rusqlite::Result<()> {
    store.prepare_cached("DELETE FROM message WHERE queue = ?")?.execute([queue.id]).map(drop)
}

/// When the next message of `queue` becomes visible, if there is any.
pub(crate) fn next_visible_ms(store: &Connection, queue: &StoredQueue) -> rusqlite::Result<Option<i64>> {
    store
        .prepare_cached("SELECT visible_ms FROM message WHERE queue = ? ORDER BY visible_ms LIMIT 1")?
        .query_row([queue.id], |row| row.get(0))
        .optional()
}

/// Makes all messages in flight visible. When a store is opened, their consumers are gone.
pub(crate) fn release_in_flight(store: &Store, now_ms: i64) -> Result<(), OpenError> {
    store.write(|store| {
        store.execute("UPDATE message SET visible_ms = ?1 WHERE visible_ms > ?1 AND first_ms IS NOT NULL", [now_ms])
    })?;
    Ok(store.commit()?)
}

/// `seconds` in milliseconds.
pub(super) fn ms(seconds: u32) -> i64 {
    i64::from(seconds) * 1000
}

fn handle(queue: i64, seq: i64, receipt: i64) -> String {
    BASE64.encode(format!("{queue}:{seq}:{receipt}"))
}

fn parse_handle(queue: i64, handle: &str) -> Result<(i64, i64), Error> {
    let decoded = BASE64.decode(handle).map_err(|_| Error::ReceiptHandleIsInvalid)?;
    let text = String::from_utf8(decoded).map_err(|_| Error::ReceiptHandleIsInvalid)?;
    let numbers: Vec<i64> = text.split(':').filter_map(|part| part.parse().ok()).collect();
    match numbers[..] {
        [of, seq, receipt] if of == queue => Ok((seq, receipt)),
        _ => Err(Error::ReceiptHandleIsInvalid),
    }
}
