//! The SQLite connection that tables, queues, topics, buckets and schedules share.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::storage::Storage;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, Authorization};
use tokio::sync::watch;

use super::clock::Clock;

/// How many prepared statements stay compiled: more than all services have together.
const STATEMENT_CACHE_MAX: usize = 128;
/// How much of the file stays in memory, in KiB; SQLite wants a negative number for KiB.
const CACHE_KIB: i64 = -16_384;
/// The number of pages (16 MiB) after which the log is checkpointed into the file.
const CHECKPOINT_PAGES: i64 = 4_096;

/// A change could not be made durable, so its answer must not be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store cannot be written")]
pub(crate) struct NotDurable;

/// The shared connection.
///
/// On disk it runs in WAL mode, and the changes of all services go through one log, in order. Before a call is answered,
/// its change and everything it could have seen are committed and synced (`fdatasync`). Calls that are answered at about
/// the same time share a commit, and while one commit is being synced the next one collects changes. After a kill or a
/// power loss, the state is that of some point in time, and every call answered before the loss is included.
#[derive(Clone)]
pub(crate) struct Store(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    /// The log file, which is what is synced; `None` in memory.
    log: Option<Arc<File>>,
    /// Changes whenever a sync of the log has ended.
    syncs: watch::Sender<u64>,
}

struct State {
    storage: Storage,
    /// Whether the current statement that begins or ends a transaction is our own.
    ours: Arc<AtomicBool>,
    open: bool,
    syncing: bool,
    broken: bool,
    /// How many changes were made.
    written: u64,
    /// How many of them are on disk.
    durable: u64,
    /// The last one that a failed commit may have rolled back.
    lost: u64,
}

/// What a call does next to make its change durable.
enum Next {
    Done,
    Lost,
    Wait,
    Sync(u64),
}

impl Store {
    /// An empty store that lives as long as its handles.
    pub(crate) fn memory(clock: Clock) -> Result<Self, DynoxideError> {
        Self::prepare(Storage::memory()?.with_clock(Arc::new(clock)), None)
    }

    /// The store in the file `path`, which is created if it does not exist.
    pub(crate) fn open(path: &Path, clock: Clock) -> Result<Self, DynoxideError> {
        let name = path.to_str().ok_or_else(|| {
            DynoxideError::ValidationException("the data directory's path is not UTF-8; choose another".into())
        })?;
        let storage = Storage::new(name)?.with_clock(Arc::new(clock));
        // With NORMAL, SQLite syncs the log only before a checkpoint; `settle` syncs it before an answer.
        storage.conn().pragma_update(None, "synchronous", "NORMAL")?;
        storage.conn().pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
        // The log remains the same file as long as a connection is open.
        let log = File::open(format!("{name}-wal")).map_err(|error| unopened(&error))?;
        Self::prepare(storage, Some(Arc::new(log)))
    }

    fn prepare(storage: Storage, log: Option<Arc<File>>) -> Result<Self, DynoxideError> {
        let connection = storage.conn();
        connection.pragma_update(None, "cache_size", CACHE_KIB)?;
        // Otherwise SQLite plans a statement again whenever it is bound to a different time.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE_MAX);
        let ours = Arc::new(AtomicBool::new(false));
        keep_transactions(connection, &ours);
        let state =
            State { storage, ours, open: false, syncing: false, broken: false, written: 0, durable: 0, lost: 0 };
        Ok(Self(Arc::new(Inner { state: Mutex::new(state), log, syncs: watch::Sender::new(0) })))
    }

    /// Runs `read`, which changes nothing.
    pub(crate) fn read<T, E>(&self, read: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        read(self.lock().storage.conn())
    }

    /// Runs `read` on the tables, which changes nothing.
    pub(crate) fn read_tables<T, E>(&self, read: impl FnOnce(&Storage) -> Result<T, E>) -> Result<T, E> {
        read(&self.lock().storage)
    }

    /// Runs `write` as one atomic change. It is durable after the next [`Store::settle`].
    pub(crate) fn write<T, E: From<rusqlite::Error>>(
        &self,
        write: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.write_tables(|storage| write(storage.conn()))
    }

    /// As [`Store::write`], for a change of the tables.
    pub(crate) fn write_tables<T, E: From<rusqlite::Error>>(
        &self,
        write: impl FnOnce(&Storage) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut state = self.lock();
        if self.0.log.is_some() {
            state.begin()?;
        }
        state.execute("SAVEPOINT call")?;
        match write(&state.storage) {
            Ok(value) => {
                state.execute("RELEASE call")?;
                state.written += 1;
                Ok(value)
            }
            Err(error) => {
                state.execute("ROLLBACK TO call")?;
                state.execute("RELEASE call")?;
                Err(error)
            }
        }
    }

    /// Creates the tables of `schema` that do not exist.
    pub(crate) fn create(&self, schema: &str) -> rusqlite::Result<()> {
        self.lock().storage.conn().execute_batch(schema)
    }

    /// Commits all changes without a sync: they survive the end of this process, but not yet a power loss.
    pub(crate) fn commit_unsynced(&self) -> rusqlite::Result<()> {
        self.lock().commit()
    }

    /// Commits and syncs all changes.
    pub(crate) fn commit(&self) -> Result<(), NotDurable> {
        let mut state = self.lock();
        state.commit().map_err(|_| NotDurable)?;
        let Some(log) = &self.0.log else { return Ok(()) };
        match log.sync_data() {
            Ok(()) => state.durable = state.written,
            Err(_) => state.broken = true,
        }
        if state.broken { Err(NotDurable) } else { Ok(()) }
    }

    /// Waits until all changes up to now are durable, in one sync with those of other calls that are waiting.
    pub(crate) async fn settle(&self) -> Result<(), NotDurable> {
        let Some(log) = &self.0.log else { return Ok(()) };
        let mine = {
            let state = self.lock();
            if state.durable >= state.written {
                return Ok(());
            }
            state.written
        };
        let mut syncs = self.0.syncs.subscribe();
        tokio::task::yield_now().await;
        loop {
            syncs.mark_unchanged();
            let next = self.lock().next(mine);
            match next {
                Next::Done => return Ok(()),
                Next::Lost => return Err(NotDurable),
                // The sender lives as long as this store.
                Next::Wait => drop(syncs.changed().await),
                Next::Sync(through) => self.start_sync(Arc::clone(log), through),
            }
        }
    }

    /// Syncs the log on another thread, which also wakes the waiting calls: the call that started the sync may be dropped,
    /// or may not be polled while others are.
    fn start_sync(&self, log: Arc<File>, through: u64) {
        let store = self.clone();
        drop(tokio::task::spawn_blocking(move || {
            let succeeded = log.sync_data().is_ok();
            store.lock().synced(through, succeeded);
            store.0.syncs.send_modify(|count| *count = count.wrapping_add(1));
        }));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self, mine: u64) -> Next {
        if self.broken || mine <= self.lost {
            return Next::Lost;
        }
        if self.durable >= mine {
            return Next::Done;
        }
        if self.syncing {
            return Next::Wait;
        }
        if self.commit().is_err() {
            return Next::Lost;
        }
        self.syncing = true;
        Next::Sync(self.written)
    }

    /// Records the outcome of a sync. After a failed sync it is unknown what is on disk, so no further call is answered.
    fn synced(&mut self, through: u64, succeeded: bool) {
        self.syncing = false;
        if succeeded {
            self.durable = self.durable.max(through);
        } else {
            self.broken = true;
        }
    }

    fn begin(&mut self) -> rusqlite::Result<()> {
        if !self.open {
            self.execute_ours("BEGIN IMMEDIATE")?;
            self.open = true;
        }
        Ok(())
    }

    fn commit(&mut self) -> rusqlite::Result<()> {
        if !self.open {
            return Ok(());
        }
        let committed = self.execute_ours("COMMIT");
        if committed.is_err() {
            self.lost = self.written;
            if !self.storage.conn().is_autocommit() {
                self.execute_ours("ROLLBACK")?;
            }
        }
        self.open = false;
        committed
    }

    fn execute_ours(&self, sql: &str) -> rusqlite::Result<()> {
        self.ours.store(true, Ordering::Relaxed);
        let done = self.execute(sql);
        self.ours.store(false, Ordering::Relaxed);
        done
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.storage.conn().prepare_cached(sql)?.execute([]).map(drop)
    }
}

/// Ignores every statement that begins or ends a transaction, unless it is our own.
///
/// dynoxide wraps each change in a transaction, and transactions cannot be nested. Every change runs in a savepoint of ours
/// instead, which is rolled back when it fails, so that many changes can share one commit.
fn keep_transactions(connection: &Connection, ours: &Arc<AtomicBool>) {
    let ours = Arc::clone(ours);
    connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| match context.action {
        AuthAction::Transaction { .. } if !ours.load(Ordering::Relaxed) => Authorization::Ignore,
        _ => Authorization::Allow,
    }));
}

fn unopened(error: &io::Error) -> DynoxideError {
    DynoxideError::InternalServerError(format!("the log cannot be opened: {}", error.kind()))
}
