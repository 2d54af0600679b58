//! Stores queues and their settings.

use rusqlite::{Connection, OptionalExtension, Row};

use super::error::Error;
use crate::template::stack::Queue;

/// SQS's default visibility timeout.
const VISIBILITY_S_DEFAULT: u32 = 30;
/// SQS's default retention: four days.
const RETENTION_S_DEFAULT: u32 = 4 * 24 * 3600;

/// The tables of queues and messages. `visible_ms` is when a message can next be received.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS queue (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, visibility_s INTEGER NOT NULL, delay_s INTEGER NOT NULL,
        retention_s INTEGER NOT NULL, target TEXT, receives_max INTEGER, created_ms INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS message (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, queue INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
        md5 TEXT NOT NULL, attributes TEXT, sent_ms INTEGER NOT NULL, visible_ms INTEGER NOT NULL,
        expires_ms INTEGER NOT NULL, receives INTEGER NOT NULL DEFAULT 0, first_ms INTEGER, receipt INTEGER NOT NULL
        DEFAULT 0, source TEXT);
    CREATE INDEX IF NOT EXISTS message_due ON message (queue, visible_ms, seq);";

/// A queue in the store.
#[derive(Debug, Clone)]
pub(crate) struct StoredQueue {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(super) visibility_s: u32,
    pub(super) delay_s: u32,
    pub(super) retention_s: u32,
    pub(super) target: Option<String>,
    pub(super) receives_max: u32,
    pub(super) created_ms: i64,
}

/// How many messages are in a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// Visible: can be received now.
    pub visible: u64,
    /// Received, but neither deleted nor visible again.
    pub in_flight: u64,
    /// Sent with a delay that has not passed.
    pub delayed: u64,
}

impl Depth {
    /// The number of all messages.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.visible + self.in_flight + self.delayed
    }
}

/// A queue called `name` with SQS's default settings.
pub(crate) fn with_defaults(name: &str) -> Queue {
    Queue {
        name: name.to_owned(),
        visibility_timeout_s: VISIBILITY_S_DEFAULT,
        delay_s: 0,
        retention_s: RETENTION_S_DEFAULT,
        redrive: None,
    }
}

/// Creates `queue`, or changes the settings of the existing queue of that name.
pub(crate) fn deploy(store: &Connection, queue: &Queue, now_ms: i64) -> rusqlite::Result<()> {
    store
        .prepare_cached(
            "INSERT INTO queue (name, visibility_s, delay_s, retention_s, target, receives_max, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (name) DO UPDATE SET visibility_s = ?2, delay_s = ?3, retention_s = ?4, target = ?5,
             receives_max = ?6",
        )?
        .execute((
            &queue.name,
            queue.visibility_timeout_s,
            queue.delay_s,
            queue.retention_s,
            queue.redrive.as_ref().map(|redrive| redrive.target.as_str()),
            queue.redrive.as_ref().map(|redrive| redrive.receive_count_max),
            now_ms,
        ))
        .map(drop)
}

/// Finds the queue `name`.
pub(crate) fn find(store: &Connection, name: &str) -> Result<StoredQueue, Error> {
    store
        .prepare_cached(
            "SELECT id, name, visibility_s, delay_s, retention_s, target, receives_max, created_ms FROM queue
             WHERE name = ?",
        )?
        .query_row([name], read_queue)
        .optional()?
        .ok_or(Error::QueueDoesNotExist)
}

/// The names of all queues that start with `prefix`, in order.
pub(super) fn names(store: &Connection, prefix: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = store.prepare_cached("SELECT name FROM queue ORDER BY name")?;
    let all = statement.query_map([], |row| row.get::<_, String>(0))?;
    all.filter(|name| name.as_ref().map_or(true, |name| name.starts_with(prefix))).collect()
}

/// How many messages are in the queue `name` at `now_ms`; `None` when there is no such queue.
pub(crate) fn depth(store: &Connection, name: &str, now_ms: i64) -> rusqlite::Result<Option<Depth>> {
    store
        .prepare_cached(
            "SELECT count(seq) FILTER (WHERE visible_ms <= ?2),
                    count(seq) FILTER (WHERE visible_ms > ?2 AND first_ms IS NOT NULL),
                    count(seq) FILTER (WHERE visible_ms > ?2 AND first_ms IS NULL)
             FROM queue LEFT JOIN message ON message.queue = queue.id AND expires_ms > ?2
             WHERE queue.name = ?1 GROUP BY queue.id",
        )?
        .query_row((name, now_ms), |row| {
            Ok(Depth { visible: row.get(0)?, in_flight: row.get(1)?, delayed: row.get(2)? })
        })
        .optional()
}

fn read_queue(row: &Row<'_>) -> rusqlite::Result<StoredQueue> {
    Ok(StoredQueue {
        id: row.get(0)?,
        name: row.get(1)?,
        visibility_s: row.get(2)?,
        delay_s: row.get(3)?,
        retention_s: row.get(4)?,
        target: row.get(5)?,
        receives_max: row.get::<_, Option<u32>>(6)?.unwrap_or(u32::MAX),
        created_ms: row.get(7)?,
    })
}
